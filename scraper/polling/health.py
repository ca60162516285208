"""What is wrong with a feed or an outlet: since when, and what to do. Pure; of a feed from its state alone."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scraper.model.feed import TOLD_FOR, FeedState
from scraper.polling.lengths import UNKNOWN, Lengths
from scraper.polling.validators import DISTRUST

_FEW_FAILURES = 3
_FAILING = timedelta(hours=6)
_LEAST_HABIT = timedelta(days=1)
_UNASKED_304 = "the server answered 304"
"""How a failure begins that is an answer to a request without validators: only such a 304 is none."""
_HABITS = 2.0
_UNKNOWN_HABIT = timedelta(days=7)


class Trouble(StrEnum):
    """What can be wrong with a feed or its outlet. The value is what users see."""

    FAILING = "failing"
    GONE = "gone"
    NOT_A_FEED = "not-a-feed"
    EMPTY = "empty"
    STALE = "stale"
    ALWAYS_304 = "always-304"
    GAPS = "gaps"
    FLOODING = "flooding"
    SHRINKING = "shrinking"
    UNMATCHED = "unmatched"
    """Of an outlet: a selector of its file matches nothing any more."""
    LYING_VALIDATORS = "lying-validators"
    MOVED = "moved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that is wrong with a feed or an outlet."""

    trouble: Trouble
    since: datetime
    detail: str
    advice: str


def findings(state: FeedState, now: datetime, lengths: Lengths = UNKNOWN) -> tuple[Finding, ...]:
    """Everything that is wrong with the feed or, by their `lengths`, with its articles; the gravest first."""
    found = (
        *_failing(state, now),
        *_silent(state, now),
        *_losing(state, now),
        *_shrinking(lengths),
        *_odd(state, now),
    )
    return tuple(found)


def _failing(state: FeedState, now: datetime) -> Iterator[Finding]:
    since, detail = state.failing_since, state.last_failure or "no reason known"
    if since is None:
        return
    if state.memory.gone_since is not None:
        yield Finding(
            trouble=Trouble.GONE,
            since=state.memory.gone_since,
            detail=f"the server says that the feed is gone for good: {detail}",
            advice="look for the outlet's new feed and put its address into the outlet file",
        )
    elif detail.startswith("not a feed"):
        yield Finding(
            trouble=Trouble.NOT_A_FEED,
            since=since,
            detail=detail,
            advice="open the address: it may ask for consent or a login, or the feed may have moved",
        )
    elif detail.startswith(_UNASKED_304):
        yield Finding(
            trouble=Trouble.ALWAYS_304,
            since=state.new_at or since,
            detail=f"asked without validators, {detail}",
            advice="compare with the outlet's front page; if it has news, the server or a cache before it is broken",
        )
    elif state.failures >= _FEW_FAILURES and now - since >= _FAILING:
        yield Finding(
            trouble=Trouble.FAILING,
            since=since,
            detail=f"{state.failures} polls in a row failed, last: {detail}",
            advice="wait if the server is down; otherwise check the address, robots.txt and the outlet's policy",
        )


def _silent(state: FeedState, now: datetime) -> Iterator[Finding]:
    memory = state.memory
    if memory.empty_since is not None:
        yield Finding(
            trouble=Trouble.EMPTY,
            since=memory.empty_since,
            detail="the feed is valid and holds no entry",
            advice="check whether the outlet has replaced it; a news sitemap may serve instead",
        )
        return
    last = state.new_at
    if last is None or state.failing_since is not None:
        return
    quiet = now - last
    habit = memory.longest_quiet
    limit = max(habit * _HABITS, _LEAST_HABIT) if habit else _UNKNOWN_HABIT
    if quiet <= limit:
        return
    longest = f"its longest pause before was {_words(habit)}" if habit else "it has never shown another one"
    if memory.changed_at is not None and memory.changed_at <= last and memory.body_at == memory.changed_at:
        yield Finding(
            trouble=Trouble.ALWAYS_304,
            since=last,
            detail=f"every answer for {_words(quiet)} was 304; {longest}",
            advice="compare with the outlet's front page; the feed is asked without validators every few days",
        )
    else:
        yield Finding(
            trouble=Trouble.STALE,
            since=last,
            detail=f"no new entry for {_words(quiet)}; {longest}",
            advice="compare with the outlet's front page: the feed may be abandoned",
        )


def _losing(state: FeedState, now: datetime) -> Iterator[Finding]:
    memory = state.memory
    if memory.gap_at is not None and now - memory.gap_at < TOLD_FOR:
        yield Finding(
            trouble=Trouble.GAPS,
            since=memory.gap_since or memory.gap_at,
            detail=f"{memory.gaps} listings shared no entry with the one before: stories in between may be missing",
            advice="add the outlet's news sitemap, which shows more, and lower poll.floor if the outlet allows it",
        )

    if memory.passed_over_at is not None and now - memory.passed_over_at < TOLD_FOR:
        yield Finding(
            trouble=Trouble.FLOODING,
            since=memory.passed_over_since or memory.passed_over_at,
            detail=f"{memory.passed_over} new links were passed over: as many stories as may wait are waiting already",
            advice="check that it lists the outlet's news alone; what it still lists is taken in when there is room",
        )


def _shrinking(lengths: Lengths) -> Iterator[Finding]:
    if lengths.shrunk_since is not None:
        usual, lately = round(math.exp(lengths.usual)), round(math.exp(lengths.lately))
        yield Finding(
            trouble=Trouble.SHRINKING,
            since=lengths.shrunk_since,
            detail=f"its articles have some {lately} characters where they had {usual}",
            advice="try `scraper extract` on one of them: a wall may have gone up, or the pages' layout changed",
        )


def _odd(state: FeedState, now: datetime) -> Iterator[Finding]:
    memory = state.memory
    if memory.distrust_until is not None and now < memory.distrust_until:
        yield Finding(
            trouble=Trouble.LYING_VALIDATORS,
            since=memory.distrust_until - DISTRUST,
            detail="it answered 304 although there were new entries",
            advice=f"nothing: it is asked without validators until {memory.distrust_until:%Y-%m-%d}",
        )
    if memory.address is not None or memory.move is not None:
        yield Finding(
            trouble=Trouble.MOVED,
            since=memory.move_since or state.polled_at or now,
            detail=f"it redirects permanently to {memory.address or memory.move}",
            advice="put the new address into the outlet file if it is the outlet's own",
        )


def _words(span: timedelta | None) -> str:
    total = span or timedelta()
    if total >= timedelta(days=2):
        return f"{total.days} days"
    return f"{max(1, round(total / timedelta(hours=1)))} h"
