"""A feed's whole state survives being stored."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from scraper.model.feed import FeedKind, FeedMemory, PollHints
from scraper.storage import feeds
from scraper.storage.schema import create
from tests.storage import samples

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def database() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    create(connection)
    return connection


def test_everything_that_polling_has_learnt_comes_back():
    memory = FeedMemory(
        hints=PollHints(ttl=timedelta(minutes=20), skip_hours=(1, 2), hub="https://hub.example/"),
        listed=50,
        known=b"\x00\xff" * 30,
        rhythm=b"\x01" * 300,
        rate=1.5,
        turnover=timedelta(minutes=9),
        gaps=2,
        gap_at=NOW,
        address="https://new.example/feed",
        gone_since=NOW,
    )
    state = samples.feed(memory=memory, etag=b'"x"', next_due=NOW)
    connection = database()
    feeds.register(connection, [state])
    assert feeds.every(connection) == [state]
    feeds.save(connection, state)
    assert feeds.due(connection, NOW, 9) == [state]


def test_a_memory_of_another_version_is_readable():
    connection = database()
    feeds.register(connection, [samples.feed()])
    other = msgspec.msgpack.encode({"listed": 7, "of_tomorrow": 1})
    connection.execute("UPDATE feeds SET memory = ?", (other,))
    assert feeds.every(connection)[0].memory == FeedMemory(listed=7)


def retired(connection: sqlite3.Connection) -> set[str]:
    return {url for (url,) in connection.execute("SELECT url FROM feeds WHERE retired = 1")}


def test_configuration_decides_what_is_asked_and_experience_stays():
    connection = database()
    one, two = samples.feed(url="https://a.example/1"), samples.feed(url="https://a.example/2")
    feeds.register(connection, [one, two, one])
    learnt = replace(one, polls=7, next_due=NOW + timedelta(hours=3))
    feeds.save(connection, learnt)
    feeds.register(connection, [replace(one, outlet="lain", kind=FeedKind.NEWS_SITEMAP)])
    assert feeds.every(connection) == [replace(learnt, outlet="lain", kind=FeedKind.NEWS_SITEMAP)]
    assert retired(connection) == {two.url}
    feeds.register(connection, [two])
    assert [state.url for state in feeds.every(connection)] == [two.url]
    feeds.register(connection, [one, two])
    assert feeds.every(connection) == [learnt, two]


def test_a_poll_that_ends_after_its_feed_was_retired_does_not_take_it_back():
    connection = database()
    feed = samples.feed(url="https://a.example/1")
    feeds.register(connection, [feed])
    feeds.register(connection, [])
    feeds.save(connection, replace(feed, polls=8))
    assert feeds.every(connection) == []
    assert feeds.due(connection, NOW + timedelta(days=9), 10) == []
    feeds.register(connection, [feed])
    assert [state.polls for state in feeds.every(connection)] == [8], "what was learnt is there when it comes back"


def test_a_flood_is_told_from_its_first_day_and_anew_after_a_quiet_week():
    first = feeds.crowded(samples.feed(), 10, NOW)
    again = feeds.crowded(first, 5, NOW + timedelta(days=6))
    assert (again.memory.passed_over, again.memory.passed_over_since) == (5, NOW)
    later = NOW + timedelta(days=20)
    assert feeds.crowded(again, 5, later).memory.passed_over_since == later
