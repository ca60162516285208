"""What one request carries from hop to hop: where it stands, what it may still show to whom. Pure."""

from dataclasses import dataclass
from urllib.parse import urlencode

import httpx

from scraper.fetching.content import ACCEPT_ENCODING
from scraper.fetching.exchange import Moved
from scraper.fetching.guard import Target, shown
from scraper.fetching.hosts import Turn
from scraper.fetching.pace import Answer
from scraper.model.page import FetchFailed, FetchReason, Request, RequestKind

_ACCEPT = {
    RequestKind.FEED: b"application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, "
    b"text/xml;q=0.9, */*;q=0.5",
    RequestKind.SITEMAP: b"application/xml, text/xml;q=0.9, */*;q=0.5",
    RequestKind.PAGE: b"text/html, application/xhtml+xml, */*;q=0.5",
    RequestKind.ROBOTS: b"text/plain, */*;q=0.5",
    RequestKind.HUB: b"*/*",
}
_OURS = frozenset(
    {
        b"host",
        b"connection",
        b"content-length",
        b"content-type",
        b"transfer-encoding",
        b"accept-encoding",
        b"if-none-match",
        b"if-modified-since",
        b"te",
        b"upgrade",
    }
)
"""Headers that an outlet's policy cannot set, because the exchange depends on them."""
_HARMLESS = frozenset({b"user-agent", b"accept", b"accept-language", b"referer", b"dnt", b"cache-control", b"pragma"})
"""Headers of an outlet's policy that may be shown to other origins; all others count as credentials."""


@dataclass(slots=True, kw_only=True)
class Trip:
    """One request on its way. Changed by its own steps alone."""

    request: Request
    url: str
    origin: tuple[str, str, int] | None = None
    """Where the trip began; what is meant for it is shown to no other."""
    strayed: bool = False
    """Whether it has been elsewhere since: what another origin leads back to is its choice, and is shown nothing."""
    redirects: int = 0
    permanent: bool = True
    turn: Turn | None = None
    """Leave to ask the host where the trip stands; redirects within that host need no further one."""
    word: Answer | None = None
    """The last word of the host where the trip stands."""
    came_from: Turn | None = None
    """The ended turn whose answer led to where the trip stands."""

    def arrive(self, target: Target) -> None:
        """Note where the trip begins, and when it leaves there."""
        if self.origin is None:
            self.origin = target.origin
        self.strayed = not self.at_home(target)

    @property
    def content(self) -> bytes:
        """What is posted; empty: nothing, the request is a GET."""
        return urlencode(self.request.form).encode()

    def follow(self, moved: Moved, base: Target) -> bool:
        """Go on to the address that a redirect names, which may be relative; False when that would tell a secret."""
        self.redirects += 1
        self.permanent = self.permanent and moved.permanent
        try:
            self.url = str(base.url.join(moved.location))
        except (httpx.InvalidURL, ValueError):
            self.url = moved.location
        return not (self.request.form and base.url.scheme == "https" and not self.url.lower().startswith("https:"))

    def at_home(self, target: Target) -> bool:
        """Whether the target is of the origin where the trip began, or its upgrade from http to https; left never."""
        if self.strayed:
            return False
        if self.origin is None or target.origin == self.origin:
            return True
        return self.origin == ("http", target.host, 80) and target.origin == ("https", target.host, 443)

    def conditional(self, target: Target) -> bool:
        """Whether validators are sent to the target."""
        return self.at_home(target) and bool(self.request.etag or self.request.last_modified)

    def headers(self, target: Target, agent: str) -> tuple[tuple[bytes, bytes], ...]:
        """All headers of the request to the target, in the order in which they are sent."""
        own = {
            b"user-agent": agent.encode(),
            b"accept": _ACCEPT[self.request.kind],
        }
        # A hub is nobody whom the outlet's credentials are meant for.
        home = self.at_home(target) and self.request.kind is not RequestKind.HUB
        for name, value in self.request.outlet.policy.headers:
            key = name.strip().lower().encode("utf-8", "replace")
            if key not in _OURS and (home or key in _HARMLESS):
                own[key] = value.strip().encode()
        if self.request.form:
            own[b"content-type"] = b"application/x-www-form-urlencoded"
            own[b"content-length"] = b"%d" % len(self.content)
        if self.conditional(target):
            own |= {b"if-none-match": self.request.etag or b"", b"if-modified-since": self.request.last_modified or b""}
        return (
            (b"Host", target.url.netloc),
            *((name.title(), value) for name, value in own.items() if value),
            (b"Accept-Encoding", ACCEPT_ENCODING.encode()),
            (b"Connection", b"close"),
        )

    def failed(self, reason: FetchReason, detail: str, **more: object) -> FetchFailed:
        """Return the failure in the name of the request."""
        return FetchFailed(url=self.request.url, reason=reason, detail=f"{detail} ({shown(self.url)})", **more)  # type: ignore[arg-type]
