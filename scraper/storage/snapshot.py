"""An archive as of one moment, for whoever carries it elsewhere: the catalog's bytes, and each part's up to its end."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from scraper.model.failures import StoreDamagedError, StoreUnavailableError
from scraper.storage.database import connect_to_read
from scraper.storage.errors import translated
from scraper.storage.layout import Layout, Part, Stream
from scraper.storage.lines import standing_file, unpacked
from scraper.storage.schema import VERSION
from scraper.storage.segments import SegmentState

_PIECE = 1 << 20
_COLUMNS = "SELECT stream, date, part, state, bytes, lines, opened_at FROM segments WHERE bytes > 0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One part of the archive as of the moment."""

    part: Part
    sealed: bool
    bytes: int
    """Those that count, as they are before sealing."""
    lines: int
    opened_at: int
    """Microseconds; with the part it names a file that was never another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """A catalog that does not change any more, and the parts that it refers to."""

    layout: Layout
    catalog: Path
    version: int
    """Of the catalog's form."""
    parts: tuple[Standing, ...]

    @property
    def articles(self) -> int:
        """How many article lines there are."""
        return sum(standing.lines for standing in self.parts if standing.part.stream is Stream.ARTICLES)


@contextmanager
def snapshot(data: Path, scratch: Path) -> Iterator[Snapshot]:
    """The archive as it is now, beside whoever writes to it; the catalog is copied to `scratch` and removed at the end.

    Raises StoreUnavailableError when there is no archive or no room for the copy.
    """
    layout = Layout(data)
    with closing(connect_to_read(layout.state)) as source, translated(scratch):
        scratch.unlink(missing_ok=True)
        try:
            # What the copy refers to only ever grows, so the files can be read after it.
            with closing(sqlite3.connect(scratch)) as catalog:
                source.backup(catalog, pages=2000)
                catalog.execute("PRAGMA journal_mode=DELETE")
                parts = _standing(catalog, f"{_COLUMNS} AND state < 3 ORDER BY number")
            yield Snapshot(layout=layout, catalog=scratch, version=VERSION, parts=parts)
        finally:
            scratch.unlink(missing_ok=True)


def sealed_parts(data: Path) -> tuple[Standing, ...]:
    """The parts that never change again, the oldest first. Raises StoreUnavailableError when there is no archive."""
    layout = Layout(data)
    with closing(connect_to_read(layout.state)) as connection, translated(layout.state):
        return _standing(connection, f"{_COLUMNS} AND state IN (1, 2) ORDER BY number")


def _standing(connection: sqlite3.Connection, sql: str) -> tuple[Standing, ...]:
    return tuple(
        Standing(
            part=Part(stream=Stream(stream), date=date, number=number),
            sealed=state != SegmentState.OPEN,
            bytes=size,
            lines=lines,
            opened_at=opened_at,
        )
        for stream, date, number, state, size, lines, opened_at in connection.execute(sql)
    )


def beginning(layout: Layout, standing: Standing) -> Iterator[bytes]:
    """The bytes that count of an open part, piece by piece; it may have been sealed a moment ago.

    Raises StoreDamagedError when they are not all there.
    """
    path = standing_file(layout, standing.part, SegmentState.OPEN)
    left = standing.bytes
    with translated(path), _opened(path) as file:
        while left and (piece := file.read(min(left, _PIECE))):
            yield piece
            left -= len(piece)
    if left:
        raise StoreDamagedError(f"The file {path} lacks {left} bytes. Run `scraper verify` to see what is lost.")


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    file, _ = unpacked(path.open("rb"), path.name)
    with file:
        yield file


def sealed_bytes(layout: Layout, standing: Standing) -> bytes | None:
    """A sealed part's file whole; None when it has been removed since, as when articles are taken out of it."""
    try:
        with translated(layout.root):
            return layout.sealed_file(standing.part).read_bytes()
    except StoreUnavailableError as error:
        if isinstance(error.__cause__, FileNotFoundError):
            return None
        raise
