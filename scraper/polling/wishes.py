"""What a feed, and caches before it, say about how often to ask; how far that is believed. Pure."""

from datetime import UTC, datetime, timedelta

from scraper.model.feed import FeedMemory, PollHints
from scraper.polling.rhythm import Forecast

_LONGEST_CACHE = timedelta(minutes=15)
_LONGEST_HINT = timedelta(hours=1)
_UNMEANT_PERIOD = timedelta(hours=1)
"""What WordPress says of every feed that it serves."""
_LIKELY = 0.4
"""Stories that must be expected before a feed's own wish to be left alone is passed over."""
_PART = 1 / 3
"""The part of what the window bears for which a wish holds: nobody wishes stories to be missed."""
_FADE = 0.99
_HOUR = timedelta(hours=1)
_DAY_HOURS = 24
_WEEK_DAYS = 7


def held(hints: PollHints) -> timedelta:
    """For how long caches keep the answer: until then they would give it again."""
    return min(hints.max_age or timedelta(), _LONGEST_CACHE)


def cached(memory: FeedMemory) -> timedelta | None:
    """The longest for which caches keep an answer, with the last one taken into account; None while they keep none."""
    return max(held(memory.hints), (memory.cached or timedelta()) * _FADE) or None


def age(memory: FeedMemory) -> timedelta:
    """How old the last answer may have been when it came: by the longest time that caches keep one, and what was left.

    Two answers lie as much farther apart than the looks that brought them.
    """
    return max((memory.cached or timedelta()) - held(memory.hints), timedelta())


def wished(hints: PollHints, forecast: Forecast, start: float, guard: float) -> float:
    """The least hours that the feed asks to wait, where stories may leave its window after `guard` hours.

    An answer that caches keep is asked for again only when they let go of it. What else a feed wishes is believed
    until its own stories are likely to refute it, and for a part of what its window bears.
    """
    wishes = (hints.max_age, hints.ttl, hints.update_period if hints.update_period != _UNMEANT_PERIOD else None)
    longest = min(max((wish for wish in wishes if wish), default=timedelta()), _LONGEST_HINT) / _HOUR
    wish = forecast.until(start, min(longest, guard * _PART), stories=_LIKELY) if longest else 0.0
    return max(held(hints) / _HOUR, wish)


def awake(hints: PollHints, due: datetime, late: timedelta = timedelta()) -> datetime:
    """The first moment from `due` on that skipHours and skipDays (both UTC) leave open; `due` when they leave none.

    Where they moved it, it is `late` (less than an hour) into the hour that is open: others wait for that hour too.
    """
    moment = due.astimezone(UTC)
    for passed in range(_WEEK_DAYS * _DAY_HOURS):
        if moment.hour not in hints.skip_hours and moment.weekday() not in hints.skip_days:
            return moment + late if passed else moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + _HOUR
    return due
