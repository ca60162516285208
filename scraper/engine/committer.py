"""The end of the line: what is finished waits in a bounded queue, and is judged and committed in groups."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from scraper.engine import steps
from scraper.engine.events import GroupCommitted, StepFailed, StorySettled
from scraper.engine.parts import Parts
from scraper.engine.ports import NOTHING
from scraper.engine.settling import Finished
from scraper.model.entry import Pending
from scraper.model.outlet import Outlet
from scraper.model.verdict import Deferred, Dropped, Outcome

READY_BYTES = 200_000_000
"""While pages of this many bytes wait to be archived, no further story is taken on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A story that is read and waits to be judged."""

    pending: Pending
    outlet: Outlet
    result: steps.Reading | Dropped | Deferred
    remember: Mapping[str, bytes | None] = field(default_factory=lambda: NOTHING)
    committed: "asyncio.Future[Outcome | None] | None" = None

    @property
    def size(self) -> int:
        """Bytes of the pages that are held for the archive."""
        return sum(len(page.body) for page in self.result.pages) if isinstance(self.result, steps.Reading) else 0

    @property
    def finished(self) -> Finished:
        """What is to be settled."""
        return Finished(pending=self.pending, outlet=self.outlet, result=self.result)


class Committer:
    """Gathers finished stories and has each group judged and committed in the ledger's thread.

    A group is complete when it is full, old, or when `more_to_come` says that nothing else can come soon. `committed`
    is called with a group once it is durable.
    """

    def __init__(
        self, parts: Parts, more_to_come: Callable[[], bool], committed: Callable[[Sequence[Ready]], None]
    ) -> None:
        self._parts = parts
        self._more_to_come = more_to_come
        self._committed = committed
        self._queue: asyncio.Queue[Ready | None] = asyncio.Queue(maxsize=2 * parts.settings.store.commit_articles)
        self._bytes = 0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to commit; needs a running loop."""
        self._task = asyncio.create_task(self._commit_until_closed(), name="committer")

    @property
    def task(self) -> "asyncio.Task[None] | None":
        """Ends when it is closed, or with the error that ended it."""
        return self._task

    @property
    def waiting(self) -> int:
        """Stories that are read and wait to be judged and committed."""
        return self._queue.qsize()

    @property
    def room(self) -> int:
        """How many more it would take now: a slow disk slows fetching, it does not fill memory."""
        return 0 if self._bytes >= READY_BYTES else self._queue.maxsize - self._queue.qsize()

    @property
    def held(self) -> int:
        """Bytes of the pages that wait to be archived."""
        return self._bytes

    async def put(self, ready: Ready) -> None:
        """Take a finished story; waits while the queue is full."""
        self._bytes += ready.size
        await self._queue.put(ready)

    async def close(self) -> None:
        """Commit what was put, then end. Raises what ended it before."""
        if self._task is None:
            return
        closing = asyncio.create_task(self._queue.put(None))
        await asyncio.wait({closing, self._task}, return_when=asyncio.FIRST_COMPLETED)
        closing.cancel()
        await self._task

    async def _commit_until_closed(self) -> None:
        """Commit groups of finished work until the end mark comes through the queue."""
        settings = self._parts.settings.store
        closed = False
        while not closed:
            group: list[Ready] = []
            with contextlib.suppress(TimeoutError):
                first = await self._queue.get()
                async with asyncio.timeout(settings.commit_interval.total_seconds()):
                    item = first
                    while item is not None:
                        group.append(item)
                        if len(group) >= settings.commit_articles or self._is_last():
                            break
                        item = await self._queue.get()
                    closed = item is None
            if group:
                await self._commit(group)

    def _is_last(self) -> bool:
        """Whether nothing more can come soon for the group that is being gathered."""
        return self._queue.empty() and not self._more_to_come()

    async def _commit(self, group: Sequence[Ready]) -> None:
        parts = self._parts
        outcomes: list[Outcome | None] = []
        remember = {name: value for ready in group for name, value in ready.remember.items()}
        defects: list[tuple[str, str]] = []

        def settle_and_commit() -> None:
            if parts.commit_elsewhere is not None:
                committed = parts.commit_elsewhere([ready.finished for ready in group], remember)
                outcomes[:] = committed.outcomes
                defects[:] = committed.defects
                return
            if parts.settler is None:
                raise AssertionError("a line that does not settle elsewhere has a settler")
            # When the commit is repeated, what was judged stays judged: considering a story twice is wasted work.
            finished = [ready.finished for ready in group]
            parts.settler.settle_rest(finished, outcomes, parts.store, parts.clock(), self._tell_defect)
            remember.update(parts.learned())
            parts.store.commit([outcome for outcome in outcomes if outcome], parts.clock(), remember)

        loop = asyncio.get_running_loop()
        begun = loop.time()
        await parts.ledger.run(settle_and_commit)
        parts.observe(GroupCommitted(stories=len(group), seconds=loop.time() - begun))
        self._bytes -= sum(ready.size for ready in group)
        self._committed(group)
        for subject, detail in defects:
            self._tell_defect(subject, detail)
        for ready, outcome in zip(group, outcomes, strict=True):
            if outcome is not None:
                parts.observe(StorySettled(outcome=outcome))
            if ready.committed is not None and not ready.committed.done():
                ready.committed.set_result(outcome)

    def _tell_defect(self, subject: str, detail: str) -> None:
        self._parts.observe(StepFailed(subject=subject, detail=detail))
