"""What the line holds in its hand when it runs on a cluster: the shards, and ways to ask each of them."""

import asyncio
import contextlib
import math
from collections.abc import Callable
from typing import Any, Self

import ray
from ray.actor import ActorHandle
from ray.exceptions import RayError

from scraper.cluster.actors import RemoteShard, ShardWay, shard_name
from scraper.cluster.exchange import Channel
from scraper.cluster.failures import ClusterError, first_line
from scraper.cluster.leases import LEASE_S, Leases
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

    def __init__(self, plan: Plan, limits: Limits, *, takes_over: bool = False) -> None:
        """`takes_over`: another crew of this process has asked servers until now."""
        self._plan = plan
        self._takes_over = takes_over
        self._limits = limits
        self._shards: list[ActorHandle] = []
        self._channels: list[Channel] = []
        self._stack = contextlib.AsyncExitStack()
        self._leases: list[Leases] = []
        self._beating: list[asyncio.Task[None]] = []
        self.sandbox: TaskSandbox

    async def __aenter__(self) -> Self:
        """Start the shards. Raises ClusterError when that cannot be done."""
        nobody_else = _now() + LEASE_S
        self._leases = [Leases(nobody_else if self._takes_over else -math.inf) for _ in range(self._plan.shards)]
        try:
            self.sandbox = TaskSandbox(self._limits)
            self._shards = [
                RemoteShard.options(name=shard_name(number)).remote(number, self._plan, self._limits)
                for number in range(self._plan.shards)
            ]
            await self._all_up()
            if not self._takes_over:
                # A run that was killed may have shards that have not noticed it yet.
                await asyncio.sleep(nobody_else + self._plan.settings.fetch.host_spacing.total_seconds() - _now())
        except BaseException:
            self._end()
            raise
        self._channels = [await self._stack.enter_async_context(Channel(ShardWay(shard))) for shard in self._shards]
        self._beating = [
            asyncio.create_task(self._beat(shard, leases), name="cluster")
            for shard, leases in zip(self._shards, self._leases, strict=True)
        ]
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the shards."""
        for beating in self._beating:
            beating.cancel()
        await asyncio.gather(*self._beating, return_exceptions=True)
        await self._stack.aclose()
        self._end()

    async def _all_up(self) -> None:
        try:
            async with asyncio.timeout(_START_S):
                await asyncio.gather(*(shard.keep.remote(None) for shard in self._shards))
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

    async def _beat(self, shard: ActorHandle, leases: Leases) -> None:
        """Tell a shard again and again that the line runs; one that does not hear it stops asking servers."""
        while True:
            is_new = False
            with contextlib.suppress(RayError, TimeoutError):
                async with asyncio.timeout(2 * LEASE_S):
                    is_new = leases.hear(await shard.keep.remote(leases.grant(_now())), _now())
            await asyncio.sleep(0 if is_new else _BEAT_S)

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


def _now() -> float:
    return asyncio.get_running_loop().time()
