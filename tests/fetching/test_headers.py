"""What headers say."""

from datetime import timedelta

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetching import headers as said
from tests.fetching.web import NOW

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("headers", "fresh"),
    [
        ({}, None),
        ({"cache-control": "max-age=3600"}, HOUR),
        ({"cache-control": 'public, MAX-AGE="3600"'}, HOUR),
        ({"cache-control": "max-age=3600", "age": "1800"}, HOUR / 2),
        ({"cache-control": "max-age=60", "age": "1800"}, timedelta()),
        ({"cache-control": "s-maxage=9"}, None),
        ({"cache-control": "max-age=3600, no-cache"}, timedelta()),
        ({"cache-control": "no-store"}, timedelta()),
        ({"cache-control": "max-age=99999999999999999999"}, timedelta(days=365)),
        ({"cache-control": "max-age=-5"}, None),
        ({"cache-control": 'private="a, max-age=7", max-age=3600'}, HOUR),
        ({"expires": "Mon, 23 Nov 2026 09:00:00 GMT"}, HOUR),
        ({"expires": "Mon, 23 Nov 2026 09:00:00 GMT", "date": "Mon, 23 Nov 2026 08:30:00 GMT"}, HOUR / 2),
        ({"expires": "Sunday, 23-Nov-26 07:00:00 GMT"}, timedelta()),
        ({"expires": "0"}, timedelta()),
        ({"expires": "Mon, 23 Nov 2026 09:00:00 GMT", "cache-control": "max-age=1800"}, HOUR / 2),
    ],
)
def test_freshness_is_what_the_cache_rules_say(headers, fresh):
    assert said.freshness(httpx.Headers(headers), NOW) == fresh


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta()),
        ("Mon, 23 Nov 2026 09:00:00 GMT", HOUR),
        ("Mon, 23 Nov 2020 09:00:00 GMT", timedelta()),
        ("soon", None),
        ("-1", None),
        ("", None),
        ("1e9", None),
    ],
)
def test_retry_after_comes_in_seconds_or_as_a_date(value, wait):
    assert said.retry_after(httpx.Headers({"retry-after": value}), NOW) == wait


def test_a_date_is_one_by_the_clock_of_the_server():
    wrong = {"retry-after": "Sun, 22 Nov 2026 09:10:00 GMT", "date": "Sun, 22 Nov 2026 09:00:00 GMT"}
    assert said.retry_after(httpx.Headers(wrong), NOW) == timedelta(minutes=10)


@given(st.binary(), st.binary())
def test_nonsense_reads_as_if_it_had_not_been_sent(one, two):
    headers = httpx.Headers(
        [(b"cache-control", one), (b"expires", two), (b"age", two), (b"retry-after", one), (b"content-length", two)]
    )
    fresh, wait = said.freshness(headers, NOW), said.retry_after(headers, NOW)
    assert fresh is None or timedelta() <= fresh <= timedelta(days=365)
    assert wait is None or timedelta() <= wait
    length = said.length(headers)
    assert length is None or length >= 0
