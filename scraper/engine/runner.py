"""The only place with tasks and queues: keeps the line full, and empties it before it stops.

due feeds ──> poll tasks ──┐
                           ├──> Ledger (one thread) <── committer <── bounded queue <── work tasks <── claimed entries
claimed entries ───────────┘
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Self, TypeVar

from scraper.clock import Clock
from scraper.engine import steps
from scraper.engine.bridging import bridged
from scraper.engine.decisions import after_defect, defect
from scraper.engine.events import FeedAsked, FeedPushed, GroupCommitted, Observer, StepFailed, StorySettled
from scraper.engine.ledger import Ledger
from scraper.engine.ports import NOTHING, Fetcher, Lister, Store
from scraper.engine.settling import CommitElsewhere, Finished, Settler
from scraper.model.entry import Pending
from scraper.model.failures import StoreUnavailableError
from scraper.model.feed import FeedState, Listed, Poll, PollFailed, Unlisted
from scraper.model.outlet import Outlet
from scraper.model.page import Page, Request
from scraper.model.verdict import Deferred, Dropped, Outcome
from scraper.settings import Settings

T = TypeVar("T")

READY_BYTES = 200_000_000
"""While pages of this many bytes wait to be archived, no further story is taken on."""

FeedRequest = Callable[[FeedState, Outlet], Request]
"""How a feed is asked: where, and with which validators."""
Ask = Callable[[FeedState, Request], Awaitable[Poll]]
"""Makes the request for a feed and lists what it holds."""
NextState = Callable[[FeedState, Poll], FeedState]
"""The polling rules with their settings, jitter and clock already given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the runner is built from."""

    outlets: Mapping[str, Outlet]
    settings: Settings
    store: Store
    ledger: Ledger
    """Every call on the store goes through it."""
    fetcher: Fetcher
    lister: Lister
    reader: steps.StoryReader
    settler: Settler | None
    """None where groups are settled elsewhere."""
    feed_request: FeedRequest
    next_state: NextState
    clock: Clock
    observe: Observer
    commit_elsewhere: CommitElsewhere | None = None
    """Settles and commits groups beside the store, where that is in a process of its own."""
    ask: Ask | None = None
    """Polls a feed elsewhere; None: here, with the fetcher and the lister."""
    learned: Callable[[], Mapping[str, bytes | None]] = lambda: NOTHING
    """What was learned since the last call and is to be remembered with the commit; called in the ledger's thread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ready:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much is under way."""

    polls: int
    pages: int
    """Stories being fetched and read, or waiting for room in the queue."""
    ready: int
    """Stories that are read and wait to be judged and committed."""


class Runner:
    """Polls due feeds and works pending entries, never more at once than the settings allow.

    Use as an async context manager. Leaving it drains: nothing new is taken on, work under way gets
    `settings.drain` to end, what is finished is committed, what is not is given back to the store.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._ledger = parts.ledger
        self._polls: dict[str, asyncio.Task[None]] = {}
        self._works: dict[str, asyncio.Task[None]] = {}
        self._busy: Counter[str] = Counter()
        self._ready: asyncio.Queue[_Ready | None] = asyncio.Queue(maxsize=2 * parts.settings.store.commit_articles)
        self._ready_bytes = 0
        self._woken = asyncio.Event()
        self._committer: asyncio.Task[None] | None = None
        self._held: set[str] = set()
        """Keys claimed and not yet committed: a lease that runs out meanwhile must not start them again."""
        self._handing_in = 0
        self._store_failure: StoreUnavailableError | None = None

    async def __aenter__(self) -> Self:
        self._committer = asyncio.create_task(self._commit_until_closed(), name="committer")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._drain()

    @property
    def load(self) -> Load:
        """What is being worked on now; may be asked from any thread."""
        return Load(polls=len(self._polls), pages=len(self._works), ready=self._ready.qsize())

    def wake(self) -> None:
        """Look for due feeds and pending entries now."""
        self._woken.set()

    @contextlib.contextmanager
    def handing_in(self) -> Iterator[None]:
        """For as long as it lasts, more is to be handed in soon: no group is committed before it is full or old."""
        self._handing_in += 1
        try:
            yield
        finally:
            self._handing_in -= 1

    async def hand_in(
        self,
        pending: Pending,
        outlet: Outlet,
        result: steps.Reading | Dropped,
        remember: Mapping[str, bytes | None] = NOTHING,
    ) -> "asyncio.Future[Outcome | None]":
        """Have an entry judged whose page was at hand, after all that were handed in before.

        The values to remember become durable with its verdict, which the future then gives; None when the story is
        known by then. Waits while the line is full.
        """
        committed: asyncio.Future[Outcome | None] = asyncio.get_running_loop().create_future()
        self._held.add(pending.entry.key)
        await self._put(_Ready(pending=pending, outlet=outlet, result=result, remember=remember, committed=committed))
        return committed

    async def run(self, stop: asyncio.Event) -> None:
        """Keep the line full until `stop` is set, looking whenever something ended or `wake` was called."""
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._woken.clear()
                await unless(stop, self._fill(with_feeds=True))
                await self._wait_for(stopping, self._woken.wait())
        finally:
            stopping.cancel()

    async def run_round(
        self, stop: asyncio.Event, feeds: Sequence[FeedState] = (), more: Callable[[], bool] = lambda: False
    ) -> None:
        """Poll the given feeds once and work until nothing claimable is left, or `stop` is set.

        While `more` says yes, further entries may still be enqueued: the round waits for them, and for `wake`.
        """
        left = list(feeds)
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                self._woken.clear()
                while left and self._free(self._polls):
                    self._start_poll(left.pop())
                claimed = await unless(stop, self._fill(with_feeds=False))
                # What ended while entries were claimed may have listed more of them.
                if not (left or claimed or self._polls or self._held or self._woken.is_set() or more()):
                    return
                await self._wait_for(stopping, self._woken.wait())
        finally:
            stopping.cancel()

    async def _wait_for(self, stopping: "asyncio.Task[bool]", woken: Coroutine[Any, Any, bool]) -> None:
        waking = asyncio.create_task(woken)
        watched: set[asyncio.Task[Any]] = {stopping, waking}
        if self._committer is not None:
            watched.add(self._committer)
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        waking.cancel()
        if self._committer is not None and self._committer.done():
            self._committer.result()
        if self._store_failure is not None:
            raise self._store_failure

    def _free(self, tasks: Mapping[str, object]) -> int:
        return self._parts.settings.fetch.concurrency - len(tasks)

    async def _fill(self, *, with_feeds: bool) -> int:
        """Start what there is room for; how many entries were claimed."""
        if not self._ledger.writable.is_set():
            return 0
        parts, now = self._parts, self._parts.clock()
        if with_feeds and self._free(self._polls) > 0:
            limit = self._free(self._polls) + len(self._polls)
            due = await self._ledger.run(partial(parts.store.due, now, limit))
            for state in [state for state in due if state.url not in self._polls][: self._free(self._polls)]:
                self._start_poll(state)
        return await self._claim()

    async def _claim(self) -> int:
        """Claim in small lots, so that no outlet gets more than about its share of the places."""
        parts, share, started = self._parts, self._outlet_share(), 0
        while (room := self._room()) > 0:
            lot = min(room, share)
            full = frozenset(outlet for outlet, count in self._busy.items() if count >= share)
            claim = partial(parts.store.claim, parts.clock(), lot, parts.settings.store.lease, full)
            claimed = await self._ledger.run(claim)
            fresh = [pending for pending in claimed if pending.entry.key not in self._held]
            for pending in fresh:
                self._start_work(pending)
            started += len(fresh)
            if len(claimed) < lot:
                break
        return started

    def _room(self) -> int:
        """How many more stories may be taken on: a slow disk slows fetching, it does not fill memory."""
        if self._ready_bytes >= READY_BYTES:
            return 0
        return min(self._free(self._works), self._ready.maxsize - self._ready.qsize())

    def _outlet_share(self) -> int:
        """Most entries of one outlet under way at once, so that a slow one does not hold all places."""
        return max(2, self._parts.settings.fetch.host_concurrency * 2)

    def _start_poll(self, state: FeedState) -> None:
        outlet = self._parts.outlets.get(state.outlet)
        if outlet is not None:
            self._start(self._polls, state.url, self._poll(state, outlet))

    def _start_work(self, pending: Pending) -> None:
        outlet = self._parts.outlets.get(pending.entry.outlet) or _unknown_outlet(pending.entry.outlet)
        self._busy[outlet.id] += 1
        self._held.add(pending.entry.key)
        self._start(self._works, pending.entry.key, self._work(pending, outlet))

    def _start(self, tasks: dict[str, asyncio.Task[None]], name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        tasks[name] = task
        task.add_done_callback(partial(self._ended, tasks, name))

    def _ended(self, tasks: dict[str, asyncio.Task[None]], name: str, task: "asyncio.Task[None]") -> None:
        tasks.pop(name, None)
        self._woken.set()
        error = None if task.cancelled() else task.exception()
        if isinstance(error, StoreUnavailableError):
            self._store_failure = error
        elif error is not None:
            self._parts.observe(StepFailed(subject=name, detail=defect(error)))

    async def _poll(self, state: FeedState, outlet: Outlet) -> None:
        parts = self._parts
        try:
            request = parts.feed_request(state, outlet)
            ask = parts.ask or partial(steps.ask, fetcher=parts.fetcher, lister=parts.lister)
            poll = await bridged(state, await ask(state, request), outlet, ask)
        except Exception as error:  # noqa: BLE001 - a defect met by one feed must not end the collection of all others
            parts.observe(StepFailed(subject=state.url, detail=defect(error)))
            poll = PollFailed(detail=defect(error))
        after = parts.next_state(state, poll)
        entries = (*poll.listing.entries, *poll.recovered) if isinstance(poll, Listed) else ()
        found = await self._ledger.run(partial(parts.store.record_poll, after, entries, parts.clock()))
        parts.observe(FeedAsked(state=after, poll=poll, found=found))

    async def push(self, page: Page, outlet: Outlet) -> int | None:
        """Take a feed document that its publisher pushed through the same reading as a poll's.

        Returns how many stories were new, once they are durable; None when the document cannot be read as a feed.
        """
        parts = self._parts
        listing = await parts.lister.list(page, outlet)
        if isinstance(listing, Unlisted):
            parts.observe(
                FeedPushed(feed=page.requested_url, outlet=outlet.id, entries=0, found=0, failure=listing.detail)
            )
            return None
        found = await self._ledger.run(partial(parts.store.add, listing.entries, parts.clock()))
        self._woken.set()
        parts.observe(FeedPushed(feed=page.requested_url, outlet=outlet.id, entries=len(listing.entries), found=found))
        return found

    async def _work(self, pending: Pending, outlet: Outlet) -> None:
        try:
            result: steps.Reading | Dropped | Deferred = await self._parts.reader.read(pending, outlet)
        except Exception as error:  # noqa: BLE001 - as for polls: one story's defect is that story's verdict
            result = self._met_defect(error, pending)
        finally:
            self._busy[outlet.id] -= 1
            if not self._busy[outlet.id]:
                del self._busy[outlet.id]
        if isinstance(result, steps.Reading) and not self._parts.settings.store.archive:
            result = steps.without_bodies(result)
        ready = _Ready(pending=pending, outlet=outlet, result=result)
        await self._put(ready)

    async def _put(self, ready: _Ready) -> None:
        self._ready_bytes += ready.size
        await self._ready.put(ready)

    def _met_defect(self, error: Exception, pending: Pending) -> Dropped | Deferred:
        """The verdict on a story that our own code failed on."""
        self._tell_defect(pending.entry.url, defect(error))
        return after_defect(defect(error), pending, self._parts.settings.store.max_attempts, self._parts.clock())

    def _tell_defect(self, subject: str, detail: str) -> None:
        self._parts.observe(StepFailed(subject=subject, detail=detail))

    async def _commit_until_closed(self) -> None:
        """Commit groups of finished work until the end mark comes through the queue."""
        settings = self._parts.settings.store
        closed = False
        while not closed:
            group: list[_Ready] = []
            with contextlib.suppress(TimeoutError):
                first = await self._ready.get()
                async with asyncio.timeout(settings.commit_interval.total_seconds()):
                    item = first
                    while item is not None:
                        group.append(item)
                        if len(group) >= settings.commit_articles or self._is_idle():
                            break
                        item = await self._ready.get()
                    closed = item is None
            if group:
                await self._commit(group)

    def _is_idle(self) -> bool:
        """Whether nothing more can come soon for the group that is being gathered."""
        return self._ready.empty() and not self._works and not self._handing_in

    async def _commit(self, group: Sequence[_Ready]) -> None:
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
        await self._ledger.run(settle_and_commit)
        parts.observe(GroupCommitted(stories=len(group), seconds=loop.time() - begun))
        self._held.difference_update(ready.pending.entry.key for ready in group)
        self._ready_bytes -= sum(ready.size for ready in group)
        self._woken.set()
        for subject, detail in defects:
            self._tell_defect(subject, detail)
        for ready, outcome in zip(group, outcomes, strict=True):
            if outcome is not None:
                parts.observe(StorySettled(outcome=outcome))
            if ready.committed is not None and not ready.committed.done():
                ready.committed.set_result(outcome)

    async def _drain(self) -> None:
        under_way = [*self._polls.values(), *self._works.values()]
        if under_way:
            await asyncio.wait(under_way, timeout=self._parts.settings.drain.total_seconds())
        unfinished = set(self._works)
        for task in under_way:
            task.cancel()
        self._ledger.hurry()
        await asyncio.gather(*under_way, return_exceptions=True)
        with contextlib.suppress(StoreUnavailableError):
            await self._close_committer()
        with contextlib.suppress(StoreUnavailableError):
            if unfinished:
                await self._ledger.run(partial(self._parts.store.release, sorted(unfinished)))

    async def _close_committer(self) -> None:
        if self._committer is None:
            return
        closing = asyncio.create_task(self._ready.put(None))
        await asyncio.wait({closing, self._committer}, return_when=asyncio.FIRST_COMPLETED)
        closing.cancel()
        await self._committer


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, T]) -> T | None:
    """The work's value; None when `stop` is set before it ends, as when a full disk makes it wait.

    Then it is cancelled, and over when this returns.
    """
    working = asyncio.create_task(work)
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        stopping.cancel()
        if not working.done():
            await asyncio.wait({working})


def _unknown_outlet(outlet_id: str) -> Outlet:
    """Stands for an outlet whose file was removed while entries of it were pending: the general rules apply."""
    return Outlet(id=outlet_id, name=outlet_id, domains=())
