"""The process that raises workers: it imports what jobs need once, then forks a worker in milliseconds.

It is started by exec, so it shares no threads and no locks with the daemon; it stays single-threaded, which makes
its forks safe. It alone is the parent of the workers, so killing and reaping cannot hit a reused process id. When
the daemon ends, however it ends, the control socket closes and the nursery kills its workers and leaves.
"""

import contextlib
import gc
import os
import pickle
import select
import signal
import socket
import sys
from typing import NoReturn

from scraper.sandbox import wire
from scraper.sandbox.worker import die_with_parent, work


class _Nursery:
    def __init__(self, control: socket.socket, memory: int) -> None:
        self._control = control
        self._memory = memory
        self._pids: dict[int, int] = {}
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._ringer.fileno(), warn_on_full_buffer=False)

    def serve(self) -> NoReturn:
        """Raise, kill and reap workers until the pool closes the control socket; then end with all of them."""
        while True:
            ready = select.select([self._control, self._bell], [], [])[0]
            if self._bell in ready:
                with contextlib.suppress(BlockingIOError):
                    self._bell.recv(4096)
                self._reap()
            if self._control in ready and not self._obey():
                break
        signal.set_wakeup_fd(-1)
        for pid in self._pids.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in self._pids.values():
            # Who waits for them is told their CPU time, and so is whoever waits for us.
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
        os._exit(0)

    def _obey(self) -> bool:
        try:
            data, descriptors, _, _ = socket.recv_fds(self._control, wire.ORDER.size, 1)
        except ConnectionError:  # the pool closed without reading our last reports
            return False
        if not data:
            return False
        while len(data) < wire.ORDER.size:
            data += self._control.recv(wire.ORDER.size - len(data))
        order, number = wire.ORDER.unpack(data)
        if order == wire.SPAWN and descriptors:
            self._spawn(number, socket.socket(fileno=descriptors[0]))
        elif order == wire.SPAWN:  # the system had no descriptor left for us
            self._report(number, wire.FORK_FAILED)
        elif order == wire.KILL and number in self._pids:
            os.kill(self._pids[number], signal.SIGKILL)
        return True

    def _spawn(self, number: int, sock: socket.socket) -> None:
        me = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            sock.close()
            self._report(number, wire.FORK_FAILED)
            return
        if pid:
            self._pids[number] = pid
            sock.close()
            return
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for other in (self._control, self._bell, self._ringer):
                other.close()
            die_with_parent(me)
            work(sock, self._memory)
        finally:
            os._exit(1)

    def _reap(self) -> None:
        for number, pid in list(self._pids.items()):
            done, status = os.waitpid(pid, os.WNOHANG)
            if done:
                del self._pids[number]
                self._report(number, status)

    def _report(self, number: int, status: int) -> None:
        with contextlib.suppress(OSError):
            self._control.sendall(wire.REPORT.pack(wire.EXITED, number, status))


def main() -> NoReturn:
    """Serve the pool whose control socket and process id stand in the arguments, until it closes."""
    descriptor, parent, memory = (int(word) for word in sys.argv[1:4])
    # A Ctrl-C or a service manager reaches the whole group; when workers end is the daemon's affair.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    die_with_parent(parent)
    control = socket.socket(fileno=descriptor)
    length = int.from_bytes(control.recv(8, socket.MSG_WAITALL), "little")
    warm_up = pickle.loads(control.recv(length, socket.MSG_WAITALL))  # noqa: S301 - from the pool that started us
    if warm_up is not None:
        warm_up()
    gc.collect()
    gc.freeze()  # what is imported by now is shared with every worker and never looked at again
    _Nursery(control, memory).serve()
