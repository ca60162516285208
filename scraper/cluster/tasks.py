"""Untrusted bytes read as Ray tasks: a sandbox whose workers are wherever the cluster has a processor free.

A task does several orders, one after the other, in a sandbox of its process's own: a hostile page is killed there as it
is on one machine, and costs neither the cluster anything nor those it travels with. Orders and answers stay pickled on
their way through that process, the bodies of pages beside the pickles. A task that is lost with its node is done again
elsewhere.
"""

import asyncio
import pickle
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, ParamSpec, Self, TypeVar, cast

import ray
from ray.exceptions import RayError, RayTaskError

from scraper.cluster.batching import Batches, LostError, Undone
from scraper.cluster.capacity import Processors
from scraper.cluster.carried import packed, unpacked
from scraper.sandbox import Answered, Killed, Pieces, Raised, Sandbox, SandboxBrokenError, opened

P = ParamSpec("P")
T = TypeVar("T")
Done = Answered | Killed

_LOT = 8
"""So many orders of a batch go to the child at once."""
_BEGIN_S = 1.0
"""No further lot of a batch is begun after this long: the answers that are there travel back."""
_WAIT_FOR_LOT_S = 8.0
"""So long a lot may take before its orders are tried one by one."""
_WAIT_S = 2.0
"""So long the others of its lot then wait for one order."""
_LOST_TRIES = 16
"""So many processes may be lost with a task until the task itself is held to be why."""
_LOST_TOGETHER = 2
"""So many when it has several orders, any of which may be why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a job may take, as for `Sandbox`."""

    timeout: timedelta
    memory: int
    recycle_after: int
    warm_up: Callable[[], None] | None = None


class Parcel:
    """A call on its way to a task: its pickle and, beside it, the buffers that are not copied into it."""

    __slots__ = ("_size", "pieces")

    def __init__(self, pieces: Sequence[pickle.PickleBuffer]) -> None:
        self.pieces = pieces
        self._size = sum(piece.raw().nbytes for piece in pieces)

    @classmethod
    def of(cls, call: tuple[Any, ...]) -> "Parcel":
        """A function, its arguments and its named arguments."""
        buffers: list[pickle.PickleBuffer] = []
        pickled = pickle.dumps(call, pickle.HIGHEST_PROTOCOL, buffer_callback=buffers.append)
        return cls((pickle.PickleBuffer(pickled), *buffers))

    def __len__(self) -> int:
        return self._size


class TaskSandbox(Sandbox):
    """A sandbox for one event loop; how many jobs run at once is the cluster's affair."""

    def __init__(self, limits: Limits, *, share: int = 1, under_way: Callable[[], int] | None = None) -> None:
        """One of `share` that have the cluster's processors between them, or with so many tasks `under_way` at once."""
        super().__init__(workers=1, timeout=limits.timeout, memory=limits.memory, recycle_after=limits.recycle_after)
        self._limits = packed(limits)
        self._batches: Batches[Parcel, Done] = Batches(self._send, under_way or Processors(share).tasks)

    async def __aenter__(self) -> Self:
        """Nothing is started here."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is to be ended here."""

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Killed | Raised:
        """Run a top-level function in a worker somewhere; arguments and result are pickled."""
        try:
            answer = await self._batches.do(Parcel.of((job, args, kwargs)))
        except LostError as lost:
            return Killed(detail=str(lost))
        return cast("T | Killed | Raised", opened(answer))

    async def _send(self, orders: Sequence[Parcel]) -> list[Done | Undone]:
        tries = _LOST_TOGETHER if len(orders) > 1 else _LOST_TRIES
        try:
            done: bytes = await _performing(tries).remote([order.pieces for order in orders], self._limits)
        except RayTaskError as error:
            if isinstance(error.cause, SandboxBrokenError):
                raise SandboxBrokenError(str(error.cause)) from error
            raise
        except RayError as error:
            raise LostError(f"its worker was lost {tries} times ({type(error).__name__})") from error
        return cast("list[Done | Undone]", unpacked(done))


@ray.remote(num_cpus=1, scheduling_strategy="SPREAD", enable_task_events=False)
def perform(orders: Sequence[Pieces], limits: bytes) -> bytes:
    """Do the jobs in the sandbox of this process, one after the other, as many as there is time for."""
    return packed(_Here.loop().run_until_complete(do_all(_Here.sandbox(limits), orders)))


@cache
def _performing(tries: int) -> Any:
    """The task, to be done again so often when it is lost."""
    return perform.options(max_retries=tries)


async def do_all(sandbox: Sandbox, orders: Sequence[Pieces]) -> list[Done | Undone]:
    """An answer for each order, or why there is none; a single order has all the time that the sandbox gives."""
    if len(orders) == 1:
        return [await sandbox.relay(orders[0])]
    latest = _now() + _BEGIN_S
    done: list[Done | Undone] = []
    for first in range(0, len(orders), _LOT):
        if _now() > latest:
            break
        done += await _do_lot(sandbox, orders[first : first + _LOT])
    return [*done, *[Undone.LEFT] * (len(orders) - len(done))]


async def _do_lot(sandbox: Sandbox, lot: Sequence[Pieces]) -> Sequence[Done | Undone]:
    """All on one way to the child and back; where that is too much for it or takes too long, each by itself."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_WAIT_FOR_LOT_S):
            answers = await sandbox.relay_each(lot)
            if not isinstance(answers, Killed):
                return answers
    return await _do_each(sandbox, lot)


async def _do_each(sandbox: Sandbox, lot: Sequence[Pieces]) -> list[Done | Undone]:
    latest = _now() + _BEGIN_S
    done: list[Done | Undone] = []
    for order in lot:
        if done and _now() > latest:
            break
        try:
            async with asyncio.timeout(_WAIT_S):
                done.append(await sandbox.relay(order))
        except TimeoutError:
            done.append(Undone.SLOW)
    return [*done, *[Undone.LEFT] * (len(lot) - len(done))]


def _now() -> float:
    return asyncio.get_running_loop().time()


class _Here:
    """The sandbox of a task's process, which does one task after the other."""

    _loop: asyncio.AbstractEventLoop | None = None
    _sandbox: Sandbox | None = None

    @classmethod
    def loop(cls) -> asyncio.AbstractEventLoop:
        if cls._loop is None:
            cls._loop = asyncio.new_event_loop()
        return cls._loop

    @classmethod
    def sandbox(cls, packed_limits: bytes) -> Sandbox:
        if cls._sandbox is None:
            limits: Limits = unpacked(packed_limits)
            made = Sandbox(
                workers=1,
                timeout=limits.timeout,
                memory=limits.memory,
                recycle_after=limits.recycle_after,
                warm_up=limits.warm_up,
            )
            cls._sandbox = cls.loop().run_until_complete(made.__aenter__())
            # The first child is up before the first page's time begins.
            cls.loop().run_until_complete(cls._sandbox.run(int))
        return cls._sandbox
