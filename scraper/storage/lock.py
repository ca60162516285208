"""One writer to a data directory."""

import contextlib
import fcntl
import os
import re
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scraper.model.failures import StoreBusyError, StoreGoneError
from scraper.storage.layout import Layout

_PID = re.compile(r"pid (\d+),")
_HOLDER = re.compile(r"pid (\d{1,10}), started (\S+)")
_PATIENCE_WITH_THE_DEAD = 10.0
_PATIENCE_WITH_OURSELVES = 2.0
_PAUSE = 0.02
"""Seconds."""


class Lock:
    """Held from `take` to `release`, or until the process ends, however it ends: a stale one cannot block.

    The kernel holds it (flock), so the file's presence means nothing; its text is for people.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def take(self, now: datetime) -> None:
        """Take it, or raise StoreBusyError that names who has it and since when."""
        waited = 0.0
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        while not _locked(descriptor):
            holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
            if waited >= _patience_with(holder):
                os.close(descriptor)
                who = holder or "another process"
                raise StoreBusyError(f"The data directory {self._path.parent} is in use by {who}.")
            time.sleep(_PAUSE)
            waited += _PAUSE
        self._descriptor = descriptor
        # Who writes is told for convenience: a full disk must not keep the reason from being seen elsewhere.
        with contextlib.suppress(OSError):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, f"pid {os.getpid()}, started {now.isoformat(timespec='seconds')}\n".encode(), 0)
        # A forked child would hold the lock beyond our end.
        os.register_at_fork(after_in_child=self._forget)

    def check(self) -> None:
        """Raise StoreGoneError when the lock that we hold is not the directory's any more.

        A deleted directory takes what is written to its open files with it, and no write says so.
        """
        if self._descriptor is None:
            return
        try:
            is_ours = os.path.samestat(self._path.stat(), os.fstat(self._descriptor))
        except (FileNotFoundError, NotADirectoryError):
            is_ours = False
        except OSError:
            # A disk that cannot answer is not a directory that is gone.
            return
        if not is_ours:
            raise StoreGoneError(
                f"The data directory {self._path.parent} was deleted, moved or replaced while this process wrote "
                "there; nothing more can be saved."
            )

    def release(self) -> None:
        """Let others in."""
        self._forget()

    def _forget(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            with contextlib.suppress(OSError):
                os.close(descriptor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The process that writes in a data directory."""

    pid: int
    started: datetime


def holder(directory: Path) -> Holder | None:
    """The process that writes to the data directory and since when; None when none does or it cannot be told."""
    pid = writer(directory)
    if pid is None:
        return None
    try:
        told = _HOLDER.match(Layout(directory).lock.read_text("utf-8", "replace"))
        return Holder(pid=pid, started=datetime.fromisoformat(told[2])) if told else None
    except (OSError, ValueError):
        return None


def writer(directory: Path) -> int | None:
    """The id of the process that writes to the data directory, as the kernel knows; None when none does or tells."""
    try:
        descriptor = os.open(Layout(directory).lock, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        named = _PID.match(os.pread(descriptor, 200, 0).decode(errors="replace"))
        return int(named[1]) if named else None
    finally:
        os.close(descriptor)
    return None


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _patience_with(holder: str) -> float:
    """How long to wait for whom the lock's text names."""
    if not _lives(holder):
        # A child that it had just forked may still be about to let go, for long where there is much else to do.
        return _PATIENCE_WITH_THE_DEAD
    # When we let go ourselves a moment ago, somebody may just be looking whether we did.
    return _PATIENCE_WITH_OURSELVES if holder.startswith(f"pid {os.getpid()},") else 0.0


def _lives(holder: str) -> bool:
    """Whether the process that the lock's text names is there; a text that names none is believed."""
    named = _PID.match(holder)
    if named is None:
        return True
    try:
        os.kill(int(named[1]), 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True
