"""The metrics over HTTP, in threads of their own, so that whoever asks cannot hold up the line."""

import socketserver
import threading
from collections.abc import Callable, Iterable
from typing import Any, Self
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from prometheus_client import CollectorRegistry, make_wsgi_app

from scraper.model.failures import ScraperError
from scraper.settings import split_address

_AT_ONCE = 4
_PATIENCE_S = 10
_Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class EndpointError(ScraperError):
    """The address cannot be listened on."""


class Endpoint:
    """Serves GET /metrics while the context lasts.

    `listen` is "HOST:PORT" or a port on loopback; with port 0 the kernel chooses one. No more than four askers are
    served at once, and each has ten seconds to say what it wants. Raises EndpointError.
    """

    def __init__(self, listen: str, registry: CollectorRegistry) -> None:
        try:
            self._server = _Server(split_address(listen), _Handler)
        except OSError as error:
            raise EndpointError(f"cannot serve metrics at {listen}: {error.strerror or error}") from error
        self._server.set_app(_only_metrics(make_wsgi_app(registry)))
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def address(self) -> str:
        """Where it listens in fact, as a URL."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}/metrics"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class _Server(socketserver.ThreadingMixIn, WSGIServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], handler: type[WSGIRequestHandler]) -> None:
        import socket  # noqa: PLC0415 - its constants alone

        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._places = threading.Semaphore(_AT_ONCE)
        super().__init__(address, handler)

    def server_bind(self) -> None:
        # The base class asks the resolver for our own name, which can take long and helps nobody.
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "metrics", self.server_address[1]
        self.setup_environ()

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._places.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._places.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up or talks nonsense is no event of ours."""


class _Handler(WSGIRequestHandler):
    timeout = _PATIENCE_S

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        """Being asked is no event."""


def _only_metrics(metrics: _Application) -> _Application:
    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET" and environ["PATH_INFO"] == "/metrics":
            return metrics(environ, start)
        start("404 Not Found", [("Content-Type", "text/plain; charset=utf-8")])
        return [b"GET /metrics\n"]

    return application
