"""A feed's remembered state, and what one look at it gave."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scraper.model.entry import Entry


class FeedKind(StrEnum):
    """What stands at a polled address."""

    FEED = "feed"
    NEWS_SITEMAP = "news-sitemap"


@dataclass(frozen=True, slots=True, kw_only=True)
class PollHints:
    """What a feed or its answer says about how often to ask: Cache-Control, ttl, sy:, skipHours, skipDays, hub."""

    max_age: timedelta | None = None
    ttl: timedelta | None = None
    update_period: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    """Hours 0-23, UTC."""
    skip_days: tuple[int, ...] = ()
    """Days, Monday = 0, UTC."""
    hub: str | None = None
    self_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedState:
    """All that is remembered about one polled address. The whole value is replaced by each poll."""

    url: str
    outlet: str
    kind: FeedKind = FeedKind.FEED
    next_due: datetime
    etag: bytes | None = None
    """The validator as it came, byte for byte (RFC 9110 section 8.8.3)."""
    last_modified: bytes | None = None
    body_digest: bytes | None = None
    """SHA-256 of the last decoded body, to recognise an identical one."""
    interval: timedelta | None = None
    """The interval that the last poll chose, before jitter."""
    polled_at: datetime | None = None
    succeeded_at: datetime | None = None
    new_at: datetime | None = None
    """When an entry was last seen for the first time."""
    failures: int = 0
    """Consecutive failed polls."""
    failing_since: datetime | None = None
    last_failure: str | None = None
    polls: int = 0
    entries_found: int = 0
    hints: PollHints = PollHints()
    """What the last listing said about how often to ask."""
    listed: int = 0
    """Entries in the last listing: the window through which the outlet's stories pass."""
    known: bytes = b""
    """Short digests of the keys listed lately, the newest listing first; opaque to all rooms but polling."""
    rate: float | None = None
    """New entries per hour, lately."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The entries of one feed document, in its own order, and its hints."""

    entries: tuple[Entry, ...]
    title: str | None = None
    hints: PollHints = PollHints()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlisted:
    """A document that gave no list of entries, and why: `not a feed: HTML page`, `took longer than 10 s`."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A poll that was answered with a document."""

    listing: Listing
    etag: bytes | None
    last_modified: bytes | None
    body_digest: bytes
    moved_to: str | None = None
    """The address named by a chain of permanent redirects (301, 308) alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A poll that found nothing changed: a 304, or a body identical to the last one."""

    etag: bytes | None
    last_modified: bytes | None
    hints: PollHints = PollHints()


@dataclass(frozen=True, slots=True, kw_only=True)
class PollFailed:
    """A poll that gave nothing, and why."""

    detail: str
    status: int | None = None
    retry_at: datetime | None = None


Poll = Listed | NotModified | PollFailed
