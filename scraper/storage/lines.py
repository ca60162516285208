"""Single lines out of open and sealed files."""

import sqlite3
from pathlib import Path
from typing import IO, Protocol

import zstandard

from scraper.model.failures import StoreDamagedError
from scraper.storage.layout import Layout, Part, Stream
from scraper.storage.segments import Place, SegmentState

_SKIP = 1 << 20


class Files(Protocol):
    """Where the files of an archive stand: on this machine, or somewhere else."""

    def name(self, part: Part, state: SegmentState) -> str:
        """What a person calls the file that holds a part now."""
        ...

    def open(self, part: Part, state: SegmentState) -> tuple[IO[bytes], bool]:
        """The bytes of a part as they were written, and whether one can seek in them.

        Raises FileNotFoundError when they are not there.
        """
        ...


class LocalFiles:
    """The files of a data directory."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout

    def name(self, part: Part, state: SegmentState) -> str:
        """The path."""
        return str(standing_file(self._layout, part, state))

    def open(self, part: Part, state: SegmentState) -> tuple[IO[bytes], bool]:
        """The open file as it is, a sealed one unpacked."""
        path = standing_file(self._layout, part, state)
        return unpacked(path.open("rb"), path.name)


class Lines:
    """Reads lines by place. Places of one file in rising order cost one pass through it, sealed or not."""

    def __init__(self, connection: sqlite3.Connection, layout: Layout, files: Files | None = None) -> None:
        self._connection = connection
        self._layout = layout
        self._files = files or LocalFiles(layout)
        self._segment: int | None = None
        self._file: IO[bytes] | None = None
        self._at = 0
        self._plain = False

    def read(self, place: Place) -> bytes:
        """The bytes at a place. Raises StoreDamagedError when they are not there."""
        behind = self._at > place.offset and not self._plain
        if self._segment != place.segment or self._file is None or behind:
            self._open(place.segment)
        try:
            data = self._take(place)
        except zstandard.ZstdError as error:
            self.close()
            raise StoreDamagedError(f"The file {self.name(place.segment)} cannot be read ({error}).") from error
        if len(data) != place.length:
            self.close()
            raise StoreDamagedError(
                f"The file {self.name(place.segment)} ends before the line at {place.offset}. Run `scraper verify`."
            )
        return data

    def name(self, segment: int) -> str:
        """What a person calls the file that holds a segment now."""
        return self._files.name(*self._part(segment))

    def file(self, segment: int) -> Path:
        """The path, in the data directory, of the file that holds a segment now."""
        return standing_file(self._layout, *self._part(segment))

    def _part(self, segment: int) -> tuple[Part, SegmentState]:
        row = self._connection.execute(
            "SELECT stream, date, part, state FROM segments WHERE number = ?", (segment,)
        ).fetchone()
        if row is None:
            raise StoreDamagedError(f"The catalog of {self._layout.root} names a file that it does not know.")
        return Part(stream=Stream(row[0]), date=row[1], number=row[2]), SegmentState(row[3])

    def close(self) -> None:
        """Let go of the file."""
        file, self._file, self._segment = self._file, None, None
        if file is not None:
            file.close()

    def _take(self, place: Place) -> bytes:
        if self._file is None:
            raise AssertionError("opened before")
        if self._plain:
            self._at = self._file.seek(place.offset)
        while self._at < place.offset:
            skipped = len(self._file.read(min(_SKIP, place.offset - self._at)))
            if not skipped:
                return b""
            self._at += skipped
        data = self._file.read(place.length)
        self._at += len(data)
        return data

    def _open(self, segment: int) -> None:
        self.close()
        try:
            self._file, self._plain = self._files.open(*self._part(segment))
        except FileNotFoundError:
            # It may have been sealed between the question and the opening.
            try:
                self._file, self._plain = self._files.open(*self._part(segment))
            except FileNotFoundError as error:
                raise StoreDamagedError(f"The file {self.name(segment)} is missing. Run `scraper verify`.") from error
        self._segment = segment
        self._at = 0


def standing_file(layout: Layout, part: Part, state: SegmentState) -> Path:
    """The file that holds a part: it may have been sealed since the catalog was asked for its state."""
    if state is SegmentState.OPEN and (layout.open_file(part).exists() or not layout.sealed_file(part).exists()):
        return layout.open_file(part)
    return layout.sealed_file(part)


def unpacked(file: IO[bytes], name: str) -> tuple[IO[bytes], bool]:
    """The bytes of a file of this name as they were before sealing, and whether one can seek in them."""
    if not name.endswith(".zst"):
        return file, True
    return zstandard.ZstdDecompressor().stream_reader(file, closefd=True, read_size=_SKIP), False


def size_of(path: Path) -> int:
    """Bytes of a file; 0 when there is none."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
