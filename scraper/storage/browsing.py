"""What a person leafs through: articles newest first, stories that were copied, what went wrong lately.

Titles and addresses come from the catalog alone, so that a page of them costs the same whatever the archive holds.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scraper.storage.moments import from_micros
from scraper.storage.names import name_of_id, unpack_cluster, unpack_id
from scraper.storage.naming import Names
from scraper.storage.pending import State

_LATELY = 20_000
"""Entries that are looked through for what happened lately."""
_TROUBLES = ("fetch-failed", "unreadable", "quarantined", "error-page", "too-large", "refused-address", "no-text")
"""Reasons that speak of something that did not work, not of a story that is not wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """An article as a list shows it."""

    number: int
    """Greater for articles that were saved later."""
    id: str
    revision: int
    outlet: str
    url: str
    title: str | None
    time: datetime
    """Publication, or discovery where that is not known."""
    saved_at: datetime
    language: str | None
    cluster: str
    """Id of the article that opened its story cluster; its own when it did."""
    copies: int
    """Further stories in that cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CopiedStory:
    """A story of which copies came lately."""

    cluster: str
    title: str | None
    outlet: str
    """Whose story opened the cluster."""
    time: datetime
    copies: int
    """That came lately."""
    outlets: int
    """Different ones among the copies."""
    last_at: datetime
    """When the last copy was published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mishap:
    """A story that could not be had, now or for good."""

    outlet: str
    url: str
    title: str | None
    reason: str
    detail: str | None
    at: datetime | None
    """When it was given up; None while it is tried again."""
    ready_at: datetime | None
    """When it is tried again."""
    attempts: int


_HEADINGS = (
    "SELECT a.number, a.id, a.revision, o.text, e.key, e.url, e.title, a.time, a.saved_at, l.text, a.cluster, "
    "(SELECT count(*) FROM judgements j WHERE j.cluster = coalesce(a.cluster, a.id) AND j.entry <> a.entry) "
    "FROM articles a JOIN entries e ON e.number = a.entry JOIN words o ON o.number = e.outlet "
    "LEFT JOIN words l ON l.number = a.language WHERE a.copy = 0 AND NOT EXISTS (SELECT 1 FROM articles b "
    "WHERE b.entry = a.entry AND b.id = a.id AND b.copy = 0 AND b.revision > a.revision) "
)


def newest(connection: sqlite3.Connection, before: int | None, limit: int) -> list[Heading]:
    """The newest revisions of the articles saved last, the last first; those numbered below `before` only."""
    rows = connection.execute(
        _HEADINGS + "AND a.number < ? ORDER BY a.number DESC LIMIT ?", (1 << 62 if before is None else before, limit)
    )
    return [_heading(row) for row in rows]


def numbered(connection: sqlite3.Connection, numbers: Sequence[int]) -> list[Heading]:
    """Those of these articles that are there still and have no newer revision, in the order of the numbers."""
    marks = ", ".join("?" * len(numbers))
    rows = connection.execute(f"{_HEADINGS}AND a.number IN ({marks})", numbers)
    found = {row[0]: _heading(row) for row in rows}
    return [found[number] for number in numbers if number in found]


def _heading(row: tuple[Any, ...]) -> Heading:
    own = unpack_id(row[1])
    return Heading(
        number=row[0],
        id=own,
        revision=row[2],
        outlet=row[3],
        url=row[4] if row[5] is None else row[5],
        title=row[6],
        time=from_micros(row[7]),
        saved_at=from_micros(row[8]),
        language=row[9],
        cluster=unpack_cluster(row[10], own),
        copies=row[11],
    )


def copied_lately(connection: sqlite3.Connection, names: Names, limit: int) -> list[CopiedStory]:
    """The stories that most outlets copied among the entries found lately, the most copied first."""
    # The sign keeps SQLite from going through all clusters that there ever were.
    rows = connection.execute(
        "SELECT +j.cluster, count(*), count(DISTINCT e.outlet), max(s.time) FROM judgements j "
        "JOIN entries e ON e.number = j.entry JOIN stories s ON s.number = e.story "
        "WHERE +j.cluster IS NOT NULL AND j.relation = 'copy' "
        "AND j.entry > (SELECT max(number) FROM entries) - ? GROUP BY +j.cluster "
        "ORDER BY count(DISTINCT e.outlet) DESC, count(*) DESC, max(s.time) DESC LIMIT ?",
        (_LATELY, limit),
    ).fetchall()
    openers = names.entries(connection, [name_of_id(unpack_id(row[0])) for row in rows])
    stories = (_copied(connection, openers, row) for row in rows)
    return [story for story in stories if story is not None]


def _copied(connection: sqlite3.Connection, openers: Mapping[int, int], row: tuple[Any, ...]) -> CopiedStory | None:
    cluster = unpack_id(row[0])
    opened = connection.execute(
        "SELECT e.title, o.text, s.time FROM entries e "
        "JOIN stories s ON s.number = e.story JOIN words o ON o.number = e.outlet WHERE e.number = ?",
        (openers.get(name_of_id(cluster)),),
    ).fetchone()
    if opened is None:
        return None
    return CopiedStory(
        cluster=cluster,
        title=opened[0],
        outlet=opened[1],
        time=from_micros(opened[2]),
        copies=row[1],
        outlets=row[2],
        last_at=from_micros(row[3]),
    )


def mishaps(connection: sqlite3.Connection, limit: int, outlet: str | None = None) -> list[Mishap]:
    """What could not be had lately, the last first: given up ones, then those that are tried again."""
    marks = ", ".join("?" * len(_TROUBLES))
    given_up = connection.execute(
        "SELECT o.text, e.key, e.url, e.title, e.reason, e.detail, e.decided_at, NULL, e.attempts FROM entries e "  # noqa: S608 - the marks are ours
        f"JOIN words o ON o.number = e.outlet WHERE e.state = ? AND e.reason IN ({marks}) "
        "AND e.number > (SELECT max(number) FROM entries) - ? AND (? IS NULL OR o.text = ?) "
        "ORDER BY e.decided_at DESC LIMIT ?",
        (State.DROPPED, *_TROUBLES, _LATELY, outlet, outlet, limit),
    ).fetchall()
    deferred = connection.execute(
        "SELECT o.text, e.key, e.url, e.title, p.reason, p.detail, NULL, p.ready_at, p.attempts FROM pending p "
        "JOIN entries e ON e.number = p.entry JOIN words o ON o.number = e.outlet "
        "WHERE p.reason IS NOT NULL AND (? IS NULL OR o.text = ?) ORDER BY p.ready_at LIMIT ?",
        (outlet, outlet, limit),
    ).fetchall()
    return [_mishap(row) for row in (*given_up, *deferred)][:limit]


def _mishap(row: tuple[Any, ...]) -> Mishap:
    return Mishap(
        outlet=row[0],
        url=row[1] if row[2] is None else row[2],
        title=row[3],
        reason=row[4],
        detail=row[5],
        at=None if row[6] is None else from_micros(row[6]),
        ready_at=None if row[7] is None else from_micros(row[7]),
        attempts=row[8],
    )
