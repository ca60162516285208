"""One shard: asks the servers of its domains, reads their stories, and sends on what the store needs of them."""

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self

from scraper.cluster.intake import Intake
from scraper.cluster.pacing import Lent, Neighbour, SharedHosts
from scraper.cluster.routing import shard_of_domain
from scraper.dedup import prepared
from scraper.engine import steps
from scraper.engine.steps import Reader, Reading, without_bodies
from scraper.extraction import ArticleExtractor
from scraper.fetching import HttpFetcher
from scraper.fetching.hosts import Busy, Rules
from scraper.fetching.pace import Answer
from scraper.model.entry import Pending
from scraper.model.feed import FeedState, Poll
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, Request
from scraper.model.span import Span
from scraper.model.verdict import Deferred, Dropped
from scraper.sandbox import Packed, Sandbox
from scraper.settings import Settings
from scraper.sources import FeedLister
from scraper.urls import registrable_domain


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What all shards know alike."""

    settings: Settings
    shards: int
    robots: bytes | None = None
    """What was known of robots.txt when the cluster was joined."""


class Shard:
    """Fetches and reads for the domains that are its own. An asynchronous context manager, for one event loop."""

    def __init__(
        self,
        number: int,
        plan: Plan,
        *,
        sandbox: Sandbox,
        neighbour: Callable[[int], Neighbour],
        clock: Callable[[], datetime],
        life: str,
    ) -> None:
        def owner(domain: str) -> Neighbour | None:
            shard = shard_of_domain(domain, plan.shards)
            return None if shard == number else neighbour(shard)

        settings = plan.settings
        self._keeps_pages = settings.store.archive
        self._plan = plan
        self._stack = AsyncExitStack()
        self.hosts = SharedHosts(life=life, domain_of=registrable_domain, owner_of=owner)
        self._fetcher = HttpFetcher(settings.fetch, clock, hosts=self.hosts)
        self._intake = Intake(self._fetcher, settings.fetch.concurrency)
        self._polls = Intake(self._fetcher, settings.fetch.concurrency)
        self._lister = FeedLister(sandbox)
        self._reader = Reader(
            fetcher=self._intake,
            extractor=ArticleExtractor(sandbox, settings.extract, finish=prepared),
            settings=settings,
            clock=clock,
        )

    async def __aenter__(self) -> Self:
        """Take up what is known."""
        await self._stack.enter_async_context(self._fetcher)
        if self._plan.robots:
            self._fetcher.restore_robots(self._plan.robots)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Let go of everything."""
        await self._stack.aclose()

    async def answer(self, method: str, args: tuple[Any, ...]) -> Any:
        """What `read`, `ask` or `fetch` gives."""
        methods: dict[str, Callable[..., Awaitable[Any]]] = {"read": self.read, "ask": self.ask, "fetch": self.fetch}
        return await methods[method](*args)

    async def read(self, pending: Pending, outlet: Packed[Outlet], span: Span | None) -> Reading | Dropped | Deferred:
        """Fetch and extract one story. Page bodies are left out unless they are to be archived."""
        with self._intake.story() as fetcher:
            reader = replace(self._reader, fetcher=fetcher, span_of=lambda _: span)
            result = await reader.read(pending, outlet.value)
        if self._keeps_pages or not isinstance(result, Reading):
            return result
        return without_bodies(result)

    async def ask(self, state: FeedState, request: Request) -> Poll:
        """Poll one feed and list what it holds."""
        return await steps.ask(state, request, self._polls, self._lister)

    async def fetch(self, request: Request) -> Fetched:
        """Make one exchange."""
        return await self._polls.fetch(request)

    async def lend(self, name: str, rules: Rules, patience: float) -> Lent | Busy:
        """A turn at one of the shard's hosts, for another shard."""
        return await self.hosts.lend(name, rules, patience)

    def take_back(self, number: int, answer: Answer | None) -> None:
        """The end of such a turn."""
        self.hosts.take_back(number, answer)
