from datetime import UTC, datetime, timedelta

from scraper.status import summarise
from scraper.storage import FeedTotals, Size, Tally, Waiting

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SIZE = Size(articles=3, files=1, bytes=900, state_bytes=400)


def feeds(name: str, **known) -> FeedTotals:
    values = {"feeds": 1, "failing": 0, "last_new": None, "next_due": NOW + timedelta(minutes=5), "failure": None}
    return FeedTotals(outlet=name, **{**values, **known})


def tally(outlet: str, reason: str, stories: int, day: str = "2026-03-01") -> Tally:
    return Tally(day=day, outlet=outlet, reason=reason, stories=stories)


def test_each_outlet_is_one_line_with_its_counts_over_all_days():
    tallies = [tally("koran", "kept", 2), tally("koran", "kept", 1, "2026-02-28"), tally("koran", "duplicate", 4)]
    waiting = [Waiting(outlet="harian", ready=1, claimed=2, deferred=3)]
    report = summarise([feeds("koran")], tallies, waiting, SIZE, NOW)
    harian, koran = report.outlets
    assert (koran.outlet, koran.kept, koran.dropped, koran.feeds) == ("koran", 3, {"duplicate": 4}, 1)
    assert (harian.outlet, harian.waiting, harian.deferred, harian.feeds) == ("harian", 3, 3, 0)
    assert report.kept == 3
    assert report.dropped == {"duplicate": 4}
    assert not report.troubles


def test_what_the_feeds_say_stands_in_their_outlets_line():
    broken = feeds("koran", feeds=3, failing=1, failure="the server answered 503", last_new=NOW)
    (line,) = summarise([broken], [], [], SIZE, NOW).outlets
    assert (line.feeds, line.feeds_failing, line.failure) == (3, 1, "the server answered 503")
    assert (line.last_new, line.next_due) == (NOW, NOW + timedelta(minutes=5))
