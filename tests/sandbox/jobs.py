"""Jobs for the tests: importable by name, because children import them."""

import ctypes
import os
import signal
import time
from pathlib import Path
from pickle import PickleBuffer


def add(a: int, b: int) -> int:
    return a + b


def size_of(body: bytes | PickleBuffer) -> tuple[str, int, bytes]:
    assert isinstance(body, bytes)
    return type(body).__name__, len(body), body[-1:]


def pid() -> int:
    return os.getpid()


def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "awake"


def spin() -> None:
    while True:
        pass


def wait_for_a_processor(seconds: float, rivals: int) -> str:
    """Want a processor that `rivals` want too, until so much time was spent waiting for it."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    begun = _waited()
    children = [_rival(os.getpid()) for _ in range(rivals)]
    try:
        while _waited() - begun < seconds:
            pass
    finally:
        for child in children:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return "done"


def _waited() -> float:
    return int(Path("/proc/self/schedstat").read_text().split()[1]) / 1e9


def _rival(parent: int) -> int:
    child = os.fork()
    if child:
        return child
    while os.getppid() == parent:
        pass
    os._exit(0)


def stop() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def size(data: bytes) -> int:
    return len(data)


def echo(data: bytes) -> bytes:
    return data


def fail(message: str) -> None:
    raise LookupError(message)


def leave() -> None:
    os._exit(3)


def exit_politely() -> None:
    raise SystemExit(4)


def crash() -> None:
    ctypes.string_at(0)


def swallow(count: int) -> int:
    return len(bytearray(count))


_KEPT: list[bytearray] = []


def hoard(count: int) -> int:
    _KEPT.append(bytearray(b"x" * count))
    return os.getpid()


def unpicklable() -> object:
    return lambda: None


def handlers() -> tuple[bool, bool]:
    return (
        signal.getsignal(signal.SIGINT) is signal.SIG_IGN,
        signal.getsignal(signal.SIGTERM) is signal.SIG_IGN,
    )


def parent() -> int:
    return os.getppid()


WARM = {"is": False}


def warm_up() -> None:
    WARM["is"] = True


def broken_warm_up() -> None:
    raise ImportError("nothing here")


def is_warm() -> bool:
    return WARM["is"]
