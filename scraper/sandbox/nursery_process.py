"""The daemon's handle on the nursery: orders workers, has them killed, and hears of their ends."""

import asyncio
import contextlib
import json
import os
import pickle
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable

from scraper.sandbox import wire

_OBITUARY_SECONDS = 2.0
"""How long a crash report waits to learn the exit status."""
_CLOSE_SECONDS = 3.0
_ON_THE_WAY = 1_000_000
"""Bytes of a job that a worker's socket shall hold, so that most are handed over at once; the system may allow less."""
_BOOT = "import json, sys; sys.path[:] = json.loads(sys.argv.pop()); from scraper.sandbox.nursery import main; main()"


class NurseryProcess:
    """A started nursery. Use from the event loop that it was made in; `close` ends it with all its workers."""

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
        """Nobody will ask for this worker's exit status."""
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
