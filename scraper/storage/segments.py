"""Files that grow by whole groups of lines, and never by a group that is not in the catalog.

The catalog's row says how many bytes of a file count. Whatever stands beyond them is the rest of a group that was
never acknowledged: it is cut off after a failure, or at the next start.
"""

import contextlib
import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from scraper.model.failures import StoreDamagedError
from scraper.storage.database import Database
from scraper.storage.disk import Disk
from scraper.storage.errors import translated
from scraper.storage.layout import Layout, Part, Stream, day
from scraper.storage.moments import to_micros


class SegmentState(IntEnum):
    """Where a file is on its way."""

    OPEN = 0
    SWEEPING = 1
    """Sealed; the open file may still stand beside the sealed one."""
    SEALED = 2
    REMOVING = 3
    """Nothing refers to it any more; its files are to be removed."""


class Place(NamedTuple):
    """Where a line stands: offset and length in bytes, as they are before compression.

    A tuple, because one is made for each line that is written.
    """

    segment: int
    offset: int
    length: int


@dataclass(slots=True)
class _Growing:
    number: int
    part: Part
    descriptor: int
    committed: int
    staged: int = 0
    staged_lines: int = 0
    dirty: bool = False
    """Bytes may stand beyond the committed ones."""


class Segments:
    """Appends groups of lines. `append` stages, `record` syncs and belongs last in the transaction, then `accept`.

    When anything failed: `roll_back`, or `abandon` when the transaction is in doubt.
    """

    def __init__(self, database: Database, layout: Layout, disk: Disk, rotate_at: int) -> None:
        self._database = database
        self._layout = layout
        self._disk = disk
        self._rotate_at = rotate_at
        self._growing: dict[Stream, _Growing] = {}
        self._doubtful: dict[int, tuple[Part, int]] = {}

    def append(self, stream: Stream, lines: Sequence[bytes], now: datetime, preamble: bytes = b"") -> list[Place]:
        """Write lines behind the committed ones. They are not on the disk yet and do not count yet.

        `preamble` opens a file that holds nothing yet.
        """
        if not lines:
            return []
        growing = self._for(stream, now)
        path = self._layout.open_file(growing.part)
        if growing.dirty:
            self._disk.truncate(growing.descriptor, growing.committed, path)
        growing.dirty = True
        opening = b"" if growing.committed else preamble
        start = growing.committed + len(opening)
        number, places = growing.number, []
        for line in lines:
            places.append(Place(number, start, len(line)))
            start += len(line)
        self._disk.write(growing.descriptor, b"".join((opening, *lines)), growing.committed, path)
        # The disk takes them while the rows that refer to them are put in; `record` then waits the less.
        self._disk.hasten(growing.descriptor, growing.committed, start - growing.committed)
        growing.staged = start - growing.committed
        growing.staged_lines = len(lines)
        return places

    def record(self, connection: sqlite3.Connection) -> None:
        """Wait until what was appended is on the disk and let it count, within the transaction that refers to it."""
        for growing in self._growing.values():
            if growing.staged:
                path = self._layout.open_file(growing.part)
                with translated(path):
                    self._disk.sync(growing.descriptor, path)
                connection.execute(
                    "UPDATE segments SET bytes = ?, lines = lines + ? WHERE number = ?",
                    (growing.committed + growing.staged, growing.staged_lines, growing.number),
                )

    def accept(self) -> None:
        """The transaction is durable."""
        for growing in self._growing.values():
            if growing.staged:
                growing.committed += growing.staged
                growing.staged = growing.staged_lines = 0
                growing.dirty = False
        full = [stream for stream, growing in self._growing.items() if growing.committed >= self._rotate_at]
        for stream in full:
            os.close(self._growing.pop(stream).descriptor)
        # Now that a later transaction is durable, those in doubt cannot come back.
        while self._doubtful:
            self._cut(*self._doubtful.popitem()[1])

    def _cut(self, part: Part, committed: int) -> None:
        path = self._layout.open_file(part)
        with contextlib.suppress(OSError):  # the next start cuts it off
            descriptor = self._disk.open(path)
            try:
                self._disk.truncate(descriptor, committed, path)
            finally:
                os.close(descriptor)

    def roll_back(self) -> None:
        """The group was interrupted. What does not count is cut off, now or, where that fails, before the next one.

        The catalog is asked what counts: the interruption may have come right after the transaction was durable.
        """
        for growing in self._growing.values():
            growing.staged = growing.staged_lines = 0
            if growing.dirty:
                (growing.committed,) = self._database.connection.execute(
                    "SELECT bytes FROM segments WHERE number = ?", (growing.number,)
                ).fetchone()
                with contextlib.suppress(OSError):
                    self._disk.truncate(growing.descriptor, growing.committed, self._layout.open_file(growing.part))
                    growing.dirty = False

    def abandon(self) -> None:
        """The transaction is in doubt: leave the bytes that it refers to as they are and go on in new files."""
        for growing in self._growing.values():
            if growing.dirty:
                self._doubtful[growing.number] = (growing.part, growing.committed)
        self._let_go()

    def unsettled(self) -> frozenset[int]:
        """The numbers of the files that the next group may go to, and of those that a commit in doubt went to."""
        return frozenset(growing.number for growing in self._growing.values()) | self._doubtful.keys()

    def leave(self, number: int) -> None:
        """Let go of one file, so that nothing more is added to it."""
        for stream in [stream for stream, growing in self._growing.items() if growing.number == number]:
            os.close(self._growing.pop(stream).descriptor)

    def leave_days_before(self, date: str) -> None:
        """Let go of files of earlier days: nothing is added to them any more."""
        for stream in [stream for stream, growing in self._growing.items() if growing.part.date < date]:
            os.close(self._growing.pop(stream).descriptor)

    def close(self) -> None:
        """Let go of all files."""
        with contextlib.suppress(sqlite3.Error):
            self.roll_back()
        self._let_go()

    def _let_go(self) -> None:
        for growing in self._growing.values():
            os.close(growing.descriptor)
        self._growing.clear()

    def resume(self, stream: Stream, date: str) -> None:
        """Go on in the newest file of the day, if there is one that is not full."""
        row = self._database.connection.execute(
            "SELECT number, part, bytes FROM segments WHERE stream = ? AND date = ? AND state = ? "
            "ORDER BY part DESC LIMIT 1",
            (stream, date, SegmentState.OPEN),
        ).fetchone()
        if row is None or not 0 < row[2] < self._rotate_at:
            return  # one that holds nothing may not even exist; it is begun again by the first group
        part = Part(stream=stream, date=date, number=row[1])
        self._growing[stream] = _Growing(
            number=row[0], part=part, descriptor=self._disk.open(self._layout.open_file(part)), committed=row[2]
        )

    def _for(self, stream: Stream, now: datetime) -> _Growing:
        growing = self._growing.get(stream)
        if growing is not None and growing.part.date != day(now):
            os.close(self._growing.pop(stream).descriptor)
            growing = None
        if growing is None:
            growing = self._growing[stream] = self._begin(stream, now)
        return growing

    def _begin(self, stream: Stream, now: datetime) -> _Growing:
        # The row comes first, so that a start knows every file that can be there without looking for it.
        part, number, fresh = self._number(stream, now)
        directory = self._layout.directory(part)
        self._disk.make_directory(directory.parent)
        self._disk.make_directory(directory)
        path = self._layout.open_file(part)
        if fresh and path.exists():
            raise StoreDamagedError(f"The file {path} is there but the catalog does not know it. Run `scraper verify`.")
        descriptor = self._disk.open(path)
        try:
            self._disk.sync_directory(directory)
        except BaseException:
            os.close(descriptor)
            raise
        return _Growing(number=number, part=part, descriptor=descriptor, committed=0, dirty=not fresh)

    def _number(self, stream: Stream, now: datetime) -> tuple[Part, int, bool]:
        """The part to begin, its row, and whether it is a new one: one that failed to begin is taken again."""
        date = day(now)
        with self._database.transaction() as connection:
            last = connection.execute(
                "SELECT part, number, bytes FROM segments WHERE stream = ? AND date = ? ORDER BY part DESC LIMIT 1",
                (stream, date),
            ).fetchone()
            if last is not None and last[2] == 0 and last[1] not in self._doubtful:
                return Part(stream=stream, date=date, number=last[0]), last[1], False
            part = Part(stream=stream, date=date, number=1 if last is None else last[0] + 1)
            number = connection.execute(
                "INSERT INTO segments (stream, date, part, state, bytes, lines, opened_at) "
                "VALUES (?, ?, ?, ?, 0, 0, ?) RETURNING number",
                (stream, date, part.number, SegmentState.OPEN, to_micros(now)),
            ).fetchone()[0]
        return part, number, True
