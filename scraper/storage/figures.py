"""How much there is: what waits, what was decided, what it takes on the disk."""

import sqlite3
from dataclasses import dataclass

from scraper.storage.layout import Layout
from scraper.storage.lines import size_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many stories of an outlet met one fate on one UTC day. `reason` is `kept` or why they were dropped."""

    day: str
    outlet: str
    reason: str
    stories: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """The stories of an outlet that wait for their verdict."""

    outlet: str
    ready: int
    """May be fetched now or were found a moment ago."""
    claimed: int
    """Being worked on."""
    deferred: int
    """To be tried again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large an archive is."""

    articles: int
    """Lines, revisions counted each."""
    files: int
    bytes: int
    """On disk, article files alone."""
    state_bytes: int
    """On disk, the state file and its log."""


def tallies(connection: sqlite3.Connection, since_day: str) -> list[Tally]:
    """Verdicts by day, outlet and reason, from a UTC day (YYYY-MM-DD) on."""
    rows = connection.execute(
        "SELECT t.day, w.text, t.reason, t.stories FROM tallies t JOIN words w ON w.number = t.outlet "
        "WHERE t.day >= ? ORDER BY t.day, w.text, t.reason",
        (since_day,),
    )
    return [Tally(day=row[0], outlet=row[1], reason=row[2], stories=row[3]) for row in rows]


def totals(connection: sqlite3.Connection) -> list[Tally]:
    """Verdicts by outlet and reason since the beginning; the day is empty."""
    rows = connection.execute(
        "SELECT w.text, t.reason, t.stories FROM (SELECT outlet, reason, sum(stories) AS stories FROM tallies "
        "GROUP BY outlet, reason) t JOIN words w ON w.number = t.outlet ORDER BY w.text, t.reason"
    )
    return [Tally(day="", outlet=row[0], reason=row[1], stories=row[2]) for row in rows]


def waiting(connection: sqlite3.Connection) -> list[Waiting]:
    """Stories that wait for their verdict, by outlet."""
    rows = connection.execute(
        "SELECT w.text, sum(leased = 0 AND reason IS NULL), sum(leased), "
        "sum(leased = 0 AND reason IS NOT NULL) FROM pending p JOIN words w ON w.number = p.outlet "
        "GROUP BY p.outlet ORDER BY w.text"
    )
    return [Waiting(outlet=row[0], ready=row[1], claimed=row[2], deferred=row[3]) for row in rows]


def size(connection: sqlite3.Connection, layout: Layout) -> Size:
    """How large the archive is."""
    rows = connection.execute(
        "SELECT lines, coalesce(stored, bytes) FROM segments WHERE stream = 'articles' AND lines > 0 AND state < 3"
    ).fetchall()
    state = layout.state
    return Size(
        articles=sum(row[0] for row in rows),
        files=len(rows),
        bytes=sum(row[1] for row in rows),
        state_bytes=size_of(state) + size_of(state.with_name(state.name + "-wal")),
    )
