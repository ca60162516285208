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
    older: str | None = None
    """Where the entries stand that came before those of this document (RFC 5005, or WordPress's habit)."""


TOLD_FOR = timedelta(days=7)
"""For so long people are told of something that happened to a feed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedMemory:
    """What polling has learnt of a feed. Each field has a default, so that stored ones stay readable as it grows."""

    hints: PollHints = PollHints()
    """What the last listing and answer said about how often to ask."""
    met_at: datetime | None = None
    """When it first answered; None for one that was known before that was remembered."""
    listed: int = 0
    """Entries in the last listing: the window through which the outlet's stories pass."""
    known: bytes = b""
    """Short digests of the keys listed lately; opaque to all rooms but polling."""
    rhythm: bytes = b""
    """New entries by hour of the week; opaque to all rooms but polling."""
    rate: float | None = None
    """New entries an hour, as foreseen over the whole week."""
    cached: timedelta | None = None
    """The longest for which caches have kept an answer, slowly forgotten."""
    turnover: timedelta | None = None
    """The shortest time in which most of the window was, or might have been, replaced; slowly forgotten."""
    longest_quiet: timedelta | None = None
    """The longest time between new entries, fading."""
    gaps: int = 0
    """Listings that shared no entry with the one before: something between them may have been missed."""
    gap_at: datetime | None = None
    gap_since: datetime | None = None
    """When the first of them came; counted anew when none came for `TOLD_FOR`."""
    passed_over: int = 0
    """Entries for which there was no room when that last happened: too many stories of the outlet were waiting."""
    passed_over_at: datetime | None = None
    passed_over_since: datetime | None = None
    """Since when that has happened, with less than `TOLD_FOR` from one time to the next."""
    body_at: datetime | None = None
    """When a body last came, be it the known one."""
    changed_at: datetime | None = None
    """When a body last came that was not the known one."""
    distrust_until: datetime | None = None
    """Its validators were found to lie; until then it is asked without them."""
    empty_since: datetime | None = None
    """Since when its listings have held no entry."""
    address: str | None = None
    """Where it is asked now, adopted after lasting permanent redirects; None: at `url`."""
    move: str | None = None
    """Where permanent redirects point, not adopted yet."""
    move_since: datetime | None = None
    move_sightings: int = 0
    gone_since: datetime | None = None
    """Since when the server has said 410."""
    gone_sightings: int = 0


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
    memory: FeedMemory = FeedMemory()


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
    declared: tuple[str, ...] = ()
    """Feeds that it declares, when it is a page that does, the likeliest first."""
    overload: bool = False
    """The machine had no time to read it, which says nothing about the document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A poll that was answered with a document."""

    listing: Listing
    etag: bytes | None
    last_modified: bytes | None
    body_digest: bytes
    moved_to: str | None = None
    """The address named by a chain of permanent redirects (301, 308) alone."""
    recovered: tuple[Entry, ...] = ()
    """Entries that had left the window unseen, from older pages of the feed."""
    bridged: bool = False
    """The older pages reached back to what was known: nothing between is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """A poll that found nothing changed: a 304, or a body identical to the last one."""

    etag: bytes | None
    last_modified: bytes | None
    hints: PollHints = PollHints()
    with_body: bool = False
    """A body came, and it was the known one; else the server answered 304."""
    moved_to: str | None = None
    """The address named by a chain of permanent redirects (301, 308) alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollFailed:
    """A poll that gave nothing, and why."""

    detail: str
    status: int | None = None
    retry_at: datetime | None = None
    reached: bool = True
    """The server was reached; False when no connection came about: it may be our own network that failed."""
    declared: str | None = None
    """The feed that a page declares which stands where a feed was expected."""
    put_off: bool = False
    """It was our own politeness or an overloaded machine that stood in the way: nothing was learnt about the feed."""


Poll = Listed | NotModified | PollFailed
