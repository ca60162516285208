"""What the line holds in its hand when it runs on a cluster: the shards, and ways to ask each of them."""

import asyncio
import contextlib
import itertools
import math
from typing import Self

import ray
from ray.actor import ActorHandle
from ray.exceptions import RayError

from scraper.cluster.actors import RemoteShard, ShardWay, shard_name
from scraper.cluster.asking import Shards
from scraper.cluster.exchange import Channel
from scraper.cluster.failures import ClusterError, first_line
from scraper.cluster.leases import LEASE_S, Leases
from scraper.cluster.shard import Plan
from scraper.cluster.tasks import Limits, TaskSandbox

_BEAT_S = LEASE_S / 6
_START_S = 120.0
_REST_S = 2.0


class Crew(Shards):
    """The shards of one run, on the cluster that was joined; an asynchronous context manager.

    Shards that are lost come back by themselves, and what they were asked is asked again.
    """

    def __init__(self, plan: Plan, limits: Limits, *, takes_over: bool = False, is_alone: bool = False) -> None:
        """`takes_over`: another crew of this process has asked servers until now.

        `is_alone`: no shard of an earlier run can be left.
        """
        self._open: list[Channel] = []
        super().__init__(self._open)
        self._plan = plan
        self._takes_over = takes_over
        self._is_alone = is_alone
        self.is_at_rest = False
        """After the end: whether all shards have said that they ask servers nothing more."""
        self._limits = limits
        self._shards: list[ActorHandle] = []
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
            if not (self._takes_over or self._is_alone):
                # A run that was killed may have shards that have not noticed it yet.
                await asyncio.sleep(nobody_else + self._plan.settings.fetch.host_spacing.total_seconds() - _now())
        except BaseException:
            self._end()
            raise
        for shard in self._shards:
            self._open.append(await self._stack.enter_async_context(Channel(ShardWay(shard))))
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
        with contextlib.suppress(RayError, TimeoutError):
            async with asyncio.timeout(_REST_S):
                lives = await asyncio.gather(*(shard.rest.remote() for shard in self._shards))
            self.is_at_rest = all(map(Leases.are_all_of, self._leases, lives, itertools.repeat(_now())))
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


def _now() -> float:
    return asyncio.get_running_loop().time()
