"""What is said of a feed that is not well."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scraper.model.feed import FeedState, PollFailed
from scraper.polling import Trouble, findings
from tests.polling.samples import GONE, NOW, UNCHANGED, daily, fresh, listed, poll, run

DAY = timedelta(days=1)


def troubles(state: FeedState, now: datetime | None = None) -> list[Trouble]:
    return [finding.trouble for finding in findings(state, now or state.next_due)]


def lively(days: int) -> FeedState:
    """A feed with a story every six hours."""
    state, shown = fresh(), -1
    while state.next_due < NOW + days * DAY:
        count = (state.next_due - NOW) // timedelta(hours=6)
        state = poll(state, listed(*range(count, count + 20)) if count != shown else UNCHANGED)
        shown = count
    return state


def test_a_lively_feed_is_well():
    assert troubles(fresh(), NOW) == []
    assert troubles(lively(10)) == []


def test_failures_matter_when_they_last():
    down = PollFailed(detail="HTTP 500", status=500)
    assert troubles(run(lively(2), [down] * 2)) == []
    state = daily(lively(2), [down] * 3)
    (finding,) = findings(state, state.next_due)
    assert finding.trouble is Trouble.FAILING
    assert finding.since == state.failing_since
    assert "3 polls" in finding.detail
    assert finding.advice


def test_gone_and_not_a_feed_have_names_of_their_own():
    assert troubles(daily(lively(2), [GONE] * 2)) == [Trouble.GONE]
    page = PollFailed(detail="not a feed: HTML page", status=200)
    assert troubles(run(lively(2), [page])) == [Trouble.NOT_A_FEED]


def test_an_empty_feed():
    state = run(lively(2), [listed()])
    assert troubles(state) == [Trouble.EMPTY]
    assert findings(state, state.next_due)[0].since == state.polled_at
    assert troubles(run(state, [listed(*range(8, 28))])) == []


def test_silence_is_measured_by_the_feeds_own_habit():
    state = lively(10)
    count = (state.next_due - NOW) // timedelta(hours=6)
    body = listed(*range(count, count + 20))
    still = daily(state, [replace(body, body_digest=bytes([n])) for n in range(5)])
    assert Trouble.STALE in troubles(still)
    monthly = fresh()
    for month in range(4):
        monthly = poll(monthly, listed(*range(month, month + 20)), NOW + 30 * month * DAY)
    assert troubles(monthly, NOW + 110 * DAY) == []
    assert troubles(replace(monthly, succeeded_at=NOW), NOW + 190 * DAY) != []


def test_always_304_is_told_from_stale():
    assert Trouble.ALWAYS_304 in troubles(daily(lively(10), [UNCHANGED] * 6))


def test_304_to_a_request_without_validators_is_always_304_and_no_server_that_is_down():
    state = lively(10)
    broken = PollFailed(detail="the server answered 304 (https://harian.example/rss)", status=304)
    (finding,) = findings(poll(state, broken), state.next_due)
    assert (finding.trouble, finding.since) == (Trouble.ALWAYS_304, state.new_at)
    assert "without validators" in finding.detail


def test_gaps_are_told_from_the_first_of_them_and_counted_anew_after_quiet_days():
    first = run(fresh(), [listed(*range(10)), listed(*range(50, 60))])
    again = daily(first, [listed(*range(at, at + 10)) for at in (100, 200)])
    (finding,) = (one for one in findings(again, again.next_due) if one.trouble is Trouble.GAPS)
    assert finding.since == first.polled_at
    assert finding.detail.startswith("3 listings")
    assert again.polled_at is not None
    later = poll(again, listed(*range(300, 310)), again.polled_at + 8 * DAY)
    assert (later.memory.gaps, later.memory.gap_since) == (1, later.polled_at)


def test_lying_validators_are_told_from_when_they_were_found_out():
    state = lively(3)
    found_at = state.next_due
    memory = replace(state.memory, distrust_until=found_at + 14 * DAY)
    later = run(replace(state, memory=memory), [listed(*range(at, at + 20)) for at in (12, 13, 14)])
    (finding,) = findings(later, later.next_due)
    assert (finding.trouble, finding.since) == (Trouble.LYING_VALIDATORS, found_at)


def test_links_that_found_no_room_are_told_for_a_week():
    memory = replace(fresh().memory, passed_over=9000, passed_over_at=NOW)
    assert troubles(replace(fresh(), memory=memory), NOW) == [Trouble.FLOODING]
    assert troubles(replace(fresh(), memory=memory), NOW + 8 * DAY) != [Trouble.FLOODING]


def test_gaps_lying_validators_and_moves():
    state = lively(3)
    memory = replace(state.memory, gaps=2, gap_at=NOW, distrust_until=NOW + 20 * DAY, move="https://baru.example/")
    found = findings(replace(state, memory=memory), state.next_due)
    assert [finding.trouble for finding in found] == [Trouble.GAPS, Trouble.LYING_VALIDATORS, Trouble.MOVED]
    assert all(finding.detail and finding.advice for finding in found)
    assert troubles(replace(state, memory=memory), NOW + 9 * DAY) != [Trouble.GAPS]


@pytest.mark.parametrize("trouble", list(Trouble))
def test_names_are_for_users(trouble: Trouble):
    assert trouble.value == trouble.value.lower()
