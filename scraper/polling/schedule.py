"""The next look at a feed, from its state and the last one. Pure."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scraper.model.entry import Entry
from scraper.model.feed import FeedKind, FeedState, Listed, NotModified, Poll, PollFailed
from scraper.model.outlet import Outlet
from scraper.polling.novelty import Novelty, novelty
from scraper.settings import PollSettings

_HOUR = timedelta(hours=1)
_MEMORY_HOURS = 24.0
"""Time constant of the rate: what happened a day ago counts a third."""
_BALANCE = timedelta(minutes=30)
"""The interval of a feed with one story an hour; others by the square root of their rate (decision 023)."""
_WINDOW_SHARE = 1 / 3
"""A feed is asked again before this share of its window has been replaced."""
_LONGEST_HINT = timedelta(hours=1)
_LONGEST_FAILURE = timedelta(days=1)
_LONGEST_RETRY = timedelta(days=2)
_GONE = timedelta(days=7)
_NOT_FOUND = {404, 410}
_DAY_HOURS = 24
_WEEK_DAYS = 7


def first_state(outlet: Outlet, url: str, kind: FeedKind, now: datetime) -> FeedState:
    """A feed that has never been asked and is due at once."""
    return FeedState(url=url, outlet=outlet.id, kind=kind, next_due=now)


def settings_for(settings: PollSettings, outlet: Outlet) -> PollSettings:
    """The general settings, narrowed by the outlet's policy: never asked more often than either allows."""
    floor = max(settings.floor, outlet.policy.poll_floor or settings.floor)
    ceiling = max(floor, min(settings.ceiling, outlet.policy.poll_ceiling or settings.ceiling))
    return replace(settings, floor=floor, ceiling=ceiling)


def after_poll(state: FeedState, poll: Poll, settings: PollSettings, jitter: float, now: datetime) -> FeedState:
    """The feed's state after a poll that ended at `now`.

    `jitter` in [-1, 1] stretches or shrinks the interval by up to the share that the settings name; the caller draws
    it. `next_due` is never sooner than the settings' floor, nor than the server asked for.
    """
    state = replace(state, polled_at=now, polls=state.polls + 1)
    match poll:
        case Listed():
            state = _listed(state, poll, settings, now)
        case NotModified():
            state = _unchanged(state, poll, settings, now)
        case PollFailed():
            return _failed(state, poll, settings, jitter, now)
    interval = _interval(state, settings)
    return replace(state, interval=interval, next_due=_due(state, interval, settings, jitter, now))


def _listed(state: FeedState, poll: Listed, settings: PollSettings, now: datetime) -> FeedState:
    entries = poll.listing.entries
    found = novelty(state.known, entries)
    return replace(
        _recovered(state, now),
        etag=poll.etag,
        last_modified=poll.last_modified,
        body_digest=poll.body_digest,
        hints=poll.listing.hints,
        listed=len(entries),
        known=found.known,
        rate=_rate(state, found, settings, now),
        new_at=now if found.new else state.new_at,
        entries_found=state.entries_found + len(found.new),
    )


def _unchanged(state: FeedState, poll: NotModified, settings: PollSettings, now: datetime) -> FeedState:
    return replace(
        _recovered(state, now),
        etag=poll.etag,
        last_modified=poll.last_modified,
        hints=replace(state.hints, max_age=poll.hints.max_age),
        rate=_rate(state, Novelty(new=(), shared=0, known=state.known), settings, now),
    )


def _recovered(state: FeedState, now: datetime) -> FeedState:
    return replace(state, succeeded_at=now, failures=0, failing_since=None, last_failure=None)


def _rate(state: FeedState, found: Novelty, settings: PollSettings, now: datetime) -> float | None:
    """New entries per hour: an average in which the past fades."""
    if state.succeeded_at is None:
        return _first_rate(found.new, now)
    before = (_BALANCE / settings.initial) ** 2 if state.rate is None else state.rate
    hours = max((now - state.succeeded_at) / _HOUR, 1 / 60)
    fade = math.exp(-hours / _MEMORY_HOURS)
    return before * fade + len(found.new) / hours * (1 - fade)


def _first_rate(entries: Sequence[Entry], now: datetime) -> float | None:
    """The rate that the entries' own dates tell, before anything was seen to arrive."""
    dates = sorted(entry.published for entry in entries if entry.published and entry.published <= now + _HOUR)
    if len(dates) < 3:  # noqa: PLR2004 - two dates tell one gap, which tells nothing
        return None
    # The middle half, so that one pinned old story does not stretch the span.
    recent = dates[len(dates) // 2 :]
    hours = max((now - recent[0]) / _HOUR, 0.5)
    return len(recent) / hours


def _interval(state: FeedState, settings: PollSettings) -> timedelta:
    """How long to wait before jitter: by the rate, by what the feed asks for, and never longer than its window."""
    if state.rate is None:
        return _between(settings.floor, settings.initial, settings.ceiling)
    per_hour = max(state.rate, 1e-4)
    wanted = _BALANCE / math.sqrt(per_hour)
    window = _HOUR * (_WINDOW_SHARE * state.listed / per_hour) if state.listed else settings.ceiling
    return _between(settings.floor, min(max(wanted, _hinted(state, per_hour)), window), settings.ceiling)


def _hinted(state: FeedState, per_hour: float) -> timedelta:
    """The least interval that the feed asks for, believed as long as its own stories do not refute it."""
    hints = state.hints
    asked = max((hint for hint in (hints.max_age, hints.ttl, hints.update_period) if hint), default=timedelta())
    return min(asked, _LONGEST_HINT, _HOUR / per_hour)


def _due(state: FeedState, interval: timedelta, settings: PollSettings, jitter: float, now: datetime) -> datetime:
    jittered = interval * (1 + settings.jitter * max(-1.0, min(1.0, jitter)))
    due = now + _between(settings.floor, jittered, settings.ceiling)
    return min(_awake(state, due), now + max(settings.ceiling, interval))


def _awake(state: FeedState, due: datetime) -> datetime:
    """The first moment from `due` on that skipHours and skipDays (both UTC) leave open."""
    hours, days = set(state.hints.skip_hours), set(state.hints.skip_days)
    if not hours and not days:
        return due
    moment = due.astimezone(UTC)
    for _ in range(_WEEK_DAYS * _DAY_HOURS):
        if moment.hour not in hours and moment.weekday() not in days:
            return moment
        moment = moment.replace(minute=0, second=0, microsecond=0) + _HOUR
    return due


def _failed(state: FeedState, poll: PollFailed, settings: PollSettings, jitter: float, now: datetime) -> FeedState:
    """Wait longer after each failure, but never for ever."""
    failures = state.failures + 1
    base = state.interval or settings.initial
    longest = _GONE if poll.status in _NOT_FOUND else max(_LONGEST_FAILURE, settings.ceiling)
    wait = min(max(base, settings.floor) * 2 ** min(failures - 1, 16), longest)
    wait = max(wait * (1 + settings.jitter * max(-1.0, min(1.0, jitter))), settings.floor)
    due = now + wait
    if poll.retry_at is not None:
        due = max(due, min(poll.retry_at, now + _LONGEST_RETRY))
    return replace(
        state,
        failures=failures,
        failing_since=state.failing_since or now,
        last_failure=poll.detail,
        next_due=due,
    )


def _between(least: timedelta, value: timedelta, most: timedelta) -> timedelta:
    return max(least, min(value, most))
