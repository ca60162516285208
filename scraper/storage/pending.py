"""Work that waits: entries from the moment they are found until their verdict."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from itertools import chain, zip_longest
from typing import Any

import msgspec
import zstandard

from scraper.model.entry import Entry, Pending
from scraper.model.span import Span
from scraper.model.verdict import Deferred, DropReason, Outcome, published_in
from scraper.storage.characters import storable, storable_or_none, storable_tree
from scraper.storage.moments import from_micros, to_micros
from scraper.storage.names import name, unpack_id
from scraper.storage.naming import Names
from scraper.storage.words import Words

_PACK_FROM = 200
"""Fewer bytes than this are not worth compressing."""
_AGED = (DropReason.OUT_OF_RANGE, DropReason.TOO_OLD)
"""Reasons for which a story is taken up again when a backfill asks for it."""
_LACKING = (*_AGED, DropReason.GONE, DropReason.FETCH_FAILED)
"""Reasons that do not stand against a page that is at hand."""
KNOWN = (DropReason.DUPLICATE, DropReason.UPDATE, DropReason.SUPERSEDED, DropReason.SAME_TEXT)
"""Reasons that stand whatever the rules say: the story itself is known."""
_FIRST_LOOK = 30 * 60 * 1_000_000
_LAST_LOOK = 7 * 24 * 3600 * 1_000_000
"""In microseconds: a changed story is looked at again so long after its verdict, and so long after it was found."""


MOST_WAITING = 50_000
"""So many stories of an outlet wait at the most; what its feeds list beyond is taken in when there is room again."""


class State(IntEnum):
    """Where an entry is on its way."""

    PENDING = 0
    KEPT = 1
    DROPPED = 2
    REMOVED = 3
    """Was kept, and taken out again since: a tombstone, so that it is not collected again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """How many entries were new, and how many of these there was no room for."""

    new: int
    passed_over: int = 0


def add(
    connection: sqlite3.Connection,
    words: Words,
    names: Names,
    entries: Sequence[Entry],
    now: datetime,
    *,
    rooms: dict[str, int],
) -> Taken:
    """Take in those whose keys are not known, ready at once, as long as no more than MOST_WAITING of an outlet wait.

    A kept story of which the source says that it was changed since is looked at again. `rooms` remembers from call to
    call how many more an outlet may have at the least; where it says none, they are counted.
    """
    new = passed_over = 0
    full: set[str] = set()
    hashes = [name(entry.key) for entry in entries]
    numbers = names.entries(connection, hashes)
    for entry, hashed in zip(entries, hashes, strict=True):
        number = numbers.get(hashed)
        if number is None:
            if entry.outlet not in full and rooms.get(entry.outlet, 0) <= 0:
                rooms[entry.outlet] = MOST_WAITING - _waiting(connection, words.number(connection, entry.outlet))
            if rooms[entry.outlet] <= 0:
                full.add(entry.outlet)
                passed_over += 1
                continue
            numbers[hashed] = insert(connection, words, names, entry, now)
            rooms[entry.outlet] -= 1
            new += 1
        elif entry.updated is not None:
            _look_again(connection, number, to_micros(entry.updated), to_micros(now))
    return Taken(new=new, passed_over=passed_over)


def _waiting(connection: sqlite3.Connection, outlet: int) -> int:
    (count,) = connection.execute("SELECT count(*) FROM pending WHERE outlet = ?", (outlet,)).fetchone()
    return int(count)


def _look_again(connection: sqlite3.Connection, number: int, updated: int, now: int) -> None:
    """Have a story looked at again when it was changed after its last verdict.

    Each look waits for half as long again as the story is known, so that a source that calls everything changed at each
    poll costs a handful of requests a story, and none when it is a week old.
    """
    row = connection.execute(
        "SELECT found_at, decided_at FROM entries WHERE number = ? AND state = ? AND decided_at < ?",
        (number, State.KEPT, updated),
    ).fetchone()
    if row is None:
        return
    found, decided = row
    if now - decided >= max(_FIRST_LOOK, (decided - found) // 2) and now - found <= _LAST_LOOK:
        _reopen(connection, number, now)


def lacks_page(connection: sqlite3.Connection, number: int) -> bool:
    """Whether the entry was dropped for a reason that a page at hand takes away."""
    return _dropped_for(connection, number)[0] in _LACKING


def is_aged(connection: sqlite3.Connection, number: int, span: Span) -> bool:
    """Whether the entry was dropped only for its age, and that may be in the span: so a backfill takes it up again."""
    reason, detail = _dropped_for(connection, number)
    published = published_in(detail or "") if reason in _AGED else None
    return reason in _AGED and (published is None or span.holds(published))


def judged_before(connection: sqlite3.Connection, names: Names, keys: Sequence[str], moment: datetime) -> int:
    """How many of the keys have a verdict from before a moment."""
    numbers = names.entries(connection, [name(key) for key in keys]).values()
    sql = "SELECT count(*) FROM entries WHERE number = ? AND decided_at < ?"
    return sum(connection.execute(sql, (number, to_micros(moment))).fetchone()[0] for number in numbers)


def _dropped_for(connection: sqlite3.Connection, number: int) -> tuple[str | None, str | None]:
    """The reason for which the entry was dropped, and the detail."""
    row: tuple[str | None, str | None] | None = connection.execute(
        "SELECT reason, detail FROM entries WHERE number = ? AND state = ?", (number, State.DROPPED)
    ).fetchone()
    return row or (None, None)


def of_run(connection: sqlite3.Connection, run: int) -> int:
    """How many entries of a backfill wait for their first try, or are being tried."""
    rows = connection.execute("SELECT extra FROM pending WHERE extra IS NOT NULL AND reason IS NULL")
    return sum(_unpack(extra)[3] == run for (extra,) in rows)


def enqueue(
    connection: sqlite3.Connection,
    words: Words,
    names: Names,
    entries: Sequence[Entry],
    now: datetime,
    *,
    limit: int | None,
    span: Span,
) -> int:
    """Like `add`, for at most `limit` entries; and take up again what was dropped only for its age.

    That is left alone when it is known to have been published outside the span.
    """
    taken = 0
    for entry in entries:
        if limit is not None and taken >= limit:
            break
        number = names.entry(connection, name(entry.key))
        if number is None:
            insert(connection, words, names, entry, now)
            taken += 1
        elif is_aged(connection, number, span):
            _take_up_again(connection, words, number, entry, now)
            taken += 1
    return taken


def _take_up_again(connection: sqlite3.Connection, words: Words, number: int, entry: Entry, now: datetime) -> None:
    connection.execute(
        "UPDATE entries SET state = ?, reason = NULL, detail = NULL, decided_at = NULL, source = ? WHERE number = ?",
        (State.PENDING, words.number(connection, entry.source), number),
    )
    connection.execute(
        "INSERT INTO pending (entry, outlet, ready_at, extra) VALUES (?, ?, ?, ?)",
        (number, words.number(connection, entry.outlet), to_micros(now), _pack(entry)),
    )


def dropped_for(
    connection: sqlite3.Connection, reasons: Sequence[DropReason], *, outlet: str | None, since: datetime | None
) -> list[int]:
    """The entries that were dropped for one of the reasons, of an outlet and since a moment where these are named."""
    rows = connection.execute(
        "SELECT e.number FROM entries e JOIN words o ON o.number = e.outlet WHERE e.state = ? "
        "AND e.reason IN (SELECT value FROM json_each(?)) "
        "AND (? IS NULL OR o.text = ?) AND (? IS NULL OR e.decided_at >= ?) ORDER BY e.number",
        (State.DROPPED, json.dumps(reasons), outlet, outlet, *(2 * [None if since is None else to_micros(since)])),
    )
    return [number for (number,) in rows]


def retry(connection: sqlite3.Connection, numbers: Iterable[int], now: datetime) -> int:
    """Have dropped entries fetched and judged as if they were listed now. Returns how many will be.

    Not those whose story is known, which would be dropped for the same reason again.
    """
    count = 0
    for number in numbers:
        reopened = connection.execute(
            "UPDATE entries SET state = ?, reason = NULL, detail = NULL, decided_at = NULL, attempts = 0 "
            "WHERE number = ? AND state = ? AND reason NOT IN (?, ?, ?, ?)",
            (State.PENDING, number, State.DROPPED, *KNOWN),
        ).rowcount
        if reopened:
            connection.execute(
                "INSERT INTO pending (entry, outlet, ready_at) SELECT number, outlet, ? FROM entries WHERE number = ?",
                (to_micros(now), number),
            )
        count += reopened
    return count


def insert(connection: sqlite3.Connection, words: Words, names: Names, entry: Entry, found_at: datetime) -> int:
    """Take in one entry that is not known. Returns its number."""
    outlet = words.number(connection, entry.outlet)
    found = to_micros(found_at)
    number = connection.execute(
        "INSERT INTO entries (key, url, outlet, source, title, published, found_at, state) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            storable(entry.key),
            None if entry.url == entry.key else storable(entry.url),
            outlet,
            words.number(connection, entry.source),
            storable_or_none(entry.title),
            None if entry.published is None else entry.published.isoformat(),
            found,
            State.PENDING,
        ),
    ).lastrowid
    if number is None:
        raise AssertionError("SQLite numbers each row that it inserts")
    names.append(connection, [(name(entry.key), number)])
    connection.execute(
        "INSERT INTO pending (entry, outlet, ready_at, extra) VALUES (?, ?, ?, ?)",
        (number, outlet, found, _pack(entry)),
    )
    return number


def claim(
    connection: sqlite3.Connection, now: datetime, limit: int, lease: timedelta, *, skip: frozenset[int], each: int
) -> list[Pending]:
    """Take what is ready, at most `each` of an outlet; outlets take turns, and each one's longest ready comes first."""
    moment = to_micros(now)
    queues = [
        connection.execute(
            "SELECT entry FROM pending WHERE outlet = ? AND ready_at <= ? ORDER BY ready_at, entry LIMIT ?",
            (outlet, moment, min(limit, each)),
        ).fetchall()
        for outlet in _outlets(connection)
        if outlet not in skip
    ]
    turns = chain.from_iterable(zip_longest(*queues))
    chosen = [row[0] for row in turns if row is not None][:limit]
    until = to_micros(now + lease)
    connection.executemany(
        "UPDATE pending SET leased = 1, ready_at = ?, attempts = attempts + 1 WHERE entry = ?",
        [(until, number) for number in chosen],
    )
    return [_load(connection, number) for number in chosen]


def any_ready(connection: sqlite3.Connection, now: datetime) -> bool:
    """Whether there is something to claim; cheap, and it writes nothing."""
    soonest = next_ready(connection)
    return soonest is not None and soonest <= to_micros(now)


def next_ready(connection: sqlite3.Connection) -> int | None:
    """When the next entry may be claimed, in microseconds."""
    soonest = None
    for outlet in _outlets(connection):
        (ready,) = connection.execute("SELECT min(ready_at) FROM pending WHERE outlet = ?", (outlet,)).fetchone()
        soonest = ready if soonest is None else min(soonest, ready)
    return soonest


def release(connection: sqlite3.Connection, names: Names, keys: Sequence[str]) -> None:
    """Give claimed ones back as if they had not been claimed."""
    connection.executemany(
        "UPDATE pending SET leased = 0, attempts = max(attempts - 1, 0), "
        "ready_at = (SELECT found_at FROM entries WHERE number = entry) WHERE leased = 1 AND entry = ?",
        [(names.entry(connection, name(key)),) for key in keys],
    )


def defer(connection: sqlite3.Connection, number: int, outcome: Outcome, verdict: Deferred) -> None:
    """Put one back until later, with the reason."""
    connection.execute(
        "UPDATE pending SET leased = 0, ready_at = ?, attempts = ?, reason = ?, detail = ? WHERE entry = ?",
        (to_micros(verdict.until), outcome.pending.attempts, verdict.reason, storable(verdict.detail), number),
    )


def _outlets(connection: sqlite3.Connection) -> list[int]:
    """Outlets that have entries waiting; a step in the index each, however many entries wait."""
    rows = connection.execute(
        "WITH RECURSIVE waiting(outlet) AS (SELECT min(outlet) FROM pending UNION ALL "
        "SELECT (SELECT min(outlet) FROM pending WHERE outlet > waiting.outlet) FROM waiting "
        "WHERE waiting.outlet IS NOT NULL) SELECT outlet FROM waiting WHERE outlet IS NOT NULL"
    )
    return [row[0] for row in rows]


def _load(connection: sqlite3.Connection, number: int) -> Pending:
    row = connection.execute(
        "SELECT e.key, e.url, o.text, s.text, e.title, e.published, e.found_at, p.attempts, p.revision_of, p.extra "
        "FROM pending p JOIN entries e ON e.number = p.entry "
        "JOIN words o ON o.number = e.outlet JOIN words s ON s.number = e.source WHERE p.entry = ?",
        (number,),
    ).fetchone()
    authors, guid, content, run = _unpack(row[9])
    return Pending(
        entry=Entry(
            key=row[0],
            url=row[0] if row[1] is None else row[1],
            outlet=row[2],
            source=row[3],
            title=row[4],
            published=None if row[5] is None else datetime.fromisoformat(row[5]),
            authors=tuple(authors),
            guid=guid,
            content=content,
            run=run,
        ),
        found_at=from_micros(row[6]),
        attempts=row[7],
        revision_of=None if row[8] is None else unpack_id(row[8]),
    )


def _pack(entry: Entry) -> bytes | None:
    if not (entry.authors or entry.guid or entry.content or entry.run is not None):
        return None
    packed = msgspec.msgpack.encode(storable_tree((entry.authors, entry.guid, entry.content, entry.run)))
    # A msgpack array of three or four opens with 0x93 or 0x94, a zstd frame with 0x28.
    return packed if len(packed) < _PACK_FROM else zstandard.ZstdCompressor(level=3).compress(packed)


def _unpack(extra: bytes | None) -> Any:
    """Authors, guid, content and run; what was packed before there were runs has three parts."""
    if extra is None:
        return (), None, None, None
    if extra.startswith(zstandard.FRAME_HEADER):
        extra = zstandard.ZstdDecompressor().decompress(extra)
    authors, guid, content, *run = msgspec.msgpack.decode(extra)
    return authors, guid, content, run[0] if run else None


def waiting(connection: sqlite3.Connection, numbers: Sequence[int]) -> frozenset[int]:
    """Those of the entries that still wait for a verdict."""
    marks = ", ".join("?" * len(numbers))
    rows = connection.execute(f"SELECT entry FROM pending WHERE entry IN ({marks})", numbers)  # noqa: S608 - marks alone
    return frozenset(row[0] for row in rows)


def is_pending(connection: sqlite3.Connection, number: int) -> bool:
    """Whether the entry still waits for a verdict."""
    return connection.execute("SELECT 1 FROM pending WHERE entry = ?", (number,)).fetchone() is not None


def revisit(connection: sqlite3.Connection, names: Names, key: str, at: datetime) -> bool:
    """Have a kept story looked at again from `at` on; False when it is not kept, or waits already."""
    number = names.entry(connection, name(key))
    return number is not None and _reopen(connection, number, to_micros(at))


def _reopen(connection: sqlite3.Connection, number: int, at: int) -> bool:
    if is_pending(connection, number):
        return False
    added = connection.execute(
        "INSERT INTO pending (entry, outlet, ready_at, revision_of) "
        "SELECT e.number, e.outlet, ?, a.id FROM entries e JOIN articles a ON a.entry = e.number AND a.copy = 0 "
        "WHERE e.number = ? AND e.state = ? ORDER BY a.revision DESC LIMIT 1",
        (at, number, State.KEPT),
    )
    return added.rowcount > 0
