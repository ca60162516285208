"""A subscription's life, step by step."""

from datetime import UTC, datetime, timedelta

import pytest

from scraper.websub import Stage
from scraper.websub import subscription as life

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def wanted():
    return life.wanted(
        feed="https://kabar.example/feed",
        outlet="kabar",
        hub="https://hub.example/",
        topic="https://kabar.example/feed",
        now=NOW,
    )


def live(lease=10 * DAY):
    return life.verified(life.asking(wanted(), NOW), lease, NOW)


def test_a_hub_that_does_not_verify_is_asked_later_and_later_and_never_given_up():
    one, now, waits = wanted(), NOW, []
    for _ in range(6):
        one = life.asking(one, now)
        waits.append(one.act_at - now)
        now = one.act_at
    assert waits == sorted(waits)
    assert waits[0] >= timedelta(minutes=5)
    assert waits[-1] == waits[-2] == DAY
    assert not one.is_live(now)


def test_a_lease_is_renewed_before_it_ends_and_is_live_meanwhile():
    one = live()
    assert one.is_live(NOW)
    assert NOW + 5 * DAY < one.act_at < NOW + 10 * DAY
    renewing = life.asking(one, one.act_at)
    assert renewing.stage is Stage.LIVE
    assert renewing.is_live(NOW + 9 * DAY)
    assert not renewing.is_live(NOW + 10 * DAY)
    again = life.verified(renewing, 10 * DAY, renewing.act_at)
    assert (again.tries, again.is_live(NOW + 12 * DAY)) == (0, True)


@pytest.mark.parametrize("lease", [timedelta(), timedelta(seconds=1), timedelta(days=100_000)])
def test_no_lease_makes_us_ask_all_the_time_or_never(lease):
    assert NOW + 0.5 * HOUR < live(lease).act_at <= NOW + 365 * DAY


def test_a_denial_stands_for_a_week_and_is_told():
    one = life.denied(live(), "not for you" + "!" * 1000, NOW)
    assert (one.stage, one.act_at) == (Stage.DENIED, NOW + 7 * DAY)
    assert not one.is_live(NOW)
    assert one.detail.startswith("denied: not for you")
    assert len(one.detail) <= life.LONGEST_DETAIL
    assert life.asking(one, NOW + 7 * DAY).stage is Stage.WANTED


def test_only_what_is_live_needs_an_end_and_a_hub_is_asked_for_it_three_times_at_most():
    assert life.leaving(wanted(), NOW) is None
    one = life.leaving(live(), NOW)
    assert one is not None
    for _ in range(3):
        assert not life.is_over(one, NOW)
        one = life.asking(one, NOW)
        assert one.stage is Stage.LEAVING
    assert life.is_over(one, NOW)
    ended = life.leaving(live(), NOW)
    assert ended is not None
    assert life.is_over(ended, NOW + 11 * DAY)


def test_waiting_for_ones_turn_is_no_try():
    one = life.postponed(life.asking(wanted(), NOW), NOW + HOUR)
    assert (one.tries, one.act_at) == (0, NOW + HOUR)


def test_a_hub_is_relied_on_from_its_first_new_story_until_a_poll_finds_one_it_missed():
    one = live()
    assert not one.relied
    assert not life.pushed(one, 0, NOW).relied
    one = life.pushed(one, 1, NOW)
    assert one.relied
    assert life.pushed(one, 0, NOW).relied
    assert not life.overtaken(one).relied


def test_secrets_are_shared_over_https_alone():
    assert live().proves
    plain = life.wanted(feed="f", outlet="o", hub="http://hub.example/", topic="t", now=NOW)
    assert not plain.proves
