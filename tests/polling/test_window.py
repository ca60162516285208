"""How fast a window slides: what bounds the wait for busy feeds."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scraper.model.feed import PollHints
from scraper.polling import after_poll
from scraper.polling.novelty import novelty
from scraper.polling.window import borne, turnover
from tests.polling.samples import NOW, SETTINGS, UNCHANGED, fresh, listed, listed_at, poll, run

MINUTE = timedelta(minutes=1)


def seen(minutes_ago: list[float]) -> timedelta | None:
    poll = listed_at([NOW - MINUTE * ago for ago in minutes_ago])
    return turnover(fresh(), poll, novelty(b"", poll.listing.entries), None, NOW)


def test_a_steady_feed_turns_over_in_four_fifths_of_its_window():
    assert seen([30 * number for number in range(20)]) == 30 * 16 * MINUTE


def test_a_burst_of_half_the_window_is_held_for_the_beginning_of_one_of_all_of_it():
    steady = [600 + 60 * number for number in range(11)]
    burst = [float(number) for number in range(9)]
    found = seen([*burst, *steady])
    assert found is not None
    assert 16 * MINUTE < found < 40 * MINUTE


def test_entries_of_one_moment_tell_nothing():
    assert seen([0.0] * 20) is None
    assert seen([60, 120, 180]) is None


@given(st.lists(st.floats(0, 10_000), min_size=5, max_size=60))
def test_it_is_no_longer_than_what_was_seen(minutes: list[float]):
    found = seen(minutes)
    if found is not None:
        assert timedelta() < found <= timedelta(minutes=max(minutes) - min(minutes)) + 3 * MINUTE


def test_without_dates_what_came_since_the_last_look_tells_however_quiet_it_was_before():
    night = run(fresh(), [listed(*range(20)), *[UNCHANGED] * 20])
    looked = night.polled_at
    assert looked is not None
    after = poll(night, listed(*range(100, 116), *range(4)), looked + 40 * MINUTE)
    assert after.memory.turnover == 10 * MINUTE, "in a part of the wait, for all that is known"
    half = poll(night, listed(*range(100, 108), *range(12)), looked + 40 * MINUTE)
    assert half.memory.turnover is not None
    assert 20 * MINUTE < half.memory.turnover < 40 * MINUTE


spans = st.none() | st.timedeltas(timedelta(), timedelta(days=2))


@given(
    st.floats(-1, 1),
    st.lists(st.floats(0, 600), min_size=20, max_size=60),
    st.builds(PollHints, max_age=spans, ttl=spans, update_period=spans),
)
def test_neither_jitter_nor_a_wish_goes_beyond_what_the_window_bears(
    jitter: float, minutes: list[float], hints: PollHints
):
    first = listed_at([NOW - MINUTE * ago for ago in minutes])
    state = after_poll(fresh(), replace(first, listing=replace(first.listing, hints=hints)), SETTINGS, jitter, NOW)
    for _ in range(60):
        state = after_poll(state, replace(UNCHANGED, hints=hints), SETTINGS, jitter, state.next_due)
        bears = borne(state.memory)
        if bears is not None and state.polled_at is not None:
            assert bears < (state.memory.turnover or MINUTE)
            assert state.next_due - state.polled_at <= max(bears, SETTINGS.floor)
