"""The daemon's side: hands jobs to workers, one at a time each, and replaces the ones that fail."""

import asyncio
import pickle
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, ParamSpec, Self, TypeVar

from scraper.sandbox import wire
from scraper.sandbox.nursery_process import NurseryProcess
from scraper.sandbox.outcomes import Answered, Killed, Raised, SandboxBrokenError
from scraper.sandbox.patience import bound
from scraper.sandbox.worker import each, relayed
from scraper.sandbox.worker_process import REPLY_LIMIT, Order, WorkerProcess

P = ParamSpec("P")
T = TypeVar("T")

Pieces = Sequence[bytes | memoryview | pickle.PickleBuffer]
"""A pickle, and behind it the buffers that were left out of it."""

_STARTS = 3


class Sandbox:
    """A pool of killable workers. Use as an async context manager, from one event loop.

    `workers` jobs run at once. A job that takes longer than `timeout` or more than `memory` bytes above an idle
    worker is ended, and only its worker with it; a worker is replaced after `recycle_after` jobs, or when it has
    kept more than half of `memory`. Time for which a worker waited for a processor does not count against it, where
    the system tells it; a job that is not done in six times `timeout` all the same is ended as one that met overload.
    `warm_up`, a top-level function, is called once in the process from which all workers are forked: it imports what
    jobs need, so that no worker pays for it. It must start no threads.
    """

    def __init__(
        self,
        *,
        workers: int,
        timeout: timedelta,
        memory: int,
        recycle_after: int,
        warm_up: Callable[[], None] | None = None,
    ) -> None:
        if workers < 1 or recycle_after < 1 or memory < 1 or timeout <= timedelta():
            raise ValueError("workers, timeout, memory and recycle_after must be positive")
        self._timeout = timeout.total_seconds()
        self._bound = bound(self._timeout)
        self._memory = memory
        self._recycle_after = recycle_after
        self._warm_up = warm_up
        self._slots = asyncio.Semaphore(workers)
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
        self._nursery: NurseryProcess | None = None
        self._open = False
        self._spent_ns = 0

    @property
    def cpu_seconds(self) -> float:
        """CPU time that the jobs which gave an answer took, without their way there and back."""
        return self._spent_ns / 1e9

    async def __aenter__(self) -> Self:
        # The imports begin now; the first job waits for them, not the caller.
        self._nursery = NurseryProcess(self._memory, self._warm_up)
        self._open = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self._open = False
        for worker in [*self._idle, *self._busy]:
            worker.nursery.kill(worker.number)
        for worker in self._idle:
            worker.close()
        self._idle.clear()
        if self._nursery is not None:
            await self._nursery.close()

    async def run(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | Killed | Raised:
        """Run a top-level function in a worker; arguments and result are pickled.

        Waits while all workers are busy; the timeout counts from the moment the job was handed over. When the
        caller is cancelled the worker is killed and its place is free at once. Raises SandboxBrokenError when no
        worker can be started.
        """
        answer = await self._ask(lambda: Order.of((job, args, kwargs)))
        return opened(answer)

    async def run_each(
        self, job: Callable[..., T], calls: Sequence[tuple[Any, ...]]
    ) -> Sequence[T | Raised] | Killed | Raised:
        """Run a top-level function with one set of arguments after the other, all on one way to a worker and back.

        They have the time and the memory of one job between them: when that is not enough for all, none has an answer.
        """
        answer = await self._ask(lambda: Order.of((each, (job, calls), {}), jobs=len(calls)))
        value: Sequence[T | Raised] | Killed | Raised = opened(answer)
        return value

    async def relay(self, order: Pieces) -> Answered | Killed:
        """Run a job that another process pickled as `(job, args, kwargs)`; its answer is for `opened` there.

        The order is that pickle, and behind it the buffers that were left out of it.
        """
        return _relayed(await self.run(relayed, *map(pickle.PickleBuffer, order)))

    async def relay_each(self, orders: Sequence[Pieces]) -> list[Answered] | Killed:
        """Run several such jobs on one way to a worker and back; an answer for each, or why there is none for any."""
        answers = await self.run_each(relayed, [tuple(map(pickle.PickleBuffer, order)) for order in orders])
        if isinstance(answers, Killed | Raised):
            return Killed(detail=answers.detail)
        return [_answered(answer) for answer in answers]

    async def _ask(self, order: Callable[[], Order]) -> Answered | Killed:
        async with self._slots:
            if not self._open:
                return Killed(detail="the sandbox is closed")
            given = order()
            worker = await self._take()
            self._busy.add(worker)
            kept = overdue = False

            def expire() -> None:
                nonlocal overdue
                if not deadline.expired():
                    overdue = True
                    deadline.reschedule(0.0)

            try:
                async with asyncio.timeout(self._bound) as deadline:
                    answer = await worker.ask(given, self._timeout, expire)
                self._spent_ns += worker.take_spent()
                kept = answer is not None and self._fit(worker, *answer)
                return await self._result(worker, answer)
            except TimeoutError:
                kept = False
                if overdue:
                    return Killed(detail=f"took longer than {self._timeout:g} s")
                return Killed(detail=f"not done in {self._bound:g} s on an overloaded machine", overload=True)
            finally:
                self._busy.discard(worker)
                if kept and self._open:
                    self._idle.append(worker)
                else:
                    worker.close()

    def _fit(self, worker: WorkerProcess, answer: wire.Answer, body: bytes) -> bool:
        """Whether a worker that gave this answer may do another job."""
        sound = answer is not wire.Answer.MEMORY and len(body) <= REPLY_LIMIT
        return sound and not worker.worn and worker.jobs < self._recycle_after

    async def _result(self, worker: WorkerProcess, answer: tuple[wire.Answer, bytes] | None) -> Answered | Killed:
        if answer is None:
            return Killed(detail=await worker.obituary() if self._open else "the sandbox is closed")
        kind, body = answer
        if kind is wire.Answer.MEMORY:
            return Killed(detail=f"took more than {self._memory / 1_000_000:g} MB of memory")
        if len(body) > REPLY_LIMIT:
            return Killed(detail=f"answered with more than {REPLY_LIMIT / 1_000_000:g} MB")
        return Answered(raised=kind is wire.Answer.RAISED, body=body)

    async def _take(self) -> WorkerProcess:
        while self._idle:
            worker = self._idle.pop()
            if worker.nursery.alive:
                return worker
            worker.close()
        for _ in range(_STARTS):
            nursery = await self._living_nursery()
            worker = WorkerProcess(nursery)
            try:
                if await worker.ready():
                    return worker
            except BaseException:
                worker.close()
                raise
            worker.close()
        raise SandboxBrokenError("no worker process can be started: see the error above on standard error")

    async def _living_nursery(self) -> NurseryProcess:
        if self._nursery is None or not self._nursery.alive:
            fallen, self._nursery = self._nursery, NurseryProcess(self._memory, self._warm_up)
            if fallen is not None:
                await fallen.close()
        return self._nursery


def _relayed(answer: bytes | Raised | Killed) -> Answered | Killed:
    return answer if isinstance(answer, Killed) else _answered(answer)


def _answered(answer: bytes | Raised) -> Answered:
    if isinstance(answer, Raised):
        return Answered(raised=True, body=pickle.dumps(answer.detail))
    return Answered(raised=False, body=answer)


def opened(answer: Answered | Killed) -> Any | Killed | Raised:
    """The value of a job, or what became of it instead."""
    if isinstance(answer, Killed):
        return answer
    value = pickle.loads(answer.body)  # noqa: S301 - written by our own worker
    return Raised(detail=value) if answer.raised else value
