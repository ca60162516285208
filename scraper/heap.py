"""Memory that was freed, given back to the system where it keeps it for the next time."""

import ctypes
from collections.abc import Callable
from contextlib import suppress


def give_back() -> None:
    """Give back what work that comes seldom has freed; some milliseconds.

    The allocator of glibc keeps what lies freed below something in use, and some 64 MB besides once large blocks were
    freed. Where there is another allocator, nothing is done.
    """
    if _trim is not None:
        _trim(0)


def _found() -> Callable[[int], int] | None:
    with suppress(OSError, AttributeError, TypeError):
        trim = ctypes.CDLL(None).malloc_trim
        trim.argtypes, trim.restype = (ctypes.c_size_t,), ctypes.c_int
        given: Callable[[int], int] = trim
        return given
    return None


_trim = _found()
