"""What the line needs from the outside. `service.wiring` alone decides who answers.

An expected failure is a returned value; an exception out of a port is a bug, save for
`scraper.model.failures.StoreUnavailableError`.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from scraper.model.article import Draft
from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedState, Listing, Unlisted
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, Page, Request
from scraper.model.span import Span
from scraper.model.verdict import Deferred, Dropped, Judged, Outcome, Story

NOTHING: Mapping[str, bytes | None] = MappingProxyType({})


class Fetcher(Protocol):
    """Asks servers, politely and safely: robots, spacing, address guard, deadlines and limits are its own affair."""

    async def fetch(self, request: Request) -> Fetched:
        """Make one exchange, redirects included. Ends within the deadline of the request's kind."""
        ...


class KnowingFetcher(Fetcher, Protocol):
    """A fetcher that learns what robots.txt files say."""

    def saved_robots(self) -> bytes | None:
        """What it knows, for `restore_robots` after a restart; None when nothing changed."""
        ...

    def restore_robots(self, saved: bytes) -> None:
        """Know again what an earlier process saved."""
        ...


class Lister(Protocol):
    """Reads feed documents and news sitemaps where a hostile one can be killed."""

    async def list(self, page: Page, outlet: Outlet) -> Listing | Unlisted:
        """Entries of the document in its order, each key only once."""
        ...


class Extractor(Protocol):
    """Reads article pages where a hostile one can be killed."""

    async def extract(self, pages: Sequence[Page], outlet: Outlet, entry: Entry) -> Draft | Dropped | Deferred:
        """What the pages, all of one story and in order, say; or why they are no story.

        A draft whose `next_pages` is not empty wants to be extracted again together with those pages.
        """
        ...


class LearnedJunk(Protocol):
    """Knows which lines recur across an outlet's different articles. Not safe for use by two threads."""

    def judge(self, outlet: str, text: str, looks: bytes | None = None) -> tuple[list[str], list[str]]:
        """The lines of the story, and those that are the outlet's furniture, each in order.

        `looks` is `Draft.looks`; it changes nothing but the time that this takes.
        """
        ...

    def learn(self, outlet: str, text: str, article_id: str, looks: bytes | None = None) -> None:
        """Remember the lines of one article, as they were before `judge`; an article counts once."""
        ...


class Deduplicator(Protocol):
    """Tells whether a story is already here. Not safe for use by two threads."""

    def consider(self, story: Story) -> Judged:
        """Judge a story against all earlier ones and remember it, so that the next one is judged against it too.

        A story whose id was considered before is judged afresh and replaces its earlier self.
        """
        ...


class Store(Protocol):
    """The one place where anything is remembered. Each method is one transaction, durable when it returns."""

    def register(self, feeds: Iterable[FeedState]) -> None:
        """Make sure each feed has a state. The state of a known one stays as it is; feeds not named are retired."""
        ...

    def due(self, now: datetime, limit: int) -> list[FeedState]:
        """Feeds to be asked by `now`, the longest due first."""
        ...

    def feeds(self) -> list[FeedState]:
        """Every feed that is not retired, by outlet and address."""
        ...

    def record_poll(self, state: FeedState, entries: Sequence[Entry], now: datetime) -> int:
        """Remember the feed's new state and its entries as pending work, together. Seen keys are passed over.

        A kept story that its entry calls updated since becomes pending again, as a possible revision.

        Returns how many entries were new.
        """
        ...

    def enqueue(
        self, entries: Sequence[Entry], now: datetime, limit: int | None = None, span: Span | None = None
    ) -> int:
        """Remember entries of a finite source (a backfill) as pending work, at most `limit` of them.

        Seen keys are passed over, save those that were dropped only for their age: asked for again, they are taken up
        again, unless the verdict told that they were published outside the span. Returns how many became pending.
        """
        ...

    def judged_before(self, keys: Sequence[str], moment: datetime) -> int:
        """How many of the keys are of stories that had their verdict before a moment."""
        ...

    def add(self, entries: Sequence[Entry], now: datetime) -> int:
        """Remember entries that a feed's publisher pushed, as `record_poll` does; the feed's state stays as it is."""
        ...

    def wanted(self, keys: Sequence[str]) -> frozenset[str]:
        """Which of the keys a page at hand would answer: unknown ones, and those dropped for want of the page."""
        ...

    def claim(
        self,
        now: datetime,
        limit: int,
        lease: timedelta,
        skip_outlets: frozenset[str] = frozenset(),
        each: int | None = None,
    ) -> list[Pending]:
        """Take pending entries that are due for work, at most `each` of an outlet.

        One that is not committed is free again after `lease`.
        """
        ...

    def release(self, keys: Sequence[str]) -> None:
        """Give claimed entries back untried, as when the daemon stops."""
        ...

    def commit(
        self, outcomes: Sequence[Outcome], now: datetime, remember: Mapping[str, bytes | None] = NOTHING
    ) -> None:
        """Make article lines, catalog rows, fingerprints, seen keys and clusters durable and visible together.

        The values of `remember` are kept under their names with them; None forgets what stood there.

        Raises StoreUnavailableError when nothing could be written; the same call may be made again.
        """
        ...

    def maintain(self, now: datetime) -> bool:
        """Do one small piece of upkeep, such as sealing a part that no longer grows; whether there is more to do."""
        ...
