"""The long-running service and its one-round form: signals, ticks, the end."""

import asyncio
import contextlib
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from scraper.clock import Clock
from scraper.engine.events import ConfigurationRefused, ConfigurationTaken, Event, Observer
from scraper.engine.ports import KnowingFetcher
from scraper.engine.runner import unless
from scraper.model.failures import StoreUnavailableError
from scraper.model.outlet import Outlet
from scraper.service.copying import copying_chores
from scraper.service.manager import Manager
from scraper.service.presence import Presence
from scraper.service.pushing import receiving, subscribing
from scraper.service.reloading import Configuration, Reload
from scraper.service.tally import Tally
from scraper.service.ticking import Chore, ticking
from scraper.service.wiring import Line, feed_states, open_line
from scraper.settings import Settings

ROUND_PATIENCE_S = 30.0
"""How long a single round waits for a full disk before it gives up; the daemon waits for ever."""


UPKEEP = timedelta(seconds=30)
SAVE_MEMORIES = timedelta(minutes=10)


async def run_daemon(
    settings: Settings,
    outlets: Iterable[Outlet],
    *,
    observe: Observer,
    clock: Clock,
    stop: asyncio.Event,
    reload: Reload | None = None,
    manager: Manager | None = None,
) -> None:
    """Collect until `stop` is set. A feed is asked when it is due, whatever restarts lie between.

    When `reload` is asked for and the configuration then read is sound, the line is drained and built anew with it;
    what servers asked of us and what the store holds stay known. One that is not sound changes nothing. The data
    directory and `manager` are told how the daemon is.
    """
    tally = Tally()

    def watch(event: Event) -> None:
        tally.observe(event)
        observe(event)

    present = Presence(settings.store.data, manager or Manager(None, None), clock, lambda: _in_brief(tally))
    reload = reload or Reload(read=lambda: configuration)
    configuration = Configuration(settings=settings, outlets=tuple(outlets))
    earlier: KnowingFetcher | None = None
    async with ticking([Chore(name="beat", every=present.every, work=present.beat)], watch):
        while True:
            async with open_line(
                configuration.settings, configuration.outlets, observe=watch, clock=clock, earlier=earlier
            ) as line:
                earlier = line.fetcher
                collecting = _Collecting(line, configuration, present, watch, clock)
                following = await collecting.until_changed(stop, reload)
            if following is None:
                break
            configuration = following
    present.stopped()


class _Collecting:
    """One line at work with one configuration."""

    def __init__(
        self, line: Line, configuration: Configuration, present: Presence, observe: Observer, clock: Clock
    ) -> None:
        self._line = line
        self._configuration = configuration
        self._present = present
        self._observe = observe
        self._clock = clock

    async def until_changed(self, stop: asyncio.Event, reload: Reload) -> Configuration | None:
        """Collect until `stop` is set, then None; or until another configuration is accepted, then that one."""
        line, settings, outlets = self._line, self._configuration.settings, self._configuration.outlets
        await unless(stop, line.ledger.run(partial(line.store.register, feed_states(outlets, self._clock))))
        self._present.collecting(len(outlets))
        copying = copying_chores(settings, self._clock, self._observe)
        over = asyncio.Event()
        watching = asyncio.create_task(self._watch(stop, reload, over))
        try:
            # Due times are in the store: a tick only wakes the line.
            async with (
                receiving(line.subscriptions, line, settings, self._clock),
                ticking((*_chores(line, settings, self._clock), *copying), self._observe),
            ):
                await line.runner.run(over)
        finally:
            watching.cancel()
            await asyncio.wait({watching})
        return None if watching.cancelled() else watching.result()

    async def _watch(self, stop: asyncio.Event, reload: Reload, over: asyncio.Event) -> Configuration | None:
        while await unless(stop, reload.asked.wait()):
            reload.asked.clear()
            read = await reload.next(self._configuration)
            if isinstance(read, Configuration):
                self._observe(ConfigurationTaken(outlets=len(read.outlets)))
                self._present.reloading()
                over.set()
                return read
            faults = tuple(map(str, read.faults))
            self._observe(ConfigurationRefused(faults=faults))
            self._present.refused(faults)
        self._present.stopping()
        over.set()
        return None


def _in_brief(tally: Tally) -> str:
    failing = f", {tally.feeds_failed} failed" if tally.feeds_failed else ""
    return f"{tally.kept} articles kept, {tally.feeds} polls{failing} since the start"


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
        *subscribing(line.subscriptions, line.ledger, line.store),
    )


async def _keep_house(line: Line, clock: Clock) -> None:
    """Upkeep in small pieces, so that commits get their turn in between."""
    more = True
    with contextlib.suppress(StoreUnavailableError):
        while more and line.ledger.writable.is_set():
            more = await line.ledger.run(partial(line.store.maintain, clock()))
