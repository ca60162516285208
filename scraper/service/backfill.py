"""`scraper backfill` from its beginning to its end: alone on the archive, or as the guest of whoever has it open."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from scraper.clock import Clock
from scraper.engine.events import Observer
from scraper.engine.stopping import unless
from scraper.heap import give_back
from scraper.model.backfill import Progress, Stage
from scraper.model.failures import ScraperError, StoreBusyError
from scraper.model.outlet import Outlet
from scraper.service.daemon import ROUND_PATIENCE_S, ensure_there, keep_house
from scraper.service.job import Told
from scraper.service.serving import LOOK_S, Desk, serving
from scraper.service.warming import warm_up, warm_up_to_prepare
from scraper.service.wiring import Line, open_line
from scraper.settings import Settings
from scraper.storage import RunFiles, Runs

Shown = Callable[[Progress], None]
"""Is shown how far it has come, about once a second."""
PATIENCE = timedelta(seconds=15)
"""How long a command that is told to stop waits for the process that works its run to let go of it."""
_ENDED = frozenset({Stage.DONE, Stage.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """Who is told of what."""

    observe: Observer
    told: Told
    shown: Shown


class RunBusyError(ScraperError):
    """Another command works this run already."""


async def run_backfill(
    settings: Settings,
    outlets: Sequence[Outlet],
    files: RunFiles,
    *,
    watching: Watching,
    clock: Clock,
    stop: asyncio.Event,
) -> Progress:
    """Work a run until it is done, failed, or `stop` is set. Returns how far it came.

    Beside a daemon, or another backfill, that one does the work and this one watches; where nobody does, this process
    opens the archive, and works what others ask for too. Raises RunBusyError when the run is being worked already,
    StoreGoneError or NoSuchRunError when its files are deleted meanwhile, and what opening the archive raises.
    """
    runs = Runs(settings.store.data)
    if not files.asked.hoist():
        raise RunBusyError(f"Backfill {files.run.number} is being worked by another command.")
    try:
        if files.progress.is_whole:
            return files.progress
        _set_stage(files, Stage.WAITING)
        session = _Session(settings=settings, outlets=outlets, files=files, runs=runs, watching=watching, clock=clock)
        while not stop.is_set() and files.progress.stage not in _ENDED:
            if runs.wanted.flies:
                await asyncio.sleep(LOOK_S)
                continue
            try:
                await session.work_alone(stop)
            except StoreBusyError as busy:
                await session.be_a_guest(stop, str(busy))
    finally:
        files.asked.strike()
    files.check()
    await _let_go(files, runs)
    return files.progress


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    """One command's part of a run."""

    settings: Settings
    outlets: Sequence[Outlet]
    files: RunFiles
    runs: Runs
    watching: Watching
    clock: Clock

    async def work_alone(self, stop: asyncio.Event) -> None:
        """Open the archive and work until the run ends, `stop` is set, or a daemon wants the archive.

        Raises StoreBusyError when another process has it open.
        """
        desk = Desk(self.settings, self.runs, self.clock, self.watching.observe, self._told_of)
        opening = open_line(
            self.settings,
            self.outlets,
            observe=desk.observe,
            clock=self.clock,
            span_of=desk.span_of,
            patience_s=ROUND_PATIENCE_S,
            drained=desk.save,
            # Pages at hand are prepared for the judge where they are read; importing that takes 0.4 s a worker.
            warm_up=warm_up_to_prepare if self.files.run.plan.at_hand else warm_up,
        )
        self.runs.prepare()
        self.runs.yields.hoist()
        try:
            async with opening as line:
                if self.files.progress.stage not in _ENDED:
                    # Nobody else can be at work on it now.
                    _set_stage(self.files, Stage.WAITING)
                async with serving(line, desk, self.runs):
                    await self._work(line, desk, stop)
        finally:
            self.runs.yields.strike()
        self.watching.shown(self.files.progress)

    async def _work(self, line: Line, desk: Desk, stop: asyncio.Event) -> None:
        leave = asyncio.Event()
        looking = asyncio.create_task(self._look_around(line, desk, leave, stop))
        try:
            await line.runner.run_round(leave, more=lambda: not leave.is_set())
            await looking
        finally:
            looking.cancel()
        await ensure_there(line)
        self.files.check()
        # A short run ends before upkeep comes round; one that is told to stop, or to make room, does it another time.
        await keep_house(line, self.clock, lambda: stop.is_set() or self.runs.wanted.flies)

    async def _look_around(self, line: Line, desk: Desk, leave: asyncio.Event, stop: asyncio.Event) -> None:
        """Set `leave` when the run has ended or is gone, the command is told to stop, or the archive is wanted.

        Sets it when it fails, too: nobody else would see that the command is told to stop.
        """
        try:
            await self._look_until(line, desk, leave, stop)
        finally:
            leave.set()
            line.runner.wake()

    async def _look_until(self, line: Line, desk: Desk, leave: asyncio.Event, stop: asyncio.Event) -> None:
        rounds = 0
        while not leave.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_S)
            progress = self.files.progress
            self.watching.shown(progress)
            over = progress.stage in _ENDED and not desk.is_at_work(self.files.run.number)
            if over or not self.files.are_there or stop.is_set() or self.runs.wanted.flies:
                leave.set()
            rounds += 1
            if rounds % _GIVING_ROUNDS == 0:
                await asyncio.to_thread(give_back)
            if rounds % _UPKEEP_ROUNDS == 0:
                await unless(stop, keep_house(line, self.clock, lambda: self.runs.wanted.flies))

    async def be_a_guest(self, stop: asyncio.Event, busy: str) -> None:
        """Watch the run for as long as another process works it, or has the archive open for something else."""
        while not stop.is_set():
            self.files.check()
            progress = self.files.progress
            served = self.runs.served.flies
            if progress.stage in _ENDED:
                return
            if served and progress.stage is Stage.INTERRUPTED:
                _set_stage(self.files, Stage.WAITING)
            progress.detail = progress.detail or ("" if served else busy)
            self.watching.shown(progress)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_S)
            if not served and not self.runs.served.flies:
                return

    def _told_of(self, number: int) -> Told:
        return self.watching.told if number == self.files.run.number else lambda _: None


_UPKEEP_ROUNDS = 60
"""Looks around between two pieces of upkeep."""
_GIVING_ROUNDS = 20
"""Looks around until memory of pages that were let go is given back, some milliseconds each: pages are of all sizes,
and what lies free between them would grow for hours."""


def _set_stage(files: RunFiles, stage: Stage) -> None:
    progress = files.progress
    progress.stage, progress.detail = stage, ""
    files.save(progress)


async def _let_go(files: RunFiles, runs: Runs) -> None:
    """Wait until whoever works the run has seen that nobody asks for it any more."""
    for _ in range(int(PATIENCE.total_seconds() / LOOK_S)):
        if not runs.served.flies or files.progress.stage in _ENDED | {Stage.INTERRUPTED}:
            break
        await asyncio.sleep(LOOK_S)
    progress = files.progress
    if progress.stage in {Stage.WAITING, Stage.RUNNING}:
        _set_stage(files, Stage.INTERRUPTED)
