"""The daemon's side: hands jobs to workers, one at a time each, and replaces the ones that fail."""

import asyncio
import contextlib
import json
import os
import pickle
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ParamSpec, Self, TypeVar

from scraper.sandbox import wire
from scraper.sandbox.outcomes import Answered, Killed, Raised, SandboxBrokenError
from scraper.sandbox.patience import RunQueue, Watch, bound

P = ParamSpec("P")
T = TypeVar("T")

_START_SECONDS = 60.0
"""How long imports may take on a busy machine before a start is given up."""
_OBITUARY_SECONDS = 2.0
"""How long a crash report waits to learn the exit status."""
_CLOSE_SECONDS = 3.0
_REPLY_LIMIT = 64_000_000
_ON_THE_WAY = 1_000_000
"""Bytes of a job that the socket shall hold, so that most are handed over at once; the system may allow less."""
_FIRST = 65_536
"""Most answers are no longer, and come whole."""
_STARTS = 3
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from scraper.sandbox.nursery import main; main()"


class _Nursery:
    """The daemon's handle on the nursery process."""

    def __init__(self, memory: int, warm_up: Callable[[], None] | None) -> None:
        self._loop = asyncio.get_running_loop()
        self._control, theirs = socket.socketpair()
        arguments = [str(theirs.fileno()), str(os.getpid()), str(memory), json.dumps(sys.path)]
        with theirs:
            # No -S, -I or -E: the children must see the same packages as we do. Numeric libraries would start a
            # thread per processor on import, which neither forks well nor helps a worker that owns one.
            self._process = subprocess.Popen(
                [sys.executable, "-c", _BOOT, *arguments],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            )
        order = pickle.dumps(warm_up)
        self._control.sendall(len(order).to_bytes(8, "little") + order)
        self._control.setblocking(False)
        self._loop.add_reader(self._control, self._listen)
        self._heard = bytearray()
        self._unsent: deque[tuple[bytes, socket.socket | None]] = deque()
        self._exits: dict[int, asyncio.Future[int]] = {}
        self._number = 0
        self.alive = True

    def spawn(self) -> tuple[int, socket.socket]:
        """Order a worker; its socket says READY when it is up, or ends."""
        self._number += 1
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ON_THE_WAY)
        self._exits[self._number] = self._loop.create_future()
        self._order(wire.SPAWN, self._number, theirs)
        return self._number, ours

    def kill(self, number: int) -> None:
        """Have a worker killed; harmless when it has already ended."""
        self._order(wire.KILL, number)
        self.forget(number)

    def forget(self, number: int) -> None:
        self._exits.pop(number, None)

    async def exit_status(self, number: int) -> int | None:
        """The waitpid status of a worker that is ending; None when it cannot be learnt soon."""
        future = self._exits.get(number)
        if future is None:
            return None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_OBITUARY_SECONDS):
                return await asyncio.shield(future)
        return None

    def _order(self, order: bytes, number: int, theirs: socket.socket | None = None) -> None:
        if not self.alive:
            if theirs is not None:
                theirs.close()
            return
        self._unsent.append((wire.ORDER.pack(order, number), theirs))
        self._send()

    def _send(self) -> None:
        """Send what the buffer takes; the rest, in its order, when the nursery has read some.

        While it imports it reads nothing, and a few hundred orders fill the buffer.
        """
        while self._unsent:
            message, theirs = self._unsent[0]
            try:
                if theirs is None:
                    sent = self._control.send(message)
                else:
                    sent = socket.send_fds(self._control, [message], [theirs.fileno()])
            except BlockingIOError:
                self._loop.add_writer(self._control, self._send)
                return
            except OSError:  # the nursery has ended, as the reader is about to learn; or no descriptor can travel
                sent = len(message)
            if theirs is not None:
                theirs.close()
            if sent < len(message):
                self._unsent[0] = (message[sent:], None)
            else:
                self._unsent.popleft()
        self._loop.remove_writer(self._control)

    def _listen(self) -> None:
        try:
            data = self._control.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._ended()
            return
        self._heard += data
        while len(self._heard) >= wire.REPORT.size:
            _, number, status = wire.REPORT.unpack_from(self._heard)
            del self._heard[: wire.REPORT.size]
            self._resolve(number, status)

    def _resolve(self, number: int, status: int) -> None:
        future = self._exits.get(number)
        if future is not None and not future.done():
            future.set_result(status)

    def _ended(self) -> None:
        self.alive = False
        self._loop.remove_reader(self._control)
        self._loop.remove_writer(self._control)
        for _, theirs in self._unsent:
            if theirs is not None:
                theirs.close()
        self._unsent.clear()
        for number in list(self._exits):
            self._resolve(number, wire.FORK_FAILED)

    async def close(self) -> None:
        """End the nursery and all its workers."""
        if self.alive:
            self._ended()
        self._control.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_SECONDS):
                while self._process.poll() is None:  # noqa: ASYNC110 - a child's end is no asyncio event
                    await asyncio.sleep(0.005)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


class _Worker:
    """One child and the socket to it."""

    def __init__(self, nursery: _Nursery) -> None:
        self._loop = asyncio.get_running_loop()
        self.nursery = nursery
        self.number, self._socket = nursery.spawn()
        self.jobs = 0
        self.spent_ns = 0
        self.worn = False
        self._queue = RunQueue(None)

    async def ready(self) -> bool:
        """Whether it came up."""
        try:
            async with asyncio.timeout(_START_SECONDS):
                came = await self._come(b"", wire.READY.size)
        except (OSError, EOFError, TimeoutError):
            return False
        self._queue = RunQueue(*wire.READY.unpack(came))
        return True

    async def ask(
        self, payload: bytes | memoryview, limit: float, overdue: Callable[[], None]
    ) -> tuple[wire.Answer, bytes] | None:
        """The worker's answer to one job; None when it ended instead.

        `overdue` is called once it has had `limit` seconds to itself between the job's last byte and the answer's
        first: before and after that it may be waiting for us.
        """
        self.jobs += 1
        try:
            await self._send(wire.FRAME.pack(len(payload), 0, 0), payload)
            watch = Watch(self._queue, limit, overdue)
            try:
                came = await self._come(b"", wire.FRAME.size)
            finally:
                watch.end()
            length, flags, spent = wire.FRAME.unpack_from(came)
            self.spent_ns += spent
            self.worn = bool(flags & wire.Flag.WORN)
            body = await self._come(came[wire.FRAME.size :], min(length, _REPLY_LIMIT + 1))
        except (OSError, EOFError):
            return None
        return wire.Answer(flags & wire.ANSWER_MASK), body

    async def _send(self, head: bytes, body: bytes | memoryview) -> None:
        try:
            sent = self._socket.sendmsg([head, body])
        except BlockingIOError:
            sent = 0
        if sent < len(head):
            await self._loop.sock_sendall(self._socket, head[sent:])
        if sent < len(head) + len(body):
            await self._loop.sock_sendall(self._socket, memoryview(body)[max(0, sent - len(head)) :])

    async def _come(self, data: bytes, count: int) -> bytes:
        """At least so many bytes, those that have come already among them. Raises EOFError when it ends before."""
        if len(data) >= count:
            return data
        parts, size = [data], len(data)
        while size < count:
            part = await self._loop.sock_recv(self._socket, min(max(_FIRST, count - size), _ON_THE_WAY))
            if not part:
                raise EOFError
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    def take_spent(self) -> int:
        """The CPU time of its answers since the last call, in nanoseconds."""
        spent, self.spent_ns = self.spent_ns, 0
        return spent

    def close(self) -> None:
        """Kill it and let go of it."""
        self._socket.close()
        self._queue.close()
        self.nursery.kill(self.number)

    async def obituary(self) -> str:
        """Why it ended by itself, in words."""
        status = await self.nursery.exit_status(self.number)
        if status is None or status == wire.FORK_FAILED:
            return "the worker ended unexpectedly"
        if os.WIFSIGNALED(status):
            number = os.WTERMSIG(status)
            try:
                name = signal.Signals(number).name
            except ValueError:
                name = f"signal {number}"
            return f"the worker crashed ({name})"
        return f"the worker ended with status {os.waitstatus_to_exitcode(status)}"


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
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._nursery: _Nursery | None = None
        self._open = False
        self._spent_ns = 0

    @property
    def cpu_seconds(self) -> float:
        """CPU time that the jobs which gave an answer took, from their first byte of input to their last of output."""
        return self._spent_ns / 1e9

    async def __aenter__(self) -> Self:
        # The imports begin now; the first job waits for them, not the caller.
        self._nursery = _Nursery(self._memory, self._warm_up)
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
        answer = await self._ask(lambda: pickle.dumps((job, args, kwargs), pickle.HIGHEST_PROTOCOL))
        return opened(answer)

    async def relay(self, order: bytes | memoryview) -> Answered | Killed:
        """Run a job that another process pickled as `(job, args, kwargs)`; its answer is for `opened` there."""
        return await self._ask(lambda: order)

    async def _ask(self, order: Callable[[], bytes | memoryview]) -> Answered | Killed:
        async with self._slots:
            if not self._open:
                return Killed(detail="the sandbox is closed")
            payload = order()
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
                    answer = await worker.ask(payload, self._timeout, expire)
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

    def _fit(self, worker: _Worker, answer: wire.Answer, body: bytes) -> bool:
        """Whether a worker that gave this answer may do another job."""
        sound = answer is not wire.Answer.MEMORY and len(body) <= _REPLY_LIMIT
        return sound and not worker.worn and worker.jobs < self._recycle_after

    async def _result(self, worker: _Worker, answer: tuple[wire.Answer, bytes] | None) -> Answered | Killed:
        if answer is None:
            return Killed(detail=await worker.obituary() if self._open else "the sandbox is closed")
        kind, body = answer
        if kind is wire.Answer.MEMORY:
            return Killed(detail=f"took more than {self._memory / 1_000_000:g} MB of memory")
        if len(body) > _REPLY_LIMIT:
            return Killed(detail=f"answered with more than {_REPLY_LIMIT / 1_000_000:g} MB")
        return Answered(raised=kind is wire.Answer.RAISED, body=body)

    async def _take(self) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.nursery.alive:
                return worker
            worker.close()
        for _ in range(_STARTS):
            nursery = await self._living_nursery()
            worker = _Worker(nursery)
            try:
                if await worker.ready():
                    return worker
            except BaseException:
                worker.close()
                raise
            worker.close()
        raise SandboxBrokenError("no worker process can be started: see the error above on standard error")

    async def _living_nursery(self) -> _Nursery:
        if self._nursery is None or not self._nursery.alive:
            fallen, self._nursery = self._nursery, _Nursery(self._memory, self._warm_up)
            if fallen is not None:
                await fallen.close()
        return self._nursery


def opened(answer: Answered | Killed) -> Any | Killed | Raised:
    """The value of a job, or what became of it instead."""
    if isinstance(answer, Killed):
        return answer
    value = pickle.loads(answer.body)  # noqa: S301 - written by our own worker
    return Raised(detail=value) if answer.raised else value
