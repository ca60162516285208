"""When a feed is asked again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model.feed import FeedMemory, Listed, Listing, NotModified, Poll, PollFailed, PollHints
from scraper.model.outlet import Outlet, Policy
from scraper.polling import after_poll, relying_on_hub, settings_for
from tests.polling.samples import DOWN, GONE, NOW, SETTINGS, UNCHANGED, daily, entry, fresh, listed, poll, run


def test_a_new_feed_is_due_at_once():
    assert fresh().next_due == NOW


def test_a_listing_is_remembered():
    state = after_poll(fresh(), listed(1, 2), SETTINGS, 0.0, NOW)
    assert (state.etag, state.body_digest, state.polls, state.entries_found, state.memory.listed) == (
        b'"e"',
        b"(1, 2)",
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
    quiet = run(fresh(), [listed(1, 2, 3), *[UNCHANGED] * 40])
    assert busy.interval is not None
    assert quiet.interval is not None
    assert busy.interval < timedelta(minutes=15) < quiet.interval


def test_dates_tell_the_first_interval():
    entries = tuple(entry(n, NOW - timedelta(minutes=5 * n)) for n in range(50))
    poll = Listed(listing=Listing(entries=entries), etag=None, last_modified=None, body_digest=b"")
    state = after_poll(fresh(), poll, SETTINGS, 0.0, NOW)
    assert state.interval is not None
    assert state.interval < SETTINGS.initial


def spaced(minutes: int, hints: PollHints) -> timedelta:
    """The mean interval, after some days, of a feed with a story every so many minutes."""
    state, intervals = fresh(), []
    while state.next_due < NOW + timedelta(days=8):
        count = (state.next_due - NOW) // timedelta(minutes=minutes)
        state = poll(state, listed(*range(count, count + 40), hints=hints))
        if state.next_due > NOW + timedelta(days=4) and state.interval is not None:
            intervals.append(state.interval)
    return sum(intervals, timedelta()) / len(intervals)


def test_a_feeds_wish_is_kept_until_stories_refute_it():
    wish = PollHints(ttl=timedelta(hours=1))
    assert spaced(150, wish) > spaced(150, PollHints()) * 1.1
    assert spaced(10, wish) == pytest.approx(spaced(10, PollHints()), abs=timedelta(minutes=1))


def test_wordpress_says_hourly_and_means_nothing():
    hourly = PollHints(update_period=timedelta(hours=1))
    assert spaced(120, hourly) == spaced(120, PollHints())


def test_a_cached_answer_is_not_asked_for_again_while_it_is_cached():
    assert spaced(5, PollHints(max_age=timedelta(minutes=12))) >= timedelta(minutes=12)
    assert spaced(5, PollHints(max_age=timedelta(days=1))) <= timedelta(minutes=15)


@pytest.mark.parametrize(("jitter", "minute"), [(-1.0, 0), (0.0, 3), (1.0, 6)])
def test_skipped_hours_are_left_out_and_not_all_feeds_are_asked_when_they_end(jitter: float, minute: int):
    hints = PollHints(skip_hours=(3, 4))
    state = after_poll(fresh(), listed(1, hints=hints), SETTINGS, jitter, NOW)
    assert abs(state.next_due - datetime(2026, 11, 23, 5, minute, tzinfo=UTC)) < timedelta(seconds=1)


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


def test_a_feed_that_its_hub_pushes_is_asked_seldom_but_never_so_seldom_that_its_window_could_turn_over():
    hour = timedelta(hours=1)
    turning = replace(fresh(), memory=FeedMemory(turnover=6 * hour))
    assert relying_on_hub(SETTINGS, turning, hour).floor == hour
    assert hour < relying_on_hub(SETTINGS, turning, 100 * hour).floor < 6 * hour < SETTINGS.ceiling
    assert relying_on_hub(SETTINGS, turning, timedelta()).floor == SETTINGS.floor
    assert relying_on_hub(SETTINGS, fresh(), hour) == SETTINGS


hints = st.builds(
    PollHints,
    max_age=st.none() | st.timedeltas(timedelta(), timedelta(days=9)),
    ttl=st.none() | st.timedeltas(timedelta(), timedelta(days=9)),
    skip_hours=st.lists(st.integers(0, 23), max_size=24).map(tuple),
    skip_days=st.lists(st.integers(0, 6), max_size=7).map(tuple),
)
polls = (
    st.builds(lambda numbers, hints: listed(*numbers, hints=hints), st.lists(st.integers(0, 99), max_size=20), hints)
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
    for answer, jitter, late in steps:
        now = max(now, state.next_due) + late
        state = after_poll(state, answer, SETTINGS, jitter, now)
        assert now + SETTINGS.floor <= state.next_due <= now + timedelta(days=15)


@given(
    st.sets(st.integers(0, 23), max_size=23),
    st.sets(st.integers(0, 6), max_size=6),
    st.lists(st.sampled_from([UNCHANGED, DOWN, GONE]), max_size=12),
    st.floats(-1, 1),
)
def test_neither_success_nor_failure_asks_when_the_feed_wishes_to_be_skipped(
    hours: set[int], days: set[int], answers: list[Poll], jitter: float
):
    hints = PollHints(skip_hours=tuple(hours), skip_days=tuple(days))
    state = after_poll(fresh(), listed(1, hints=hints), SETTINGS, jitter, NOW)
    for answer in answers:
        assert state.next_due.hour not in hours
        assert state.next_due.weekday() not in days
        state = after_poll(state, answer, SETTINGS, jitter, state.next_due)


@pytest.mark.parametrize("jitter", [-1.0, 1.0])
def test_jitter_moves_the_next_look_by_its_share(jitter: float):
    state = after_poll(fresh(), listed(1), SETTINGS, jitter, NOW)
    assert state.next_due == NOW + SETTINGS.initial * (1 + 0.1 * jitter)


def test_a_poll_that_brings_nothing_new_to_a_known_body_is_remembered_as_a_body():
    state = poll(fresh(), listed(1))
    state = poll(state, replace(UNCHANGED, with_body=True))
    assert state.memory.body_at == state.polled_at
    assert state.memory.changed_at == NOW


def test_the_rhythm_of_the_day_decides():
    """Stories at work in Jakarta (UTC 2 to 12 h), four an hour: asked often then, seldom at night."""
    state, published = fresh(), 0
    day, night = [], []
    while state.next_due < NOW + timedelta(days=21):
        now = state.next_due
        hours = (now - NOW.replace(hour=0)).days * 10 + min(max(now.hour + now.minute / 60 - 2, 0), 10)
        published = int(hours * 4)
        state = poll(state, listed(*range(published, published + 60)))
        if now > NOW + timedelta(days=14) and state.interval is not None:
            if 4 <= now.hour < 10:
                day.append(state.interval)
            elif 15 <= now.hour < 22:
                night.append(state.interval)
    assert max(day) < timedelta(minutes=30)
    assert min(night) > timedelta(hours=1)


def test_a_window_that_slides_fast_is_watched_closely():
    slow = run(fresh(), [listed(*range(n, n + 10)) for n in range(30)])
    fast = run(fresh(), [listed(*range(n * 8, n * 8 + 10)) for n in range(30)])
    assert fast.interval == SETTINGS.floor
    assert slow.interval is not None
    assert slow.interval > SETTINGS.floor
    assert fast.memory.gaps == 0


def test_a_gap_is_remembered():
    state = run(fresh(), [listed(*range(10)), listed(*range(50, 60))])
    assert (state.memory.gaps, state.memory.gap_at) == (1, state.polled_at)


def test_an_entry_that_comes_and_goes_is_new_once():
    state = run(fresh(), [listed(1, 2, 3), listed(2, 3, 4), listed(1, 2, 3), listed(2, 3, 4)])
    assert state.entries_found == 4


def test_a_feed_that_says_gone_is_believed_after_days_and_asked_weekly_all_the_same():
    state = run(fresh(), [listed(1), GONE, GONE, GONE])
    assert state.next_due - (state.polled_at or NOW) < timedelta(days=1)
    state = daily(state, [GONE] * 4)
    assert state.next_due - (state.polled_at or NOW) == timedelta(days=7)
    back = poll(state, listed(1, 2))
    assert back.memory.gone_since is None
    assert back.next_due - (back.polled_at or NOW) <= SETTINGS.ceiling


def test_while_our_network_is_down_nothing_is_counted():
    state = poll(fresh(), listed(1))
    frozen = after_poll(state, DOWN, SETTINGS, 0.0, state.next_due, offline=True)
    assert replace(frozen, next_due=state.next_due) == state
    assert frozen.next_due == state.next_due + timedelta(minutes=5)
    answered = PollFailed(detail="HTTP 500", status=500)
    assert after_poll(state, answered, SETTINGS, 0.0, state.next_due, offline=True).failures == 1
    assert after_poll(state, DOWN, SETTINGS, 0.0, state.next_due).failures == 1


def test_a_poll_that_was_put_off_comes_soon_and_counts_nothing():
    state = poll(replace(fresh(), memory=FeedMemory(gone_since=NOW, gone_sightings=2)), listed(1))
    for before in (state, poll(state, GONE), poll(state, DOWN)):
        now = before.next_due
        after = after_poll(before, PollFailed(detail="overload", status=200, put_off=True), SETTINGS, 0.0, now)
        assert after == replace(before, next_due=now + timedelta(minutes=5))
        turn = now + timedelta(minutes=20)
        waits = PollFailed(detail="the next turn is far off", retry_at=turn, put_off=True)
        assert after_poll(before, waits, SETTINGS, 0.0, now) == replace(before, next_due=turn)


def test_a_feed_that_is_not_known_yet_is_asked_a_little_later_each_time():
    old = NOW - timedelta(days=400)
    poll_ = Listed(listing=Listing(entries=(entry(1, old),)), etag=None, last_modified=None, body_digest=b"")
    state, waits = fresh(), []
    for answer in (poll_, UNCHANGED, UNCHANGED, UNCHANGED, UNCHANGED):
        before = state.next_due
        state = poll(state, answer)
        waits.append(state.next_due - before)
    assert waits == [timedelta(minutes=minutes) for minutes in (15, 30, 30, 30, 30)]
