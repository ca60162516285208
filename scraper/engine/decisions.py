"""The line's own decisions about one entry: fetch it at all, try it again, stretch the attempt. Pure."""

import re
from datetime import datetime, timedelta
from typing import assert_never

from scraper.model.entry import Entry, Pending
from scraper.model.outlet import Outlet
from scraper.model.page import FetchFailed, FetchReason
from scraper.model.span import Span
from scraper.model.verdict import Deferred, Dropped, DropReason

FIRST_RETRY = timedelta(minutes=1)
RETRY_FACTOR = 5
LONGEST_RETRY = timedelta(hours=12)
LONGEST_WAIT = timedelta(days=7)
"""A host that asks to be left alone is waited for this long, counted from when the entry was found."""
MISSING_PAGE_TRIES = 2
"""A 404 right after publication is often a cache that has not caught up; a second look settles it."""


def admit(entry: Entry, outlet: Outlet, span: Span | None, now: datetime) -> Dropped | None:
    """The reason for which an entry is not worth fetching, or None.

    The outlet's greatest age is for what its feeds list; the span is for what a backfill found elsewhere.
    """
    articles = outlet.articles
    if articles.include and not any(re.search(pattern, entry.url) for pattern in articles.include):
        return Dropped(
            reason=DropReason.NOT_AN_ARTICLE, detail=f"{entry.url} matches no articles.include pattern of {outlet.id}"
        )
    for pattern in articles.exclude:
        if re.search(pattern, entry.url):
            return Dropped(
                reason=DropReason.NOT_AN_ARTICLE,
                detail=f"{entry.url} matches articles.exclude {pattern!r} of {outlet.id}",
            )
    if entry.published is None:
        return None
    if not is_polled(entry, outlet):
        return outside(entry, outlet, entry.published, span)
    oldest = outlet.policy.max_age
    if oldest is not None and now - entry.published > oldest:
        return Dropped.for_age(DropReason.TOO_OLD, entry.published, f"older than the {oldest} that {outlet.id} allows")
    return None


def is_polled(entry: Entry, outlet: Outlet) -> bool:
    """Whether the entry was listed by a feed that is polled, not found by a backfill."""
    return entry.run is None and (entry.source in outlet.feeds or entry.source in outlet.news_sitemaps)


def outside(entry: Entry, outlet: Outlet, published: datetime | None, span: Span | None) -> Dropped | None:
    """The reason to drop what a backfill found when it was published outside the span asked for."""
    if span is None or published is None or is_polled(entry, outlet) or span.holds(published):
        return None
    return Dropped.for_age(DropReason.OUT_OF_RANGE, published, "outside the range asked")


def after_failure(failure: FetchFailed, pending: Pending, max_attempts: int, now: datetime) -> Dropped | Deferred:
    """What becomes of an entry whose page could not be had.

    Waiting for one's turn at a host, or for as long as the host asks, uses up no try.
    """
    reason = _drop_reason(failure.reason)
    if failure.reason is FetchReason.THROTTLED and now - pending.found_at < LONGEST_WAIT:
        until = max(now + FIRST_RETRY, failure.retry_at or now)
        return Deferred(reason=reason, detail=failure.detail, until=until, tried=False)
    if _tries_allowed(failure.reason, max_attempts) <= pending.attempts:
        return Dropped(reason=reason, detail=_after_tries(failure.detail, pending.attempts))
    until = now + retry_delay(pending.attempts)
    if failure.retry_at is not None:
        until = max(until, failure.retry_at)
    return Deferred(reason=reason, detail=failure.detail, until=until)


def retry_delay(attempts: int) -> timedelta:
    """How long to wait after the given number of tries: 1 min, 5 min, 25 min, 2 h 5 min, … at most 12 h."""
    factor: int = RETRY_FACTOR ** max(0, min(attempts, 10) - 1)
    return min(FIRST_RETRY * factor, LONGEST_RETRY)


def give_up(verdict: Deferred, pending: Pending, max_attempts: int) -> Dropped | Deferred:
    """A deferral stands until the tries are used up; then it is a drop for the same reason."""
    if pending.attempts < max_attempts or not verdict.tried:
        return verdict
    return Dropped(reason=verdict.reason, detail=_after_tries(verdict.detail, pending.attempts))


def after_defect(detail: str, pending: Pending, max_attempts: int, now: datetime) -> Dropped | Deferred:
    """The verdict on a story that our own code failed on: tried again, in case the next version is better."""
    verdict = Deferred(reason=DropReason.UNREADABLE, detail=detail, until=now + retry_delay(pending.attempts))
    return give_up(verdict, pending, max_attempts)


def defect(error: BaseException) -> str:
    """What is said of a bug."""
    return f"a defect in scraper: {type(error).__name__}: {error}"


def _after_tries(detail: str, attempts: int) -> str:
    return detail if attempts <= 1 else f"{detail} (after {attempts} tries)"


def _drop_reason(reason: FetchReason) -> DropReason:
    match reason:
        case FetchReason.ROBOTS:
            return DropReason.ROBOTS
        case FetchReason.GONE:
            return DropReason.GONE
        case FetchReason.REFUSED_ADDRESS | FetchReason.BAD_URL:
            return DropReason.REFUSED_ADDRESS
        case FetchReason.TOO_LARGE:
            return DropReason.TOO_LARGE
        case (
            FetchReason.HTTP_STATUS
            | FetchReason.THROTTLED
            | FetchReason.UNRESOLVED
            | FetchReason.UNREACHABLE
            | FetchReason.TLS
            | FetchReason.TIMEOUT
            | FetchReason.TOO_SLOW
            | FetchReason.BAD_ENCODING
            | FetchReason.REDIRECTS
            | FetchReason.PROTOCOL
            | FetchReason.INTERRUPTED
        ):
            return DropReason.FETCH_FAILED
        case _:
            assert_never(reason)


def _tries_allowed(reason: FetchReason, max_attempts: int) -> int:
    if reason in {FetchReason.ROBOTS, FetchReason.REFUSED_ADDRESS, FetchReason.BAD_URL, FetchReason.TOO_LARGE}:
        return 1
    if reason is FetchReason.GONE:
        return min(MISSING_PAGE_TRIES, max_attempts)
    return max_attempts
