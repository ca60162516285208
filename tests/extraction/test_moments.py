"""Points in time as pages write them."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.extraction.moments import read_moment, zone_named
from scraper.extraction.rare_dates import read_rare


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-19T08:15:30+07:00", "2026-11-19T08:15:30+07:00"),
        ("2026-11-19T08:15:30.123Z", "2026-11-19T08:15:30+00:00"),
        ("2026-11-19T08:15:30.1234567+0700", "2026-11-19T08:15:30+07:00"),
        ("2026-11-19 08:15:30 +07:00", "2026-11-19T08:15:30+07:00"),
        ("2026-11-19 T08:15:30Z", "2026-11-19T08:15:30+00:00"),
        ("2026-11-19T08:15", "2026-11-19T08:15:00"),
        ("2026-11-19T08:15-05", "2026-11-19T08:15:00-05:00"),
        ("2026/11/19 8:15", "2026-11-19T08:15:00"),
        ("20261119T081530Z", "2026-11-19T08:15:30+00:00"),
        ("1795053600", "2026-11-19T02:00:00+00:00"),
        ("1795053600000", "2026-11-19T02:00:00+00:00"),
        ("Thu, 19 Nov 2026 08:15:30 GMT", "2026-11-19T08:15:30+00:00"),
        ("Thu, 19 Nov 2026 08:15:30 +0700", "2026-11-19T08:15:30+07:00"),
        ("Thu Nov 19 08:15:30 CET 2026", "2026-11-19T08:15:30+01:00"),
        ("Kamis, 19 November 2026 | 08:15 WIB", "2026-11-19T08:15:00+07:00"),
        ("Kamis, 19 Nop 2026 pukul 08.15 WITA", "2026-11-19T08:15:00+08:00"),
        ("Diterbitkan 19 Nov 2026, 08:15 WIT", "2026-11-19T08:15:00+09:00"),
        ("Jum'at, 20/11/2026 08:15 WIB", "2026-11-20T08:15:00+07:00"),
        ("20 Agust 2026 08:15", "2026-08-20T08:15:00"),
        ("19/11/2026 - 08:15", "2026-11-19T08:15:00"),
        ("19.11.2026, 08:15 Uhr", "2026-11-19T08:15:00"),
        ("19. November 2026, 08.15 Uhr", "2026-11-19T08:15:00"),
        ("November 19, 2026 8:15 pm", "2026-11-19T20:15:00"),
        ("Nov. 19, 2026 at 12:15 a.m. EST", "2026-11-19T00:15:00-05:00"),
        ("08:15, 19 November 2026", "2026-11-19T08:15:00"),
        ("19 novembre 2026 à 8h15", "2026-11-19T08:15:00"),
        ("19 de noviembre de 2026, 08:15", "2026-11-19T08:15:00"),
        ("19 ноября 2026, 08:15", "2026-11-19T08:15:00"),
        ("2026年11月19日 8時15分", "2026-11-19T08:15:00"),
        ("2026년 11월 19일 08:15", "2026-11-19T08:15:00"),
    ],
)
def test_a_time_is_read_to_the_second_with_the_zone_it_states(text, expected):
    moment = read_moment(text)
    assert moment is not None
    assert moment.has_time
    assert moment.at.isoformat() == expected


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-19",
        "20261119",
        "19 November 2026",
        "Thursday, November 19th, 2026",
        "19.11.2026 - Stand: 20.11.2026",
        "19/11/26",
    ],
)
def test_a_bare_day_is_known_to_be_one(text):
    moment = read_moment(text)
    assert moment is not None
    assert not moment.has_time
    assert moment.at == datetime(2026, 11, 19)  # noqa: DTZ001 - what stands there has no zone


@pytest.mark.parametrize(
    ("text", "month_first", "month"), [("04/05/2026", False, 5), ("04/05/2026", True, 4), ("04/25/2026", False, 4)]
)
def test_the_order_of_day_and_month_is_the_outlets_unless_only_one_is_possible(text, month_first, month):
    moment = read_moment(text, month_first=month_first)
    assert moment is not None
    assert moment.at.month == month


@pytest.mark.parametrize(
    "text", ["", "yesterday", "5m", "P 3 M", "2026", "32/13/2026", "31 Februari 2026", "14:36", "Foto 2 dari 10"]
)
def test_what_is_no_date_is_none(text):
    assert read_moment(text) is None


@given(st.datetimes(min_value=datetime(1995, 1, 1), max_value=datetime(2090, 1, 1)), st.integers(-12 * 4, 14 * 4))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_iso_times_come_back_to_the_second(at, quarters):
    zoned = at.replace(microsecond=0, tzinfo=timezone(timedelta(minutes=15 * quarters)))
    moment = read_moment(zoned.isoformat())
    assert moment is not None
    assert moment.at == zoned
    assert moment.at.utcoffset() == zoned.utcoffset()


@given(st.text(max_size=300))
def test_any_text_can_be_tried(text):
    moment = read_moment(text)
    assert moment is None or moment.has_time or moment.at.hour == 0


@pytest.mark.parametrize(
    ("name", "hours"),
    [("WIB", 7), ("wita", 8), ("WIT", 9), ("CEST", 2), ("GMT+7", 7), ("UTC-3", -3), ("+0530", 5.5), ("Z", 0)],
)
def test_zones_are_known_by_name_and_offset(name, hours):
    zone = zone_named(name)
    assert zone is not None
    assert zone.utcoffset(datetime(2026, 1, 1, tzinfo=UTC)) == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["IST", "CST", "XYZ", "", "+99:00"])
def test_a_zone_with_several_meanings_is_not_guessed(name):
    assert zone_named(name) is None


def test_other_scripts_are_left_to_the_slow_reader():
    moment = read_rare("१९ नवंबर २०२६ ०८:१५", ("hi",))
    assert moment is not None
    assert moment.at == datetime(2026, 11, 19, 8, 15)  # noqa: DTZ001 - what stands there has no zone
    assert read_rare("2 jam lalu", ("id",)) is None
    assert read_rare("tidak ada", ("id",)) is None
    assert read_rare("19 x", ("zz",)) is None
