"""The Ray actors, each a thin dress over a plain class, and the handles by which they are called."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from secrets import token_hex
from typing import cast

import ray
from ray.actor import ActorHandle
from ray.exceptions import ActorDiedError, ActorUnavailableError, RayError

from scraper.clock import Clock, utc_now
from scraper.cluster.carried import packed, unpacked
from scraper.cluster.exchange import Desk, LostShardError, Question, Replies
from scraper.cluster.keeping import Books, Keeper
from scraper.cluster.leases import Grant, Told
from scraper.cluster.pacing import Lent
from scraper.cluster.shard import Plan, Shard
from scraper.cluster.tasks import Limits, TaskSandbox
from scraper.fetching.hosts import Busy, Rules
from scraper.fetching.pace import Answer

_AGAIN_S = 0.25


def shard_name(number: int) -> str:
    """The name of a shard's actor within the run's namespace."""
    return f"shard-{number}"


class ShardActor:
    """A shard that Ray restarts elsewhere when it is lost."""

    def __init__(self, number: int, plan: Plan, limits: Limits) -> None:
        self._number = number
        self._plan = plan
        self._limits = limits
        self._shard: Shard | None = None
        self._desk: Desk | None = None
        self._opening = asyncio.Lock()

    async def _open(self) -> Shard:
        async with self._opening:
            if self._shard is None:
                self._shard = await self._begin()
        return self._shard

    async def _begin(self) -> Shard:
        shard = Shard(
            self._number,
            self._plan,
            sandbox=TaskSandbox(self._limits, share=self._plan.shards),
            neighbour=Neighbours(),
            clock=utc_now,
            life=token_hex(8),
        )
        return await shard.__aenter__()

    async def take(self, questions: bytes) -> str:
        """See Desk."""
        return (await self._at_desk()).take(unpacked(questions))

    async def collect(self, known: Sequence[int], questions: bytes) -> bytes:
        """See Desk."""
        return packed(await (await self._at_desk()).collect(known, unpacked(questions)))

    async def _at_desk(self) -> Desk:
        if self._desk is None:
            self._desk = Desk((await self._open()).answer)
        return self._desk

    async def lend(self, name: str, rules: Rules, patience: float) -> Lent | Busy:
        """See Shard."""
        return await (await self._open()).lend(name, rules, patience)

    async def take_back(self, number: int, answer: Answer | None) -> None:
        """See Shard."""
        (await self._open()).take_back(number, answer)

    async def keep(self, grant: Grant | None) -> Told:
        """Hear that the line still runs, and until when servers may be asked."""
        return (await self._open()).hosts.keep(grant)

    async def rest(self) -> str:
        """Ask servers nothing more. Gives the life that this is said of."""
        return (await self._open()).hosts.rest()


RemoteShard = ray.remote(
    num_cpus=0,
    max_restarts=-1,
    max_task_retries=0,
    max_concurrency=10_000,
    scheduling_strategy="SPREAD",
    enable_task_events=False,
)(ShardActor)


class KeeperActor:
    """A keeper of the store's books that Ray restarts on the same node when it is lost."""

    def __init__(self, build: Callable[[], Books], clock: Clock) -> None:
        self._keeper = Keeper(build, clock)

    def do(self, method: str, args: bytes) -> bytes:
        """A method of the keeper's."""
        return packed(getattr(self._keeper, method)(*unpacked(args)))


RemoteKeeper = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=0, max_concurrency=1, enable_task_events=False)(
    KeeperActor
)
"""The store's process. What it is pinned to is said where it is started."""


class ShardWay:
    """The way to a shard's actor. Implements `scraper.cluster.exchange.Way`."""

    def __init__(self, actor: ActorHandle) -> None:
        self._actor = actor

    async def take(self, questions: Sequence[Question]) -> str:
        """See Desk."""
        try:
            life: str = await self._actor.take.remote(packed(questions))
        except (ActorDiedError, ActorUnavailableError) as error:
            raise LostShardError from error
        return life

    async def collect(self, known: Sequence[int], questions: Sequence[Question]) -> Replies:
        """See Desk."""
        try:
            replies: bytes = await self._actor.collect.remote(known, packed(questions))
        except (ActorDiedError, ActorUnavailableError) as error:
            raise LostShardError from error
        return cast("Replies", unpacked(replies))


class Neighbours:
    """Finds other shards by their numbers."""

    def __init__(self) -> None:
        self._known: dict[int, _Neighbour] = {}

    def __call__(self, number: int) -> "_Neighbour":
        """The shard of this number."""
        if number not in self._known:
            self._known[number] = _Neighbour(number)
        return self._known[number]


class _Neighbour:
    """Another shard, as one shard sees it."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._handle: ActorHandle | None = None

    def _actor(self) -> ActorHandle:
        if self._handle is None:
            self._handle = ray.get_actor(shard_name(self._number))
        return self._handle

    async def lend(self, name: str, rules: Rules, patience: float) -> Lent | Busy:
        loop = asyncio.get_running_loop()
        latest = loop.time() + patience
        while (left := latest - loop.time()) > 0:
            try:
                answer: Lent | Busy = await self._actor().lend.remote(name, rules, left)
            except (RayError, ValueError):
                # It is being restarted; its way of counting turns ends with it, and begins with a pause.
                self._handle = None
                await asyncio.sleep(min(left, _AGAIN_S))
            else:
                return answer
        return Busy(seconds=patience, throttled=False)

    def give_back(self, number: int, answer: Answer | None) -> None:
        with suppress(RayError, ValueError):
            self._actor().take_back.remote(number, answer)
