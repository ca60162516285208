"""What the line holds in its hand when it runs on a cluster: the shards, and ways to ask each of them."""

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Sequence
from functools import partial
from secrets import token_hex
from typing import Any, Self

import ray
from ray.actor import ActorHandle
from ray.exceptions import ActorDiedError, ActorUnavailableError, RayError

from scraper.cluster.actors import RemoteShard, shard_name
from scraper.cluster.failures import ClusterError
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

_BEAT_S = LEASE_S / 5
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 2.0
_START_S = 120.0

SpanOf = Callable[[Entry], Span | None]


class Crew:
    """The shards of one run, on a cluster that is joined for as long as the context lasts.

    `address` is that of a Ray cluster (`host:port`), `auto` for the one that this machine belongs to, or `local` for
    one of its own. Shards that are lost come back by themselves, and what they were asked is asked again.
    """

    def __init__(self, address: str, plan: Plan, limits: Limits) -> None:
        self._address = address
        self._plan = plan
        self._limits = limits
        self._shards: list[ActorHandle] = []
        self._beating: asyncio.Task[None] | None = None
        self.sandbox: TaskSandbox

    async def __aenter__(self) -> Self:
        """Join the cluster and start the shards. Raises ClusterError when that cannot be done."""
        # In a thread: it takes seconds, and in the main one Ray would take the signals for itself.
        await asyncio.to_thread(_join, self._address)
        try:
            self.sandbox = TaskSandbox(self._limits)
            limits = ray.put(self._limits)
            self._shards = [
                RemoteShard.options(name=shard_name(number)).remote(number, self._plan, limits)
                for number in range(self._plan.shards)
            ]
            await self._all_up()
        except BaseException:
            await self._leave()
            raise
        self._beating = asyncio.create_task(self._beat(), name="cluster")
        return self

    async def __aexit__(self, *_: object) -> None:
        """End the shards and leave the cluster."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
        await self._leave()

    async def _all_up(self) -> None:
        try:
            async with asyncio.timeout(_START_S):
                await asyncio.gather(*(shard.keep.remote() for shard in self._shards))
        except TimeoutError:
            raise ClusterError(
                f"The cluster at {self._address} started no workers within {_START_S:.0f} s; `ray status` tells why."
            ) from None
        except RayError as error:
            raise ClusterError(
                f"The cluster at {self._address} cannot run this scraper: is the same version of it, with its "
                f"cluster extra, installed on every node? ({_first_line(error)})"
            ) from error

    async def _leave(self) -> None:
        for shard in self._shards:
            with contextlib.suppress(RayError):
                ray.kill(shard)
        await asyncio.to_thread(ray.shutdown)

    async def _beat(self) -> None:
        """Tell the shards again and again that the line runs; one that does not hear it stops asking servers."""
        while True:
            for shard in self._shards:
                shard.keep.remote()
            await asyncio.sleep(_BEAT_S)

    async def call(self, url: str, method: str, *args: Any) -> Any:
        """Ask the shard that an address belongs to, and again when it was lost meanwhile, until it answers."""
        shard = self._shards[shard_of_url(url, self._plan.shards)]
        pause = _FIRST_PAUSE_S
        while True:
            try:
                return await getattr(shard, method).remote(*args)
            except (ActorDiedError, ActorUnavailableError):
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_S)

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


def _join(address: str) -> None:
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    own: dict[str, Any] = {"include_dashboard": False, "_node_ip_address": "127.0.0.1"} if address == "local" else {}
    join = partial(
        ray.init,
        address=address,
        namespace=f"scraper-{token_hex(8)}",
        log_to_driver=False,
        logging_level=logging.ERROR,
        configure_logging=False,
        **own,
    )
    try:
        join()
    except (ConnectionError, RuntimeError, ValueError, RayError) as error:
        hint = "start one with `ray start --head`" if address == "auto" else "check the address and that it runs"
        raise ClusterError(f"Cannot join a cluster at {address}: {hint}. ({_first_line(error)})") from error


def _first_line(error: BaseException) -> str:
    lines: Sequence[str] = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0][:200]
