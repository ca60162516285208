"""Figures as charts: columns stacked by outlet or by fate, with their numbers and a sentence that says the same. Pure.

A column's parts are whole numbers of steps of its chart's height, because a style sheet has a rule for each step and
the page carries no style of its own.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import TypeVar

from scraper.storage import LAG_BOUNDS, Hourly, Tally

STEPS = 500
"""Of a chart's height."""
SERIES = 6
"""Outlets that have a colour of their own; the others share one."""
OTHERS = "others"

_HOUR = timedelta(hours=1)
_KEPT, _COPIES = "kept", "duplicate"
_FAILED = frozenset({"fetch-failed", "unreadable", "quarantined", "error-page", "too-large", "no-text", "gone"})
_TICKS = 4
Time = TypeVar("Time", datetime, str)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a chart."""

    label: str
    """Short, under the column."""
    name: str
    """In full."""
    marked: bool
    """Whether the label is shown."""
    values: tuple[int, ...]
    steps: tuple[int, ...]
    """The height of each part."""
    link: str | None = None
    """What the column leads to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Columns of the same series."""

    title: str
    summary: str
    """What the chart shows, in a sentence."""
    unit: str
    """What heads the first column of its numbers."""
    series: tuple[str, ...]
    columns: tuple[Column, ...]
    ticks: tuple[int, ...]
    """The numbers beside the chart, the greatest first."""
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """How long after publication stories were saved."""

    chart: Chart
    half: str | None
    """In words, the time within which half of them were; None when there were none."""
    most: str | None
    """The same for nine of ten."""
    measured: int
    old: int
    """Those above the last bound, which are counted nowhere else: they come from archives."""


def by_hour(hours: Iterable[Hourly], now: datetime, zone: tzinfo, count: int = 48) -> Chart:
    """Articles kept in each of the last hours, by outlet."""
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    starts = [last - _HOUR * back for back in reversed(range(count))]
    kept: Counter[tuple[datetime, str]] = Counter()
    for line in hours:
        kept[line.hour, line.outlet] += line.kept
    local = [start.astimezone(zone) for start in starts]
    return _by_outlet(
        kept,
        starts,
        title=f"Articles by the hour, last {count} hours",
        unit="hour",
        labels=[f"{moment:%H:%M}" if moment.hour else f"{moment:%a %d}" for moment in local],
        names=[f"{moment:%a %d %b, %H:%M}" for moment in local],
        marked=[moment.hour % 6 == 0 for moment in local],
        links=[None] * count,
    )


def by_day(tallies: Iterable[Tally], now: datetime, count: int = 30) -> Chart:
    """Articles kept on each of the last UTC days, by outlet."""
    today = now.astimezone(UTC).date()
    days = [today - timedelta(days=back) for back in reversed(range(count))]
    kept: Counter[tuple[str, str]] = Counter()
    for tally in tallies:
        if tally.reason == _KEPT:
            kept[tally.day, tally.outlet] += tally.stories
    return _by_outlet(
        kept,
        [day.isoformat() for day in days],
        title=f"Articles by the day, last {count} days",
        unit="day (UTC)",
        labels=[f"{day.day} {day:%b}" for day in days],
        names=[f"{day:%a %d %b %Y}" for day in days],
        marked=[place % 5 == 4 for place in range(count)],  # noqa: PLR2004 - every fifth, today among them
        links=[None] * count,
    )


def _by_outlet(
    kept: Mapping[tuple[Time, str], int],
    times: Sequence[Time],
    *,
    title: str,
    unit: str,
    labels: Sequence[str],
    names: Sequence[str],
    marked: Sequence[bool],
    links: Sequence[str | None],
) -> Chart:
    wanted = set(times)
    totals: Counter[str] = Counter()
    for (time, outlet), stories in kept.items():
        if time in wanted:
            totals[outlet] += stories
    top: list[str] = [outlet for outlet, stories in totals.most_common(SERIES) if stories > 0]
    has_others = len(+totals) > len(top)
    columns: dict[Time, Counter[str]] = {time: Counter() for time in times}
    for (time, outlet), stories in kept.items():
        if time in wanted:
            columns[time][outlet if outlet in top else OTHERS] += max(stories, 0)
    series = (*top, OTHERS) if has_others else tuple(top)
    values = [tuple(columns[time][name] for name in series) for time in times]
    return _chart(
        title=title, unit=unit, series=series, values=values, labels=labels, names=names, marked=marked, links=links
    )


def yields(tallies: Iterable[Tally], outlet: str, now: datetime, count: int = 30) -> Chart:
    """What became of an outlet's stories on each of the last UTC days."""
    today = now.astimezone(UTC).date()
    days = [today - timedelta(days=back) for back in reversed(range(count))]
    fates: dict[str, Counter[str]] = {day.isoformat(): Counter() for day in days}
    for tally in tallies:
        if tally.outlet == outlet and tally.day in fates:
            fates[tally.day][_fate(tally.reason)] += tally.stories
    series = ("kept", "copies", "not wanted", "failed")
    return _chart(
        title=f"What became of its stories, last {count} days",
        unit="day (UTC)",
        series=series,
        values=[tuple(max(fates[day.isoformat()][name], 0) for name in series) for day in days],
        labels=[f"{day.day} {day:%b}" for day in days],
        names=[f"{day:%a %d %b %Y}" for day in days],
        marked=[place % 5 == 4 for place in range(count)],  # noqa: PLR2004 - every fifth, today among them
        links=[None] * count,
    )


def _fate(reason: str) -> str:
    if reason == _KEPT:
        return "kept"
    if reason == _COPIES:
        return "copies"
    return "failed" if reason in _FAILED else "not wanted"


def lag(hours: Iterable[Hourly]) -> Lag:
    """How late stories were saved, over these hours."""
    sums = [0] * (len(LAG_BOUNDS) + 1)
    for line in hours:
        sums = [one + other for one, other in zip(sums, line.lags, strict=True)]
    *within, old = sums
    names = [f"within {words(bound)}" for bound in LAG_BOUNDS]
    chart = _chart(
        title="From publication to the archive",
        unit="time",
        series=("articles",),
        values=[(stories,) for stories in within],
        labels=[_short(bound) for bound in LAG_BOUNDS],
        names=names,
        marked=[True] * len(within),
        links=[None] * len(within),
        peak="most of them",
    )
    return Lag(chart=chart, half=_within(within, 0.5), most=_within(within, 0.9), measured=sum(within), old=old)


def _within(counts: Sequence[int], share: float) -> str | None:
    wanted, seen = sum(counts) * share, 0
    for bound, stories in zip(LAG_BOUNDS, counts, strict=True):
        seen += stories
        if stories and seen >= wanted:
            return words(bound)
    return None


def words(span: timedelta) -> str:
    """A time in words, to the largest unit that tells enough."""
    seconds = max(0, round(span.total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600, seconds // 60
    if days > 1 or hours == 24:  # noqa: PLR2004 - hours of a day
        return f"{days} day{'s' * (days != 1)}"
    if hours:
        rest = minutes % 60 if hours == 1 else 0
        return f"{hours} h {rest} min" if rest else f"{hours} h"
    if minutes:
        rest = seconds % 60 if minutes == 1 else 0
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{seconds} s"


def _short(span: timedelta) -> str:
    hours, rest = divmod(span, _HOUR)
    return f"{hours} h" if hours and not rest else f"{span // timedelta(minutes=1)} m"


def _chart(
    *,
    title: str,
    unit: str,
    series: tuple[str, ...],
    values: Sequence[tuple[int, ...]],
    labels: Sequence[str],
    names: Sequence[str],
    marked: Sequence[bool],
    links: Sequence[str | None],
    peak: str = "the most",
) -> Chart:
    sums = [sum(row) for row in values]
    step = tick(max(sums, default=0))
    columns = tuple(
        Column(label=label, name=name, marked=shown, values=row, steps=_steps(row, step * _TICKS), link=link)
        for label, name, shown, row, link in zip(labels, names, marked, values, links, strict=True)
    )
    total = sum(sums)
    highest = max(range(len(sums)), key=sums.__getitem__, default=0)
    told = f"{title}: {total:,} in all" + (f"; {peak}, {sums[highest]:,}, {names[highest]}." if total else ".")
    return Chart(
        title=title,
        summary=told,
        unit=unit,
        series=series,
        columns=columns,
        ticks=tuple(step * number for number in reversed(range(_TICKS + 1))),
        total=total,
    )


def tick(greatest: int) -> int:
    """A round number of which four reach the greatest value."""
    size = 1
    while True:
        for digit in (1, 2, 5):
            if digit * size * _TICKS >= greatest:
                return digit * size
        size *= 10


def _steps(row: Sequence[int], full: int) -> tuple[int, ...]:
    """Heights that add up: each part ends where its sum does, so that no rounding shows at the top."""
    ends, total = [0], 0
    for value in row:
        total += value
        ends.append(round(total * STEPS / full))
    return tuple(end - start for start, end in pairwise(ends))
