"""Figures as charts: columns stacked by outlet or by fate, shares as lines, each with a sentence that says the same.

Pure: what they look like is for `scraper.status.web.drawing`.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TypeVar

from scraper.status.web.chart import Chart, Column, Form, Series, Tone, stacked, ticks
from scraper.storage import LAG_BOUNDS, Hourly, Tally

SERIES = 6
"""Outlets that have a colour of their own; the others share one."""
OTHERS = "others"

_HOUR = timedelta(hours=1)
_KEPT, _COPIES = "kept", "duplicate"
_FAILED = frozenset({"fetch-failed", "unreadable", "quarantined", "error-page", "too-large", "no-text", "gone"})
_DAY_UNIT = "day (UTC)"
_BARREN = frozenset({"no-text", "too-short", "list-page", "unreadable"})
_PER_CENT = 100
_QUARTERS = (0, 25, 50, 75, 100)
Time = TypeVar("Time", datetime, str)


_PLAIN = (Tone.ONE, Tone.TWO, Tone.THREE, Tone.FOUR, Tone.FIVE, Tone.SIX)
_FATES = {"kept": Tone.KEPT, "copies": Tone.COPIES, "not wanted": Tone.UNWANTED, "failed": Tone.FAILED}


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


def leading(hours: Iterable[Hourly], tallies: Iterable[Tally]) -> tuple[str, ...]:
    """The outlets with a colour of their own: those that gave most, over these hours and over these days alike.

    Charts of hours and of days that stand side by side give each of them the same one.
    """
    by_hours: Counter[str] = Counter()
    for line in hours:
        by_hours[line.outlet] += line.kept
    by_days: Counter[str] = Counter()
    for tally in tallies:
        if tally.reason == _KEPT:
            by_days[tally.outlet] += max(tally.stories, 0)
    shares: dict[str, float] = {}
    for counts in (by_days, by_hours):
        whole = counts.total() or 1
        for outlet, stories in counts.items():
            shares[outlet] = shares.get(outlet, 0.0) + stories / whole
    ranked = sorted(shares.items(), key=lambda share: (-share[1], share[0]))
    return tuple(outlet for outlet, share in ranked[:SERIES] if share > 0)


def by_hour(hours: Iterable[Hourly], now: datetime, zone: tzinfo, top: Sequence[str], *, count: int = 48) -> Chart:
    """Articles kept in each of the last hours, by outlet; `top` are those with a colour of their own."""
    last = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    starts = [last - _HOUR * back for back in reversed(range(count))]
    kept: Counter[tuple[datetime, str]] = Counter()
    for line in hours:
        kept[line.hour, line.outlet] += line.kept
    local = [start.astimezone(zone) for start in starts]
    return _by_outlet(
        kept,
        starts,
        top,
        title=f"Articles by the hour, last {count} hours",
        unit="hour",
        labels=[f"{moment:%H:%M}" if moment.hour else f"{moment:%a %d}" for moment in local],
        names=[f"{moment:%a %d %b, %H:%M}" for moment in local],
        marked=[moment.hour % 6 == 0 for moment in local],
    )


def by_day(tallies: Iterable[Tally], now: datetime, top: Sequence[str], *, count: int = 30) -> Chart:
    """Articles kept on each of the last UTC days, by outlet; `top` are those with a colour of their own."""
    days = _days(now, count)
    kept: Counter[tuple[str, str]] = Counter()
    for tally in tallies:
        if tally.reason == _KEPT:
            kept[tally.day, tally.outlet] += tally.stories
    return _by_outlet(
        kept,
        [day.isoformat() for day in days],
        top,
        title=f"Articles by the day, last {count} days",
        unit=_DAY_UNIT,
        labels=_day_labels(days),
        names=_day_names(days),
        marked=_marked(count),
    )


def _days(now: datetime, count: int) -> list[date]:
    today = now.astimezone(UTC).date()
    return [today - timedelta(days=back) for back in reversed(range(count))]


def _day_labels(days: Sequence[date]) -> list[str]:
    return [f"{day.day} {day:%b}" for day in days]


def _day_names(days: Sequence[date]) -> list[str]:
    return [f"{day:%a %d %b %Y}" for day in days]


def _marked(count: int) -> list[bool]:
    """Every fifth day, today among them."""
    return [(count - 1 - place) % 5 == 0 for place in range(count)]


def _by_outlet(
    kept: Mapping[tuple[Time, str], int],
    times: Sequence[Time],
    top: Sequence[str],
    *,
    title: str,
    unit: str,
    labels: Sequence[str],
    names: Sequence[str],
    marked: Sequence[bool],
) -> Chart:
    wanted = set(times)
    totals: Counter[str] = Counter()
    for (time, outlet), stories in kept.items():
        if time in wanted:
            totals[outlet] += max(stories, 0)
    own: dict[str, Tone] = {outlet: tone for outlet, tone in zip(top, _PLAIN, strict=False) if totals[outlet] > 0}
    columns: dict[Time, Counter[str]] = {time: Counter() for time in times}
    for (time, outlet), stories in kept.items():
        if time in wanted:
            columns[time][outlet if outlet in own else OTHERS] += max(stories, 0)
    has_others = len(+totals) > len(own)
    shown = (*own, OTHERS) if has_others else tuple(own)
    values = [tuple(columns[time][name] for name in shown) for time in times]
    series = [Series(name=name, tone=tone, is_outlet=True) for name, tone in own.items()]
    if has_others:
        series.append(Series(name=OTHERS, tone=Tone.OTHERS))
    return stacked(title=title, unit=unit, series=series, values=values, labels=labels, names=names, marked=marked)


def fates(tallies: Iterable[Tally], now: datetime, outlet: str | None = None, count: int = 30) -> Chart:
    """What became of the stories of each of the last UTC days; of one outlet, or of all."""
    days = _days(now, count)
    found: dict[str, Counter[str]] = {day.isoformat(): Counter() for day in days}
    for tally in tallies:
        if outlet in {None, tally.outlet} and tally.day in found:
            found[tally.day][_fate(tally.reason)] += tally.stories
    return stacked(
        title=f"What became of {'its' if outlet else 'the'} stories, last {count} days",
        unit=_DAY_UNIT,
        series=[Series(name=name, tone=tone) for name, tone in _FATES.items()],
        values=[tuple(max(found[day.isoformat()][name], 0) for name in _FATES) for day in days],
        labels=_day_labels(days),
        names=_day_names(days),
        marked=_marked(count),
    )


def copied(tallies: Iterable[Tally], now: datetime, count: int = 30) -> Chart:
    """The share of copies among the stories that were told apart, on each of the last UTC days."""
    return _shares(
        tallies,
        now,
        count,
        title="Share of copies",
        series=Series(name="copies", tone=Tone.COPIES),
        part=frozenset({_COPIES}),
        whole=frozenset({_KEPT, _COPIES}),
    )


def extracted(tallies: Iterable[Tally], outlet: str, now: datetime, count: int = 30) -> Chart:
    """The share of an outlet's pages that gave a story, of those that should have, on each of the last UTC days."""
    return _shares(
        (tally for tally in tallies if tally.outlet == outlet),
        now,
        count,
        title="Extraction yield: pages that gave a story",
        series=Series(name="gave a story", tone=Tone.KEPT),
        part=frozenset({_KEPT, _COPIES}),
        whole=frozenset({_KEPT, _COPIES}) | _BARREN,
    )


def _shares(
    tallies: Iterable[Tally],
    now: datetime,
    count: int,
    *,
    title: str,
    series: Series,
    part: frozenset[str],
    whole: frozenset[str],
) -> Chart:
    days = _days(now, count)
    parts: Counter[str] = Counter()
    wholes: Counter[str] = Counter()
    for tally in tallies:
        if tally.reason in whole:
            wholes[tally.day] += tally.stories
            parts[tally.day] += tally.stories * (tally.reason in part)
    times = [day.isoformat() for day in days]
    values = [round(_PER_CENT * parts[day] / wholes[day], 1) if wholes[day] > 0 else None for day in times]
    greatest = max((value for value in values if value is not None), default=0)
    told = f"{title}: nothing to measure in {count} days."
    if known := [(value, name) for value, name in zip(values, _day_names(days), strict=True) if value is not None]:
        mean = _PER_CENT * sum(parts[day] for day in times) / sum(wholes[day] for day in times)
        (least, worst), (most, best) = min(known), max(known)
        told = f"{title}: {mean:.1f}% over {count} days; between {least:g}% ({worst}) and {most:g}% ({best})."
    return Chart(
        title=title,
        summary=told,
        unit=_DAY_UNIT,
        series=(series,),
        columns=tuple(
            Column(label=label, name=name, marked=marked, values=(value,))
            for label, name, marked, value in zip(
                _day_labels(days), _day_names(days), _marked(count), values, strict=True
            )
        ),
        ticks=_QUARTERS if greatest > _PER_CENT / 2 else ticks(math.ceil(greatest)),
        form=Form.LINE,
        suffix="%",
        empty=not known,
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
    chart = stacked(
        title="From publication to the archive",
        unit="time",
        series=[Series(name="articles", tone=Tone.KEPT)],
        values=[(stories,) for stories in within],
        labels=[_short(bound) for bound in LAG_BOUNDS],
        names=names,
        marked=[True] * len(within),
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
