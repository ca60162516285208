"""The child that runs jobs, one after the other, until its socket closes or it is killed."""

import contextlib
import gc
import os
import pickle
import resource
import socket
import sys
import time
from typing import NoReturn

from scraper.sandbox import wire

_DETAIL_LIMIT = 500
_STATM = "/proc/self/statm"
_PAGE = resource.getpagesize()


def work(sock: socket.socket, memory: int) -> NoReturn:
    """Serve jobs from `sock`; never returns. `memory` is how many bytes beyond the present it may take."""
    idle_size, idle_resident = _sizes()
    if idle_size:
        # Elsewhere than on Linux the limit is not enforced by the system; the deadline still is.
        _limit(resource.RLIMIT_AS, idle_size + memory)
    _limit(resource.RLIMIT_CORE, 0)
    with contextlib.suppress(OSError):
        sock.sendall(wire.READY.pack(os.getpid()))
        while (payload := _receive(sock)) is not None:
            begun = time.process_time_ns()
            answer, body = _perform(payload)
            spent = time.process_time_ns() - begun
            del payload
            worn = _sizes()[1] - idle_resident > memory // 2
            head = wire.FRAME.pack(len(body), answer | (wire.Flag.WORN if worn else wire.Flag.NONE), spent)
            for piece in wire.pieces(head, body):
                sock.sendall(piece)
            del body, piece
    os._exit(0)


def _perform(payload: bytearray) -> tuple[wire.Answer, bytes]:
    try:
        job, args, kwargs = pickle.loads(payload)  # noqa: S301 - the pool is the only writer of this socket
        return wire.Answer.RESULT, pickle.dumps(job(*args, **kwargs), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        gc.collect()
        return wire.Answer.MEMORY, pickle.dumps("")
    except BaseException as error:  # noqa: BLE001 - whatever a job raises is its answer
        return wire.Answer.RAISED, pickle.dumps(_describe(error))


def _describe(error: BaseException) -> str:
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - even its text may fail
        message = "(no message)"
    kind = type(error).__name__
    return (f"{kind}: {message}" if message else kind)[:_DETAIL_LIMIT]


def _receive(sock: socket.socket) -> bytearray | None:
    header = _exactly(sock, wire.FRAME.size)
    if header is None:
        return None
    return _exactly(sock, wire.FRAME.unpack(header)[0])


def _exactly(sock: socket.socket, count: int) -> bytearray | None:
    data = bytearray(count)
    view = memoryview(data)
    while view:
        got = sock.recv_into(view)
        if not got:
            return None
        view = view[got:]
    return data


def _sizes() -> tuple[int, int]:
    """Bytes of address space and of resident memory; zeros where the system does not tell."""
    try:
        with open(_STATM, "rb", buffering=0) as statm:  # noqa: PTH123 - asked after every job
            size, resident = statm.read(100).split()[:2]
    except OSError:
        return 0, 0
    return int(size) * _PAGE, int(resident) * _PAGE


def _limit(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(kind, (value, value))


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends (Linux); leave at once if that has happened."""
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - needed on Linux alone, and only in the children

        pr_set_pdeathsig, sigkill = 1, 9
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, sigkill, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
