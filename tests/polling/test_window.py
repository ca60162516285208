"""How fast a window slides: what bounds the wait for busy feeds."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scraper.polling.novelty import novelty
from scraper.polling.window import turnover
from tests.polling.samples import NOW, fresh, listed_at

MINUTE = timedelta(minutes=1)


def seen(minutes_ago: list[float]) -> timedelta | None:
    poll = listed_at([NOW - MINUTE * ago for ago in minutes_ago])
    return turnover(fresh(), poll, novelty(b"", poll.listing.entries), NOW)


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
