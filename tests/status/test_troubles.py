"""What is wrong with feeds is found although a look reads only some of them."""

from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from scraper.polling import LENGTHS, Lengths, Trouble, packed
from scraper.status import Troubles
from scraper.storage import open_archive
from tests.storage.samples import NOW, feed, store_in

HOUR = timedelta(hours=1)


def failing(outlet: str, **changes):
    values = {"failures": 9, "failing_since": NOW - 9 * HOUR, "last_failure": "the server answered 503", **changes}
    return feed(outlet, polled_at=NOW, **values)


@pytest.fixture
def both(tmp_path):
    with closing(store_in(tmp_path)) as store, open_archive(tmp_path) as archive:
        yield store, archive


def told(troubles):
    return [(one.outlet, one.finding.trouble) for one in troubles]


def test_the_first_look_reads_all_of_them(both):
    store, archive = both
    store.register([failing(f"k{number}") for number in range(7)] + [feed("well")])
    found = Troubles(part=2).look(archive, NOW)
    assert told(found) == [(f"k{number}", Trouble.FAILING) for number in range(7)]
    assert "503" in found[0].finding.detail
    assert found[0].finding.advice


def test_a_feed_that_was_asked_is_read_again_at_once(both):
    store, archive = both
    names = [f"k{number}" for number in range(9)]
    store.register(map(feed, names))
    troubles = Troubles(part=1)
    assert troubles.look(archive, NOW) == ()
    now = NOW + HOUR
    store.record_poll(replace(failing("k7"), polled_at=now), (), now)
    assert told(troubles.look(archive, now)) == [("k7", Trouble.FAILING)]
    store.record_poll(replace(feed("k7"), polled_at=now + HOUR), (), now + HOUR)
    assert troubles.look(archive, now + HOUR) == ()


def test_silence_alone_and_a_feed_that_is_asked_no_more_are_found_in_their_turn(both):
    store, archive = both
    names = [f"k{number}" for number in range(5)]
    store.register([feed(name, new_at=NOW) for name in names])
    troubles = Troubles(part=2)
    assert troubles.look(archive, NOW) == ()
    later = NOW + timedelta(days=30)
    found = [told(troubles.look(archive, later)) for _ in range(3)]
    assert found[-1] == [(name, Trouble.STALE) for name in names]
    assert len(found[0]) == 2, "a part at a time"
    store.register([feed("k1")])
    found = [told(troubles.look(archive, later)) for _ in range(3)]
    assert found[-1] == [("k1", Trouble.STALE)]


def test_articles_that_become_short_and_long_again_are_seen_at_once(both):
    store, archive = both
    store.register([feed("k1"), feed("k2"), feed("k3")])
    troubles = Troubles(part=1)
    assert troubles.look(archive, NOW) == ()
    short = Lengths(articles=99, usual=8.0, lately=6.0, shrunk_since=NOW)
    store.remember(LENGTHS, packed({feed("k3").url: short, feed("k1").url: Lengths()}))
    assert told(troubles.look(archive, NOW)) == [("k3", Trouble.SHRINKING)]
    store.remember(LENGTHS, packed({feed("k3").url: replace(short, shrunk_since=None)}))
    assert troubles.look(archive, NOW) == ()


def test_outlets_are_told_in_numbers(both):
    store, archive = both
    store.register(
        [
            feed("k1", new_at=NOW),
            feed("k1", url="https://k1.example/2", new_at=NOW - HOUR, next_due=NOW - HOUR),
            failing("k2", failing_since=NOW - HOUR, last_failure="late"),
            replace(failing("k2", last_failure="first"), url="https://k2.example/2"),
            feed("gone"),
        ]
    )
    store.register([one for one in archive.feeds() if one.outlet != "gone"])
    one, other = archive.feed_totals()
    assert (one.outlet, one.feeds, one.failing, one.last_new, one.next_due) == ("k1", 2, 0, NOW, NOW - HOUR)
    assert one.failure is None
    assert (other.outlet, other.feeds, other.failing, other.failure) == ("k2", 2, 2, "first")
