"""Feed states as rows."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec

from scraper.model.feed import TOLD_FOR, FeedKind, FeedMemory, FeedState
from scraper.storage.characters import storable_or_none
from scraper.storage.moments import from_micros, from_micros_or_none, to_micros, to_micros_or_none

_COLUMNS = (
    "url, outlet, kind, next_due, etag, last_modified, body_digest, interval, polled_at, succeeded_at, new_at, "
    "failures, failing_since, last_failure, polls, entries_found, memory"
)
_MARKS = ", ".join("?" * len(_COLUMNS.split(", ")))
_REPLACED = ", ".join(f"{column} = excluded.{column}" for column in _COLUMNS.split(", ")[1:])
_MEMORY = msgspec.msgpack.Decoder(FeedMemory)
"""Fields that an older program did not know get their defaults, those that this one does not know are passed over."""
_MICROSECOND = timedelta(microseconds=1)
_AT_ONCE = 500
"""Addresses that are asked for together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTotals:
    """The feeds of one outlet in numbers."""

    outlet: str
    feeds: int
    failing: int
    last_new: datetime | None
    """When one of them last listed something new."""
    next_due: datetime
    failure: str | None
    """What the one that has been failing longest said last."""


def register(connection: sqlite3.Connection, states: list[FeedState]) -> None:
    """Add those that are not known, and retire those that are not named."""
    named = {state.url: state for state in reversed(states)}
    known = {row[0]: row[1:] for row in connection.execute("SELECT url, outlet, kind, retired FROM feeds")}
    connection.executemany(
        f"INSERT INTO feeds ({_COLUMNS}) VALUES ({_MARKS})",  # noqa: S608 - columns and marks are ours
        [_row(state) for url, state in named.items() if url not in known],
    )
    # Whose feed it is, what stands there and whether it is asked is configuration; all else is experience.
    configured = {url: (state.outlet, state.kind.value, 0) for url, state in named.items()}
    connection.executemany(
        "UPDATE feeds SET outlet = ?, kind = ?, retired = ? WHERE url = ?",
        [(*wanted, url) for url, wanted in configured.items() if known.get(url, wanted) != wanted],
    )
    connection.executemany(
        "UPDATE feeds SET retired = 1 WHERE url = ?",
        [(url,) for url, (_, _, retired) in known.items() if not retired and url not in named],
    )


def save(connection: sqlite3.Connection, state: FeedState) -> None:
    """Replace the whole state; a feed that was retired meanwhile stays so."""
    connection.execute(
        f"INSERT INTO feeds ({_COLUMNS}) VALUES ({_MARKS}) ON CONFLICT (url) DO UPDATE SET {_REPLACED}",  # noqa: S608 - columns and marks are ours
        _row(state),
    )


def crowded(state: FeedState, passed_over: int, now: datetime) -> FeedState:
    """The state of a feed for some of whose entries there was no room: it is read again whole, and it is told."""
    memory = state.memory
    lasts = memory.passed_over_at is not None and now - memory.passed_over_at < TOLD_FOR
    since = (memory.passed_over_since if lasts else None) or now
    memory = replace(memory, passed_over=passed_over, passed_over_at=now, passed_over_since=since)
    return replace(state, etag=None, last_modified=None, body_digest=None, memory=memory)


def hasten(connection: sqlite3.Connection, url: str, now: datetime, floor: timedelta) -> bool:
    """Have it asked as soon as `floor` after its last poll allows, unless it is failing; whether that is sooner."""
    changed = connection.execute(
        "UPDATE feeds SET next_due = max(?1, coalesce(polled_at, 0) + ?2) "
        "WHERE url = ?3 AND retired = 0 AND failures = 0 AND next_due > max(?1, coalesce(polled_at, 0) + ?2)",
        (to_micros(now), floor // _MICROSECOND, url),
    ).rowcount
    return bool(changed)


def due(connection: sqlite3.Connection, now: datetime, limit: int) -> list[FeedState]:
    """Those whose time has come, the longest due first."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM feeds WHERE retired = 0 AND next_due <= ? ORDER BY next_due LIMIT ?",  # noqa: S608 - columns are ours
        (to_micros(now), limit),
    )
    return [state_of(row) for row in rows]


def every(connection: sqlite3.Connection, outlet: str | None = None) -> list[FeedState]:
    """All that are not retired, or those of one outlet, by outlet and address."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM feeds WHERE retired = 0 AND (?1 IS NULL OR outlet = ?1) ORDER BY outlet, url",  # noqa: S608 - columns are ours
        (outlet,),
    )
    return [state_of(row) for row in rows]


def after(connection: sqlite3.Connection, url: str, limit: int) -> list[FeedState]:
    """Those not retired whose addresses come after this one, in the order of addresses."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM feeds WHERE retired = 0 AND url > ? ORDER BY url LIMIT ?",  # noqa: S608 - columns are ours
        (url, limit),
    )
    return [state_of(row) for row in rows]


def at(connection: sqlite3.Connection, urls: Iterable[str]) -> list[FeedState]:
    """Those of these addresses that are known and not retired."""
    found: list[FeedState] = []
    wanted = list(urls)
    for start in range(0, len(wanted), _AT_ONCE):
        some = wanted[start : start + _AT_ONCE]
        marks = ", ".join("?" * len(some))
        found += map(
            state_of,
            connection.execute(f"SELECT {_COLUMNS} FROM feeds WHERE retired = 0 AND url IN ({marks})", some),  # noqa: S608 - columns and marks are ours
        )
    return found


def polled_since(connection: sqlite3.Connection, moment: datetime) -> list[FeedState]:
    """Those not retired that were asked at this moment or later."""
    rows = connection.execute(
        f"SELECT {_COLUMNS} FROM feeds WHERE retired = 0 AND polled_at >= ?",  # noqa: S608 - columns are ours
        (to_micros(moment),),
    )
    return [state_of(row) for row in rows]


def totals(connection: sqlite3.Connection) -> list[FeedTotals]:
    """Those not retired in numbers, by outlet."""
    # With a single min() the other columns are those of the row that it is found in.
    said = {
        outlet: failure
        for outlet, failure, _ in connection.execute(
            "SELECT outlet, last_failure, min(coalesce(failing_since, next_due)) FROM feeds "
            "WHERE retired = 0 AND failures > 0 GROUP BY outlet"
        )
    }
    rows = connection.execute(
        "SELECT outlet, count(*), sum(failures > 0), max(new_at), min(next_due) FROM feeds WHERE retired = 0 "
        "GROUP BY outlet ORDER BY outlet"
    )
    return [
        FeedTotals(
            outlet=row[0],
            feeds=row[1],
            failing=row[2],
            last_new=from_micros_or_none(row[3]),
            next_due=from_micros(row[4]),
            failure=said.get(row[0]),
        )
        for row in rows
    ]


def _row(state: FeedState) -> tuple[Any, ...]:
    return (
        state.url,
        state.outlet,
        state.kind,
        to_micros(state.next_due),
        state.etag,
        state.last_modified,
        state.body_digest,
        None if state.interval is None else state.interval // _MICROSECOND,
        to_micros_or_none(state.polled_at),
        to_micros_or_none(state.succeeded_at),
        to_micros_or_none(state.new_at),
        state.failures,
        to_micros_or_none(state.failing_since),
        storable_or_none(state.last_failure),
        state.polls,
        state.entries_found,
        msgspec.msgpack.encode(state.memory),
    )


def state_of(row: tuple[Any, ...]) -> FeedState:
    """The state that a row holds."""
    return FeedState(
        url=row[0],
        outlet=row[1],
        kind=FeedKind(row[2]),
        next_due=from_micros(row[3]),
        etag=row[4],
        last_modified=row[5],
        body_digest=row[6],
        interval=None if row[7] is None else timedelta(microseconds=row[7]),
        polled_at=from_micros_or_none(row[8]),
        succeeded_at=from_micros_or_none(row[9]),
        new_at=from_micros_or_none(row[10]),
        failures=row[11],
        failing_since=from_micros_or_none(row[12]),
        last_failure=row[13],
        polls=row[14],
        entries_found=row[15],
        memory=_MEMORY.decode(row[16]),
    )
