"""The long-running service and its one-round form: signals, ticks, the end."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from scraper.clock import Clock
from scraper.engine.events import ConfigurationRefused, ConfigurationTaken, Event, Observer
from scraper.engine.ports import KnowingFetcher
from scraper.engine.stopping import unless
from scraper.model.failures import ScraperError, StoreUnavailableError
from scraper.model.outlet import Outlet
from scraper.service.alerting import KEY as ALERTS
from scraper.service.alerting import Alerting
from scraper.service.copying import copying_chores
from scraper.service.metering import meter_loop
from scraper.service.metrics import Metrics
from scraper.service.notifying import Notifier
from scraper.service.presence import Presence
from scraper.service.pushing import receiving, subscribing
from scraper.service.reloading import Configuration, Reload
from scraper.service.serving import Desk, ahead_of_backfills, serving
from scraper.service.tally import Tally
from scraper.service.ticking import Chore, ticking
from scraper.service.wiring import Line, feed_states, open_line
from scraper.settings import Settings
from scraper.storage import Runs

ROUND_PATIENCE_S = 30.0
"""How long a single round waits for a full disk before it gives up; the daemon waits for ever."""


UPKEEP = timedelta(seconds=30)
SAVE_MEMORIES = timedelta(minutes=10)
METER = timedelta(seconds=1)
METER_WAITING = timedelta(seconds=30)


async def run_daemon(
    settings: Settings,
    outlets: Iterable[Outlet],
    *,
    observe: Observer,
    clock: Clock,
    stop: asyncio.Event,
    reload: Reload | None = None,
    notifier: Notifier | None = None,
    metrics: Metrics | None = None,
) -> None:
    """Collect until `stop` is set. A feed is asked when it is due, whatever restarts lie between.

    When `reload` is asked for and the configuration then read is sound, the line is drained and built anew with it;
    what servers asked of us and what the store holds stay known. One that is not sound, or that no line can be built
    with, changes nothing. The data directory and `notifier` are told how the daemon is.
    """
    tally = Tally()

    def watch(event: Event) -> None:
        tally.observe(event)
        if metrics is not None:
            metrics.observe(event)
        observe(event)

    configuration = Configuration(settings=settings, outlets=tuple(outlets))
    daemon = _Daemon(
        present=Presence(settings.store.data, notifier or Notifier(None, None), clock, lambda: _in_brief(tally)),
        reload=reload or Reload(read=lambda: configuration),
        observe=watch,
        clock=clock,
        stop=stop,
        metrics=metrics,
        runs=Runs(settings.store.data),
    )
    await daemon.run(configuration)


@dataclass(slots=True, kw_only=True)
class _Daemon:
    """One line after the other, each with the configuration of its time."""

    present: Presence
    reload: Reload
    observe: Observer
    clock: Clock
    stop: asyncio.Event
    metrics: Metrics | None
    runs: Runs
    fetcher: KnowingFetcher | None = None
    """The latest one, which knows what servers asked of us."""
    alerting: Alerting | None = None
    proven: Configuration | None = None
    """The latest one that a line was built with."""
    refused: tuple[str, ...] = ()
    """Why no line could be built with the configuration read last."""

    async def run(self, configuration: Configuration) -> None:
        beat = Chore(name="beat", every=self.present.every, work=self.present.beat)
        following: Configuration | None = configuration
        async with ticking([beat, *self._meters()], self.observe):
            while following is not None:
                configuration = following
                try:
                    following = await self._collect(configuration)
                except ScraperError as error:
                    if self.proven is None or self.proven is configuration:
                        raise
                    self.refused = (str(error),)
                    self.observe(ConfigurationRefused(faults=self.refused))
                    following = self.proven
        self.present.stopped()

    def _meters(self) -> Iterator[Chore]:
        if self.metrics is not None:
            yield Chore(name="loop", every=METER, work=partial(meter_loop, self.metrics))

    async def _collect(self, configuration: Configuration) -> Configuration | None:
        """Collect until `stop` is set, then None; or until another configuration is accepted, then that one."""
        settings, outlets = configuration.settings, configuration.outlets
        desk = Desk(settings, self.runs, self.clock, self._observe)
        opening = partial(
            open_line,
            settings,
            outlets,
            observe=desk.observe,
            clock=self.clock,
            earlier=self.fetcher,
            metrics=self.metrics,
            span_of=desk.span_of,
            drained=desk.save,
        )
        async with ahead_of_backfills(self.runs, opening) as line:
            self.fetcher = line.fetcher
            self.alerting = await self._alerting(line, settings)
            chores = (*_chores(line, settings, self.clock), *copying_chores(settings, self.clock, self.observe))
            await unless(self.stop, line.ledger.run(partial(line.store.register, feed_states(outlets, self.clock))))
            self.proven = configuration
            self.present.collecting(len(outlets), self.refused)
            self.refused = ()
            over = asyncio.Event()
            watching = asyncio.create_task(self._watch(configuration, over))
            try:
                # Due times are in the store: a tick only wakes the line.
                async with (
                    serving(line, desk, self.runs),
                    receiving(line.subscriptions, line, settings, self.clock),
                    ticking((*chores, *self._alert_chores(outlets), *self._line_meters(line)), self.observe),
                ):
                    await line.runner.run(over)
                # Told even when nothing was left to commit: what was saved since it was deleted is lost.
                await ensure_there(line)
            finally:
                watching.cancel()
                await asyncio.wait({watching})
                if self.alerting is not None:
                    await self.alerting.save()
                if over.is_set() and not self.stop.is_set():
                    # A backfill that waits must not take the archive while the line is built anew.
                    self.runs.wanted.hoist()
        return None if watching.cancelled() else watching.result()

    def _observe(self, event: Event) -> None:
        self.observe(event)
        if self.alerting is not None:
            self.alerting.observe(event)

    async def _alerting(self, line: Line, settings: Settings) -> Alerting | None:
        alerting = Alerting(
            settings.alerts, line.store, line.archive, line.ledger, data=settings.store.data, clock=self.clock
        )
        if not alerting.wanted:
            return None
        alerting.restore(await line.ledger.run_once(partial(line.store.memory, ALERTS)))
        return alerting

    def _alert_chores(self, outlets: Iterable[Outlet]) -> Iterator[Chore]:
        if self.alerting is not None:
            yield self.alerting.chore((outlet.id for outlet in outlets), self.observe)

    def _line_meters(self, line: Line) -> Iterator[Chore]:
        metrics = self.metrics
        if metrics is None:
            return

        async def work() -> None:
            metrics.meter_waiting(await line.ledger.run_once(line.archive.waiting))

        yield Chore(name="waiting", every=METER_WAITING, work=work, at_once=True)

    async def _watch(self, configuration: Configuration, over: asyncio.Event) -> Configuration | None:
        """What shall come after this configuration; sets `over` then."""
        while await unless(self.stop, self.reload.asked.wait()):
            self.reload.asked.clear()
            read = await self.reload.next(configuration)
            if isinstance(read, Configuration):
                self.observe(ConfigurationTaken(outlets=len(read.outlets)))
                self.present.reloading()
                over.set()
                return read
            faults = tuple(map(str, read.faults))
            self.observe(ConfigurationRefused(faults=faults))
            self.present.refused(faults)
        self.present.stopping()
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
    runs = Runs(settings.store.data)
    desk = Desk(settings, runs, clock, observe)
    opening = partial(
        open_line,
        settings,
        chosen,
        observe=desk.observe,
        clock=clock,
        patience_s=ROUND_PATIENCE_S,
        span_of=desk.span_of,
    )
    async with ahead_of_backfills(runs, opening) as line:
        await line.ledger.run(partial(line.store.register, feed_states(chosen, clock)))
        known = await line.ledger.run(line.store.feeds)
        now = clock()
        await line.runner.run_round(stop, [state for state in known if state.failures == 0 or state.next_due <= now])
        await ensure_there(line)
        await keep_house(line, clock, stop.is_set)


def _chores(line: Line, settings: Settings, clock: Clock) -> tuple[Chore, ...]:
    async def wake() -> None:
        line.runner.wake()

    return (
        Chore(name="tick", every=settings.poll.tick, work=wake),
        Chore(name="upkeep", every=UPKEEP, work=partial(keep_house, line, clock)),
        Chore(name="memories", every=SAVE_MEMORIES, work=line.memories.save),
        *subscribing(line.subscriptions, line.ledger, line.store),
    )


async def ensure_there(line: Line) -> None:
    """Raise StoreGoneError when the data directory was deleted, though nothing is left that would have to be saved."""
    with contextlib.suppress(StoreUnavailableError):
        await line.ledger.run_once(line.store.check)


async def keep_house(line: Line, clock: Clock, leave: Callable[[], bool] = lambda: False) -> None:
    """Upkeep in small pieces, so that commits get their turn in between, and no more when it is time to stop."""
    more = True
    with contextlib.suppress(StoreUnavailableError):
        while more and not leave() and line.ledger.writable.is_set():
            more = await line.ledger.run(partial(line.store.maintain, clock()))
