"""Backfills beside each other and beside the daemon: one process has the archive open and works them all.

Whoever holds the writer's lock serves: each run whose command waits for it becomes a job on the open line, so that
there is one writer, one judge, and one pace for each host. A command that finds the archive free serves itself; one
that does not watches its run's files. A daemon that starts says that it wants the archive; a backfill that serves then
leaves the line, which commits what is done, lets go of the lock, and goes on as the daemon's guest.
"""

import asyncio
import traceback
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from datetime import timedelta
from functools import partial

from scraper.clock import Clock
from scraper.engine.events import Event, Observer, StepFailed, StorySettled
from scraper.model.backfill import Stage
from scraper.model.entry import Entry
from scraper.model.failures import StoreBusyError
from scraper.model.span import Span
from scraper.service.job import Job, Told
from scraper.service.wiring import Line
from scraper.settings import Settings
from scraper.storage import NoSuchRunError, RunFiles, Runs

LOOK_S = 0.5
"""How often is looked for runs that are asked for, and for whoever wants the archive."""
HANDOVER = timedelta(seconds=60)
"""How long a daemon waits for a backfill to let go of the archive."""


def _unheard(_step: object) -> None:
    """Nobody is told."""


class Desk:
    """Works the runs that commands wait for, as long as `serve` runs."""

    def __init__(
        self,
        settings: Settings,
        runs: Runs,
        clock: Clock,
        observe: Observer,
        told: Callable[[int], Told] = lambda _: _unheard,
    ) -> None:
        self._settings = settings
        self._runs = runs
        self._clock = clock
        self._observe = observe
        self._told = told
        self._jobs: dict[int, tuple[Job, asyncio.Task[None]]] = {}
        self._ended: dict[int, Job] = {}
        self._spans: dict[int, Span | None] = {}

    def observe(self, event: Event) -> None:
        """Count for the run that it belongs to, and pass it on."""
        if isinstance(event, StorySettled):
            number = event.outcome.pending.entry.run or 0
            if number in self._jobs:
                self._jobs[number][0].observe(event)
            elif number in self._ended:
                self._ended[number].observe(event)
        self._observe(event)

    def span_of(self, entry: Entry) -> Span | None:
        """The publication times that the entry's run asks for, whether or not it is being worked."""
        if entry.run is None:
            return None
        if entry.run not in self._spans:
            self._spans[entry.run] = None
            with suppress(NoSuchRunError):
                self._spans[entry.run] = self._runs.open(entry.run).run.plan.span
        return self._spans[entry.run]

    async def serve(self, line: Line) -> None:
        """Start a job for each run that is asked for, end that of one which is not any more; until cancelled."""
        try:
            while True:
                asked = {files.run.number: files for files in self._runs.asked()}
                for number, files in asked.items():
                    if number not in self._jobs and files.progress.stage is Stage.WAITING:
                        self._start(line, files)
                for number in self._jobs.keys() - asked.keys():
                    await self._end(number)
                await asyncio.sleep(LOOK_S)
        finally:
            for number in list(self._jobs):
                await self._end(number)

    def _start(self, line: Line, files: RunFiles) -> None:
        job = Job(line, self._settings, files, self._clock, self._told(files.run.number))
        task = asyncio.create_task(job.work(), name=f"backfill {job.number}")
        task.add_done_callback(partial(self._done, line, job.number))
        self._jobs[job.number] = job, task

    def save(self) -> None:
        """Save how far the jobs came that have ended; to be called when the line is drained."""
        for job in self._ended.values():
            job.save()

    async def _end(self, number: int) -> None:
        job, task = self._jobs.pop(number)
        self._ended[number] = job
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def _done(self, line: Line, number: int, task: "asyncio.Task[None]") -> None:
        line.runner.wake()
        error = None if task.cancelled() else task.exception()
        if error is not None:
            # A defect met by one backfill must not end the collection of news.
            detail = "".join(traceback.format_exception(error))
            self._observe(StepFailed(subject=f"backfill {number}", detail=detail))

    def is_at_work(self, number: int) -> bool:
        """Whether the run's job is under way."""
        return number in self._jobs and not self._jobs[number][1].done()


@asynccontextmanager
async def serving(line: Line, desk: Desk, runs: Runs) -> AsyncIterator[None]:
    """Serve for as long as it lasts."""
    runs.prepare()
    runs.served.hoist()
    work = asyncio.create_task(desk.serve(line), name="backfills")
    try:
        yield
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        runs.served.strike()


@asynccontextmanager
async def ahead_of_backfills(runs: Runs, open_: Callable[[], AbstractAsyncContextManager[Line]]) -> AsyncIterator[Line]:
    """Open the line as a daemon does: a backfill that has the archive open is asked to let go of it.

    Raises StoreBusyError at once when another kind of process has it, or when it is not let go of soon.
    """
    loop = asyncio.get_running_loop()
    latest = loop.time() + HANDOVER.total_seconds()
    asked = False
    async with AsyncExitStack() as stack:
        while True:
            try:
                line = await stack.enter_async_context(open_())
                break
            except StoreBusyError:
                # Once it was asked to, a backfill may be on its way out and say nothing any more.
                if loop.time() > latest or not (asked or runs.yields.flies):
                    raise
            asked = runs.wanted.hoist()
            stack.callback(runs.wanted.strike)
            await asyncio.sleep(LOOK_S / 2)
        runs.wanted.strike()
        yield line
