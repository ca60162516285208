"""Untrusted bytes read as Ray tasks: a sandbox whose workers are wherever the cluster has a processor free.

A task's process keeps a sandbox of its own, so a hostile page is killed there as it is on one machine, and costs the
cluster nothing. A task that is lost with its node is done again elsewhere.
"""

import asyncio
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import ParamSpec, Self, TypeVar, cast

import ray
import zstandard
from ray.exceptions import RayError, RayTaskError

from scraper.sandbox import Killed, Raised, Sandbox, SandboxBrokenError

P = ParamSpec("P")
T = TypeVar("T")

_PACK_FROM = 32_000
"""Longer orders are compressed: what is short enough travels with the order and not through shared memory."""
_LOST_TRIES = 16
"""So many processes may be lost with a task until the task itself is held to be why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a job may take, as for `Sandbox`."""

    timeout: timedelta
    memory: int
    recycle_after: int
    warm_up: Callable[[], None] | None = None


class TaskSandbox(Sandbox):
    """A sandbox for one event loop; how many jobs run at once is the cluster's affair."""

    def __init__(self, limits: Limits) -> None:
        super().__init__(workers=1, timeout=limits.timeout, memory=limits.memory, recycle_after=limits.recycle_after)
        self._limits = limits

    async def __aenter__(self) -> Self:
        """Nothing is started here."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Nothing is to be ended here."""

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Killed | Raised:
        """Run a top-level function in a worker somewhere; arguments and result are pickled."""
        order = _packed(pickle.dumps((job, args, kwargs), pickle.HIGHEST_PROTOCOL))
        try:
            answer = await perform.options(max_retries=_LOST_TRIES).remote(order, self._limits)
        except RayTaskError as error:
            if isinstance(error.cause, SandboxBrokenError):
                raise SandboxBrokenError(str(error.cause)) from error
            raise
        except RayError as error:
            return Killed(detail=f"its worker was lost {_LOST_TRIES} times ({type(error).__name__})")
        return cast("T | Killed | Raised", pickle.loads(_unpacked(answer)))  # noqa: S301 - written by our own worker


@ray.remote(num_cpus=1, scheduling_strategy="SPREAD")
def perform(order: bytes, limits: Limits) -> bytes:
    """Do one job in the sandbox of this process."""
    job, args, kwargs = pickle.loads(_unpacked(order))  # noqa: S301 - written by our own shard
    answer = _Here.loop().run_until_complete(_Here.sandbox(limits).run(job, *args, **kwargs))
    return _packed(pickle.dumps(answer, pickle.HIGHEST_PROTOCOL))


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
    def sandbox(cls, limits: Limits) -> Sandbox:
        if cls._sandbox is None:
            made = Sandbox(
                workers=1,
                timeout=limits.timeout,
                memory=limits.memory,
                recycle_after=limits.recycle_after,
                warm_up=limits.warm_up,
            )
            cls._sandbox = cls.loop().run_until_complete(made.__aenter__())
        return cls._sandbox


def _packed(data: bytes) -> bytes:
    return zstandard.ZstdCompressor(level=1).compress(data) if len(data) > _PACK_FROM else data


def _unpacked(data: bytes) -> bytes:
    # A pickle opens with 0x80, a zstd frame with 0x28.
    return zstandard.ZstdDecompressor().decompress(data) if data.startswith(zstandard.FRAME_HEADER) else data
