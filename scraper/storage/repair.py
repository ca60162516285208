"""Builds a new catalog from the articles themselves when the old one is lost or damaged. Nothing is overwritten.

An article's id is made from its key, so the rebuilt catalog knows all articles again and none is collected twice.
What the articles do not tell (feeds' states, dropped and waiting stories) is taken over from the damaged file as far
as it can be read.
"""

import contextlib
import os
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import zstandard

from scraper.model.article import Article
from scraper.model.page import Page
from scraper.storage import records, tombstones, warc
from scraper.storage.catalog import KEPT
from scraper.storage.database import Database, schema_version
from scraper.storage.disk import Disk
from scraper.storage.errors import translated
from scraper.storage.layout import Layout, Part, Stream
from scraper.storage.lock import Lock
from scraper.storage.moments import to_micros
from scraper.storage.names import name, name_of_id, pack_cluster, pack_id
from scraper.storage.pending import State
from scraper.storage.removal import NOBODY, forget
from scraper.storage.rereading import is_whole, members, whole_lines
from scraper.storage.salvage import salvage
from scraper.storage.segments import Place, SegmentState
from scraper.storage.words import Words
from scraper.urls import canonical

Fingerprint = Callable[[Article], bytes | None]


@dataclass(slots=True)
class Repaired:
    """What a repair did."""

    articles: int = 0
    files: int = 0
    removed: int = 0
    """Stories that stay removed."""
    salvaged: dict[str, int] = field(default_factory=dict)
    """Rows taken over from the damaged file: feeds, memories, stories."""
    set_aside: list[Path] = field(default_factory=list)
    """The damaged file and whatever else could not be used; nothing was deleted."""
    problems: list[str] = field(default_factory=list)


def repair(data: Path, now: datetime, fingerprint: Fingerprint = lambda _: None) -> Repaired:
    """Rebuild the catalog. `fingerprint` gives the near-duplicate judge's memory of an article, where it can.

    Raises StoreBusyError while a daemon runs there, and StoreDamagedError, with nothing changed, when a newer version
    wrote the catalog: its articles may say more than this one understands.
    """
    layout, disk, done = Layout(data), Disk(), Repaired()
    with translated(data):
        lock = Lock(layout.lock)
        lock.take(now)
        try:
            _refuse_newer(layout.state)
            aside = layout.root / f"aside-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
            disk.make_directory(aside)
            damaged = _set_state_aside(layout, aside, done)
            _Rebuilding(layout, disk, aside=aside, now=now, fingerprint=fingerprint, done=done).run(damaged)
            _sync_tree(layout, disk)
        finally:
            lock.release()
    return done


def _refuse_newer(state: Path) -> None:
    if not state.is_file():
        return
    # Nobody writes now. Without a log SQLite need not make files of its own to read.
    how = "mode=ro" if state.with_name(state.name + "-wal").exists() else "mode=ro&immutable=1"
    # Where damage goes so deep that nothing can be read, a version number means nothing.
    with (
        contextlib.suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{state.absolute().as_uri()}?{how}", uri=True)) as connection,
    ):
        connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
        schema_version(connection, state)


def _set_state_aside(layout: Layout, aside: Path, done: Repaired) -> Path | None:
    # What others derived from the old catalog goes with it; they make it anew.
    for path in [*sorted(layout.root.glob(layout.state.name + "*")), *layout.root.glob("index")]:
        path.rename(aside / path.name)
        done.set_aside.append(aside / path.name)
    # One that an interrupted repair has set aside already tells what it can tell just as well.
    return max(layout.root.glob(f"aside-*/{layout.state.name}"), default=None)


class _Rebuilding:
    def __init__(
        self, layout: Layout, disk: Disk, *, aside: Path, now: datetime, fingerprint: Fingerprint, done: Repaired
    ) -> None:
        self._layout = layout
        self._aside = aside
        self._now = now
        self._fingerprint = fingerprint
        self._done = done
        self._words = Words()
        self._ownerless = 0
        # Under another name until it is whole: a repair that is interrupted can simply be run again.
        self._unfinished = layout.root / ".state.rebuilding"
        for path in layout.root.glob(self._unfinished.name + "*"):
            path.unlink()
        self._database = Database(self._unfinished, disk)

    def run(self, damaged: Path | None) -> None:
        with self._database.transaction() as connection:
            # Rows of the rebuilt catalog get numbers that the old one never gave, whatever it was.
            first = int(self._now.timestamp() * 1000)
            connection.executemany(
                "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [("stories", first), ("articles", first)]
            )
            for stream in (Stream.ARTICLES, Stream.DUPLICATES, Stream.RAW):
                for part in self._parts(stream):
                    self._take(connection, part)
            if damaged is not None:
                self._done.salvaged = salvage(damaged, connection)
            self._bury(connection)
            if self._ownerless:
                self._done.problems.append(
                    f"{self._ownerless} raw pages belong to no article that is there; they stay in their files."
                )
            if not self._done.salvaged:
                self._done.problems.append("Feeds, dropped and waiting stories could not be taken over.")
        self._database.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._database.close()
        self._unfinished.rename(self._layout.state)

    def _bury(self, connection: sqlite3.Connection) -> None:
        """Let what was removed stay removed, as far as the damaged file did not tell of it."""
        for tombstone in tombstones.read(self._layout):
            addresses = {tombstone.key, tombstone.url}
            folded = {canonical(address) for address in addresses} - {None}
            hashes = [name_of_id(each) for each in tombstone.ids]
            hashes += [name(address) for address in addresses | folded if address]
            number = self._first_known(connection, hashes)
            if number is None:
                number = connection.execute(
                    "INSERT INTO entries (key, url, outlet, source, found_at, state) VALUES (?, ?, ?, ?, ?, ?) "
                    "RETURNING number",
                    (
                        tombstone.key,
                        None if tombstone.url == tombstone.key else tombstone.url,
                        self._words.number(connection, tombstone.outlet),
                        self._words.number(connection, tombstone.source),
                        to_micros(tombstone.found_at),
                        State.REMOVED,
                    ),
                ).fetchone()[0]
            connection.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", [(value, number) for value in hashes])
            forget(connection, [(number, tombstone.why, to_micros(tombstone.at))])
            self._done.removed += 1

    def _first_known(self, connection: sqlite3.Connection, hashes: list[int]) -> int | None:
        for value in hashes:
            row = connection.execute("SELECT entry FROM names WHERE hash = ?", (value,)).fetchone()
            if row is not None:
                return int(row[0])
        return None

    def _parts(self, stream: Stream) -> list[Part]:
        parts = set()
        for path in (self._layout.root / stream).glob("date=*/part-*"):
            number = path.name.removeprefix("part-").partition(".")[0]
            if number.isdigit():
                parts.add(Part(stream=stream, date=path.parent.name.removeprefix("date="), number=int(number)))
        return sorted(parts, key=lambda part: (part.date, part.number))

    def _take(self, connection: sqlite3.Connection, part: Part) -> None:
        opened, sealed = self._layout.open_file(part), self._layout.sealed_file(part)
        is_open = not sealed.exists()
        if opened.exists() and not is_open:
            if is_whole(sealed):
                self._move_aside(opened)
            else:
                self._move_aside(sealed)
                is_open = True
        path = opened if is_open else sealed
        number = connection.execute(
            "INSERT INTO segments (stream, date, part, state, bytes, lines, opened_at) VALUES (?, ?, ?, ?, 0, 0, ?) "
            "RETURNING number",
            (
                part.stream,
                part.date,
                part.number,
                SegmentState.OPEN if is_open else SegmentState.SEALED,
                to_micros(self._now),
            ),
        ).fetchone()[0]
        lines, size = 0, 0
        pieces = members(path) if part.stream is Stream.RAW else whole_lines(path)
        try:
            for offset, piece in pieces:
                place = Place(segment=number, offset=offset, length=len(piece))
                lines += self._take_piece(connection, part, place, piece)
                size = offset + len(piece)
        except (zstandard.ZstdError, zlib.error) as error:
            self._done.problems.append(f"The file {path} can be read only to byte {size} ({error}).")
        if is_open and path.stat().st_size > size:
            self._cut(path, size)
        connection.execute(
            "UPDATE segments SET bytes = ?, lines = ?, stored = ? WHERE number = ?",
            (size, lines, None if is_open else path.stat().st_size, number),
        )
        self._done.files += 1

    def _take_piece(self, connection: sqlite3.Connection, part: Part, place: Place, piece: bytes) -> bool:
        try:
            if part.stream is Stream.RAW:
                return self._take_page(connection, place, piece)
            self._take_article(connection, part, place, records.decode(piece))
        except (ValueError, KeyError) as error:
            self._done.problems.append(
                f"What stands at {place.offset} of a file of {part.date} cannot be read ({error})."
            )
            return False
        return True

    def _take_article(self, connection: sqlite3.Connection, part: Part, place: Place, article: Article) -> None:
        copy = part.stream is Stream.DUPLICATES
        number = self._entry(connection, article, copy=copy)
        connection.execute(
            "INSERT INTO articles (entry, id, revision, copy, segment, offset, length, saved_at, time, language, "
            "cluster) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                pack_id(article.id),
                article.revision,
                copy,
                place.segment,
                place.offset,
                place.length,
                to_micros(article.fetched_at),
                to_micros(article.published or article.found_at),
                None if article.language is None else self._words.number(connection, article.language),
                pack_cluster(article.cluster, article.id),
            ),
        )
        self._remember(connection, number, article)
        self._done.articles += not copy
        connection.execute(
            "INSERT INTO tallies VALUES (?, ?, ?, 1) ON CONFLICT DO UPDATE SET stories = stories + 1",
            (part.date, self._words.number(connection, article.outlet), "duplicate" if copy else KEPT),
        )

    def _entry(self, connection: sqlite3.Connection, article: Article, *, copy: bool) -> int:
        known = connection.execute("SELECT entry FROM names WHERE hash = ?", (name_of_id(article.id),)).fetchone()
        if known is not None:
            return int(known[0])
        number: int = connection.execute(
            "INSERT INTO entries (key, outlet, source, title, published, found_at, state, reason, decided_at) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING number",
            (
                article.url,
                self._words.number(connection, article.outlet),
                self._words.number(connection, article.source),
                article.title,
                None if article.published is None else article.published.isoformat(),
                to_micros(article.found_at),
                State.DROPPED if copy else State.KEPT,
                "duplicate" if copy else None,
                to_micros(article.fetched_at),
            ),
        ).fetchone()[0]
        addresses = {article.url, article.canonical_url, *article.pages} - {None}
        folded = {canonical(address) for address in addresses if address} - {None}
        hashes = [name_of_id(article.id), *(name(address) for address in addresses | folded if address)]
        connection.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", [(value, number) for value in hashes])
        return number

    def _remember(self, connection: sqlite3.Connection, number: int, article: Article) -> None:
        fingerprint = self._fingerprint(article)
        if fingerprint is None:
            return
        connection.execute("DELETE FROM stories WHERE number = (SELECT story FROM entries WHERE number = ?)", (number,))
        story = connection.execute(
            "INSERT INTO stories (entry, id, outlet, time, cluster, fingerprint) VALUES (?, ?, ?, ?, ?, ?)",
            (
                number,
                pack_id(article.id),
                self._words.number(connection, article.outlet),
                to_micros(article.published or article.found_at),
                pack_cluster(article.cluster, article.id),
                fingerprint,
            ),
        ).lastrowid
        connection.execute("UPDATE entries SET story = ? WHERE number = ?", (story, number))

    def _take_page(self, connection: sqlite3.Connection, place: Place, piece: bytes) -> bool:
        if place.offset == 0:
            return False  # about the file itself
        page = warc.decode(piece)
        for address in (page.url, page.requested_url):
            for form in (address, canonical(address)):
                found = (
                    None
                    if form is None
                    else connection.execute("SELECT entry FROM names WHERE hash = ?", (name(form),)).fetchone()
                )
                if found is not None:
                    return self._know_page(connection, place, page, found[0])
        self._ownerless += 1
        return self._know_page(connection, place, page, NOBODY)

    def _know_page(self, connection: sqlite3.Connection, place: Place, page: Page, entry: int) -> bool:
        connection.execute(
            "INSERT INTO raw VALUES (?, 0, ?, ?, ?, ?)",
            (entry, to_micros(page.fetched_at), place.segment, place.offset, place.length),
        )
        return True

    def _cut(self, path: Path, size: int) -> None:
        rest = self._aside / f"{path.parent.name}-{path.name}.rest"
        with path.open("rb") as file:
            file.seek(size)
            rest.write_bytes(file.read())
        os.truncate(path, size)
        self._done.set_aside.append(rest)

    def _move_aside(self, path: Path) -> None:
        target = self._aside / f"{path.parent.name}-{path.name}"
        path.rename(target)
        self._done.set_aside.append(target)


def _sync_tree(layout: Layout, disk: Disk) -> None:
    for directory, _, names in os.walk(layout.root):
        for entry in names:
            path = Path(directory, entry)
            descriptor = disk.open(path)
            try:
                disk.sync(descriptor, path)
            finally:
                os.close(descriptor)
        disk.sync_directory(Path(directory))
