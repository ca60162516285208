"""What the line asks of shards, as if it did it itself."""

from collections.abc import Callable, Sequence
from typing import Any

from scraper.cluster.exchange import Channel
from scraper.cluster.routing import shard_of_url
from scraper.engine.steps import Reading
from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedState, Poll
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, Request
from scraper.model.span import Span
from scraper.model.verdict import Deferred, Dropped
from scraper.sandbox import Packing

SpanOf = Callable[[Entry], Span | None]


class Shards:
    """Asks for each address the shard that its domain belongs to. Implements `scraper.engine.ports.KnowingFetcher`."""

    def __init__(self, channels: Sequence[Channel]) -> None:
        """One channel for each shard, in their order."""
        self._channels = channels
        self._packing = Packing[Outlet]()

    async def _call(self, url: str, method: str, *args: Any) -> Any:
        """The answer of an address's shard, however often that is lost meanwhile."""
        return await self._channels[shard_of_url(url, len(self._channels))].ask(method, *args)

    async def fetch(self, request: Request) -> Fetched:
        """Make one exchange. Implements `scraper.engine.ports.Fetcher`."""
        answer: Fetched = await self._call(request.url, "fetch", request)
        return answer

    def saved_robots(self) -> None:
        """What robots.txt files said stays with the shards."""

    def restore_robots(self, _saved: bytes) -> None:
        """The shards were given it when they started."""

    async def ask(self, state: FeedState, request: Request) -> Poll:
        """Poll one feed."""
        poll: Poll = await self._call(request.url, "ask", state, request)
        return poll

    async def read(self, pending: Pending, outlet: Outlet, span: Span | None) -> Reading | Dropped | Deferred:
        """Fetch and extract one story."""
        result: Reading | Dropped | Deferred = await self._call(
            pending.entry.url, "read", pending, self._packing.of(outlet), span
        )
        return result

    def reader(self, span_of: SpanOf) -> "StoryReader":
        """Reads stories on the cluster."""
        return StoryReader(self, span_of)


class StoryReader:
    """Has each story read by the shard of its address. Implements `scraper.engine.steps.StoryReader`."""

    def __init__(self, shards: Shards, span_of: SpanOf) -> None:
        self._shards = shards
        self._span_of = span_of

    async def read(self, pending: Pending, outlet: Outlet) -> Reading | Dropped | Deferred:
        """See `scraper.engine.steps.Reader`."""
        return await self._shards.read(pending, outlet, self._span_of(pending.entry))
