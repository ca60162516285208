from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.engine.decisions import admit, after_failure, give_up, retry_delay
from scraper.model.entry import Entry, Pending
from scraper.model.outlet import ArticleUrls, Outlet, Policy
from scraper.model.page import FetchFailed, FetchReason
from scraper.model.span import Span
from scraper.model.verdict import Deferred, Dropped, DropReason

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OUTLET = Outlet(
    id="koran",
    name="Koran",
    domains=("koran.example",),
    articles=ArticleUrls(include=(r"/read/\d+",), exclude=(r"/video/",)),
    feeds=("https://koran.example/feed",),
    policy=Policy(max_age=timedelta(days=7)),
)


FEED = "https://koran.example/feed"
SITEMAP = "https://koran.example/sitemap.xml"


def entry(url: str = "https://koran.example/read/1", published: datetime | None = None, source: str = FEED) -> Entry:
    return Entry(key=url, url=url, outlet="koran", source=source, published=published)


def failure(reason: FetchReason, retry_at: datetime | None = None) -> FetchFailed:
    return FetchFailed(url="https://koran.example/read/1", reason=reason, detail="it went wrong", retry_at=retry_at)


def test_an_address_outside_the_outlets_patterns_is_dropped_with_the_pattern_named():
    assert admit(entry(), OUTLET, None, NOW) is None
    for url in ("https://koran.example/topics/7", "https://koran.example/video/read/7"):
        refused = admit(entry(url), OUTLET, None, NOW)
        assert refused is not None
        assert refused.reason is DropReason.NOT_AN_ARTICLE
        assert "koran" in refused.detail


def test_the_greatest_age_is_for_what_feeds_list_and_the_span_for_what_a_backfill_found():
    moment = NOW - timedelta(days=8)
    refused = admit(entry(published=moment), OUTLET, None, NOW)
    assert refused is not None
    assert refused.reason is DropReason.TOO_OLD
    found = entry(published=moment, source=SITEMAP)
    assert admit(found, OUTLET, None, NOW) is None
    assert admit(found, OUTLET, Span(since=NOW - timedelta(days=30)), NOW) is None
    outside = admit(found, OUTLET, Span(since=NOW - timedelta(days=3)), NOW)
    assert outside is not None
    assert outside.reason is DropReason.OUT_OF_RANGE


def test_what_the_daemon_left_pending_is_not_lost_to_the_span_of_a_backfill():
    span = Span(since=NOW - timedelta(days=300), until=NOW - timedelta(days=200))
    assert admit(entry(published=NOW), OUTLET, span, NOW) is None


def test_a_span_holds_its_start_and_not_its_end():
    span = Span(since=NOW, until=NOW + timedelta(days=1))
    assert span.holds(NOW)
    assert not span.holds(NOW + timedelta(days=1))


@pytest.mark.parametrize(
    ("reason", "dropped"),
    [
        (FetchReason.ROBOTS, DropReason.ROBOTS),
        (FetchReason.REFUSED_ADDRESS, DropReason.REFUSED_ADDRESS),
        (FetchReason.BAD_URL, DropReason.REFUSED_ADDRESS),
        (FetchReason.TOO_LARGE, DropReason.TOO_LARGE),
    ],
)
def test_what_will_not_change_is_dropped_at_once(reason, dropped):
    verdict = after_failure(failure(reason), Pending(entry=entry(), found_at=NOW, attempts=1), 5, NOW)
    assert isinstance(verdict, Dropped)
    assert verdict.reason is dropped


def test_a_missing_page_gets_a_second_look():
    first = after_failure(failure(FetchReason.GONE), Pending(entry=entry(), found_at=NOW, attempts=1), 5, NOW)
    second = after_failure(failure(FetchReason.GONE), Pending(entry=entry(), found_at=NOW, attempts=2), 5, NOW)
    assert isinstance(first, Deferred)
    assert isinstance(second, Dropped)
    assert second.reason is DropReason.GONE
    assert "2 tries" in second.detail


@given(st.sampled_from(FetchReason), st.integers(1, 5), st.integers(1, 5))
def test_every_failure_ends_after_the_tries_allowed(reason, attempts, allowed):
    pending = Pending(entry=entry(), found_at=NOW, attempts=attempts)
    verdict = after_failure(failure(reason), pending, allowed, NOW)
    if reason is FetchReason.THROTTLED:
        assert isinstance(verdict, Deferred)
        assert not verdict.tried
    elif attempts >= allowed:
        assert isinstance(verdict, Dropped)
    elif isinstance(verdict, Deferred):
        assert verdict.until > NOW


def test_the_servers_own_wish_is_honoured_when_it_is_later():
    later = NOW + timedelta(hours=3)
    pending = Pending(entry=entry(), found_at=NOW, attempts=1)
    for reason in (FetchReason.THROTTLED, FetchReason.HTTP_STATUS):
        verdict = after_failure(failure(reason, retry_at=later), pending, 5, NOW)
        assert isinstance(verdict, Deferred)
        assert verdict.until == later


def test_waiting_for_a_host_uses_up_no_try_and_ends_after_a_week():
    waiting = Pending(entry=entry(), found_at=NOW, attempts=99)
    assert isinstance(after_failure(failure(FetchReason.THROTTLED), waiting, 5, NOW), Deferred)
    assert isinstance(after_failure(failure(FetchReason.THROTTLED), waiting, 5, NOW + timedelta(days=8)), Dropped)


@given(st.integers(0, 1000))
def test_waits_grow_and_are_bounded(attempts):
    assert timedelta(minutes=1) <= retry_delay(attempts) <= retry_delay(attempts + 1) <= timedelta(hours=12)


def test_a_deferral_becomes_a_drop_when_the_tries_are_used_up():
    deferred = Deferred(reason=DropReason.LIVE_BLOG, detail="still going", until=NOW)
    assert give_up(deferred, Pending(entry=entry(), found_at=NOW, attempts=4), 5) is deferred
    assert isinstance(give_up(deferred, Pending(entry=entry(), found_at=NOW, attempts=5), 5), Dropped)
