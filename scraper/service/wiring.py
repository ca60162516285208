"""The one place that builds: every port meets its implementation here."""

import random
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from scraper.clock import Clock
from scraper.engine.events import Observer, Recovered, hearing_of_stories
from scraper.engine.ledger import Ledger
from scraper.engine.parts import Parts
from scraper.engine.ports import Fetcher, KnowingFetcher, Lister
from scraper.engine.runner import Runner
from scraper.model.entry import Entry
from scraper.model.feed import FeedKind, FeedState, Poll, PollFailed
from scraper.model.outlet import Outlet
from scraper.model.page import Request
from scraper.model.span import Span
from scraper.polling import (
    LENGTHS,
    SELECTORS,
    Connectivity,
    after_poll,
    first_state,
    relying_on_hub,
    request_for,
    settings_for,
)
from scraper.sandbox import Sandbox
from scraper.service.books import open_books
from scraper.service.hands import open_hands
from scraper.service.hints import SelectorHints
from scraper.service.lengths import ArticleLengths
from scraper.service.memories import ROBOTS, Memories
from scraper.service.metering import MeteredFetcher, MeteredLister
from scraper.service.metrics import Metrics
from scraper.service.pushing import noting, remembered
from scraper.service.resting import Rest
from scraper.service.warming import warm_up
from scraper.settings import Settings
from scraper.sources import FeedLister
from scraper.storage import Archive, Store, open_archive
from scraper.websub import Subscriptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The running line and those of its parts that its owners speak to."""

    runner: Runner
    ledger: Ledger
    store: Store
    archive: Archive
    """For the ledger's thread alone."""
    fetcher: KnowingFetcher
    sandbox: Sandbox
    shards: int
    """How many processes ask servers."""
    memories: Memories
    subscriptions: Subscriptions | None
    outlets: dict[str, Outlet]


@asynccontextmanager
async def open_line(
    settings: Settings,
    outlets: Iterable[Outlet],
    *,
    observe: Observer,
    clock: Clock,
    span_of: Callable[[Entry], Span | None] = lambda _: None,
    patience_s: float | None = None,
    earlier: KnowingFetcher | None = None,
    metrics: Metrics | None = None,
    drained: Callable[[], None] = lambda: None,
    warm_up: Callable[[], None] = warm_up,
) -> AsyncIterator[Line]:
    """Open the store, start the workers and the client, and hand out a line that is ready to run.

    What servers asked of an `earlier` fetcher of this process is heeded on.
    Leaving drains and closes all of it, in the opposite order; `drained` is called when the last verdict is durable and
    the archive is still ours. `warm_up` is what workers are warmed up with. Raises StoreBusyError, StoreDamagedError or
    StoreUnavailableError when the data directory cannot be had.
    """
    by_id = {outlet.id: outlet for outlet in outlets}
    async with AsyncExitStack() as stack:
        ledger = Ledger(observe, patience_s)
        stack.callback(ledger.close)
        if settings.cluster.address is not None:
            await stack.enter_async_context(_joined(settings.cluster.address))
        books = await stack.enter_async_context(open_books(settings, tuple(by_id.values()), clock, ledger, metrics))
        store = books.store
        stack.callback(drained)
        for detail in store.recovered:
            observe(Recovered(detail=detail))
        archive = await ledger.run_once(partial(open_archive, settings.store.data))
        stack.push_async_callback(ledger.run_once, archive.close)
        robots = await ledger.run_once(partial(store.memory, ROBOTS))
        hands = await stack.enter_async_context(
            open_hands(
                settings,
                clock,
                span_of,
                robots,
                rest=Rest(ledger, store),
                earlier=earlier,
                metrics=metrics,
                warm_up=warm_up,
            )
        )
        lengths = ArticleLengths(
            await ledger.run_once(partial(store.memory, LENGTHS)),
            (url for outlet in by_id.values() for url in (*outlet.feeds, *outlet.news_sitemaps)),
            clock,
        )
        hints = SelectorHints(await ledger.run_once(partial(store.memory, SELECTORS)), by_id.values(), clock)
        learnt = {LENGTHS: lengths.learnt, SELECTORS: hints.learnt}
        memories = Memories(ledger, store, hands.fetcher, books.memory, learnt)
        stack.push_async_callback(memories.save)
        subscriptions = await ledger.run_once(
            partial(remembered, store, settings.websub, by_id, hands.fetcher.fetch, clock)
        )
        polling = _Polling(settings, by_id, clock, subscriptions)
        ports = _ports(hands.fetcher, FeedLister(hands.sandbox), metrics)
        parts = Parts(
            outlets=by_id,
            settings=hands.settings,
            store=store,
            ledger=ledger,
            fetcher=ports.fetcher,
            lister=ports.lister,
            reader=hands.reader,
            ask=hands.ask,
            settler=books.settler,
            commit_elsewhere=books.commit_elsewhere,
            feed_request=polling.request,
            next_state=polling.next_state,
            clock=clock,
            observe=hearing_of_stories(hints.hear, hearing_of_stories(lengths.hear, noting(subscriptions, observe))),
            learned=memories.learned,
        )
        runner = await stack.enter_async_context(Runner(parts))
        if metrics is not None:
            metrics.follow(runner, len(by_id))
        yield Line(
            runner=runner,
            ledger=ledger,
            store=store,
            archive=archive,
            fetcher=hands.fetcher,
            sandbox=hands.sandbox,
            shards=hands.shards,
            memories=memories,
            subscriptions=subscriptions,
            outlets=by_id,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ports:
    fetcher: Fetcher
    lister: Lister


def _ports(fetcher: Fetcher, lister: Lister, metrics: Metrics | None) -> _Ports:
    """What the line works with, under a watch where somebody wants its figures."""
    if metrics is None:
        return _Ports(fetcher=fetcher, lister=lister)
    return _Ports(fetcher=MeteredFetcher(fetcher, metrics), lister=MeteredLister(lister, metrics))


def feed_states(outlets: Iterable[Outlet], clock: Clock) -> list[FeedState]:
    """The state of each polled address before its first poll."""
    now = clock()
    return [
        first_state(outlet, url, kind, now)
        for outlet in outlets
        for kind, addresses in ((FeedKind.FEED, outlet.feeds), (FeedKind.NEWS_SITEMAP, outlet.news_sitemaps))
        for url in addresses
    ]


class _Polling:
    """The polling rules with their settings, outlets, clock and dice; what it remembers is which hosts were reached."""

    def __init__(
        self, settings: Settings, outlets: Mapping[str, Outlet], clock: Clock, subscriptions: Subscriptions | None
    ) -> None:
        self._settings = settings
        self._outlets = outlets
        self._clock = clock
        self._subscriptions = subscriptions
        self._connectivity = Connectivity()

    def request(self, state: FeedState, outlet: Outlet) -> Request:
        return request_for(state, outlet, self._clock())

    def next_state(self, state: FeedState, poll: Poll) -> FeedState:
        now = self._clock()
        if not (isinstance(poll, PollFailed) and poll.put_off):
            reached = not isinstance(poll, PollFailed) or poll.reached
            self._connectivity.saw(state.url, now, reached=reached, worked_at=state.succeeded_at)
        jitter = random.uniform(-1.0, 1.0)  # noqa: S311 - spreads load, guards nothing
        narrowed = settings_for(self._settings.poll, self._outlets[state.outlet])
        if self._subscriptions is not None and self._subscriptions.relies_on_hub(state.url):
            narrowed = relying_on_hub(narrowed, state, self._settings.websub.poll_floor)
        return after_poll(state, poll, narrowed, jitter, now, offline=self._connectivity.is_down(now))


def _joined(address: str) -> AbstractAsyncContextManager[None]:
    from scraper.cluster import joined  # noqa: PLC0415 - an optional extra

    return joined(address)
