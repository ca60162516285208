"""How long a worker is waited for: for as long as it has had the limit to itself.

Where more processes want to run than there are processors, a job that needs a tenth of a second may take ten by the
clock. The time for which a worker was ready to run and had no processor is therefore taken off. What is left is the
time in which it ran, slept or waited for something, so that a worker that hangs has no more of it than one that spins.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable

_BOUND = 6
"""So many times the limit a job may take by the clock, however little of it the worker had."""
_LEAST_BOUND_S = 2.0
"""A job's way there and back takes some time however short the limit is."""
_SOONEST_S = 0.01
_NS = 1e9


def remaining(*, limit: float, passed: float, waited: float) -> float:
    """Seconds until a worker has had its limit, if it need not wait any more; none are left at 0 or below."""
    return limit - (passed - min(max(waited, 0.0), passed))


def bound(limit: float) -> float:
    """Seconds by the clock after which a job is given up although its worker has not had its limit."""
    return max(_BOUND * limit, _LEAST_BOUND_S)


class RunQueue:
    """Tells how long a process's first thread, which does the jobs, has waited for a processor in its life.

    Where the system does not tell (it is Linux that does), and of no process, it is no time at all.
    """

    __slots__ = ("_file",)

    def __init__(self, pid: int | None) -> None:
        self._file: int | None = None
        if pid is None:
            return
        # Held open it is cheap to read, and stays that process's own when its id is another's.
        with contextlib.suppress(OSError):
            self._file = os.open(f"/proc/{pid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)

    def waited(self) -> float:
        """Seconds so far, without a wait that has not ended yet."""
        if self._file is None:
            return 0.0
        try:
            return int(os.pread(self._file, 100, 0).split()[1]) / _NS
        except (OSError, ValueError, IndexError):
            return 0.0

    def close(self) -> None:
        """Let go of it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


class Watch:
    """Calls `overdue` once a worker has had its limit, counted from now, unless it is ended before."""

    __slots__ = ("_begun", "_limit", "_loop", "_overdue", "_queue", "_timer", "_waited")

    def __init__(self, queue: RunQueue, limit: float, overdue: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue = queue
        self._limit = limit
        self._overdue = overdue
        self._begun = self._loop.time()
        self._waited = queue.waited()
        self._timer = self._loop.call_later(limit, self._look)

    def _look(self) -> None:
        passed = self._loop.time() - self._begun
        left = remaining(limit=self._limit, passed=passed, waited=self._queue.waited() - self._waited)
        if left > 0:
            self._timer = self._loop.call_later(max(left, _SOONEST_S), self._look)
        else:
            self._overdue()

    def end(self) -> None:
        """The worker has answered, or is no longer waited for."""
        self._timer.cancel()
