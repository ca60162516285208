"""The long-running service and its one-round form: signals, ticks, the end."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import partial

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from scraper.clock import Clock
from scraper.engine.events import Observer
from scraper.engine.runner import unless
from scraper.model.failures import StoreUnavailableError
from scraper.model.outlet import Outlet
from scraper.service.wiring import Line, feed_states, open_line
from scraper.settings import Settings

ROUND_PATIENCE_S = 30.0
"""How long a single round waits for a full disk before it gives up; the daemon waits for ever."""


class Stop(asyncio.Event):
    """Set when the process is asked to end; remembers which signal asked."""

    asked_by: signal.Signals | None = None


UPKEEP_S = 30.0
SAVE_MEMORIES_S = 600.0


@contextlib.asynccontextmanager
async def signals() -> AsyncIterator[Stop]:
    """A stop that SIGINT and SIGTERM set, for as long as the context lasts."""
    stop = Stop()
    loop = asyncio.get_running_loop()

    def ask(number: signal.Signals) -> None:
        stop.asked_by = stop.asked_by or number
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ask, number)
    try:
        yield stop
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


async def run_daemon(
    settings: Settings, outlets: Iterable[Outlet], *, observe: Observer, clock: Clock, stop: asyncio.Event
) -> None:
    """Collect until `stop` is set. A feed is asked when it is due, whatever restarts lie between."""
    chosen = tuple(outlets)
    async with open_line(settings, chosen, observe=observe, clock=clock) as line:
        await unless(stop, line.ledger.run(partial(line.store.register, feed_states(chosen, clock))))
        with _ticking(line, settings, clock):
            await line.runner.run(stop)


async def run_once(
    settings: Settings, outlets: Iterable[Outlet], *, observe: Observer, clock: Clock, stop: asyncio.Event
) -> None:
    """Ask every feed once, save what is new, and end.

    A feed that is failing, or that asked to be left alone, keeps its time: it is asked only when it is due.
    """
    chosen = tuple(outlets)
    async with open_line(settings, chosen, observe=observe, clock=clock, patience_s=ROUND_PATIENCE_S) as line:
        await line.ledger.run(partial(line.store.register, feed_states(chosen, clock)))
        known = await line.ledger.run(line.store.feeds)
        now = clock()
        await line.runner.run_round(stop, [state for state in known if state.failures == 0 or state.next_due <= now])


@contextlib.contextmanager
def _ticking(line: Line, settings: Settings, clock: Clock) -> Iterator[None]:
    """Wake the line at every tick, and keep house now and then.

    A tick that comes late comes once: due times are in the store, not here.
    """
    scheduler = AsyncIOScheduler(
        timezone="UTC", job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    )
    scheduler.add_job(line.runner.wake, "interval", seconds=settings.poll.tick.total_seconds(), id="tick")
    scheduler.add_job(_keep_house, "interval", seconds=UPKEEP_S, args=(line, clock), id="upkeep")
    scheduler.add_job(line.memories.save, "interval", seconds=SAVE_MEMORIES_S, id="memories")
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


async def _keep_house(line: Line, clock: Clock) -> None:
    """Upkeep in small pieces, so that commits get their turn in between."""
    more = True
    with contextlib.suppress(StoreUnavailableError):
        while more and line.ledger.writable.is_set():
            more = await line.ledger.run(partial(line.store.maintain, clock()))
