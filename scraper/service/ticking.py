"""Work that comes round by the clock while the line runs, and that is over before the line's parts are closed."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_EXECUTED, EVENT_JOB_SUBMITTED
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scraper.clock import utc_now
from scraper.engine.events import Observer, StepFailed
from scraper.engine.stopping import unless
from scraper.model.failures import ScraperError


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something that is done again and again."""

    name: str
    every: timedelta
    work: Callable[[], Awaitable[object]]
    at_once: bool = False
    """Whether the first time is now, not after the interval."""


@contextlib.asynccontextmanager
async def ticking(chores: Iterable[Chore], observe: Observer) -> AsyncIterator[None]:
    """Do each chore at its interval for as long as the context lasts; one that comes late comes once.

    Leaving cancels what is under way and waits for its end, so no chore meets a part that was closed meanwhile. A
    chore that raises is observed as a failed step and comes round again.
    """
    # A chore that is still at work when its time comes again is passed over, as it should be: no word about it.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    over, crew = asyncio.Event(), _Crew()
    scheduler.add_listener(crew.begun, EVENT_JOB_SUBMITTED)
    scheduler.add_listener(crew.ended, EVENT_JOB_EXECUTED | EVENT_JOB_ERROR)
    for chore in chores:
        # The scheduler runs coroutine functions on the loop and all else in threads, where nothing of ours may be.
        seconds, args = chore.every.total_seconds(), (chore, over, observe)
        first = {"next_run_time": utc_now()} if chore.at_once else {}
        scheduler.add_job(_do, "interval", seconds=seconds, args=args, id=chore.name, **first)
    scheduler.start()
    try:
        yield
    finally:
        over.set()
        scheduler.pause()
        await crew.all_ended()
        scheduler.shutdown(wait=False)


async def _do(chore: Chore, over: asyncio.Event, observe: Observer) -> None:
    try:
        await unless(over, _awaited(chore.work))
    except ScraperError as error:
        observe(StepFailed(subject=chore.name, detail=str(error)))
    except Exception as error:  # noqa: BLE001 - a defect in upkeep must not end the collection
        detail = f"a defect in scraper: {type(error).__name__}: {error}"
        observe(StepFailed(subject=chore.name, detail=detail))


async def _awaited(work: Callable[[], Awaitable[object]]) -> None:
    await work()


class _Crew:
    """Knows how many chores the scheduler has started and not yet seen the end of."""

    def __init__(self) -> None:
        self._busy = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def begun(self, _event: object) -> None:
        self._busy += 1
        self._idle.clear()

    def ended(self, _event: object) -> None:
        self._busy -= 1
        if not self._busy:
            self._idle.set()

    async def all_ended(self) -> None:
        await self._idle.wait()
