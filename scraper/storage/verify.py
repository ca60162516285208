"""Whether everything is there and agrees: catalog, files, lines. Reads only."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import zstandard

from scraper.model.failures import StoreDamagedError, StoreUnavailableError
from scraper.storage import records
from scraper.storage.database import connect_to_read
from scraper.storage.errors import translated
from scraper.storage.layout import Layout, Part, Stream
from scraper.storage.lines import Lines, standing_file
from scraper.storage.names import unpack_id
from scraper.storage.pending import State
from scraper.storage.schema import tables
from scraper.storage.segments import Place, SegmentState

_TOLD = 20
"""So many problems of one kind are told one by one; a broken file would bury the rest otherwise."""


@dataclass(slots=True)
class Findings:
    """What a check found. No problems means that everything that was ever acknowledged is there."""

    articles: int = 0
    files: int = 0
    problems: list[str] = field(default_factory=list)
    """A sentence each."""
    notes: list[str] = field(default_factory=list)
    """What the next start puts in order by itself."""


def verify(data: Path) -> Findings:
    """Check a data directory, beside a running daemon or without one. Takes as long as reading all of it."""
    layout = Layout(data)
    found = Findings()
    try:
        connection = connect_to_read(layout.state)
    except (StoreDamagedError, StoreUnavailableError) as error:
        found.problems.append(str(error))
        if not layout.state.exists() and next((layout.root / Stream.ARTICLES).glob("date=*/part-*"), None) is not None:
            found.problems.append("There are articles all the same. Run `scraper repair` to rebuild it from them.")
        return found
    try:
        with translated(layout.state):
            # One view of the catalog throughout, whatever a daemon commits meanwhile.
            connection.execute("BEGIN")
            _check_database(connection, layout, found)
            _check_segments(connection, layout, found)
            _check_entries(connection, found)
    except (StoreDamagedError, StoreUnavailableError) as error:
        found.problems.append(str(error))
    finally:
        connection.close()
    return found


def _check_database(connection: sqlite3.Connection, layout: Layout, found: Findings) -> None:
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    if lacking := [table for table in tables() if table not in there]:
        raise StoreDamagedError(
            f"The state file {layout.state} lacks {', '.join(lacking)}. "
            "Run `scraper repair` to rebuild it from the articles."
        )
    for (answer,) in connection.execute(f"PRAGMA integrity_check({_TOLD})"):
        if answer != "ok":
            found.problems.append(f"The state file {layout.state} is damaged: {answer}.")


def _check_segments(connection: sqlite3.Connection, layout: Layout, found: Findings) -> None:
    known = set()
    lines = Lines(connection, layout)
    rows = connection.execute(
        "SELECT number, stream, date, part, state, bytes, lines FROM segments ORDER BY number"
    ).fetchall()
    for number, stream, date, part_number, state, size, count in rows:
        try:
            part = Part(stream=Stream(stream), date=date, number=part_number)
        except ValueError:
            found.problems.append(f"The catalog's row of file {number} is damaged: {stream!r} is no kind of file.")
            continue
        known |= _files(layout, part, SegmentState(state))
        if state == SegmentState.REMOVING:
            continue
        if size == 0 and not layout.open_file(part).exists():
            continue
        found.files += 1
        try:
            _check_size(standing_file(layout, part, SegmentState(state)), size, found)
            found.problems += _check_lines(connection, lines, number, (size, count))
        except (StoreDamagedError, OSError) as error:
            found.problems.append(str(error))
        found.articles += count if part.stream is Stream.ARTICLES else 0
    lines.close()
    _check_strangers(layout, known, found)


def _files(layout: Layout, part: Part, state: SegmentState) -> set[Path]:
    """The files of a part that may be there: besides its own, those that a step of upkeep is making or removing."""
    if state is SegmentState.SEALED:
        return {layout.sealed_file(part)}
    return {layout.open_file(part), layout.sealed_file(part), layout.unfinished_file(part)}


def _check_size(path: Path, size: int, found: Findings) -> None:
    if not path.exists():
        raise StoreDamagedError(f"The file {path} is missing: {size} bytes of articles.")
    actual = path.stat().st_size if path.suffix != ".zst" else _unpacked_size(path)
    if actual < size:
        found.problems.append(f"The file {path} holds {actual} bytes but {size} were saved.")
    elif actual > size:
        found.notes.append(f"The file {path} ends with {actual - size} bytes of a group that is not finished.")


def _unpacked_size(path: Path) -> int:
    size = 0
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
            while piece := reader.read(1 << 20):
                size += len(piece)
    except zstandard.ZstdError as error:
        raise StoreDamagedError(f"The file {path} cannot be unpacked ({error}).") from error
    return size


def _check_lines(
    connection: sqlite3.Connection, lines: Lines, segment: int, expected: tuple[int, int]
) -> Iterator[str]:
    """Every row has its line, every byte its row; `expected` are the bytes and lines of the whole file."""
    path = lines.file(segment)
    rows = connection.execute(
        "SELECT offset, length, id, revision FROM articles WHERE segment = ? "
        "UNION ALL SELECT offset, length, NULL, NULL FROM raw WHERE segment = ? ORDER BY offset",
        (segment, segment),
    )
    end = told = seen = 0
    for offset, length, identity, revision in rows:
        problem = None
        # The first record of a WARC file is about the file itself.
        if offset != end and not (identity is None and seen == 0):
            problem = f"The bytes {end} to {offset} of {path} belong to no article."
        elif identity is not None:
            problem = _check_line(lines, Place(segment=segment, offset=offset, length=length), identity, revision)
        if problem is not None and told < _TOLD:
            told += 1
            yield problem
        end = offset + length
        seen += 1
    if (end, seen) != expected:
        yield (
            f"The catalog knows {seen} lines and {end} bytes of {path}, "
            f"but {expected[1]} lines and {expected[0]} bytes were saved."
        )


def _check_line(lines: Lines, place: Place, identity: bytes | str, revision: int) -> str | None:
    try:
        article = records.decode(lines.read(place))
    except StoreDamagedError as error:
        return str(error)
    except ValueError as error:
        return f"The line at {place.offset} of {lines.file(place.segment)} is not an article ({error})."
    expected = unpack_id(identity)
    if (article.id, article.revision) != (expected, revision):
        return f"The line at {place.offset} of {lines.file(place.segment)} is not article {expected}."
    return None


def _check_strangers(layout: Layout, known: set[Path], found: Findings) -> None:
    for stream in Stream:
        for path in sorted((layout.root / stream).glob("date=*/*part-*")):
            if path not in known:
                found.problems.append(f"The catalog does not know the file {path}.")


_AGREEMENTS = {
    "stories are kept but have no article": (
        "SELECT count(*) FROM entries e WHERE state = :kept AND NOT EXISTS "
        "(SELECT 1 FROM articles a WHERE a.entry = e.number AND a.copy = 0)"
    ),
    "stories wait but are not in the queue": (
        "SELECT count(*) FROM entries e WHERE state = :pending AND NOT EXISTS "
        "(SELECT 1 FROM pending p WHERE p.entry = e.number)"
    ),
    "stories are in the queue but unknown": (
        "SELECT count(*) FROM pending p WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.number = p.entry)"
    ),
    "articles are saved twice": (
        "SELECT count(*) FROM (SELECT 1 FROM articles WHERE copy = 0 GROUP BY id, revision HAVING count(*) > 1)"
    ),
    "names lead nowhere": (
        "SELECT count(*) FROM (SELECT entry FROM names UNION ALL SELECT entry FROM recent_names) n "
        "WHERE NOT EXISTS (SELECT 1 FROM entries e WHERE e.number = n.entry)"
    ),
}


def _check_entries(connection: sqlite3.Connection, found: Findings) -> None:
    values = {"kept": State.KEPT, "pending": State.PENDING}
    for what, sql in _AGREEMENTS.items():
        (count,) = connection.execute(sql, values).fetchone()
        if count:
            found.problems.append(f"{count} {what}.")
