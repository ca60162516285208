"""Taking articles out again: by age or by hand, everywhere, with a tombstone so that they are not collected again.

An article is gone for every reader as soon as it is marked. Its bytes follow: the file is written anew without them,
the catalog moves over to the new file in one transaction, and the old one is removed.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, time, timedelta

from scraper.storage import tombstones
from scraper.storage.database import Database
from scraper.storage.disk import Disk
from scraper.storage.layout import Layout, Part, Stream
from scraper.storage.lines import Lines
from scraper.storage.moments import from_micros, to_micros
from scraper.storage.names import unpack_id
from scraper.storage.pending import State
from scraper.storage.segments import Place, Segments, SegmentState
from scraper.storage.tombstones import Tombstone

_BATCH = 4 << 20
"""Bytes that are written in one step."""
REMOVED_COPY = 2
"""What stands in `copy` of a line that no longer counts but whose bytes are still there."""


NOBODY = 0
"""What stands for the entry of a raw page whose story was lost before a repair."""


class Remover:
    """Removes articles. `step` does the slow part, a piece at a time."""

    def __init__(self, database: Database, segments: Segments, layout: Layout, disk: Disk) -> None:
        self._database = database
        self._segments = segments
        self._layout = layout
        self._disk = disk
        self._work: Iterator[None] | None = None
        self._expired_on: datetime | None = None

    def mark(self, entries: Sequence[int], why: str, now: datetime) -> None:
        """Let the articles of some entries count no more; what remains is that they were here, and why they went."""
        tombstones.append(self._layout, self._disk, list(_tombstones(self._database.connection, entries, why, now)))
        with self._database.transaction() as connection:
            forget(connection, [(number, why, to_micros(now)) for number in entries])
        # The words of single texts cannot be taken out of it; the next search makes it anew.
        for path in sorted(self._layout.root.glob(f"{self._layout.search.name}*")):
            self._disk.remove(path)

    def expire(self, default_days: int | None, outlet_days: Mapping[str, int], now: datetime) -> int:
        """Mark what has been kept for its days, once a UTC day. Returns how many stories went."""
        today = datetime.combine(now.astimezone(UTC).date(), time(tzinfo=UTC))
        if self._expired_on == today or (default_days is None and not outlet_days):
            return 0
        cutoffs = [(outlet, to_micros(today - timedelta(days=days))) for outlet, days in outlet_days.items()]
        default = -(1 << 62) if default_days is None else to_micros(today - timedelta(days=default_days))
        connection = self._database.connection
        connection.execute("CREATE TEMP TABLE IF NOT EXISTS cutoffs (outlet TEXT PRIMARY KEY, moment INTEGER)")
        connection.execute("DELETE FROM cutoffs")
        connection.executemany("INSERT INTO cutoffs VALUES (?, ?)", cutoffs)
        # Whole days go, so that a file is written anew at most once for each number of days that is in use.
        rows = connection.execute(
            "SELECT t.entry FROM (SELECT entry, saved_at FROM articles WHERE copy < ? "
            "UNION ALL SELECT entry, fetched_at FROM raw WHERE place >= 0) t "
            "JOIN entries e ON e.number = t.entry JOIN words w ON w.number = e.outlet "
            "LEFT JOIN cutoffs c ON c.outlet = w.text "
            "GROUP BY t.entry HAVING max(t.saved_at) < coalesce(max(c.moment), ?)",
            (REMOVED_COPY, default),
        )
        expired = [row[0] for row in rows]
        with self._database.transaction() as writing:
            writing.execute(
                "UPDATE raw SET place = -1 - place WHERE entry = ? AND place >= 0 AND fetched_at < ?", (NOBODY, default)
            )
        if expired:
            self.mark(expired, "it was kept for its days", now)
        self._expired_on = today
        return len(expired)

    def step(self, now: datetime) -> bool:
        """Do a piece of the work on files. Returns whether there is more."""
        if self._work is None:
            self._work = self._unfinished() or self._next(now)
            if self._work is None:
                return False
        try:
            next(self._work)
        except StopIteration:
            self._work = None
        except BaseException:
            self._work = None
            raise
        return True

    def close(self) -> None:
        """Leave the work where it is; it begins anew at the next start."""
        self._work = None

    def _unfinished(self) -> Iterator[None] | None:
        """The rest of a removal that the disk refused to end."""
        row = self._database.connection.execute(
            "SELECT number, stream, date, part FROM segments WHERE state = ? LIMIT 1", (SegmentState.REMOVING,)
        ).fetchone()
        if row is None:
            return None
        finish(self._database, self._layout, self._disk, row[0], _part(row))
        return iter(())

    def _next(self, now: datetime) -> Iterator[None] | None:
        for table, condition in (("articles", f"copy = {REMOVED_COPY}"), ("raw", "place < 0")):
            row = self._database.connection.execute(
                f"SELECT s.number, s.stream, s.date, s.part FROM {table} t JOIN segments s ON s.number = t.segment "  # noqa: S608 - ours
                f"WHERE {condition} LIMIT 1"
            ).fetchone()
            if row is not None:
                return self._rewrite(row[0], _part(row), table, now)
        return None

    def _rewrite(self, number: int, part: Part, table: str, now: datetime) -> Iterator[None]:
        self._segments.leave(number)
        self._clear_failed(part)
        stays = "place >= 0" if table == "raw" else f"copy < {REMOVED_COPY}"
        rows = self._database.connection.execute(
            f"SELECT offset, length FROM {table} WHERE segment = ? AND {stays} ORDER BY offset",  # noqa: S608 - ours
            (number,),
        ).fetchall()
        moves: list[tuple[int, int, int, int]] = []
        successor, size = number, 0
        if rows:
            successor, new = self._begin(part, now)
            if part.stream is Stream.RAW:
                (first,) = self._database.connection.execute(
                    "SELECT min(offset) FROM raw WHERE segment = ?", (number,)
                ).fetchone()
                rows = [(0, first), *rows]
            for size in self._copy(number, rows, new, (successor, moves)):  # noqa: B007 - the last one counts
                yield
        with self._database.transaction() as connection:
            gone = connection.execute(f"DELETE FROM {table} WHERE segment = ? AND NOT ({stays})", (number,)).rowcount  # noqa: S608 - ours
            connection.executemany(
                f"UPDATE {table} SET segment = ?, offset = ? WHERE segment = ? AND offset = ?",  # noqa: S608 - ours
                [move for move in moves if part.stream is not Stream.RAW or move[3] >= rows[0][1]],
            )
            if rows:
                connection.execute(
                    "UPDATE segments SET bytes = ?, lines = (SELECT lines FROM segments WHERE number = ?) - ? "
                    "WHERE number = ?",
                    (size, number, gone, successor),
                )
            connection.execute("UPDATE segments SET state = ? WHERE number = ?", (SegmentState.REMOVING, number))
        yield
        self._disk_forgets(part)
        finish(self._database, self._layout, self._disk, number, part)

    def _disk_forgets(self, part: Part) -> None:
        """Remove the day's copy as Parquet, which still has what was removed; it is made anew when it is asked for."""
        if part.stream is Stream.ARTICLES:
            for path in sorted((self._layout.parquet / f"date={part.date}").glob("*"), key=lambda path: path.suffix):
                self._disk.remove(path)

    def _clear_failed(self, part: Part) -> None:
        """Remove what an earlier try, which the disk refused, has left."""
        unsettled = self._segments.unsettled()
        rows = self._database.connection.execute(
            "SELECT number, part FROM segments WHERE stream = ? AND date = ? AND state = ? AND bytes = 0",
            (part.stream, part.date, SegmentState.OPEN),
        ).fetchall()
        for number, part_number in rows:
            if number not in unsettled:
                leftover = Part(stream=part.stream, date=part.date, number=part_number)
                finish(self._database, self._layout, self._disk, number, leftover)

    def _begin(self, part: Part, now: datetime) -> tuple[int, Part]:
        with self._database.transaction() as connection:
            number, part_number = connection.execute(
                "INSERT INTO segments (stream, date, part, state, bytes, lines, opened_at) "
                "SELECT :stream, :date, max(part) + 1, :state, 0, 0, :now FROM segments "
                "WHERE stream = :stream AND date = :date RETURNING number, part",
                {"stream": part.stream, "date": part.date, "state": SegmentState.OPEN, "now": to_micros(now)},
            ).fetchone()
        return number, Part(stream=part.stream, date=part.date, number=part_number)

    def _copy(
        self,
        old: int,
        rows: Sequence[tuple[int, int]],
        new: Part,
        result: tuple[int, list[tuple[int, int, int, int]]],
    ) -> Iterator[int]:
        """Write what stays into a new file; gives the bytes written so far, and at the end the rows' new places."""
        successor, moves = result
        path = self._layout.open_file(new)
        lines = Lines(self._database.connection, self._layout)
        descriptor = self._disk.open(path)
        written, batch, pending = 0, list[bytes](), 0
        try:
            for offset, length in rows:
                batch.append(lines.read(Place(segment=old, offset=offset, length=length)))
                moves.append((successor, written + pending, old, offset))
                pending += length
                if pending >= _BATCH:
                    self._disk.write(descriptor, b"".join(batch), written, path)
                    written, pending = written + pending, 0
                    batch.clear()
                    yield written
            self._disk.write(descriptor, b"".join(batch), written, path)
            self._disk.sync(descriptor, path)
            self._disk.sync_directory(path.parent)
        finally:
            os.close(descriptor)
            lines.close()
        yield written + pending


def forget(connection: sqlite3.Connection, going: Sequence[tuple[int, str, int]]) -> None:
    """Let the articles of entries count no more: each entry with the reason and the moment in microseconds."""
    rows = [(number,) for number, _, _ in going]
    many = connection.executemany
    many(f"UPDATE articles SET copy = {REMOVED_COPY} WHERE entry = ?", rows)  # noqa: S608 - ours
    many("UPDATE raw SET place = -1 - place WHERE entry = ? AND place >= 0", rows)
    many("DELETE FROM stories WHERE number = (SELECT story FROM entries WHERE number = ?)", rows)
    many("DELETE FROM judgements WHERE entry = ?", rows)
    many("DELETE FROM pending WHERE entry = ?", rows)
    many(
        "UPDATE entries SET state = ?, reason = 'removed', detail = ?, title = NULL, story = NULL, "
        "decided_at = ? WHERE number = ?",
        [(State.REMOVED, why, moment, number) for number, why, moment in going],
    )


def _tombstones(connection: sqlite3.Connection, entries: Sequence[int], why: str, now: datetime) -> Iterator[Tombstone]:
    for number in entries:
        key, url, outlet, source, found_at = connection.execute(
            "SELECT e.key, coalesce(e.url, e.key), o.text, s.text, e.found_at FROM entries e "
            "JOIN words o ON o.number = e.outlet JOIN words s ON s.number = e.source WHERE e.number = ?",
            (number,),
        ).fetchone()
        ids = connection.execute("SELECT DISTINCT id FROM articles WHERE entry = ?", (number,)).fetchall()
        yield Tombstone(
            at=now,
            why=why,
            outlet=outlet,
            source=source,
            key=key,
            url=url,
            ids=tuple(unpack_id(row[0]) for row in ids),
            found_at=from_micros(found_at),
        )


def _part(row: tuple[int, str, str, int]) -> Part:
    return Part(stream=Stream(row[1]), date=row[2], number=row[3])


def finish(database: Database, layout: Layout, disk: Disk, number: int, part: Part) -> None:
    """Remove the files of a part that nothing refers to any more, and then its row."""
    for path in (layout.open_file(part), layout.sealed_file(part), layout.unfinished_file(part)):
        disk.remove(path)
    with database.transaction() as connection:
        connection.execute("DELETE FROM segments WHERE number = ?", (number,))


def entries_of(connection: sqlite3.Connection, numbers: Sequence[int | None]) -> list[int]:
    """Those of the entries that have articles, each once."""
    found = []
    for number in dict.fromkeys(numbers):
        row = connection.execute(
            "SELECT 1 FROM articles WHERE entry = ? AND copy < ? LIMIT 1", (number, REMOVED_COPY)
        ).fetchone()
        if number is not None and row is not None:
            found.append(number)
    return found
