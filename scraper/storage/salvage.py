"""What can still be read of a damaged state file: feeds, verdicts, waiting stories, memories."""

import contextlib
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from scraper.storage.names import name_of_id, unpack_id
from scraper.storage.pending import State
from scraper.storage.removal import REMOVED_COPY


def salvage(damaged: Path, connection: sqlite3.Connection) -> dict[str, int]:
    """Take over what the articles themselves do not tell. Returns how many rows of what were saved.

    Goes from both ends of each table to the damage in its middle. Entries that the articles have told of already
    stay as they are.
    """
    saved: dict[str, int] = {}
    with (
        contextlib.suppress(sqlite3.Error),
        closing(sqlite3.connect(f"{damaged.absolute().as_uri()}?mode=ro", uri=True)) as old,
    ):
        words = dict(_rows(old, "words", "number, text"))
        saved["feeds"] = _copy(old, connection, "feeds")
        saved["memories"] = _copy(old, connection, "memories")
        saved["stories"] = _entries(old, connection, words)
        saved["fingerprints"] = _stories(old, connection, words)
        _judgements(old, connection)
    return saved


def _copy(old: sqlite3.Connection, new: sqlite3.Connection, table: str) -> int:
    columns = [row[1] for row in new.execute(f"PRAGMA table_info({table})")]
    marks = ", ".join("?" * len(columns))
    rows = list(_rows(old, table, ", ".join(columns)))
    new.executemany(f"INSERT OR IGNORE INTO {table} VALUES ({marks})", rows)  # noqa: S608 - names are ours
    return len(rows)


def _entries(old: sqlite3.Connection, new: sqlite3.Connection, words: dict[int, str]) -> int:
    names: dict[int, list[int]] = {}
    for value, entry in _rows(old, "names", "hash, entry"):
        names.setdefault(entry, []).append(value)
    for _, value, entry in _rows(old, "recent_names", "number, hash, entry"):
        names.setdefault(entry, []).append(value)
    columns = (
        "number, key, url, outlet, source, title, published, found_at, state, reason, detail, decided_at, attempts"
    )
    count = 0
    for row in _rows(old, "entries", columns):
        number, outlet, source = row[0], words.get(row[3]), words.get(row[4])
        hashes = names.get(number, [])
        if row[8] == State.KEPT or not hashes or outlet is None or source is None:
            continue
        known = _known(new, hashes)
        if known is not None:
            _demote(new, known, row)
            continue
        values = (*row[1:3], _word(new, outlet), _word(new, source), *row[5:])
        inserted = new.execute(
            "INSERT INTO entries (key, url, outlet, source, title, published, found_at, state, reason, detail, "
            "decided_at, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            values,
        ).lastrowid
        new.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", [(value, inserted) for value in hashes])
        if row[8] == State.PENDING:
            new.execute("INSERT INTO pending (entry, outlet, ready_at) VALUES (?, ?, ?)", (inserted, values[2], row[7]))
        count += 1
    return count


def _stories(old: sqlite3.Connection, new: sqlite3.Connection, words: dict[int, str]) -> int:
    count = 0
    for _, identity, outlet, time, cluster, fingerprint in _rows(
        old, "stories", "number, id, outlet, time, cluster, fingerprint"
    ):
        entry = _entry_of(new, identity)
        if entry is None or outlet not in words:
            continue
        if new.execute("SELECT story FROM entries WHERE number = ?", (entry,)).fetchone()[0] is None:
            story = new.execute(
                "INSERT INTO stories (entry, id, outlet, time, cluster, fingerprint) VALUES (?, ?, ?, ?, ?, ?)",
                (entry, identity, _word(new, words[outlet]), time, cluster, fingerprint),
            ).lastrowid
            new.execute("UPDATE entries SET story = ? WHERE number = ?", (story, entry))
            count += 1
    return count


def _judgements(old: sqlite3.Connection, new: sqlite3.Connection) -> None:
    columns = "entry, id, relation, cluster, of, similarity, containment, resemblance, why"
    for row in _rows(old, "judgements", columns):
        entry = _entry_of(new, row[1])
        if entry is not None:
            new.execute("INSERT OR IGNORE INTO judgements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (entry, *row[1:]))


def _entry_of(new: sqlite3.Connection, identity: bytes | str) -> int | None:
    row = new.execute("SELECT entry FROM names WHERE hash = ?", (name_of_id(unpack_id(identity)),)).fetchone()
    return None if row is None else int(row[0])


def _known(new: sqlite3.Connection, hashes: list[int]) -> int | None:
    for value in hashes:
        row = new.execute("SELECT entry FROM names WHERE hash = ?", (value,)).fetchone()
        if row is not None:
            return int(row[0])
    return None


def _demote(new: sqlite3.Connection, entry: int, row: tuple[Any, ...]) -> None:
    """Lines that are still there but did not count any more: of removed and of superseded articles."""
    copy = {State.REMOVED: REMOVED_COPY, State.DROPPED: 1}.get(row[8])
    if copy is None:
        return
    new.execute("UPDATE articles SET copy = ? WHERE entry = ?", (copy, entry))
    new.execute(
        "UPDATE entries SET state = ?, title = ?, reason = ?, detail = ?, decided_at = ? WHERE number = ?",
        (row[8], row[5], *row[9:12], entry),
    )
    if copy == REMOVED_COPY:
        new.execute("DELETE FROM stories WHERE entry = ?", (entry,))
        new.execute("UPDATE entries SET story = NULL WHERE number = ?", (entry,))
        new.execute("UPDATE raw SET place = -1 - place WHERE entry = ? AND place >= 0", (entry,))


def _word(new: sqlite3.Connection, text: str) -> int:
    new.execute("INSERT INTO words (text) VALUES (?) ON CONFLICT DO NOTHING", (text,))
    return int(new.execute("SELECT number FROM words WHERE text = ?", (text,)).fetchone()[0])


def _rows(old: sqlite3.Connection, table: str, columns: str) -> Iterator[tuple[Any, ...]]:
    """All rows that can be reached: forwards to the damage, then backwards to it."""
    seen: set[tuple[Any, ...]] = set()
    key = columns.partition(",")[0]
    for direction in ("ASC", "DESC"):
        whole = True
        try:
            rows = old.execute(f"SELECT {columns} FROM {table} ORDER BY {key} {direction}")  # noqa: S608 - names are ours
        except sqlite3.OperationalError:
            return  # an earlier version did not have it
        while True:
            try:
                row = rows.fetchone()
            except sqlite3.Error:
                whole = False
                break
            if row is None:
                break
            if row[:1] not in seen:
                seen.add(row[:1])
                yield row
        if whole:
            return
