"""What a fetch gives: a page, word that it is unchanged, or a failure that is a value."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from scraper.model.outlet import Outlet


class RequestKind(StrEnum):
    """What is asked for; it decides the deadline and the size limits."""

    FEED = "feed"
    PAGE = "page"
    SITEMAP = "sitemap"
    ROBOTS = "robots"
    HUB = "hub"
    """A form posted to a WebSub hub: the only request that is no GET, and no crawling that robots.txt speaks of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One exchange to be made with a server, redirects included."""

    url: str
    kind: RequestKind
    outlet: Outlet
    etag: bytes | None = None
    last_modified: bytes | None = None
    form: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """What is posted, for a hub; it holds secrets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A body that came with status 200 (from a hub: any 2xx), content codings undone, its characters not decoded."""

    url: str
    """The address that answered, after redirects."""
    requested_url: str
    body: bytes
    fetched_at: datetime
    status: int = 200
    content_type: str | None = None
    """The header's value as it came."""
    etag: bytes | None = None
    last_modified: bytes | None = None
    max_age: timedelta | None = None
    """How long the answer stays fresh by Cache-Control or Expires (RFC 9111 section 4.2)."""
    moved_to: str | None = None
    """The address named by a chain of permanent redirects alone."""
    headers: tuple[tuple[bytes, bytes], ...] = field(default=(), repr=False)
    wire_bytes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchanged:
    """A 304: what was fetched before is still what stands there."""

    url: str
    etag: bytes | None = None
    last_modified: bytes | None = None
    max_age: timedelta | None = None
    moved_to: str | None = None
    """The address named by a chain of permanent redirects alone."""


class FetchReason(StrEnum):
    """Why an exchange gave no page."""

    HTTP_STATUS = "http-status"
    GONE = "gone"
    THROTTLED = "throttled"
    ROBOTS = "robots"
    REFUSED_ADDRESS = "refused-address"
    BAD_URL = "bad-url"
    UNRESOLVED = "unresolved"
    UNREACHABLE = "unreachable"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_SLOW = "too-slow"
    TOO_LARGE = "too-large"
    BAD_ENCODING = "bad-encoding"
    REDIRECTS = "redirects"
    PROTOCOL = "protocol"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """An exchange that gave no page."""

    url: str
    reason: FetchReason
    detail: str
    """One sentence for a person: what happened, at which address."""
    status: int | None = None
    retry_at: datetime | None = None
    """When the server asks to be left alone until (Retry-After), or when politeness allows the next try."""


Fetched = Page | Unchanged | FetchFailed
