"""What feeds and caches say about how often to ask, and how far it is believed."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from scraper.model.feed import FeedMemory, FeedState, NotModified, PollHints
from scraper.polling import after_poll
from scraper.polling.rhythm import Forecast, Rhythm
from scraper.polling.window import borne
from scraper.polling.wishes import age, cached, held, wished
from tests.polling.samples import NOW, SETTINGS, UNCHANGED, fresh, listed, listed_at, poll, run

MINUTE = timedelta(minutes=1)
QUIET = Forecast(Rhythm(since=0.0, updated=2000.0))
SETTLED = 100
"""Polls after which the first ones are over."""


def kept_for(minutes: float) -> NotModified:
    return replace(UNCHANGED, hints=PollHints(max_age=MINUTE * minutes))


def settled(every: float, count: int = 30) -> FeedState:
    """A feed with a story every so many minutes and a window of `count`, asked often enough to be known."""
    state = poll(fresh(), listed_at([NOW - MINUTE * every * number for number in range(count)]))
    return replace(state, polls=SETTLED)


def wait(state: FeedState, answer: NotModified, jitter: float = 0.0) -> timedelta:
    return after_poll(state, answer, SETTINGS, jitter, state.next_due).next_due - state.next_due


@given(st.timedeltas(timedelta(), timedelta(days=9)), st.floats(0.01, 24))
def test_a_wish_holds_for_a_part_of_what_the_window_bears(ttl: timedelta, guard: float):
    assert wished(PollHints(ttl=ttl), QUIET, 2000.0, guard) <= guard / 3


def test_a_wish_is_believed_for_an_hour_at_most():
    assert 0 < wished(PollHints(ttl=timedelta(days=1)), QUIET, 2000.0, 24) <= 1


def test_what_a_cache_keeps_is_not_asked_for_before_whatever_the_jitter():
    slow = settled(300)
    for jitter in (-1.0, 0.0, 1.0):
        assert wait(settled(8, 60), kept_for(12), jitter) >= 12 * MINUTE
        assert wait(slow, kept_for(14), jitter) >= 14 * MINUTE


def test_an_answer_that_waited_in_a_cache_lets_wait_as_much_less():
    """Asked when the cache had kept it for nine of its ten minutes: two answers lie nine minutes farther apart."""
    state = settled(2, 20)
    just_made = poll(state, kept_for(10))
    old = poll(just_made, kept_for(1))
    bears = borne(old.memory)
    assert bears is not None
    assert bears - 9 * MINUTE < just_made.next_due - state.next_due < bears
    assert old.next_due - just_made.next_due <= bears - 8.8 * MINUTE


@given(st.lists(st.none() | st.timedeltas(timedelta(), timedelta(hours=2)), min_size=1, max_size=30))
def test_an_age_is_no_greater_than_any_cache_would_keep(said: list[timedelta | None]):
    memory = FeedMemory()
    for max_age in said:
        memory = replace(memory, hints=PollHints(max_age=max_age))
        memory = replace(memory, cached=cached(memory))
        assert timedelta() <= held(memory.hints) <= (memory.cached or timedelta()) <= 15 * MINUTE
        assert timedelta() <= age(memory) <= 15 * MINUTE
    if not any(said):
        assert memory.cached is None


def test_a_quiet_feed_is_left_alone_for_longer_as_it_gets_known():
    state = run(fresh(), [listed(1, 2, 3)])
    waits = []
    for _ in range(120):
        before = state.next_due
        state = poll(state, UNCHANGED)
        waits.append(state.next_due - before)
    assert max(waits[:46]) <= SETTINGS.effort
    assert waits[47] < 1.2 * SETTINGS.effort
    assert waits[60] < 4 * SETTINGS.effort
    assert waits[-1] > 8 * SETTINGS.effort
