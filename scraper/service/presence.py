"""How others know that a daemon is there, alive, and what it made of its configuration: `daemon.json` in its directory.

The daemon writes the file when something changes, and touches it every few seconds, which a full disk allows too.
"""

import asyncio
import contextlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from scraper.clock import Clock
from scraper.service.notifying import Notifier

NAME = "daemon.json"
BEAT = timedelta(seconds=5)
SILENCE = timedelta(seconds=60)
"""A daemon that was not heard for this long hangs."""


class Phase(StrEnum):
    """What the daemon is at."""

    COLLECTING = "collecting"
    RELOADING = "reloading"
    STOPPING = "stopping"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a daemon says of itself."""

    pid: int
    phase: Phase
    started: datetime
    configured: datetime
    """When it last read its configuration, whether it took or refused it."""
    outlets: int
    refused: tuple[str, ...] = ()
    """Why it refused the configuration that it read then; empty when it did not."""


class Presence:
    """One daemon's word to the outside: the file in its data directory, and the service manager."""

    def __init__(self, directory: Path, notifier: Notifier, clock: Clock, status: Callable[[], str]) -> None:
        self._file = directory / NAME
        self._notifier = notifier
        self._clock = clock
        self._status = status
        self._started = self._configured = clock()
        self._phase = Phase.COLLECTING
        self._outlets = 0
        self._written = False
        self._touching: asyncio.Future[None] | None = None
        every = min(BEAT, notifier.watchdog / 3) if notifier.watchdog else BEAT
        self.every = every
        """How often `beat` is to be called."""

    def collecting(self, outlets: int, refused: Sequence[str] = ()) -> None:
        """A configuration is in force; when another was read and `refused`, the one before it."""
        self._phase, self._outlets, self._configured = Phase.COLLECTING, outlets, self._clock()
        self._write(tuple(refused))
        self._notifier.ready(self._status())

    def refused(self, faults: Sequence[str]) -> None:
        """The configuration was read again and cannot be used."""
        self._configured = self._clock()
        self._write(tuple(faults))
        self._notifier.alive(f"configuration refused, the earlier one stays in force: {'; '.join(faults)}")

    def reloading(self) -> None:
        """A new configuration is being put in force."""
        self._phase = Phase.RELOADING
        self._notifier.reloading()
        self._write()

    def stopping(self) -> None:
        """The end has begun."""
        self._phase = Phase.STOPPING
        self._notifier.stopping()
        self._write()

    def stopped(self) -> None:
        """The end was orderly."""
        if self._written:
            self._phase = Phase.STOPPED
            self._write()

    async def beat(self) -> None:
        """The loop turns."""
        self._notifier.alive(self._status())
        if self._written and (self._touching is None or self._touching.done()):
            # In a thread, for a disk can be slow, and not waited for: that the loop turns is the message.
            self._touching = asyncio.get_running_loop().run_in_executor(None, _touch, self._file)

    def _write(self, faults: tuple[str, ...] = ()) -> None:
        told = Told(
            pid=os.getpid(),
            phase=self._phase,
            started=self._started,
            configured=self._configured,
            outlets=self._outlets,
            refused=faults,
        )
        unfinished = self._file.with_name(f".{NAME}.unfinished")
        with contextlib.suppress(OSError):
            unfinished.write_text(json.dumps(asdict(told), default=datetime.isoformat) + "\n", "utf-8")
            unfinished.replace(self._file)
            self._written = True


def _touch(file: Path) -> None:
    with contextlib.suppress(OSError):
        os.utime(file)


def told(directory: Path) -> Told | None:
    """What the directory's last daemon said of itself; None when there is nothing that can be read."""
    try:
        row = json.loads((directory / NAME).read_text("utf-8"))
        return Told(
            pid=int(row["pid"]),
            phase=Phase(row["phase"]),
            started=datetime.fromisoformat(row["started"]),
            configured=datetime.fromisoformat(row["configured"]),
            outlets=int(row["outlets"]),
            refused=tuple(map(str, row["refused"])),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def silence(directory: Path, now: datetime) -> timedelta | None:
    """How long ago the directory's daemon was last heard; None when it never was."""
    try:
        heard = (directory / NAME).stat().st_mtime
    except OSError:
        return None
    return now - datetime.fromtimestamp(heard, UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether the daemon does its work, in a sentence."""

    well: bool
    detail: str


def health(directory: Path, now: datetime) -> Health:
    """Whether the daemon of the directory is alive, by what it says and when it was last heard."""
    word, quiet = told(directory), silence(directory, now)
    if word is None or quiet is None:
        return Health(well=False, detail=f"no daemon has collected into {directory} yet")
    if word.phase is Phase.STOPPED:
        return Health(well=False, detail=f"the daemon of {directory} was stopped")
    if quiet > SILENCE:
        seconds = quiet.total_seconds()
        return Health(well=False, detail=f"the daemon (pid {word.pid}) was not heard for {seconds:.0f} s")
    return Health(well=True, detail=f"{word.phase.value}, pid {word.pid}, {word.outlets} outlets")
