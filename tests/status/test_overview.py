from datetime import UTC, datetime, timedelta

from scraper.model.feed import FeedState
from scraper.status import summarise
from scraper.storage import Size, Tally, Waiting

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SIZE = Size(articles=3, files=1, bytes=900, state_bytes=400)


def feed(name: str, **known) -> FeedState:
    return FeedState(url=f"https://{name}.example/feed", outlet=name, next_due=NOW + timedelta(minutes=5), **known)


def tally(outlet: str, reason: str, stories: int, day: str = "2026-03-01") -> Tally:
    return Tally(day=day, outlet=outlet, reason=reason, stories=stories)


def test_each_outlet_is_one_line_with_its_counts_over_all_days():
    tallies = [tally("koran", "kept", 2), tally("koran", "kept", 1, "2026-02-28"), tally("koran", "duplicate", 4)]
    waiting = [Waiting(outlet="harian", ready=1, claimed=2, deferred=3)]
    report = summarise([feed("koran")], tallies, waiting, SIZE, NOW)
    harian, koran = report.outlets
    assert (koran.outlet, koran.kept, koran.dropped, koran.feeds) == ("koran", 3, {"duplicate": 4}, 1)
    assert (harian.outlet, harian.waiting, harian.deferred, harian.feeds) == ("harian", 3, 3, 0)
    assert report.kept == 3
    assert report.dropped == {"duplicate": 4}
    assert not report.troubles


def test_a_feed_that_fails_for_long_is_told_with_what_to_do():
    broken = feed("koran", failures=9, failing_since=NOW - timedelta(days=2), last_failure="the server answered 503")
    report = summarise([broken], [], [], SIZE, NOW)
    (line,) = report.outlets
    assert (line.feeds_failing, line.failure) == (1, "the server answered 503")
    (trouble,) = report.troubles
    assert trouble.feed == broken.url
    assert "503" in trouble.finding.detail
    assert trouble.finding.advice
