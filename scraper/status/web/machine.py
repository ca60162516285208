"""The machine beneath: the daemon's process, its workers, the disk. Asks the system, changes nothing."""

import shutil
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import psutil

from scraper.storage import Holder

_TOLERANCE_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process."""

    pid: int
    memory: int
    """Resident bytes."""
    cpu: float
    """Seconds of processor time so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """What the daemon runs on."""

    since: datetime | None
    """Since when a daemon, or another command, has been writing to the data directory; None when nothing does."""
    daemon: Process | None
    """Its process, where it can be seen: not across containers."""
    workers: tuple[Process, ...]
    """Processes that the daemon started."""
    disk_total: int
    disk_free: int
    load: float | None
    """Processes that wanted to run, mean of the last minute, per processor."""


def look(data: Path, holder: Holder | None) -> Machine:
    """How the machine stands now. What the system does not tell is left out."""
    disk = shutil.disk_usage(data)
    daemon, workers = _processes(holder) if holder else (None, ())
    return Machine(
        daemon=daemon,
        since=holder.started if holder else None,
        workers=workers,
        disk_total=disk.total,
        disk_free=disk.free,
        load=_load(),
    )


def _load() -> float | None:
    try:
        return psutil.getloadavg()[0] / (psutil.cpu_count() or 1)
    except OSError:
        return None


def _processes(holder: Holder) -> tuple[Process | None, tuple[Process, ...]]:
    try:
        process = psutil.Process(holder.pid)
        # A number that was given again to a younger process is not the daemon's.
        if process.create_time() > holder.started.timestamp() + _TOLERANCE_S:
            return None, ()
        own = psutil.Process().pid
        children = [child for child in process.children(recursive=True) if child.pid != own]
        return _measured(process), tuple(found for child in children if (found := _measured(child)) is not None)
    except (psutil.Error, OSError):
        # It may end, or be somebody else's, at any moment, and a service may be shown no more of /proc than processes.
        return None, ()


def _measured(process: psutil.Process) -> Process | None:
    try:
        with process.oneshot():
            times = process.cpu_times()
            return Process(pid=process.pid, memory=process.memory_info().rss, cpu=times.user + times.system)
    except psutil.Error:
        return None
