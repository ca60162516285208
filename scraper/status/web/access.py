"""Who may look: the right Host, the token where one is set, reading only; and what every answer tells the browser.

A page of another site can make a browser send requests here, and by DNS rebinding (a name that is its own now and this
address a moment later) even read the answers. Such a request carries that site's name as its Host, so only names that
are known to be meant are let in; an IP address as the Host cannot have been rebound.
"""

import hashlib
import hmac
import math
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from scraper.clock import Clock
from scraper.status.web.guessing import Guesses

COOKIE = "scraper-status"
ENTRANCE = "/entrance"
_STATIC = "/static/"
_LARGEST_FORM = 4096
_ADMITTED, _WRONG = 303, 403
"""What the entrance answers to the token, and to another word."""

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


def is_meant(host: str, names: Iterable[str]) -> bool:
    """Whether a Host header (RFC 9110 section 7.2) names this server: an IP address, localhost, or one of the names."""
    name = host.strip().lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    name = name.rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):  # RFC 6761: these resolve to loopback alone
        return True
    try:
        ip_address(name)
    except ValueError:
        return name in {known.lower().rstrip(".") for known in names}
    return True


def pass_of(token: str) -> str:
    """What a browser that knows the token carries from then on: not the token itself."""
    return hashlib.sha256(b"scraper status page\0" + token.encode()).hexdigest()


class Gate:
    """Stands before the whole application."""

    def __init__(self, app: ASGIApp, clock: Clock, names: Iterable[str] = (), token: str | None = None) -> None:
        self._app = app
        self._guesses = Guesses(clock)
        self._names = tuple(names)
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in, or say why not."""
        if scope["type"] != "http":
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
                if _tells(scope) and message["status"] in {_ADMITTED, _WRONG}:
                    self._note(scope, right=message["status"] == _ADMITTED)
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers, path = Headers(scope=scope), scope["path"]
        if not is_meant(headers.get("host", ""), self._names):
            return Response(
                "This name is not known to the status page. Add it to status.hosts if it is meant.\n",
                421,
                media_type="text/plain",
            )
        if scope["method"] not in {"GET", "HEAD"} and path != ENTRANCE:
            return Response("This page only reads.\n", 405, {"allow": "GET, HEAD"}, media_type="text/plain")
        if self._token is None or path.startswith(_STATIC) or self._has_entered(scope):
            return None
        return self._stopped(scope, headers)

    def _stopped(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to somebody who has not entered yet."""
        if (_tells(scope) or "authorization" in headers) and (pause := self._guesses.pause(_address(scope))):
            return _told_to_wait(pause)
        if scope["path"] == ENTRANCE or self._knows(scope, headers):
            return None
        if "text/html" in headers.get("accept", ""):
            return RedirectResponse(ENTRANCE, 303)
        return Response(
            "A token is needed: Authorization: Bearer TOKEN.\n",
            401,
            {"www-authenticate": 'Bearer realm="scraper"'},
            media_type="text/plain",
        )

    def _has_entered(self, scope: Scope) -> bool:
        return _same(Request(scope).cookies.get(COOKIE, ""), pass_of(self._token or ""))

    def _knows(self, scope: Scope, headers: Headers) -> bool:
        """Whether the header tells the token; that it told another is remembered."""
        kind, _, told = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return False
        right = _same(told.strip(), self._token or "")
        self._note(scope, right=right)
        return right

    def _note(self, scope: Scope, *, right: bool) -> None:
        if right:
            self._guesses.right(_address(scope))
        else:
            self._guesses.wrong(_address(scope))


def _tells(scope: Scope) -> bool:
    """Whether this is the entrance's form, filled in."""
    return bool(scope["path"] == ENTRANCE and scope["method"] == "POST")


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _told_to_wait(pause: timedelta) -> Response:
    seconds = math.ceil(pause.total_seconds())
    return Response(
        f"Too many wrong tokens came from your address. Try again in {seconds} s.\n",
        429,
        {"retry-after": str(seconds)},
        media_type="text/plain",
    )


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


async def admit(request: Request, token: str | None) -> Response | None:
    """The answer to the entrance's form: in, when it tells the token; None when it does not."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_FORM:
            return Response("Too large.\n", 413, media_type="text/plain")
    told = parse_qs(body.decode("utf-8", "replace")).get("token", [""])[0]
    if token is not None and not _same(told, token):
        return None
    response = RedirectResponse("/", 303)
    if token is not None:
        response.set_cookie(COOKIE, pass_of(token), httponly=True, samesite="strict", path="/")
    return response
