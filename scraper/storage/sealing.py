"""Turns a file that no longer grows into one that never changes again: compressed whole, in small steps.

Readers never see a compressed file that still grows: it is written under a hidden name, checked, synced and then
renamed. The file is a single zstd frame, because some readers (pandas among them) stop after the first one.
"""

import hashlib
import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import zstandard

from scraper.heap import give_back
from scraper.model.failures import StoreDamagedError
from scraper.storage.database import Database
from scraper.storage.disk import Disk
from scraper.storage.layout import Layout, Part, Stream, day
from scraper.storage.segments import Segments, SegmentState

_STEP = 1 << 20
"""Bytes that one step reads: some 20 ms of compression."""
_LEVEL = 9
_WINDOW_LOG = 23
"""8 MB: what every decoder must be able to hold (RFC 8878 section 3.1.1.1.2)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealable:
    """A file that waits to be sealed."""

    number: int
    part: Part
    bytes: int


class Sealer:
    """Seals one file at a time. A step that fails leaves nothing behind that counts; the work begins anew."""

    def __init__(
        self, database: Database, segments: Segments, layout: Layout, disk: Disk, *, full: int, age: timedelta
    ) -> None:
        self._database = database
        self._segments = segments
        self._layout = layout
        self._disk = disk
        self._full = full
        self._age = age
        self._work: Iterator[None] | None = None

    def step(self, now: datetime) -> bool:
        """Do a bounded piece of work (some 50 ms). Returns whether there is more to do."""
        if self._work is None:
            self._sweep()
            sealable = self.next(now)
            if sealable is None:
                return False
            self._work = self._seal(sealable)
        try:
            next(self._work)
        except StopIteration:
            self._work = None
            give_back()
        except BaseException:
            self._work = None
            raise
        return True

    def next(self, now: datetime) -> Sealable | None:
        """The oldest file that is full, or whose day is long enough over."""
        self._segments.leave_days_before(day(now))
        rows = self._database.connection.execute(
            "SELECT number, stream, date, part, bytes FROM segments WHERE state = ? AND bytes > 0 ORDER BY number",
            (SegmentState.OPEN,),
        )
        unsettled = self._segments.unsettled()
        for number, stream, name, part, size in rows:
            over = datetime.combine(date.fromisoformat(name), time(tzinfo=UTC)) + timedelta(days=1) + self._age <= now
            if number not in unsettled and (size >= self._full or over):
                return Sealable(number=number, part=Part(stream=Stream(stream), date=name, number=part), bytes=size)
        return None

    def _seal(self, sealable: Sealable) -> Iterator[None]:
        part = sealable.part
        source = self._layout.open_file(part)
        target = self._layout.sealed_file(part)
        descriptor = self._disk.open(source)
        try:
            # A group that failed may have left bytes that could not be cut off at the time.
            self._disk.truncate(descriptor, sealable.bytes, source)
        finally:
            os.close(descriptor)
        if part.stream is Stream.RAW:
            stored = sealable.bytes
            self._disk.link(source, target)
        else:
            unfinished = self._layout.unfinished_file(part)
            digest = yield from self._compress(source, unfinished, sealable.bytes)
            yield from _compare(unfinished, digest)
            stored = unfinished.stat().st_size
            self._disk.rename(unfinished, target)
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE segments SET state = ?, stored = ? WHERE number = ?",
                (SegmentState.SWEEPING, stored, sealable.number),
            )
        self._sweep()

    def _sweep(self) -> None:
        """Remove the open files of what is sealed."""
        rows = self._database.connection.execute(
            "SELECT number, stream, date, part FROM segments WHERE state = ?", (SegmentState.SWEEPING,)
        ).fetchall()
        for number, stream, name, part in rows:
            self._disk.remove(self._layout.open_file(Part(stream=Stream(stream), date=name, number=part)))
            with self._database.transaction() as connection:
                connection.execute("UPDATE segments SET state = ? WHERE number = ?", (SegmentState.SEALED, number))

    def _compress(self, source: Path, unfinished: Path, size: int) -> Generator[None, None, bytes]:
        """Returns the digest of what was compressed; the memory that it took, some 20 MB, is free then."""
        parameters = zstandard.ZstdCompressionParameters.from_level(
            _LEVEL, window_log=_WINDOW_LOG, write_content_size=1, write_checksum=1
        )
        packer = zstandard.ZstdCompressor(compression_params=parameters).compressobj(size=size)
        digest = hashlib.blake2b()
        self._disk.remove(unfinished)
        target = self._disk.open(unfinished)
        offset = 0
        try:
            with source.open("rb") as file:
                while piece := file.read(_STEP):
                    digest.update(piece)
                    offset = self._append(target, packer.compress(piece), offset, unfinished)
                    yield
            self._append(target, packer.flush(), offset, unfinished)
            self._disk.sync(target, unfinished)
        finally:
            os.close(target)
        yield
        return digest.digest()

    def _append(self, descriptor: int, data: bytes, offset: int, path: Path) -> int:
        if data:
            self._disk.write(descriptor, data, offset, path)
        return offset + len(data)

    def close(self) -> None:
        """Leave the work where it is; it begins anew at the next start."""
        self._work = None


def _compare(path: Path, expected: bytes) -> Iterator[None]:
    # The plain file is given up for this one: it must say the same, whatever memory or disk did to it.
    digest = hashlib.blake2b()
    with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
        while piece := reader.read(_STEP):
            digest.update(piece)
            yield
    if digest.digest() != expected:
        raise StoreDamagedError(f"The file {path} does not hold what was written to it; its disk may be failing.")
