"""What the line holds in its hand when it runs on a cluster: the shards, and ways to ask each of them."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Self

import ray
from ray.actor import ActorHandle
from ray.exceptions import RayError

from scraper.cluster.actors import RemoteShard, ShardWay, shard_name
from scraper.cluster.exchange import Channel
from scraper.cluster.failures import ClusterError, first_line
from scraper.cluster.pacing import LEASE_S
from scraper.cluster.routing import shard_of_url
from scraper.cluster.shard import Plan
from scraper.cluster.tasks import Limits, TaskSandbox
from scraper.engine.steps import Reading
from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedState, Poll
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, Request
from scraper.model.span import Span
from scraper.model.verdict import Deferred, Dropped

_BEAT_S = LEASE_S / 6
_START_S = 120.0

SpanOf = Callable[[Entry], Span | None]


class Crew:
    """The shards of one run, on the cluster that was joined; an asynchronous context manager.

    Shards that are lost come back by themselves, and what they were asked is asked again.
    """

    def __init__(self, plan: Plan, limits: Limits) -> None:
        self._plan = plan
        self._limits = limits
        self._shards: list[ActorHandle] = []
        self._channels: list[Channel] = []
        self._stack = contextlib.AsyncExitStack()
        self._beating: asyncio.Task[None] | None = None
        self.sandbox: TaskSandbox

    async def __aenter__(self) -> Self:
        """Start the shards. Raises ClusterError when that cannot be done."""
        try:
            self.sandbox = TaskSandbox(self._limits)
            self._shards = [
                RemoteShard.options(name=shard_name(number)).remote(number, self._plan, self._limits)
                for number in range(self._plan.shards)
            ]
            await self._all_up()
        except BaseException:
            self._end()
            raise
        self._channels = [await self._stack.enter_async_context(Channel(ShardWay(shard))) for shard in self._shards]
        self._beating = asyncio.create_task(self._beat(), name="cluster")
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the shards."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        await self._stack.aclose()
        self._end()

    async def _all_up(self) -> None:
        try:
            async with asyncio.timeout(_START_S):
                await asyncio.gather(*(shard.keep.remote() for shard in self._shards))
        except TimeoutError:
            raise ClusterError(
                f"The cluster started no workers within {_START_S:.0f} s; `ray status` tells why."
            ) from None
        except RayError as error:
            raise ClusterError(
                f"The cluster cannot run this scraper: is the same version of it, with its "
                f"cluster extra, installed on every node? ({first_line(error)})"
            ) from error

    def _end(self) -> None:
        for shard in self._shards:
            with contextlib.suppress(RayError):
                ray.kill(shard)

    async def _beat(self) -> None:
        """Tell the shards again and again that the line runs; one that does not hear it stops asking servers."""
        while True:
            for shard in self._shards:
                shard.keep.remote()
            await asyncio.sleep(_BEAT_S)

    async def call(self, url: str, method: str, *args: Any) -> Any:
        """Ask the shard that an address belongs to, and again when it was lost meanwhile, until it answers."""
        return await self._channels[shard_of_url(url, self._plan.shards)].ask(method, *args)

    async def fetch(self, request: Request) -> Fetched:
        """Make one exchange. Implements `scraper.engine.ports.Fetcher`."""
        answer: Fetched = await self.call(request.url, "fetch", request)
        return answer

    def saved_robots(self) -> None:
        """What robots.txt files said stays with the shards."""

    def restore_robots(self, _saved: bytes) -> None:
        """The shards were given it when they started."""

    async def ask(self, state: FeedState, request: Request) -> Poll:
        """Poll one feed."""
        poll: Poll = await self.call(request.url, "ask", state, request)
        return poll

    def reader(self, span_of: SpanOf) -> "StoryReader":
        """Reads stories on the cluster."""
        return StoryReader(self, span_of)


class StoryReader:
    """Has each story fetched and extracted by the shard of its address."""

    def __init__(self, crew: Crew, span_of: SpanOf) -> None:
        self._crew = crew
        self._span_of = span_of

    async def read(self, pending: Pending, outlet: Outlet) -> Reading | Dropped | Deferred:
        """See `scraper.engine.steps.Reader`."""
        span = self._span_of(pending.entry)
        result: Reading | Dropped | Deferred = await self._crew.call(pending.entry.url, "read", pending, outlet, span)
        return result
