"""Charts say the same in columns, numbers and words."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.status.web.chart import Form, tick
from scraper.status.web.figures import OTHERS, SERIES, by_day, by_hour, copied, extracted, fates, lag, leading, words
from scraper.storage import LAG_BOUNDS, Hourly, Tally
from tests.storage.samples import NOW

UTC = ZoneInfo("UTC")


def hourly(back, outlet, kept, **more):
    return Hourly(hour=NOW - timedelta(hours=back), outlet=outlet, kept=kept, **more)


def test_hours_without_a_story_have_their_column_too():
    chart = by_hour(
        [hourly(0, "kabar", 3), hourly(5, "warta", 2), hourly(5, "kabar", 1)], NOW, UTC, ["kabar", "warta"], count=6
    )
    assert [series.name for series in chart.series] == ["kabar", "warta"]
    assert [column.values for column in chart.columns] == [(1, 2), (0, 0), (0, 0), (0, 0), (0, 0), (3, 0)]
    assert chart.ticks == (0, 1, 2, 3, 4)
    assert chart.summary == "Articles by the hour, last 6 hours: 6 in all; the most, 3, Mon 23 Nov, 03:00."


def test_labels_are_in_the_zone_and_mark_every_sixth_hour():
    chart = by_hour([], NOW, ZoneInfo("Asia/Jakarta"), (), count=24)
    assert [column.label for column in chart.columns if column.marked] == ["18:00", "Mon 23", "06:00", "12:00"]
    assert chart.empty


def test_outlets_beyond_the_first_share_a_series():
    tallies = [Tally(day="2026-11-23", outlet=f"o{number}", reason="kept", stories=20 - number) for number in range(9)]
    tallies.append(Tally(day="2026-11-23", outlet="o0", reason="duplicate", stories=500))
    chart = by_day(tallies, NOW, leading([], tallies))
    assert [series.name for series in chart.series] == [*(f"o{number}" for number in range(SERIES)), OTHERS]
    assert [series.is_outlet for series in chart.series] == [True] * SERIES + [False]
    assert [str(series.tone) for series in chart.series][-2:] == ["six", "others"]
    assert list(chart.columns[-1].values) == [20, 19, 18, 17, 16, 15, 14 + 13 + 12]
    assert chart.columns[-1].name == "Mon 23 Nov 2026"


def test_an_outlet_has_one_colour_in_the_charts_of_hours_and_of_days():
    hours = [hourly(1, "pos", 9), hourly(1, "warta", 3)]
    tallies = [Tally(day="2026-11-22", outlet=name, reason="kept", stories=9) for name in ("kabar", "warta")]
    top = leading(hours, tallies)
    assert top == ("pos", "warta", "kabar"), "by their shares of both"
    tones = [
        {series.name: series.tone for series in chart.series}
        for chart in (by_hour(hours, NOW, UTC, top), by_day(tallies, NOW, top))
    ]
    assert [sorted(known) for known in tones] == [["pos", "warta"], ["kabar", "warta"]]
    assert tones[0]["warta"] is tones[1]["warta"]
    assert len({*tones[0].values(), *tones[1].values()}) == 3


def test_fates_of_an_outlet_are_told_apart():
    tallies = [
        Tally(day="2026-11-22", outlet="kabar", reason=reason, stories=stories)
        for reason, stories in (("kept", 5), ("duplicate", 2), ("too-short", 1), ("fetch-failed", 3), ("gone", 1))
    ]
    tallies.append(Tally(day="2026-11-22", outlet="pos", reason="kept", stories=9))
    assert fates(tallies, NOW, "kabar").columns[-2].values == (5, 2, 1, 4)
    assert fates(tallies, NOW).columns[-2].values == (14, 2, 1, 4)


def test_shares_are_of_what_was_measured_and_nothing_where_nothing_was():
    tallies = [
        Tally(day=f"2026-11-{day}", outlet="kabar", reason=reason, stories=stories)
        for day, reason, stories in (
            (21, "kept", 3),
            (21, "duplicate", 1),
            (21, "no-text", 4),
            (22, "kept", 8),
            (22, "too-old", 90),
            (23, "fetch-failed", 5),
        )
    ]
    share = copied(tallies, NOW)
    assert (share.form, share.suffix) == (Form.LINE, "%")
    assert [column.values for column in share.columns[-3:]] == [(25.0,), (0.0,), (None,)]
    assert share.summary.startswith("Share of copies: 8.3% over 30 days; between 0% (Sun 22 Nov 2026) and 25% (Sat 21")
    gave = extracted(tallies, "kabar", NOW)
    assert [column.values for column in gave.columns[-3:]] == [(50.0,), (100.0,), (None,)]
    assert gave.ticks == (0, 25, 50, 75, 100)
    assert extracted(tallies, "pos", NOW).empty


def test_the_lag_is_told_by_classes():
    lags = [0] * (len(LAG_BOUNDS) + 1)
    lags[2], lags[5], lags[6], lags[-1] = 6, 3, 1, 40
    told = lag([hourly(1, "kabar", 50, lags=lags)])
    assert (told.half, told.most, told.measured, told.old) == ("5 min", "30 min", 10, 40)
    assert lag([]).half is None


@given(st.integers(0, 10**9))
def test_four_ticks_reach_the_greatest_and_not_far_beyond(greatest):
    step = tick(greatest)
    assert 4 * step >= greatest
    assert step == 1 or greatest > 4 * step / 2.5 - 1


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(seconds=5), "5 s"),
        (timedelta(seconds=90), "1 min 30 s"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=5, seconds=50), "5 min"),
        (timedelta(hours=1), "1 h"),
        (timedelta(minutes=100), "1 h 40 min"),
        (timedelta(hours=24), "1 day"),
        (timedelta(hours=30), "30 h"),
        (timedelta(days=9), "9 days"),
        (timedelta(seconds=-5), "0 s"),
    ],
)
def test_a_time_in_words(span, told):
    assert words(span) == told
