"""The next look at a feed, from its state and the last one. Pure.

A feed is asked again when the stories expected since the last look have waited a fixed time in all (decision 023):
with a steady rate r that is an interval in proportion to 1/sqrt(r), which gives the least mean delay for a number
of requests; with a rhythm it means seldom at night and soon after the morning's first stories.
"""

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scraper.model.feed import (
    FeedKind,
    FeedMemory,
    FeedState,
    Listed,
    NotModified,
    Poll,
    PollFailed,
)
from scraper.model.outlet import Outlet
from scraper.polling.moves import after_answer, after_trouble, declared_feed
from scraper.polling.novelty import Novelty, novelty
from scraper.polling.rhythm import Forecast, Rhythm, first_rhythm, hours, observed, unpack
from scraper.polling.validators import distrust
from scraper.polling.window import SMALL_WINDOW, borne, slid, turnover
from scraper.polling.wishes import age, awake, cached, held, wished
from scraper.settings import PollSettings

_HOUR = timedelta(hours=1)
_WINDOW_SHARE = 0.3
"""A feed is asked again before more than this share of its window is expected to have been replaced."""
_LEARNING = timedelta(days=1)
"""For so long a new feed is left alone for no longer than the effort: bursts are not known before some were seen."""
_LEARNING_POWER = 1.5
"""Afterwards it may be for longer by this power of the time that it has been known."""
_LONGEST_FAILURE = timedelta(days=1)
_LONGEST_RETRY = timedelta(days=2)
_GONE_AFTER = timedelta(days=3)
_GONE_SIGHTINGS = 3
_GONE_WAIT = timedelta(days=7)
_GONE = 410
_SOON = timedelta(minutes=5)
_QUIET_FADE = 0.98


def first_state(outlet: Outlet, url: str, kind: FeedKind, now: datetime) -> FeedState:
    """A feed that has never been asked and is due at once."""
    return FeedState(url=url, outlet=outlet.id, kind=kind, next_due=now)


def settings_for(settings: PollSettings, outlet: Outlet) -> PollSettings:
    """The general settings, narrowed by the outlet's policy: never asked more often than either allows."""
    floor = max(settings.floor, outlet.policy.poll_floor or settings.floor)
    ceiling = max(floor, min(settings.ceiling, outlet.policy.poll_ceiling or settings.ceiling))
    return replace(settings, floor=floor, ceiling=ceiling)


def relying_on_hub(settings: PollSettings, state: FeedState, floor: timedelta) -> PollSettings:
    """The settings for a feed whose stories are pushed: polls are its safety net and may come as seldom as `floor`.

    Its window stays guarded: were the hub to fall silent, nothing would slide out unseen.
    """
    bears = borne(state.memory)
    if bears is None:
        return settings
    return replace(settings, floor=max(settings.floor, min(floor, settings.ceiling, bears)))


def after_poll(
    state: FeedState, poll: Poll, settings: PollSettings, jitter: float, now: datetime, *, offline: bool = False
) -> FeedState:
    """The feed's state after a poll that ended at `now`.

    `jitter` in [-1, 1] stretches or shrinks the interval by up to the share that the settings name; the caller draws
    it. `next_due` is never sooner than the settings' floor, nor than the server asked for, and always comes.

    `offline` says that most hosts cannot be reached at the moment: a poll that did not reach its server then changes
    nothing but the time of the next one. So does one that was put off.
    """
    jitter = 1 + settings.jitter * max(-1.0, min(1.0, jitter))
    if isinstance(poll, PollFailed):
        if poll.put_off or (offline and not poll.reached):
            return replace(state, next_due=_not_before(poll.retry_at, now + max(_SOON * jitter, settings.floor), now))
        found_at = declared_feed(state.memory, poll)
        if found_at is not None:
            memory = replace(state.memory, address=found_at)
            return replace(state, memory=memory, polled_at=now, polls=state.polls + 1, next_due=now + settings.floor)
        return _failed(state, poll, settings, jitter, now)
    before = state.memory
    rhythm = unpack(before.rhythm)
    found = novelty(before.known, poll.listing.entries) if isinstance(poll, Listed) else None
    if rhythm is not None:
        came = (*found.new, *poll.recovered) if found and isinstance(poll, Listed) else ()
        rhythm = observed(rhythm, [entry.published for entry in came], now)
    elif found is not None:
        rhythm = first_rhythm([entry.published for entry in found.new if entry.published], now)
    met_at = now if state.succeeded_at is None else before.met_at
    state = _answered(state, poll, found, now)
    state = replace(state, memory=replace(state.memory, met_at=met_at, cached=cached(state.memory)))
    plan = _plan(state, rhythm, settings, now)
    memory = replace(state.memory, rhythm=plan.rhythm.pack() if plan.rhythm else b"", rate=plan.rate)
    wait = max(min(plan.interval * jitter, plan.most), plan.least)
    due = awake(memory.hints, now + _between(settings.floor, wait, settings.ceiling), _late(settings, jitter))
    return replace(state, memory=memory, interval=plan.interval, next_due=due)


def _answered(state: FeedState, poll: Listed | NotModified, found: Novelty | None, now: datetime) -> FeedState:
    """What a poll that succeeded leaves behind, save for the interval."""
    looked = state.succeeded_at
    before = replace(
        state,
        polled_at=now,
        polls=state.polls + 1,
        succeeded_at=now,
        failures=0,
        failing_since=None,
        last_failure=None,
    )
    memory = after_answer(replace(before.memory, gone_since=None, gone_sightings=0), poll, found, before.url, now)
    # Validators belong to the address that was asked: a new one starts without.
    moved = memory.address != before.memory.address
    state = replace(before, etag=None if moved else poll.etag, last_modified=None if moved else poll.last_modified)
    if isinstance(poll, NotModified) or found is None:
        memory = replace(
            memory,
            hints=replace(memory.hints, max_age=poll.hints.max_age if isinstance(poll, NotModified) else None),
            body_at=now if isinstance(poll, NotModified) and poll.with_body else memory.body_at,
        )
        return replace(state, memory=memory)
    memory = replace(
        distrust(memory, before, poll, found, now),
        hints=poll.listing.hints,
        listed=len(poll.listing.entries),
        known=found.known,
        turnover=turnover(before, poll, found, looked, now),
        longest_quiet=_longest_quiet(before, found, now),
        body_at=now,
        changed_at=now,
        empty_since=None if poll.listing.entries else memory.empty_since or now,
    )
    if before.memory.listed and poll.listing.entries and not found.shared and not poll.bridged:
        memory = slid(memory, now)
    return replace(
        state,
        body_digest=poll.body_digest,
        new_at=now if found.new else state.new_at,
        entries_found=state.entries_found + len(found.new) + len(poll.recovered),
        memory=memory,
    )


def _late(settings: PollSettings, jitter: float) -> timedelta:
    """How long after the beginning of an hour that many feeds wait for this one is asked: a tenth of it at most."""
    return _HOUR * (jitter - 1 + settings.jitter) / 2


def _longest_quiet(state: FeedState, found: Novelty, now: datetime) -> timedelta | None:
    longest = state.memory.longest_quiet
    if not found.new or state.new_at is None:
        return longest
    return max(now - state.new_at, longest * _QUIET_FADE if longest else timedelta())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """When a feed that answered is asked again."""

    interval: timedelta
    """The wait before jitter."""
    most: timedelta
    least: timedelta = timedelta()
    """What jitter neither goes beyond nor stays below."""
    rhythm: Rhythm | None = None
    """With what it foresees for that time."""
    rate: float | None = None


def _plan(state: FeedState, rhythm: Rhythm | None, settings: PollSettings, now: datetime) -> _Plan:
    first = _between(settings.floor, settings.initial, settings.ceiling)
    if rhythm is None:
        return _Plan(interval=first, most=settings.ceiling)
    if not any(rhythm.counts) and state.polls <= 1:
        # Nothing is known but the first guess; what it supposes is what the next look is compared with.
        supposed = (settings.effort / settings.initial) ** 2
        return _Plan(interval=first, most=settings.ceiling, rhythm=replace(rhythm, pace=supposed))
    memory, forecast, start = state.memory, Forecast(rhythm), hours(now)
    guard = _guard(memory, forecast, start, settings.ceiling / _HOUR)
    effort = settings.effort / _HOUR
    span = forecast.until(start, settings.ceiling / _HOUR, waiting=effort * effort / 2)
    span = max(span, wished(memory.hints, forecast, start, guard))
    least = min(held(memory.hints) / _HOUR, guard)
    most = min(guard, max(guard - age(memory) / _HOUR, least))
    span = min(span, most, _while_learning(state, settings, now))
    interval = _between(settings.floor, _HOUR * span, settings.ceiling)
    return _Plan(
        interval=interval,
        least=_HOUR * least,
        most=_HOUR * most,
        rhythm=replace(rhythm, pace=forecast.pace(start, interval / _HOUR)),
        rate=forecast.mean(),
    )


def _guard(memory: FeedMemory, forecast: Forecast, start: float, longest: float) -> float:
    """The hours after which stories may have left the window, `longest` at most."""
    guard = longest
    if memory.listed >= SMALL_WINDOW:
        guard = forecast.until(start, longest, stories=_WINDOW_SHARE * memory.listed)
    bears = borne(memory)
    return guard if bears is None else min(guard, bears / _HOUR)


def _while_learning(state: FeedState, settings: PollSettings, now: datetime) -> float:
    """The most hours to wait, as long as the feed is new: at first twice as many each time."""
    if state.memory.met_at is None:
        return math.inf
    known = (now - state.memory.met_at) / _LEARNING
    longest: float = settings.effort / _HOUR * max(known, 1.0) ** _LEARNING_POWER
    return min(longest, math.ldexp(settings.initial / _HOUR, min(state.polls - 1, 64)))


def _failed(state: FeedState, poll: PollFailed, settings: PollSettings, jitter: float, now: datetime) -> FeedState:
    """Wait longer after each failure, but never for ever."""
    failures = state.failures + 1
    failing_since = state.failing_since or now
    memory = _gone(state.memory, poll, now)
    base = max(state.interval or settings.initial, settings.floor)
    wait = min(base * 2 ** min(failures - 1, 16), max(_LONGEST_FAILURE, settings.ceiling))
    if _is_gone(memory, now):
        wait = _GONE_WAIT
    due = _not_before(poll.retry_at, now + max(wait * jitter, settings.floor), now)
    state = replace(
        state,
        polled_at=now,
        polls=state.polls + 1,
        failures=failures,
        failing_since=failing_since,
        last_failure=poll.detail,
        next_due=awake(memory.hints, due, _late(settings, jitter)),
    )
    kept = after_trouble(memory, failures, failing_since, now)
    if kept.address != memory.address:
        state = replace(state, etag=None, last_modified=None)
    return replace(state, memory=kept)


def _not_before(retry_at: datetime | None, due: datetime, now: datetime) -> datetime:
    return due if retry_at is None else max(due, min(retry_at, now + _LONGEST_RETRY))


def _gone(memory: FeedMemory, poll: PollFailed, now: datetime) -> FeedMemory:
    if poll.status != _GONE:
        return replace(memory, gone_since=None, gone_sightings=0)
    return replace(memory, gone_since=memory.gone_since or now, gone_sightings=memory.gone_sightings + 1)


def _is_gone(memory: FeedMemory, now: datetime) -> bool:
    """Whether the server has said so often enough, for days, to be believed; it is still asked once a week."""
    since = memory.gone_since
    return since is not None and memory.gone_sightings >= _GONE_SIGHTINGS and now - since >= _GONE_AFTER


def _between(least: timedelta, value: timedelta, most: timedelta) -> timedelta:
    return max(least, min(value, most))
