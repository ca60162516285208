"""One HTTP server on loopback: honest validators, gzip, a log."""

import gzip
import hashlib
import itertools
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from urllib.parse import parse_qsl, unquote, urlsplit

_order = itertools.count()
_LOOPBACK = "127.0.0.1"
_IDLE_SECONDS = 20
_STOP_SECONDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a server says to one path."""

    kind: str
    """The content type."""
    body: str
    status: int = 200
    modified: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A request and how it was answered."""

    order: int
    """Counts all exchanges of the process."""
    url: str
    status: int
    conditional: bool
    """Whether the request carried a validator."""
    user_agent: str


Answers = Callable[[str, str, Mapping[str, str]], Answer]
"""Answers to home, path and query."""


class Listener:
    """A server that answers while it is open, on an address of its own where the system allows that."""

    def __init__(self, host: str, answers: Answers) -> None:
        try:
            self._server = _Server((host, 0), answers)
        except OSError:  # not every system has the whole of 127.0.0.0/8
            self._server = _Server((_LOOPBACK, 0), answers)
        self.host, port = str(self._server.server_address[0]), self._server.server_address[1]
        self.home = f"http://{self.host}:{port}"
        self._server.home = self.home
        self._thread = threading.Thread(target=self._server.serve_forever, args=(_STOP_SECONDS,), daemon=True)
        self._thread.start()

    def log(self) -> list[Exchange]:
        """Every exchange so far."""
        return list(self._server.log)

    def close(self) -> None:
        """Stop answering and give the address back."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], answers: Answers) -> None:
        self.answers = answers
        self.home = ""
        self.log: list[Exchange] = []
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's own looks its name up in the DNS

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """A client that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "DemoWeb"
    sys_version = ""
    timeout = _IDLE_SECONDS
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        """The log is kept as values, not printed."""

    def do_GET(self) -> None:
        """Answer with a body."""
        self._reply(with_body=True)

    def do_HEAD(self) -> None:
        """Answer as to a GET, without the body."""
        self._reply(with_body=False)

    def _reply(self, *, with_body: bool) -> None:
        parts = urlsplit(self.path)
        answer = self.server.answers(self.server.home, unquote(parts.path), dict(parse_qsl(parts.query)))
        body = answer.body.encode()
        etag = f'W/"{hashlib.sha256(body).hexdigest()[:20]}"'
        status = (
            HTTPStatus.NOT_MODIFIED
            if answer.status == HTTPStatus.OK and self._has(etag, answer.modified)
            else answer.status
        )
        self._note(status)
        self.send_response(status)
        if answer.status == HTTPStatus.OK:
            self.send_header("ETag", etag)
            if answer.modified:
                self.send_header("Last-Modified", format_datetime(answer.modified.astimezone(UTC), usegmt=True))
        if status != HTTPStatus.NOT_MODIFIED:
            body = self._coded(body)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body and status != HTTPStatus.NOT_MODIFIED:
            self.wfile.write(body)

    def _coded(self, body: bytes) -> bytes:
        self.send_header("Vary", "Accept-Encoding")
        if "gzip" not in self.headers.get("Accept-Encoding", ""):
            return body
        self.send_header("Content-Encoding", "gzip")
        return gzip.compress(body, mtime=0)

    def _has(self, etag: str, modified: datetime | None) -> bool:
        """Whether the client already has this (RFC 9110 section 13.2.2: the entity tag decides where one is given)."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return etag.removeprefix("W/") in tags or tags.strip() == "*"
        since = self.headers.get("If-Modified-Since")
        if since is None or modified is None:
            return False
        try:
            return modified <= parsedate_to_datetime(since)
        except (TypeError, ValueError):
            return False

    def _note(self, status: int) -> None:
        conditional = "If-None-Match" in self.headers or "If-Modified-Since" in self.headers
        agent = self.headers.get("User-Agent", "")
        url = self.server.home + self.path
        self.server.log.append(
            Exchange(order=next(_order), url=url, status=status, conditional=conditional, user_agent=agent)
        )
