"""Feeds and polls for the tests of this room."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from scraper.model.entry import Entry
from scraper.model.feed import FeedKind, FeedState, Listed, Listing, NotModified, Poll, PollFailed, PollHints
from scraper.model.outlet import Outlet
from scraper.polling import after_poll, first_state
from scraper.settings import PollSettings

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
SETTINGS = PollSettings()
OUTLET = Outlet(id="harian", name="Harian", domains=())
URL = "https://harian.example/rss"
UNCHANGED = NotModified(etag=b'"e"', last_modified=None)
DOWN = PollFailed(detail="no connection", reached=False)
GONE = PollFailed(detail="answered 410", status=410)


def entry(number: int, published: datetime | None = None) -> Entry:
    url = f"https://harian.example/{number}"
    return Entry(key=url, url=url, outlet="harian", source=URL, published=published)


def listed(
    *numbers: int, hints: PollHints | None = None, moved_to: str | None = None, etag: bytes | None = b'"e"'
) -> Listed:
    entries = tuple(entry(number) for number in numbers)
    listing = Listing(entries=entries, hints=hints or PollHints())
    digest = repr(numbers).encode()
    return Listed(listing=listing, etag=etag, last_modified=None, body_digest=digest, moved_to=moved_to)


def listed_at(times: Sequence[datetime]) -> Listed:
    """A listing of stories published at these times."""
    entries = tuple(entry(number, time) for number, time in enumerate(times))
    return Listed(listing=Listing(entries=entries), etag=b'"e"', last_modified=None, body_digest=b"")


def fresh() -> FeedState:
    return first_state(OUTLET, URL, FeedKind.FEED, NOW)


def poll(state: FeedState, answer: Poll, now: datetime | None = None) -> FeedState:
    return after_poll(state, answer, SETTINGS, 0.0, now or state.next_due)


def run(state: FeedState, answers: Sequence[Poll]) -> FeedState:
    """The state after polls that each came when they were due."""
    for answer in answers:
        state = poll(state, answer)
    return state


def daily(state: FeedState, answers: Sequence[Poll]) -> FeedState:
    """The state after polls that came a day apart."""
    now = state.next_due
    for answer in answers:
        state = poll(state, answer, now)
        now = max(now + timedelta(days=1), state.next_due)
    return state
