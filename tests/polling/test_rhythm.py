"""What a feed's past lets expect."""

import math
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.polling.rhythm import Forecast, Rhythm, first_rhythm, hours, observed, unpack

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)


def rate_at(rhythm: Rhythm, moment: datetime) -> float:
    return next(Forecast(rhythm).rates(hours(moment), hours(moment) + 1))[0]


def watched(days: int, publish: list[int], weekdays: range = range(7), each: int = 4) -> tuple[Rhythm, datetime]:
    """A feed that was looked at every hour and had `each` new stories in the given hours (UTC)."""
    rhythm, now = first_rhythm([], MONDAY), MONDAY
    for _ in range(days * 24):
        came = each if now.hour in publish and now.weekday() in weekdays else 0
        rhythm = replace(rhythm, pace=Forecast(rhythm).pace(hours(now), 1))
        now += HOUR
        rhythm = observed(rhythm, [None] * came, now)
    return rhythm, now


def test_a_first_listing_tells_a_rate():
    rhythm = first_rhythm([MONDAY - timedelta(minutes=10 * n) for n in range(60)], MONDAY)
    assert Forecast(rhythm).mean() == pytest.approx(6, rel=0.3)


def test_dates_of_the_future_and_one_old_story_do_not_mislead():
    times = [MONDAY - timedelta(minutes=10 * n) for n in range(60)]
    rhythm = first_rhythm([*times, MONDAY + timedelta(days=9), MONDAY - timedelta(days=900)], MONDAY)
    assert Forecast(rhythm).mean() == pytest.approx(6, rel=0.3)


def test_the_hours_of_the_day_are_learnt_within_days():
    rhythm, now = watched(6, [8, 9, 10])
    tomorrow = now.replace(hour=0)
    assert rate_at(rhythm, tomorrow + 9 * HOUR) > 2
    assert rate_at(rhythm, tomorrow + 20 * HOUR) < 0.3


def test_the_days_of_the_week_are_learnt_within_weeks():
    rhythm, now = watched(21, [8, 9, 10], weekdays=range(5))
    assert now.weekday() == 0
    assert rate_at(rhythm, now + 9 * HOUR) > 3
    assert rate_at(rhythm, now + 5 * 24 * HOUR + 9 * HOUR) < 1.5


def test_a_day_with_twice_as_much_raises_what_is_expected_next():
    rhythm, now = watched(14, list(range(24)), each=2)
    usual = rate_at(rhythm, now)
    for _ in range(12):
        rhythm = replace(rhythm, pace=Forecast(rhythm).pace(hours(now), 1))
        now += HOUR
        rhythm = observed(rhythm, [None] * 6, now)
    assert rate_at(rhythm, now) > usual * 1.4


def test_what_stops_is_forgotten():
    rhythm, now = watched(14, list(range(24)))
    for _ in range(60):
        now += 24 * HOUR
        rhythm = observed(rhythm, [], now)
    assert Forecast(rhythm).mean() < 0.5


def test_stories_are_put_where_their_dates_say():
    start = first_rhythm([], MONDAY)
    dated = observed(start, [MONDAY + 2.5 * HOUR] * 3, MONDAY + 12 * HOUR)
    assert dated.counts[2] == pytest.approx(3, rel=0.05)
    undated = observed(start, [None, MONDAY - 90 * HOUR, MONDAY + 90 * HOUR], MONDAY + 12 * HOUR)
    assert undated.counts[6] == pytest.approx(3, rel=0.05)


def test_packing_keeps_what_matters():
    rhythm, now = watched(9, [3, 4])
    again = unpack(rhythm.pack())
    assert again is not None
    assert Forecast(again).mean() == pytest.approx(Forecast(rhythm).mean(), rel=0.01)
    assert rate_at(again, now + 3 * HOUR) == pytest.approx(rate_at(rhythm, now + 3 * HOUR), rel=0.01)
    assert len(rhythm.pack()) < 400
    assert unpack(b"") is None
    assert unpack(b"older") is None


def steady(rate: float) -> Forecast:
    """A forecast that has watched a constant rate for weeks."""
    counts = (rate * 1.0,) * 168
    end = hours(MONDAY)
    return Forecast(Rhythm(since=end - 168, updated=end, counts=counts))


@given(st.floats(0.05, 50), st.floats(0.1, 10))
def test_waiting_time_at_a_steady_rate_is_the_square_root_law(rate: float, waiting: float):
    forecast = steady(rate)
    start = hours(MONDAY)
    actual = next(forecast.rates(start, start + 1))[0]
    span = forecast.until(start, 1000.0, waiting=waiting)
    assert span == pytest.approx(math.sqrt(2 * waiting / actual), rel=0.15)


@given(st.floats(0.01, 50), st.floats(0.01, 100), st.floats(0.01, 100), st.floats(0.05, 24))
def test_the_first_bound_that_is_met_decides(rate: float, stories: float, waiting: float, longest: float):
    forecast, start = steady(rate), hours(MONDAY)
    spans = [
        forecast.until(start, longest, stories=stories),
        forecast.until(start, longest, waiting=waiting),
        longest,
    ]
    assert forecast.until(start, longest, stories=stories, waiting=waiting) == pytest.approx(min(spans))


times = st.lists(st.none() | st.floats(-900, 900).map(lambda hour: MONDAY + hour * HOUR), max_size=8)


@given(st.lists(st.tuples(times, st.floats(0, 2000)), max_size=10))
def test_whatever_comes_rates_stay_sane(steps: list[tuple[list[datetime | None], float]]):
    now, rhythm = MONDAY, first_rhythm([], MONDAY)
    for found, wait in steps:
        now += wait * HOUR
        rhythm = observed(rhythm, found, now)
        assert unpack(rhythm.pack()) is not None
    rates = list(Forecast(rhythm).rates(hours(now), hours(now) + 200))
    assert all(0 < rate < 10_000 for rate, _ in rates)
    assert sum(share for _, share in rates) == pytest.approx(200)
