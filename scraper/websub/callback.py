"""The address that hubs call: a small server for the internet, bounded in every direction.

GET  …/TOKEN?hub.mode=…   a hub asks whether we meant it: its challenge back, or 404
POST …/TOKEN              a hub pushes content: 202, or 410 when there is no such subscription
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from types import MappingProxyType

import h11
import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from scraper.model.failures import ScraperError
from scraper.websub.subscriber import Pushed, Subscriptions

MOST_CONNECTIONS = 256
MOST_BODIES = 8
"""Most bodies read and listed at once; a hub that comes later is asked to come again."""
HEAD_SECONDS = 10.0
BODY_SECONDS = 30.0
"""For a body to come and to be made durable; a hub gives up sooner or later, too, and tries again."""
_HEAD_LIMIT = 16 * 1024
_AGAIN = {"Retry-After": "60"}
_PLAIN = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_NOTHING: Mapping[str, str] = MappingProxyType({})


Deliver = Callable[[Pushed], Awaitable[object]]
"""Takes what was pushed, and returns when what was new in it is durable."""


class ListenError(ScraperError):
    """The address cannot be listened at; the message says which and why."""


@contextlib.asynccontextmanager
async def listening(
    address: str, subscriptions: Subscriptions, deliver: Deliver, body_limit: int
) -> AsyncIterator[int]:
    """Serve hubs at `host:port` for as long as the context lasts; hands out the port. Raises ListenError."""
    sock = _bound(address)
    server = _Server(
        uvicorn.Config(
            _Door(subscriptions, deliver, body_limit),
            http=_Connection,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level=logging.ERROR,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            headers=[("Connection", "close")],
            h11_max_incomplete_event_size=_HEAD_LIMIT,
            timeout_graceful_shutdown=1,
        )
    )
    serving = asyncio.create_task(server.serve(sockets=[sock]), name="websub callback")
    try:
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        await serving
        sock.close()


def _bound(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    try:
        return socket.create_server(
            (host.strip("[]"), int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET
        )
    except (OSError, OverflowError) as error:
        raise ListenError(f"websub.listen: cannot listen at {address}: {error}") from error


class _Server(uvicorn.Server):
    """Part of a program that has its own idea of signals."""

    def capture_signals(self) -> contextlib.AbstractContextManager[None]:  # type: ignore[override]
        return contextlib.nullcontext()


class _Connection(H11Protocol):
    """One connection, of not too many, that must say what it wants within `HEAD_SECONDS`."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
        self._impatience = self.loop.call_later(HEAD_SECONDS, self._end_if_silent)

    def connection_lost(self, exc: Exception | None) -> None:
        self._impatience.cancel()
        super().connection_lost(exc)

    def _end_if_silent(self) -> None:
        if self.conn.their_state is h11.IDLE:
            self.transport.abort()


class _Door:
    """The application behind it: one request in, one short answer out, and the connection ends."""

    def __init__(self, subscriptions: Subscriptions, deliver: Deliver, body_limit: int) -> None:
        self._subscriptions = subscriptions
        self._deliver = deliver
        self._body_limit = body_limit
        self._bodies = asyncio.Semaphore(MOST_BODIES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        # Whatever stands before a proxy may have taken off or left on: the last part is the token.
        token = request.url.path.rpartition("/")[2]
        match request.method:
            case "GET":
                response = self._verified(token, request)
            case "POST":
                response = await self._received(token, request)
            case _:
                response = _said(405, "GET and POST alone", {"Allow": "GET, POST"})
        with contextlib.suppress(OSError):
            await response(scope, receive, send)

    def _verified(self, token: str, request: Request) -> Response:
        challenge = self._subscriptions.verify(token, request.query_params)
        return _said(404, "not known") if challenge is None else _said(200, challenge)

    async def _received(self, token: str, request: Request) -> Response:
        if not self._subscriptions.expects(token):
            return _said(410, "not known")
        if self._bodies.locked():
            return _said(503, "busy", _AGAIN)
        try:
            async with asyncio.timeout(BODY_SECONDS), self._bodies:
                body = await _body(request, self._body_limit)
                if body is None:
                    return _said(413, f"more than {self._body_limit} bytes")
                push = self._subscriptions.receive(token, body, request.headers)
                if push is not None:
                    await self._deliver(push)
        except TimeoutError:
            return _said(503, "took too long", _AGAIN)
        except ClientDisconnect:
            return _said(400, "cut short")
        return _said(202, "thank you")


async def _body(request: Request, limit: int) -> bytes | None:
    """The whole body; None as soon as it is, or says that it is, longer than the limit."""
    declared = request.headers.get("content-length", "0")
    if declared.isdigit() and int(declared[:18]) > limit:
        return None
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit:
            return None
    return bytes(body)


def _said(status: int, text: str, headers: Mapping[str, str] = _NOTHING) -> Response:
    return PlainTextResponse(text, status, {**_PLAIN, **headers})
