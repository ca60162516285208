"""Times as publishers write them."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.sources.dates import read_date

JAKARTA = ZoneInfo("Asia/Jakarta")


def at(hour: int, minute: int, second: int = 0, offset: float = 7, day: int = 22) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=timezone(timedelta(hours=offset)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sun, 22 Nov 2026 14:05:06 +0700", at(14, 5, 6)),
        ("Sun, 22 Nov 2026 14:05:06 GMT", at(14, 5, 6, 0)),
        ("Sun, 22 Nov 26 14:05 EST", at(14, 5, 0, -5)),
        ("22 Nov 2026 14:05:06", at(14, 5, 6)),
        ("2026-11-22T14:05:06+07:00", at(14, 5, 6)),
        ("2026-11-22T14:05:06.123456Z", at(14, 5, 6, 0) + timedelta(microseconds=123456)),
        ("2026-11-22T14:05:06+0000 UTC", at(14, 5, 6, 0)),
        ("2026-11-22 14:05:06", at(14, 5, 6)),
        ("2026-11-22 14:05", at(14, 5)),
        ("2026-11-22", at(0, 0)),
        ("2026/11/22 14:05", at(14, 5)),
        ("20261122T140506Z", at(14, 5, 6, 0)),
        ("20261122140506", at(14, 5, 6)),
        ("20261122", at(0, 0)),
        ("Minggu, 22 November 2026 14:05 WIB", at(14, 5)),
        ("Minggu, 22 November 2026 - 14.05 WITA", at(14, 5, 0, 8)),
        ("Minggu, 22 Nopember 2026 | 14:05 WIT", at(14, 5, 0, 9)),
        ("Jum'at, 22 Nov 2026 pukul 14.05 WIB", at(14, 5)),
        ("Diterbitkan 22 November 2026, 14:05 WIB", at(14, 5)),
        ("22/11/2026 14:05 WIB", at(14, 5)),
        ("22-11-2026, 14:05", at(14, 5)),
        ("November 22, 2026 2:05 PM", at(14, 5)),
        ("Nov. 22, 2026, 2:05 p.m. GMT+8", at(14, 5, 0, 8)),
        ("Sun Nov 22 14:05:06 2026", at(14, 5, 6)),
        ("Sun Nov 22 14:05:06 UTC 2026", at(14, 5, 6, 0)),
        ("1795331106", datetime.fromtimestamp(1795331106, UTC)),
        ("1795331106000", datetime.fromtimestamp(1795331106, UTC)),
        ("22 Nov 2026 24:00:00 +0700", at(0, 0, day=23)),
        ("22 Nov 2026 14:05:60 +0700", at(14, 5, 59)),
        ("Sun, 22 Nov 2026 14:05:06 XYZ", at(14, 5, 6)),
        ("22 Nov 2026 12:05 AM", at(0, 5)),
        ("22 Nov 2026 12:05 PM", at(12, 5)),
    ],
)
def test_reads(text: str, expected: datetime):
    moment = read_date(text, JAKARTA)
    assert moment == expected
    assert moment is not None
    assert moment.utcoffset() is not None


@pytest.mark.parametrize(
    ("month", "number"),
    [
        ("Januari", 1),
        ("Pebruari", 2),
        ("Maret", 3),
        ("Mei", 5),
        ("Juli", 7),
        ("Agustus", 8),
        ("Agst", 0),
        ("Okt", 10),
        ("Des", 12),
    ],
)
def test_indonesian_months(month: str, number: int):
    moment = read_date(f"3 {month} 2026 10:00 WIB", JAKARTA)
    assert (moment.month if moment else 0) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kemarin",
        "2026-13-40",
        "31 Februari 2026",
        "22 Nov 0026 10:00:00 +0000",
        "Sun, 22 Nov 2026 14:05:06 +9900",
        "x" * 200,
    ],
)
def test_what_cannot_be_read_is_none(text: str):
    assert read_date(text, JAKARTA) is None


@given(st.text(max_size=60))
def test_nothing_raises(text: str):
    moment = read_date(text, JAKARTA)
    assert moment is None or moment.tzinfo is not None


@given(st.integers(10**9, 4 * 10**9))
def test_iso_and_mail_forms_round_trip(seconds: int):
    moment = datetime.fromtimestamp(seconds, JAKARTA)
    assert read_date(moment.isoformat(), UTC) == moment
    assert read_date(moment.strftime("%a, %d %b %Y %H:%M:%S %z"), UTC) == moment
