"""What runs beneath httpx's API: one HTTP/1.1 exchange over one connection to an address that was checked before.

    httpx.Request + Route  ->  PinnedTransport  ->  httpx.Response whose stream gives the raw body

There is no pool in which a request could wait or a slot be lost; the parser is h11, as in httpx itself, with heads made
fit for it (`heads`) and chunks undone above it (`chunks`). Everything that a server or network can do wrong comes out
as an httpx exception; the reason stays in its `__cause__`.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import h11
import httpx

from scraper.fetching.chunks import ChunkError, Dechunker
from scraper.fetching.dialling import dial, proxy_authorization
from scraper.fetching.heads import end_of_head, is_http, tidied
from scraper.fetching.links import Link

HEAD_LIMIT = 96 * 1024
"""Most bytes of a status line with its headers."""
PLACE_TIMEOUT = 10.0
"""Seconds for which a connection waits for its exchange to begin."""
_READ = 64 * 1024
WINDOW = 5.0
"""Seconds over which the least acceptable rate is measured, from the first byte of the answer on."""
_INTERIM_LIMIT = 10
"""Most 1xx answers before the real one."""
_EVENTS_A_TURN = 64
"""Body events handled before the event loop gets its turn."""
_CRUMBS = 20_000
_CRUMB_BYTES = 16
"""A body in more than `_CRUMBS` pieces of fewer than this many bytes each on average is an attack on the reader."""


class TooSlowError(httpx.ReadTimeout):
    """Bytes came, but fewer than `least_rate` a second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """Where the connection goes; the request's extension "route"."""

    addresses: tuple[str, ...]
    """IP addresses that were checked, in order of preference: the server's, or the proxy's."""
    proxy: httpx.URL | None = None


class PinnedTransport(httpx.AsyncBaseTransport):
    """Sends each request over a connection of its own to the addresses of its route.

    Its extension "depart" is awaited when nothing but sending is left to do; where that gives False, nothing is sent.
    """

    def __init__(self, *, tls: ssl.SSLContext, connect_timeout: float, least_rate: int, at_once: int) -> None:
        self._tls = tls
        self._connect_timeout = connect_timeout
        self._least_rate = least_rate
        self._places = asyncio.Semaphore(at_once)
        """Taken when there is a connection, so that servers which cannot be reached keep nobody waiting."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Return the head of the answer; its stream must be closed, which closes the connection."""
        route: Route = request.extensions["route"]
        wire = _Wire(await self._connect(request, route), self._least_rate)
        try:
            await self._take_place(wire, request)
            await _depart(request)
            with _translated(request):
                await wire.send(_head(request, route.proxy), request.content)
                answer = await wire.answer()
        except BaseException:
            wire.close()
            raise
        return httpx.Response(
            answer.status_code,
            headers=answer.headers.raw_items(),
            stream=_Body(wire, request),
            request=request,
            extensions={"transfer_codings": wire.codings},
        )

    async def _take_place(self, wire: "_Wire", request: httpx.Request) -> None:
        try:
            async with asyncio.timeout(PLACE_TIMEOUT):
                await self._places.acquire()
        except TimeoutError as error:
            text = f"all places for exchanges are taken for {PLACE_TIMEOUT:g} s"
            raise httpx.PoolTimeout(text, request=request) from error
        wire.on_close = self._places.release

    async def _connect(self, request: httpx.Request, route: Route) -> Link:
        try:
            with _translated(request, connecting=True):
                async with asyncio.timeout(self._connect_timeout):
                    return await dial(route.addresses, request.url, route.proxy, self._tls)
        except TimeoutError as error:
            text = f"no connection within {self._connect_timeout:g} s"
            raise httpx.ConnectTimeout(text, request=request) from error


async def _depart(request: httpx.Request) -> None:
    if not await request.extensions["depart"]():
        raise httpx.PoolTimeout("the leave to ask this host has run out", request=request)


def _head(request: httpx.Request, proxy: httpx.URL | None) -> h11.Request:
    """A proxy that reads the request itself needs the absolute form (RFC 9112 section 3.2.2)."""
    target, headers = request.url.raw_path, request.headers.raw
    if proxy is not None and request.url.scheme == "http":
        target = b"http://" + request.url.netloc + target
        headers = [*headers, *proxy_authorization(proxy)]
    return h11.Request(method=request.method, target=target, headers=headers)


class _Wire:
    """One connection with the state of its exchange."""

    def __init__(self, link: Link, least_rate: int) -> None:
        self._link = link
        self._h11 = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT)
        self._least_rate = least_rate
        self._window_ends: float | None = None
        self._window_bytes = 0
        self.on_close: Callable[[], None] | None = None
        self._rest = b""
        """Bytes received after the last head and not yet given to h11."""
        self._chunks: Dechunker | None = None
        self.codings: tuple[str, ...] = ()
        """What the sent body is packed in, besides its content codings."""

    async def send(self, head: h11.Request, content: bytes) -> None:
        events = (head, h11.Data(data=content), h11.EndOfMessage()) if content else (head, h11.EndOfMessage())
        await self._link.send(b"".join(self._h11.send(event) or b"" for event in events))

    async def answer(self) -> h11.Response:
        for _ in range(_INTERIM_LIMIT):
            await self._receive_head()
            event = await self._event()
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                break
        raise httpx.RemoteProtocolError("interim answers and no real one")

    async def body(self) -> AsyncIterator[bytes]:
        events = size = 0
        while isinstance(event := await self._event(), h11.Data):
            for piece in (event.data,) if self._chunks is None else self._chunks.feed(event.data):
                events += 1
                size += len(piece)
                if events > _CRUMBS and size < events * _CRUMB_BYTES:
                    raise httpx.RemoteProtocolError(f"the body comes in crumbs: {size} bytes in {events} chunks")
                if events % _EVENTS_A_TURN == 0:
                    await asyncio.sleep(0)
                yield bytes(piece)
            if self._chunks is not None and self._chunks.ended:
                return
        if self._chunks is not None and not self._chunks.whole:
            raise httpx.RemoteProtocolError("peer closed the connection between chunks")

    def close(self) -> None:
        """Drop the connection and give its place back, once."""
        on_close, self.on_close = self.on_close, None
        if on_close is not None:
            on_close()
        self._link.close()

    async def _receive_head(self) -> None:
        """Hand the next head to h11, tidied, with whatever followed it."""
        data = bytearray(self._rest)
        seen = 0
        while (end := end_of_head(data, seen)) is None and is_http(data):
            seen = len(data)
            if len(data) > HEAD_LIMIT:
                raise httpx.RemoteProtocolError(f"a head of more than {HEAD_LIMIT} bytes")
            more = await self._read()
            if not more:
                raise httpx.ReadError("closed before there was an answer")
            data += more
        head = bytes(data[:end])
        self._rest = bytes(data[end:]) if end is not None else b""
        if not is_http(head) or end is None:
            self._h11.receive_data(head)
            return
        tidy = tidied(head)
        self._chunks, self.codings = Dechunker() if tidy.chunked else None, tidy.codings
        self._h11.receive_data(tidy.data)

    async def _event(self) -> h11.Event | None:
        """The next event; None when there will be none."""
        while True:
            event = self._h11.next_event()
            if isinstance(event, h11.Event):
                return event
            if event is not h11.NEED_DATA:
                return None
            rest, self._rest = self._rest, b""
            self._h11.receive_data(rest or await self._read())

    async def _read(self) -> bytes:
        """Wait for the first byte as long as it takes (the exchange has its deadline), for later ones by the rate."""
        while True:
            try:
                async with asyncio.timeout_at(self._window_ends):
                    data = await self._link.receive(_READ)
            except TimeoutError as error:
                if error.errno is not None:
                    raise  # the network's own, not the window's end
                self._turn_window()
                continue
            now = asyncio.get_running_loop().time()
            if self._window_ends is None:
                self._window_ends = now + WINDOW
            self._window_bytes += len(data)
            if now >= self._window_ends and data:
                self._turn_window()
            return data

    def _turn_window(self) -> None:
        if self._window_bytes < self._least_rate * WINDOW:
            raise TooSlowError(f"{self._window_bytes} bytes in {WINDOW:g} s")
        self._window_ends = asyncio.get_running_loop().time() + WINDOW
        self._window_bytes = 0


class _Body(httpx.AsyncByteStream):
    """The raw body: framing undone, content codings not."""

    def __init__(self, wire: _Wire, request: httpx.Request) -> None:
        self._wire = wire
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated(self._request):
            async for data in self._wire.body():
                yield data

    async def aclose(self) -> None:
        self._wire.close()


class _translated(contextlib.AbstractContextManager[None]):  # noqa: N801 - reads as a verb where it is used
    """The one door through which foreign errors leave."""

    def __init__(self, request: httpx.Request, *, connecting: bool = False) -> None:
        self._request = request
        self._connecting = connecting

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Raise the httpx exception that says what happened."""
        match error:
            case httpx.RequestError():
                error.request = self._request
            case h11.RemoteProtocolError() | ChunkError():
                raise httpx.RemoteProtocolError(str(error), request=self._request) from error
            case h11.LocalProtocolError():
                raise httpx.LocalProtocolError(str(error), request=self._request) from error
            case TimeoutError() if error.errno is None:
                pass  # a deadline of ours, not the network's ETIMEDOUT
            case OSError() if self._connecting:
                raise httpx.ConnectError(_words(error), request=self._request) from error
            case OSError():
                raise httpx.ReadError(_words(error), request=self._request) from error


def _words(error: OSError) -> str:
    return error.strerror or str(error) or type(error).__name__
