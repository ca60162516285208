"""One hop: a request out, an answer in, within its limits; and what the answer means."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx

from scraper.fetching import headers as said
from scraper.fetching.content import TooLargeError, UndecodableError, codings, decoded
from scraper.fetching.guard import Target, shown
from scraper.fetching.pace import TOO_MANY_REQUESTS, UNAVAILABLE, Answer
from scraper.fetching.transport import Route, TooSlowError
from scraper.model.page import Fetched, FetchFailed, FetchReason, Page, Unchanged

_WHOLE = frozenset({200, 203})
"""203: changed by a proxy on the way, and whole all the same."""
_SUCCESS = range(200, 300)
_NOT_MODIFIED = 304
_GONE = 410
_TEMPORARY = frozenset({302, 303, 307})
_PERMANENT = frozenset({301, 308})
_SAME_METHOD = frozenset({307, 308})
"""Redirects that a POST follows as a POST (RFC 9110 section 15.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one trip may cost."""

    deadline: float
    """Seconds for everything."""
    wire: int
    """Bytes of the body as it is sent."""
    decoded: int
    """Bytes of the body with its content codings undone."""
    cut: bool = False
    """Whether a longer body is cut at the limits instead of refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One request of a trip."""

    target: Target
    route: Route
    headers: tuple[tuple[bytes, bytes], ...]
    content: bytes
    """The body of a POST; empty: a GET."""
    requested_url: str
    conditional: bool
    permanent_so_far: bool
    """Whether all redirects that led here, at least one, were permanent."""
    depart: Callable[[], Awaitable[bool]]
    """Waits, with the connection made, until the request may be sent; False when it may not any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The server names another address."""

    location: str
    permanent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """How a hop ended."""

    result: Fetched | Moved
    word: Answer | None
    """What politeness learns from it; None when the server said nothing."""


class Exchange:
    """Makes hops over a transport."""

    def __init__(self, transport: httpx.AsyncBaseTransport, clock: Callable[[], datetime]) -> None:
        self._transport = transport
        self._clock = clock

    async def make(self, hop: Hop, limits: Limits) -> Answered:
        """Send the request of the hop and read its answer; everything that can go wrong there is a FetchFailed."""
        loop = asyncio.get_running_loop()
        started, waited = loop.time(), 0.0

        async def depart() -> bool:
            nonlocal waited
            ready = loop.time()
            may = await hop.depart()
            waited = loop.time() - ready
            return may

        request = httpx.Request(
            "POST" if hop.content else "GET",
            hop.target.url,
            headers=hop.headers,
            content=hop.content or None,
            extensions={"route": hop.route, "depart": depart},
        )
        try:
            response = await self._transport.handle_async_request(request)
        except httpx.TransportError as error:
            return Answered(result=_failed(hop, *_explained(error, hop)), word=None)
        try:
            result = await self._read(hop, response, limits)
        finally:
            await response.aclose()
        after = said.retry_after(response.headers, self._clock())
        return Answered(
            result=result,
            word=Answer(
                latency=loop.time() - started - waited,
                status=response.status_code,
                retry_after=None if after is None else after.total_seconds(),
            ),
        )

    async def _read(self, hop: Hop, response: httpx.Response, limits: Limits) -> Fetched | Moved:
        status = response.status_code
        if status in _WHOLE or (hop.content and status in _SUCCESS):
            return await self._page(hop, response, limits)
        if status == _NOT_MODIFIED and hop.conditional:
            return Unchanged(
                url=hop.requested_url,
                etag=said.raw(response.headers, b"etag"),
                last_modified=said.raw(response.headers, b"last-modified"),
                max_age=said.freshness(response.headers, self._clock()),
                moved_to=str(hop.target.url) if hop.permanent_so_far else None,
            )
        if status in (_SAME_METHOD if hop.content else _PERMANENT | _TEMPORARY):
            return _moved(hop, response, permanent=status in _PERMANENT)
        return _refused(hop, response, self._clock())

    async def _page(self, hop: Hop, response: httpx.Response, limits: Limits) -> Fetched:
        sent: _Sent | None = None
        try:
            declared = (
                *response.headers.get_list("content-encoding"),
                *response.extensions.get("transfer_codings", ()),
            )
            names = codings(",".join(declared))
            sent = await _sent(response, limits)
            body = await decoded(sent.body, names, limit=limits.decoded, partial=sent.cut, cut=limits.cut)
            if sent.broken is not None and not (names and len(body) == said.length(response.headers)):
                raise sent.broken
        except TooLargeError:
            return _failed(
                hop, FetchReason.TOO_LARGE, f"more than {limits.wire} bytes sent or {limits.decoded} decoded"
            )
        except UndecodableError as error:
            if sent is not None and sent.broken is not None:
                return _failed(hop, *_explained(sent.broken, hop))
            return _failed(hop, FetchReason.BAD_ENCODING, str(error))
        except httpx.TransportError as error:
            return _failed(hop, *_explained(error, hop))
        now = self._clock()
        return Page(
            url=str(hop.target.url),
            requested_url=hop.requested_url,
            body=body,
            fetched_at=now,
            status=response.status_code,
            content_type=response.headers.get("content-type"),
            etag=said.raw(response.headers, b"etag"),
            last_modified=said.raw(response.headers, b"last-modified"),
            max_age=said.freshness(response.headers, now),
            moved_to=str(hop.target.url) if hop.permanent_so_far else None,
            headers=tuple(response.headers.raw),
            wire_bytes=len(sent.body),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """A body as it came."""

    body: bytes
    cut: bool = False
    """Whether it was cut at the limit."""
    broken: httpx.RemoteProtocolError | None = None
    """It ended before it should. Some servers pack a body and declare the length it had before."""


async def _sent(response: httpx.Response, limits: Limits) -> _Sent:
    """Return the body as sent; raises TooLargeError early where its length is declared."""
    if not limits.cut and (said.length(response.headers) or 0) > limits.wire:
        raise TooLargeError
    body = bytearray()
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101 - what an asynchronous transport gives
    try:
        async for data in response.stream:
            body += data
            if len(body) > limits.wire:
                if not limits.cut:
                    raise TooLargeError
                return _Sent(body=bytes(body[: limits.wire]), cut=True)
    except httpx.RemoteProtocolError as error:
        if "peer closed" not in str(error):
            raise
        return _Sent(body=bytes(body), broken=error)
    return _Sent(body=bytes(body))


def _moved(hop: Hop, response: httpx.Response, *, permanent: bool) -> Moved | FetchFailed:
    location = said.raw(response.headers, b"location")
    if location is None:
        return _failed(
            hop, FetchReason.REDIRECTS, f"{response.status_code} without a new address", status=response.status_code
        )
    return Moved(location=location.decode("utf-8", "replace"), permanent=permanent)


def _refused(hop: Hop, response: httpx.Response, now: datetime) -> FetchFailed:
    status = response.status_code
    after = said.retry_after(response.headers, now)
    reason = FetchReason.HTTP_STATUS
    if status == _GONE:
        reason = FetchReason.GONE
    elif status == TOO_MANY_REQUESTS or (status == UNAVAILABLE and after is not None):
        reason = FetchReason.THROTTLED
    elif status == _NOT_MODIFIED:
        reason = FetchReason.PROTOCOL
    retry_at = None if after is None else now + min(after, timedelta(days=1))
    return _failed(hop, reason, f"the server answered {status}", status=status, retry_at=retry_at)


def _explained(  # noqa: PLR0911 - the one map, whole and in one place
    error: httpx.TransportError, hop: Hop
) -> tuple[FetchReason, str]:
    """Translate from what a transport raises to why there is no page."""
    match error:
        case httpx.PoolTimeout():
            return FetchReason.THROTTLED, str(error)
        case TooSlowError():
            return FetchReason.TOO_SLOW, f"too slow: {error}"
        case httpx.TimeoutException():
            return FetchReason.UNREACHABLE, str(error)
        case _ if isinstance(error.__cause__, ssl.SSLError):
            return FetchReason.TLS, f"no trusted connection: {error}"
        case httpx.ConnectError() | httpx.ProxyError():
            return FetchReason.UNREACHABLE, f"no connection to {', '.join(hop.route.addresses)}: {error}"
        case httpx.NetworkError():
            return FetchReason.INTERRUPTED, f"the connection broke: {error}"
        case httpx.RemoteProtocolError() if "peer closed" in str(error):
            return FetchReason.INTERRUPTED, f"the answer ended too soon: {error}"
        case _:
            return FetchReason.PROTOCOL, f"not HTTP as it should be: {error}"


def _failed(
    hop: Hop, reason: FetchReason, detail: str, *, status: int | None = None, retry_at: datetime | None = None
) -> FetchFailed:
    return FetchFailed(
        url=hop.requested_url,
        reason=reason,
        detail=f"{detail} ({shown(str(hop.target.url))})",
        status=status,
        retry_at=retry_at,
    )
