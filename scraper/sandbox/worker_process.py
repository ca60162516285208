"""One worker as the daemon sees it: a socket, a job at a time, and what became of the process."""

import asyncio
import os
import pickle
import signal
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from scraper.sandbox import wire
from scraper.sandbox.nursery_process import NurseryProcess
from scraper.sandbox.patience import RunQueue, Watch

REPLY_LIMIT = 64_000_000
"""Bytes of an answer; of a longer one so much is read that it can be told."""
_START_SECONDS = 60.0
"""How long imports may take on a busy machine before a start is given up."""
_KEPT_ASIDE = 8_000_000
"""So many bytes of buffers a worker's file keeps room for; what is beyond goes back to the system after the job."""
_FIRST = 65_536
"""Most answers are no longer, and come whole."""
_MOST_AT_ONCE = 1_000_000


@dataclass(frozen=True, slots=True)
class Order:
    """Jobs as they travel."""

    payload: bytes | memoryview
    buffers: Sequence[memoryview] = ()
    """What is not in the pickle but beside it."""
    jobs: int = 1

    @classmethod
    def of(cls, call: tuple[Any, ...], jobs: int = 1) -> "Order":
        """An order to make a call, given as function, arguments and named arguments."""
        if not wire.HAS_FILES:
            return cls(pickle.dumps(call, pickle.HIGHEST_PROTOCOL), jobs=jobs)
        buffers: list[pickle.PickleBuffer] = []
        payload = pickle.dumps(call, pickle.HIGHEST_PROTOCOL, buffer_callback=buffers.append)
        return cls(payload, [buffer.raw() for buffer in buffers], jobs)


class WorkerProcess:
    """One child and the socket to it."""

    def __init__(self, nursery: NurseryProcess) -> None:
        self._loop = asyncio.get_running_loop()
        self.nursery = nursery
        self.number, self._socket = nursery.spawn()
        self.jobs = 0
        self.spent_ns = 0
        self.worn = False
        self._queue = RunQueue(None)
        self._aside: int | None = None
        """The file for what its jobs hold of buffers."""

    async def ready(self) -> bool:
        """Whether it came up."""
        try:
            async with asyncio.timeout(_START_SECONDS):
                came = await self._come(b"", wire.READY.size)
        except (OSError, EOFError, TimeoutError):
            return False
        self._queue = RunQueue(*wire.READY.unpack(came))
        return True

    async def ask(self, order: Order, limit: float, overdue: Callable[[], None]) -> tuple[wire.Answer, bytes] | None:
        """The worker's answer to an order; None when it ended instead.

        `overdue` is called once it has had `limit` seconds to itself between the job's last byte and the answer's
        first: before and after that it may be waiting for us.
        """
        self.jobs += order.jobs
        try:
            await self._send(order)
            watch = Watch(self._queue, limit, overdue)
            try:
                came = await self._come(b"", wire.FRAME.size)
            finally:
                watch.end()
            length, flags, spent = wire.FRAME.unpack_from(came)
            self.spent_ns += spent
            self.worn = bool(flags & wire.Flag.WORN)
            body = await self._come(came[wire.FRAME.size :], min(length, REPLY_LIMIT + 1))
            if self._aside is not None and sum(buffer.nbytes for buffer in order.buffers) > _KEPT_ASIDE:
                os.truncate(self._aside, 0)
        except (OSError, EOFError):
            return None
        return wire.Answer(flags & wire.ANSWER_MASK), body

    async def _send(self, order: Order) -> None:
        body, files = order.payload, []
        head = wire.FRAME.pack(len(body), 0, 0)
        if order.buffers:
            if self._aside is None:
                self._aside = wire.new_file()
                files = [self._aside]
            sizes = wire.put_aside(self._aside, order.buffers)
            head = wire.FRAME.pack(len(sizes) + len(body), wire.Flag.ASIDE, 0) + sizes
        # It waits for a job, so all that was sent to it before was read, and there is room for the beginning.
        sent = socket.send_fds(self._socket, [head, body], files) if files else self._socket.sendmsg([head, body])
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
            part = await self._loop.sock_recv(self._socket, min(max(_FIRST, count - size), _MOST_AT_ONCE))
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
        if self._aside is not None:
            os.close(self._aside)
            self._aside = None
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
