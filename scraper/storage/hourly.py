"""Verdicts by the hour, and how long after publication stories were saved: the last two weeks of both.

The rows are a ring: an hour takes the place of the one two weeks before it, so that the table never grows.
"""

import sqlite3
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import assert_never

from scraper.model.verdict import Deferred, Dropped, DropReason, Kept, Outcome
from scraper.storage import rows

RING = 14 * 24
"""Hours that are kept."""
LAG_BOUNDS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 1440))
"""Upper bounds of the classes of lag; one more class holds what is above the last."""

_HOUR_MICROS = 3_600_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_KEPT, _COPY, _DROPPED = 0, 1, 2
_FIRST_LAG = 16
"""What a row counts: one of the three fates, or from here on what is kept, by its class of lag where that is known."""

_OF_ALL = (
    "SELECT h.hour, w.text, h.what, h.stories FROM hours h JOIN words w ON w.number = h.outlet "
    "WHERE h.slot BETWEEN :low AND :high AND h.hour BETWEEN :first AND :last ORDER BY h.slot, w.text, h.what"
)
_OF_ONE = (  # a step in the table for each hour, however many outlets there are
    "WITH RECURSIVE places(slot) AS (SELECT :low UNION ALL SELECT slot + 1 FROM places WHERE slot < :high) "
    "SELECT h.hour, w.text, h.what, h.stories FROM words w JOIN places p CROSS JOIN hours h "
    "ON h.slot = p.slot AND h.outlet = w.number WHERE w.text = :outlet AND h.hour BETWEEN :first AND :last "
    "ORDER BY p.slot, h.what"
)

Counts = Counter[tuple[int, int]]
"""Stories by outlet number and what a row counts."""


@dataclass(slots=True, kw_only=True)
class Hourly:
    """What was decided for an outlet within one hour."""

    hour: datetime
    """Its beginning, in UTC."""
    outlet: str
    kept: int = 0
    copies: int = 0
    dropped: int = 0
    """For other reasons than being a copy."""
    lags: list[int] = field(default_factory=lambda: [0] * (len(LAG_BOUNDS) + 1))
    """Kept stories by the class of the time from publication to verdict; LAG_BOUNDS are the upper bounds."""


def count(counts: Counts, outcome: Outcome, outlet: int, now: datetime) -> None:
    """Add a final verdict to the hour's counts."""
    match outcome.verdict:
        case Kept(article=article):
            if article.published is not None and outcome.pending.revision_of is None:
                late = now - article.published
                counts[outlet, _FIRST_LAG + bisect_left(LAG_BOUNDS, late)] += 1
            else:
                counts[outlet, _KEPT] += 1
        case Dropped(reason=reason):
            counts[outlet, _COPY if reason is DropReason.DUPLICATE else _DROPPED] += 1
        case Deferred():
            pass
        case _:
            assert_never(outcome.verdict)


def add(connection: sqlite3.Connection, counts: Counts, now: datetime) -> None:
    """Add counts to the present hour. Within the caller's transaction."""
    hour = (now - _EPOCH) // timedelta(hours=1)
    rows.insert(
        connection,
        "INSERT INTO hours",
        [(hour % RING, outlet, what, hour, stories) for (outlet, what), stories in sorted(counts.items())],
        "ON CONFLICT DO UPDATE SET "
        "stories = excluded.stories + CASE WHEN hour = excluded.hour THEN stories ELSE 0 END, hour = excluded.hour",
    )


def read(connection: sqlite3.Connection, since: datetime, until: datetime, outlet: str | None = None) -> list[Hourly]:
    """The hours from the one of `since` to that of `until`, by hour and outlet.

    Those without a verdict are left out, and so are those more than two weeks before `until`.
    """
    last = (until - _EPOCH) // timedelta(hours=1)
    first = max((since - _EPOCH) // timedelta(hours=1), last - RING + 1)
    found: list[tuple[int, str, int, int]] = []
    for low, high in _slots(first, last):
        found += connection.execute(
            _OF_ALL if outlet is None else _OF_ONE,
            {"low": low, "high": high, "first": first, "last": last, "outlet": outlet},
        )
    return _gathered(found)


def _slots(first: int, last: int) -> list[tuple[int, int]]:
    """The stretches of the ring that hold these hours, in their order."""
    if last < first:
        return []
    low, high = first % RING, last % RING
    return [(low, high)] if low <= high else [(low, RING - 1), (0, high)]


def _gathered(lines: Iterable[tuple[int, str, int, int]]) -> list[Hourly]:
    found: dict[tuple[int, str], Hourly] = {}
    for hour, outlet, what, stories in lines:
        line = found.get((hour, outlet))
        if line is None:
            line = found[hour, outlet] = Hourly(hour=_EPOCH + timedelta(hours=hour), outlet=outlet)
        if what >= _FIRST_LAG:
            line.lags[what - _FIRST_LAG] = stories
            line.kept += stories
        elif what == _KEPT:
            line.kept += stories
        elif what == _COPY:
            line.copies = stories
        else:
            line.dropped = stories
    return list(found.values())
