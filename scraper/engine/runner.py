"""The place with the tasks: keeps the line full, and empties it before it stops.

due feeds ──> poll tasks ──┐
                           ├──> Ledger (one thread) <── Committer with its bounded queue <── work tasks
claimed entries ───────────┘                                                                     ▲
       └─────────────────────────────────────────────────────────────────────────────────────────┘
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

from scraper.engine import steps
from scraper.engine.bridging import bridged
from scraper.engine.committer import Committer, Ready
from scraper.engine.decisions import after_defect, defect
from scraper.engine.events import FeedAsked, FeedPushed, StepFailed
from scraper.engine.parts import Parts
from scraper.engine.ports import NOTHING
from scraper.engine.stopping import unless
from scraper.model.entry import Pending
from scraper.model.failures import ScraperError, StoreUnavailableError
from scraper.model.feed import FeedState, Listed, PollFailed, Unlisted
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Deferred, Dropped, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much is under way."""

    polls: int
    pages: int
    """Stories being fetched and read, or waiting for room in the queue."""
    ready: int
    """Stories that are read and wait to be judged and committed."""
    held: int
    """Bytes of the pages that wait to be archived."""


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
        self._woken = asyncio.Event()
        self._committer = Committer(parts, self._more_to_come, self._was_committed)
        self._held: set[str] = set()
        """Keys claimed and not yet committed: a lease that runs out meanwhile must not start them again."""
        self._handing_in = 0
        self._store_failure: ScraperError | None = None

    async def __aenter__(self) -> Self:
        self._committer.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._drain()

    @property
    def load(self) -> Load:
        """What is being worked on now; may be asked from any thread."""
        return Load(
            polls=len(self._polls),
            pages=len(self._works),
            ready=self._committer.waiting,
            held=self._committer.held,
        )

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
        await self._committer.put(
            Ready(pending=pending, outlet=outlet, result=result, remember=remember, committed=committed)
        )
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
        if self._committer.task is not None:
            watched.add(self._committer.task)
        await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
        waking.cancel()
        if self._committer.task is not None and self._committer.task.done():
            self._committer.task.result()
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
        """Claim what there is room for, so that no outlet gets more than about its share of the places."""
        parts, share, room = self._parts, self._outlet_share(), self._room()
        if room <= 0:
            return 0
        full = frozenset(outlet for outlet, count in self._busy.items() if count >= share)
        lease = parts.settings.store.lease
        claimed = await self._ledger.run(partial(parts.store.claim, parts.clock(), room, lease, full, share))
        fresh = [pending for pending in claimed if pending.entry.key not in self._held]
        for pending in fresh:
            self._start_work(pending)
        return len(fresh)

    def _room(self) -> int:
        """How many more stories may be taken on."""
        return min(self._free(self._works), self._committer.room)

    def _more_to_come(self) -> bool:
        return bool(self._works or self._handing_in)

    def _was_committed(self, group: Sequence[Ready]) -> None:
        self._held.difference_update(ready.pending.entry.key for ready in group)
        self._woken.set()

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
        if isinstance(error, ScraperError):
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
        await self._committer.put(Ready(pending=pending, outlet=outlet, result=result))

    def _met_defect(self, error: Exception, pending: Pending) -> Dropped | Deferred:
        """The verdict on a story that our own code failed on."""
        self._parts.observe(StepFailed(subject=pending.entry.url, detail=defect(error)))
        return after_defect(defect(error), pending, self._parts.settings.store.max_attempts, self._parts.clock())

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
            await self._committer.close()
        with contextlib.suppress(StoreUnavailableError):
            if unfinished:
                await self._ledger.run(partial(self._parts.store.release, sorted(unfinished)))


def _unknown_outlet(outlet_id: str) -> Outlet:
    """Stands for an outlet whose file was removed while entries of it were pending: the general rules apply."""
    return Outlet(id=outlet_id, name=outlet_id, domains=())
