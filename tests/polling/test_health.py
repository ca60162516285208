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
