"""The long-running service and its one-round form: signals, ticks, the end."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from functools import partial

from scraper.clock import Clock
from scraper.engine.events import Observer
from scraper.engine.runner import unless
from scraper.model.failures import StoreUnavailableError
from scraper.model.outlet import Outlet
from scraper.service.copying import copying_chores
from scraper.service.ticking import Chore, ticking
from scraper.service.wiring import Line, feed_states, open_line
from scraper.settings import Settings

ROUND_PATIENCE_S = 30.0
"""How long a single round waits for a full disk before it gives up; the daemon waits for ever."""


class Stop(asyncio.Event):
    """Set when the process is asked to end; remembers which signal asked."""

    asked_by: signal.Signals | None = None


UPKEEP = timedelta(seconds=30)
SAVE_MEMORIES = timedelta(minutes=10)


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
    copying = copying_chores(settings, clock, observe)
    async with open_line(settings, chosen, observe=observe, clock=clock) as line:
        await unless(stop, line.ledger.run(partial(line.store.register, feed_states(chosen, clock))))
        # Due times are in the store: a tick only wakes the line.
        async with ticking((*_chores(line, settings, clock), *copying), observe):
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


def _chores(line: Line, settings: Settings, clock: Clock) -> tuple[Chore, ...]:
    async def wake() -> None:
        line.runner.wake()

    return (
        Chore(name="tick", every=settings.poll.tick, work=wake),
        Chore(name="upkeep", every=UPKEEP, work=partial(_keep_house, line, clock)),
        Chore(name="memories", every=SAVE_MEMORIES, work=line.memories.save),
    )


async def _keep_house(line: Line, clock: Clock) -> None:
    """Upkeep in small pieces, so that commits get their turn in between."""
    more = True
    with contextlib.suppress(StoreUnavailableError):
        while more and line.ledger.writable.is_set():
            more = await line.ledger.run(partial(line.store.maintain, clock()))
