"""When a feed publishes: its new stories by hour of the week, and how far lately departs from that. Pure.

Counts fade with a half-life of three weeks. A rate for an hour of the week is what that hour has shown, filled up
with what the hour of the day and the day of the week suggest, and these with the overall rate: a gamma-Poisson
estimate in steps, so that a feed seen for a day already has a shape and one seen for a month has its own.
"""

import math
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import sub

HOURS = 168
_DAY = 24
_HOUR = timedelta(hours=1)
_SECONDS = 3600.0
_HALF_LIFE = 3 * HOURS
"""Hours in which a count loses half of its weight."""
_WEEKLY = 0.5 ** (HOURS / _HALF_LIFE)
_LATELY = 24.0
"""Hours in which what happened lately loses half of its weight."""
_HOUR_PRIOR = 3.0
"""Weight, in hours seen, of what the shape suggests against what the very hour has shown."""
_OVERALL_PRIOR = 0.3
"""Stories supposed to have come in an hour before the feed was watched."""
_SHAPE_PRIOR = 2.0
_LEVEL_PRIOR = 3.0
"""Stories that must be missing or in surplus before the level moves much."""
_LEAST_RATE = 1e-4
_LEVELS = (0.2, 5.0)
_EXPOSURE = tuple((1 - _WEEKLY**weeks) / (1 - _WEEKLY) for weeks in range(60))
"""Hours that an hour of the week has been watched, faded, after so many weeks."""
_FADE = tuple(0.5 ** (ago / _HALF_LIFE) for ago in range(HOURS))
_MOST = 60_000.0
"""The greatest count that the stored form holds."""
_FORM = struct.Struct(f"<5d{HOURS}e")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """What is remembered of a feed's publishing. All times are hours since 1970."""

    since: float
    """From when on it has been watched."""
    updated: float
    lately: float = 0.0
    """Stories that came, fading within days."""
    foreseen: float = 0.0
    """Stories that were foreseen for the same time, fading likewise."""
    pace: float = 0.0
    """Stories an hour that are foreseen until the next look, were it to go as it always does."""
    counts: tuple[float, ...] = (0.0,) * HOURS
    """Stories by hour of the week in UTC, Monday 0 h first, fading within weeks."""

    def pack(self) -> bytes:
        """The bytes to store."""
        head = (self.since, self.updated, self.lately, self.foreseen, self.pace)
        counts = self.counts if max(self.counts) < _MOST else [min(count, _MOST) for count in self.counts]
        return _FORM.pack(*head, *counts)


def unpack(data: bytes) -> Rhythm | None:
    """The rhythm in stored bytes; None for none, or for another version's."""
    if len(data) != _FORM.size:
        return None
    since, updated, lately, foreseen, pace, *counts = _FORM.unpack(data)
    return Rhythm(since=since, updated=updated, lately=lately, foreseen=foreseen, pace=pace, counts=tuple(counts))


def first_rhythm(times: Iterable[datetime], now: datetime) -> Rhythm:
    """The rhythm that the dates in a first listing tell.

    Only the younger half is looked at, so that one old story kept on top does not stretch the time watched.
    """
    known = sorted(hours(moment) for moment in times if moment <= now + _HOUR)
    recent = known[len(known) // 2 :] if len(known) > 2 else []  # noqa: PLR2004 - two dates tell one gap
    end = hours(now)
    start = min(recent[0], end - 0.5) if recent else end
    rhythm = Rhythm(since=start, updated=end)
    return _counted(rhythm, (min(moment, end) for moment in recent), end) if recent else rhythm


def observed(rhythm: Rhythm, times: Sequence[datetime | None], now: datetime) -> Rhythm:
    """The rhythm after a look at `now` that found stories with these publication times since the last look.

    A story without a believable time is put in the middle of the stretch.
    """
    start, end = rhythm.updated, max(hours(now), rhythm.updated)
    placed = []
    for time in times:
        moment = hours(time) if time else start
        placed.append(moment if start < moment <= end else (start + end) / 2)
    fade = 0.5 ** ((end - start) / _LATELY)
    aged = replace(
        rhythm,
        lately=rhythm.lately * fade + len(placed),
        foreseen=rhythm.foreseen * fade + rhythm.pace * (end - start),
    )
    return _counted(aged, placed, end)


def _counted(rhythm: Rhythm, times: Iterable[float], now: float) -> Rhythm:
    fade = 0.5 ** ((now - rhythm.updated) / _HALF_LIFE)
    counts = [count * fade for count in rhythm.counts]
    for moment in times:
        counts[_slot(moment)] += 0.5 ** ((now - moment) / _HALF_LIFE)
    return replace(rhythm, updated=now, counts=tuple(counts))


def hours(moment: datetime) -> float:
    """Hours since 1970."""
    return moment.timestamp() / _SECONDS


def shortest_for(times: Sequence[float], count: int) -> float | None:
    """The shortest stretch that so many of the given times, sorted, came in; None when there are too few.

    None as well when all lie within a minute: then they are times of the document and not of publication.
    """
    if len(times) <= count or times[-1] - times[0] < 1 / 60:
        return None
    shortest: float = min(map(sub, times[count:], times))
    return shortest


def _slot(moment: float) -> int:
    # 1970 began on a Thursday.
    return int(moment + 3 * _DAY) % HOURS


class Forecast:
    """What a rhythm lets expect, at the level of late."""

    def __init__(self, rhythm: Rhythm) -> None:
        counts = rhythm.counts
        seen = _exposures(rhythm)
        self._counts, self._seen = counts, seen
        watched = rhythm.updated - rhythm.since
        # The integral of the fading weight over the time watched.
        whole: float = (1 - 0.5 ** (watched / _HALF_LIFE)) * _HALF_LIFE / math.log(2)
        self._overall: float = (sum(counts) + _OVERALL_PRIOR) / (whole + 1.0)
        prior = _SHAPE_PRIOR
        self._by_hour: list[float] = [
            (sum(counts[hour::_DAY]) + prior * self._overall) / (sum(seen[hour::_DAY]) + prior) for hour in range(_DAY)
        ]
        prior *= 4
        self._by_day: list[float] = [
            (sum(counts[day : day + _DAY]) + prior * self._overall) / (sum(seen[day : day + _DAY]) + prior)
            for day in range(0, HOURS, _DAY)
        ]
        raw = (rhythm.lately + _LEVEL_PRIOR) / (rhythm.foreseen + _LEVEL_PRIOR)
        self.level: float = min(max(raw, _LEVELS[0]), _LEVELS[1])

    def mean(self) -> float:
        """New stories an hour, over the whole week."""
        return self._overall * self.level

    def week(self) -> tuple[float, ...]:
        """New stories an hour by hour of the week in UTC, Monday 0 h first, were it to go as it always does."""
        return tuple(self._rate(slot) for slot in range(HOURS))

    def rates(self, start: float, end: float) -> Iterator[tuple[float, float]]:
        """Rates an hour, and the hours they hold for, from one time to another (hours since 1970)."""
        moment = start
        while moment < end:
            after = min(float(int(moment) + 1), end)
            yield max(self._rate(_slot(moment)) * self.level, _LEAST_RATE), after - moment
            moment = after

    def until(self, start: float, longest: float, *, stories: float = math.inf, waiting: float = math.inf) -> float:
        """Hours until so many stories are expected, or until those expected have waited so many hours in all.

        At most `longest`.
        """
        came = waited = gone = 0.0
        for rate, share in self.rates(start, start + longest):
            by_stories = (stories - came) / rate
            # waited + came * x + rate * x * x / 2 = waiting
            by_waiting = (math.sqrt(came * came + 2 * rate * (waiting - waited)) - came) / rate
            step = min(by_stories, by_waiting, share)
            gone += step
            if step < share:
                break
            waited += came * share + rate * share * share / 2
            came += rate * share
        return min(gone, longest)

    def pace(self, start: float, span: float) -> float:
        """Stories an hour over the next `span` hours, were it to go as it always does."""
        return sum(rate * share for rate, share in self.rates(start, start + span)) / (self.level * span)

    def _rate(self, slot: int) -> float:
        shape = self._by_hour[slot % _DAY] * self._by_day[slot // _DAY] / self._overall
        return (self._counts[slot] + _HOUR_PRIOR * shape) / (self._seen[slot] + _HOUR_PRIOR)


def _exposures(rhythm: Rhythm) -> list[float]:
    """Hours that each hour of the week has been watched, faded like the counts."""
    last = _slot(rhythm.updated)
    watched = rhythm.updated - rhythm.since
    full, rest = divmod(watched, HOURS)
    least = min(int(full), len(_EXPOSURE) - 2)
    # Going back from now: the hours of the begun week have been seen once more than the others.
    seen = [_EXPOSURE[least + 1] * _FADE[ago] if ago < rest else _EXPOSURE[least] * _FADE[ago] for ago in range(HOURS)]
    return [*seen[last::-1], *seen[:last:-1]]
