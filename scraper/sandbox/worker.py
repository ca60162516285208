"""The child that runs jobs, one after the other, until its socket closes or it is killed."""

import contextlib
import gc
import os
import pickle
import resource
import socket
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NoReturn, TypeVar

from scraper.sandbox import wire
from scraper.sandbox.outcomes import Raised

T = TypeVar("T")

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
        aside: int | None = None
        while (received := _receive(sock)) is not None:
            payload, flags, files = received
            aside = files[0] if files else aside
            answer, body, spent = _perform(payload, aside if flags & wire.Flag.ASIDE else None)
            del received, payload
            worn = _sizes()[1] - idle_resident > memory // 2
            head = wire.FRAME.pack(len(body), answer | (wire.Flag.WORN if worn else wire.Flag.NONE), spent)
            for piece in wire.pieces(head, body):
                sock.sendall(piece)
            del body, piece
    os._exit(0)


def each(job: Callable[..., T], calls: Sequence[tuple[Any, ...]]) -> list[T | Raised]:
    """Do a job with one set of arguments after the other. One that raises does not stop the others."""
    answers: list[T | Raised] = []
    for arguments in calls:
        try:
            answers.append(job(*arguments))
        except MemoryError:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a job raises is its answer
            answers.append(Raised(detail=_describe(error)))
    return answers


def relayed(order: bytes | pickle.PickleBuffer, *buffers: bytes | pickle.PickleBuffer) -> bytes:
    """The value of a job that another process pickled as `(job, args, kwargs)`, pickled for that process."""
    job, args, kwargs = pickle.loads(order, buffers=buffers)  # noqa: S301 - as trusted as what it came with
    return pickle.dumps(job(*args, **kwargs), pickle.HIGHEST_PROTOCOL)


def _perform(payload: bytearray, file: int | None) -> tuple[wire.Answer, bytes, int]:
    """Do a job: the kind of its answer, the answer, and the CPU time that the job itself took."""
    begun = ended = 0
    try:
        if file is None:
            job, args, kwargs = pickle.loads(payload)  # noqa: S301 - the pool is the only writer of this socket
        else:
            buffers, rest = wire.take_up(file, payload)
            job, args, kwargs = pickle.loads(rest, buffers=buffers)  # noqa: S301 - as above
        begun = time.process_time_ns()
        try:
            value = job(*args, **kwargs)
        finally:
            ended = time.process_time_ns()
        return wire.Answer.RESULT, pickle.dumps(value, pickle.HIGHEST_PROTOCOL), ended - begun
    except MemoryError:
        gc.collect()
        return wire.Answer.MEMORY, pickle.dumps(""), ended - begun
    except BaseException as error:  # noqa: BLE001 - whatever a job raises is its answer
        return wire.Answer.RAISED, pickle.dumps(_describe(error)), ended - begun


def _describe(error: BaseException) -> str:
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - even its text may fail
        message = "(no message)"
    kind = type(error).__name__
    return (f"{kind}: {message}" if message else kind)[:_DETAIL_LIMIT]


def _receive(sock: socket.socket) -> tuple[bytearray, int, list[int]] | None:
    """The next job, its flags and the descriptor that came with it; None at the end."""
    data, files, _, _ = socket.recv_fds(sock, wire.FRAME.size, 1)
    if not data:
        return None
    rest = _exactly(sock, wire.FRAME.size - len(data))
    if rest is None:
        return None
    length, flags, _ = wire.FRAME.unpack(data + rest)
    payload = _exactly(sock, length)
    return None if payload is None else (payload, flags, files)


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
