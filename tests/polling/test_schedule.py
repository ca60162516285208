"""When a feed is asked again."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model.entry import Entry
from scraper.model.feed import FeedKind, FeedState, Listed, Listing, NotModified, Poll, PollFailed, PollHints
from scraper.model.outlet import Outlet, Policy
from scraper.polling import after_poll, first_state, settings_for
from scraper.settings import PollSettings

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SETTINGS = PollSettings()
OUTLET = Outlet(id="harian", name="Harian", domains=())
URL = "https://harian.example/rss"


def entry(number: int, published: datetime | None = None) -> Entry:
    url = f"https://harian.example/{number}"
    return Entry(key=url, url=url, outlet="harian", source=URL, published=published)


def listed(*numbers: int, hints: PollHints | None = None) -> Listed:
    entries = tuple(entry(number) for number in numbers)
    return Listed(
        listing=Listing(entries=entries, hints=hints or PollHints()), etag=b'"e"', last_modified=None, body_digest=b"d"
    )


def fresh() -> FeedState:
    return first_state(OUTLET, URL, FeedKind.FEED, NOW)


def run(state: FeedState, polls: Sequence[Poll], settings: PollSettings = SETTINGS) -> FeedState:
    for poll in polls:
        state = after_poll(state, poll, settings, 0.0, state.next_due)
    return state


def test_a_new_feed_is_due_at_once():
    assert fresh().next_due == NOW


def test_a_listing_is_remembered():
    state = after_poll(fresh(), listed(1, 2), SETTINGS, 0.0, NOW)
    assert (state.etag, state.body_digest, state.polls, state.entries_found, state.memory.listed) == (
        b'"e"',
        b"d",
        1,
        2,
        2,
    )
    assert state.polled_at == state.succeeded_at == state.new_at == NOW
    assert state.next_due == NOW + SETTINGS.initial


def test_both_validators_are_replaced_even_by_nothing():
    state = after_poll(fresh(), listed(1), SETTINGS, 0.0, NOW)
    state = after_poll(state, NotModified(etag=None, last_modified=b"x"), SETTINGS, 0.0, state.next_due)
    assert (state.etag, state.last_modified) == (None, b"x")


def test_a_busy_feed_is_asked_more_often_than_a_quiet_one():
    busy = run(fresh(), [listed(*range(n * 10, n * 10 + 40)) for n in range(20)])
    quiet = run(fresh(), [listed(1, 2, 3), *[NotModified(etag=None, last_modified=None)] * 40])
    assert busy.interval is not None
    assert quiet.interval is not None
    assert busy.interval < timedelta(minutes=15) < quiet.interval


def test_dates_tell_the_first_interval():
    entries = tuple(entry(n, NOW - timedelta(minutes=5 * n)) for n in range(50))
    poll = Listed(listing=Listing(entries=entries), etag=None, last_modified=None, body_digest=b"")
    state = after_poll(fresh(), poll, SETTINGS, 0.0, NOW)
    assert state.interval is not None
    assert state.interval < SETTINGS.initial


def test_a_hint_stretches_the_interval_until_stories_refute_it():
    hour = PollHints(ttl=timedelta(hours=1))
    calm = run(fresh(), [listed(*range(20), hints=hour)] * 90)
    eager = run(fresh(), [listed(*range(n * 10, n * 10 + 40), hints=hour) for n in range(20)])
    assert calm.interval is not None
    assert calm.interval >= timedelta(minutes=30)
    assert eager.interval is not None
    assert eager.interval < timedelta(minutes=15)


def test_skipped_hours_are_left_out():
    hints = PollHints(skip_hours=(3, 4))
    state = after_poll(fresh(), listed(1, hints=hints), SETTINGS, 0.0, NOW)
    assert state.next_due == datetime(2026, 11, 23, 5, 0, tzinfo=UTC)


def test_skipping_every_hour_is_not_believed():
    state = after_poll(fresh(), listed(1, hints=PollHints(skip_hours=tuple(range(24)))), SETTINGS, 0.0, NOW)
    assert state.next_due == NOW + SETTINGS.initial


def test_failures_wait_longer_and_never_for_ever():
    state = after_poll(fresh(), listed(1), SETTINGS, 0.0, NOW)
    waits = []
    for _ in range(40):
        before = state.next_due
        state = after_poll(state, PollFailed(detail="HTTP 500", status=500), SETTINGS, 0.0, before)
        waits.append(state.next_due - before)
    assert waits == sorted(waits)
    assert waits[0] == SETTINGS.initial
    assert waits[-1] == timedelta(days=1)
    assert state.failures == 40
    assert state.last_failure == "HTTP 500"
    assert state.failing_since == NOW + SETTINGS.initial
    again = after_poll(state, NotModified(etag=None, last_modified=None), SETTINGS, 0.0, state.next_due)
    assert (again.failures, again.failing_since, again.last_failure) == (0, None, None)


def test_retry_after_is_kept_within_reason():
    soon = after_poll(fresh(), PollFailed(detail="", status=429, retry_at=NOW + timedelta(hours=3)), SETTINGS, 0.0, NOW)
    assert soon.next_due == NOW + timedelta(hours=3)
    never = after_poll(
        fresh(), PollFailed(detail="", status=429, retry_at=NOW + timedelta(days=999)), SETTINGS, 0.0, NOW
    )
    assert never.next_due == NOW + timedelta(days=2)


def test_the_outlet_can_only_be_stricter():
    strict = settings_for(SETTINGS, Outlet(id="a", name="A", domains=(), policy=Policy(poll_floor=timedelta(hours=1))))
    loose = settings_for(SETTINGS, Outlet(id="a", name="A", domains=(), policy=Policy(poll_floor=timedelta(seconds=1))))
    assert strict.floor == timedelta(hours=1)
    assert loose.floor == SETTINGS.floor


hints = st.builds(
    PollHints,
    max_age=st.none() | st.timedeltas(timedelta(), timedelta(days=9)),
    ttl=st.none() | st.timedeltas(timedelta(), timedelta(days=9)),
    skip_hours=st.lists(st.integers(0, 23), max_size=24).map(tuple),
    skip_days=st.lists(st.integers(0, 6), max_size=7).map(tuple),
)
polls = (
    st.builds(lambda numbers, given: listed(*numbers, hints=given), st.lists(st.integers(0, 99), max_size=20), hints)
    | st.just(NotModified(etag=None, last_modified=None))
    | st.builds(
        PollFailed,
        detail=st.just("no"),
        status=st.sampled_from([None, 404, 410, 429, 500]),
        retry_at=st.none() | st.timedeltas(timedelta(days=-900), timedelta(days=900)).map(NOW.__add__),
    )
)


@given(st.lists(st.tuples(polls, st.floats(-1, 1), st.timedeltas(timedelta(), timedelta(days=20))), max_size=12))
def test_the_next_look_is_never_too_soon_and_never_never(steps: list[tuple[Poll, float, timedelta]]):
    state, now = fresh(), NOW
    for poll, jitter, late in steps:
        now = max(now, state.next_due) + late
        state = after_poll(state, poll, SETTINGS, jitter, now)
        assert now + SETTINGS.floor <= state.next_due <= now + timedelta(days=8)


@pytest.mark.parametrize("jitter", [-1.0, 1.0])
def test_jitter_moves_the_next_look_by_its_share(jitter: float):
    state = after_poll(fresh(), listed(1), SETTINGS, jitter, NOW)
    assert state.next_due == NOW + SETTINGS.initial * (1 + 0.1 * jitter)
