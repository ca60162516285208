"""Jobs for the tests: importable by name, because children import them."""

import ctypes
import os
import signal
import time


def add(a: int, b: int) -> int:
    return a + b


def pid() -> int:
    return os.getpid()


def sleep(seconds: float) -> str:
    time.sleep(seconds)
    return "awake"


def spin() -> None:
    while True:
        pass


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
