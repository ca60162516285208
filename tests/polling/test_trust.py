"""Validators that lie, redirects that last, a network that is down."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scraper.model.feed import FeedKind, FeedState, Listed, NotModified, PollFailed
from scraper.model.page import RequestKind
from scraper.polling import Connectivity, request_for
from tests.polling.samples import DOWN, NOW, OUTLET, SETTINGS, UNCHANGED, URL, daily, fresh, listed, poll, run

DAY = timedelta(days=1)
NEW_URL = "https://baru.example/rss"


def quiet(days: int) -> FeedState:
    """A feed that has answered 304 for so many days."""
    state = poll(fresh(), listed(1, 2))
    while state.next_due < NOW + days * DAY:
        state = poll(state, UNCHANGED)
    return state


def test_both_validators_are_sent_to_the_configured_address():
    state = replace(quiet(1), last_modified=b"yesterday")
    request = request_for(state, OUTLET, state.next_due)
    assert (request.url, request.kind) == (URL, RequestKind.FEED)
    assert (request.etag, request.last_modified) == (b'"e"', b"yesterday")
    assert request_for(replace(state, kind=FeedKind.NEWS_SITEMAP), OUTLET, NOW).kind is RequestKind.SITEMAP


def test_after_days_without_a_body_one_is_asked_for():
    state = quiet(3)
    assert request_for(state, OUTLET, state.next_due).etag is None
    state = poll(state, replace(UNCHANGED, with_body=True))
    assert request_for(state, OUTLET, state.next_due).etag == b'"e"'


def test_news_under_an_unchanged_validator_proves_the_lie():
    state = poll(quiet(3), listed(1, 2, 3))
    now = state.next_due
    assert request_for(state, OUTLET, now).etag is None
    assert request_for(state, OUTLET, now + 15 * DAY).etag is None  # an audit again
    state = poll(state, replace(UNCHANGED, with_body=True), now + 15 * DAY)
    assert request_for(state, OUTLET, now + 15 * DAY).etag == b'"e"'


def test_news_under_a_new_validator_is_just_news():
    state = poll(quiet(3), listed(1, 2, 3, etag=b'"f"'))
    assert request_for(state, OUTLET, state.next_due).etag == b'"f"'
    state = poll(quiet(1), listed(1, 2, 3))
    assert request_for(state, OUTLET, state.next_due).etag == b'"e"'


def moved(*numbers: int) -> Listed:
    return listed(*numbers, moved_to=NEW_URL)


def test_a_lasting_move_to_the_same_stories_is_adopted():
    answers = [listed(1, 2, 3), moved(1, 2, 3), moved(2, 3, 4), moved(3, 4, 5)]
    assert request_for(daily(fresh(), answers[:3]), OUTLET, NOW).url == URL
    state = daily(fresh(), answers)
    request = request_for(state, OUTLET, state.next_due)
    assert (request.url, request.etag) == (NEW_URL, None)
    assert state.url == URL


@pytest.mark.parametrize("with_body", [True, False])
def test_a_move_is_also_seen_while_the_stories_stay_the_same(with_body):
    same = replace(UNCHANGED, with_body=with_body, moved_to=NEW_URL)
    state = daily(fresh(), [listed(1, 2, 3), same, same, same])
    request = request_for(state, OUTLET, state.next_due)
    assert (request.url, request.etag) == (NEW_URL, None)
    assert daily(fresh(), [listed(1, 2), same, UNCHANGED, same, same]).memory.address is None
    assert daily(fresh(), [listed(), same, same, same]).memory.address is None


def test_a_move_of_hours_is_not_adopted():
    state = run(fresh(), [listed(1, 2, 3), moved(1, 2, 3), moved(1, 2, 3, 4), moved(2, 3, 4), moved(3, 4, 5)])
    assert state.memory.address is None
    assert state.memory.move == NEW_URL


def test_a_move_to_other_stories_is_not_adopted():
    state = daily(fresh(), [listed(1, 2, 3), *(moved(n * 10, n * 10 + 1) for n in range(1, 9))])
    assert state.memory.address is None


def test_a_move_that_ends_is_forgotten():
    state = daily(fresh(), [listed(1), moved(1), moved(1, 2), listed(1, 2), moved(1, 2)])
    assert (state.memory.move_sightings, state.memory.address) == (1, None)


def test_an_adopted_address_that_fails_for_a_day_is_given_up():
    state = daily(fresh(), [listed(1, 2, 3), moved(1, 2, 3), moved(2, 3, 4), moved(3, 4, 5)])
    state = poll(state, listed(3, 4, 5))
    assert state.memory.address == NEW_URL
    state = daily(state, [DOWN] * 6)
    assert request_for(state, OUTLET, state.next_due).url == URL
    assert request_for(state, OUTLET, state.next_due).etag is None


def saw(watch: Connectivity, hosts: range, *, reached: bool = False, worked: timedelta | None = DAY) -> None:
    for number in hosts:
        worked_at = None if worked is None else NOW - worked
        watch.saw(f"https://h{number}.example/feed", NOW, reached=reached, worked_at=worked_at)


def test_when_nearly_all_hosts_are_out_of_reach_it_is_our_network():
    watch = Connectivity()
    saw(watch, range(5))
    assert watch.is_down(NOW)
    saw(watch, range(1, 3), reached=True)
    assert not watch.is_down(NOW)


def test_few_hosts_or_old_failures_prove_nothing():
    watch = Connectivity()
    saw(watch, range(2))
    saw(watch, range(2))
    assert not watch.is_down(NOW)
    saw(watch, range(9))
    assert watch.is_down(NOW)
    assert not watch.is_down(NOW + timedelta(minutes=11))


def test_servers_that_have_been_dead_for_long_prove_nothing():
    watch = Connectivity()
    saw(watch, range(9), worked=None)
    saw(watch, range(9, 20), worked=8 * DAY)
    assert not watch.is_down(NOW)


def test_a_304_carries_its_validators_on():
    state = poll(quiet(1), NotModified(etag=b'"new"', last_modified=None))
    assert request_for(state, OUTLET, state.next_due).etag == b'"new"'


def test_a_page_that_declares_a_feed_leads_to_it():
    page = PollFailed(detail="not a feed: HTML page", status=200, declared=NEW_URL)
    state = poll(fresh(), page)
    assert request_for(state, OUTLET, state.next_due).url == NEW_URL
    assert (state.failures, state.next_due) == (0, NOW + SETTINGS.floor)
    state = poll(state, listed(1, 2))
    assert request_for(state, OUTLET, state.next_due).etag == b'"e"'


def test_a_page_in_place_of_a_known_feed_is_a_failure():
    page = PollFailed(detail="not a feed: HTML page", status=200, declared=NEW_URL)
    state = poll(poll(fresh(), listed(1)), page)
    assert request_for(state, OUTLET, state.next_due).url == URL
    assert state.failures == 1
