"""The week of an outlet as a grid of hours: how many new stories its feeds are expected to list in each. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOURS = 24
_WEEK = 168
LEVELS = 8
"""Shades above none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One hour of the week."""

    rate: float
    """New stories an hour."""
    level: int
    """0 for hardly any, LEVELS for the busiest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The hours of one day of the week."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """The whole week."""

    days: tuple[Day, ...]
    zone: str
    """The zone that the hours are meant in."""
    a_week: float
    """Stories expected in a week."""
    summary: str


def heat_map(rates: Sequence[float], zone: tzinfo, now: datetime) -> HeatMap | None:
    """Lay rates by hour of the week in UTC, Monday 0 h first, out in another zone; None when there are none.

    Zones that are off by half an hour are taken to the hour below.
    """
    if not any(rates):
        return None
    offset = now.astimezone(zone).utcoffset() or timedelta()
    shift = int(offset // timedelta(hours=1))
    local = [rates[(place - shift) % _WEEK] for place in range(_WEEK)]
    greatest = max(local)
    cells = [Cell(rate=rate, level=_level(rate, greatest)) for rate in local]
    days = tuple(
        Day(name=name, cells=tuple(cells[place * _HOURS : (place + 1) * _HOURS])) for place, name in enumerate(_DAYS)
    )
    busiest = max(range(_WEEK), key=local.__getitem__)
    quiet = min(range(_HOURS), key=lambda hour: sum(local[hour::_HOURS]))
    summary = (
        f"About {sum(local):,.0f} new stories a week. Busiest on {_DAYS[busiest // _HOURS]} "
        f"from {busiest % _HOURS:02}:00, with {local[busiest]:.1f} an hour; quietest around {quiet:02}:00."
    )
    return HeatMap(days=days, zone=f"{now.astimezone(zone):%Z}", a_week=sum(local), summary=summary)


def _level(rate: float, greatest: float) -> int:
    share = rate / greatest
    return 0 if share < 1 / (2 * LEVELS) else min(LEVELS, 1 + int(share * LEVELS - 1e-9))
