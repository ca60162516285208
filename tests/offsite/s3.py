"""A real S3 server on loopback (moto), which can be told to lose its nerve."""

import io
import threading
from collections.abc import Callable, Iterable
from typing import Any, Self

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

Environ = dict[str, Any]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        pass


class S3:
    """`on_put` is told of each object before it is stored, and may change its bytes or wait."""

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.on_put: Callable[[str, bytes], bytes] = lambda _name, data: data
        self.puts: list[str] = []
        self.stored: list[str] = []
        """Objects that were put and not refused."""
        self.reads: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_METADATA_ENDPOINT": "http://127.0.0.1:9",
            "NO_PROXY": "127.0.0.1",
        }

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        name = environ["PATH_INFO"]
        if environ["REQUEST_METHOD"] == "PUT" and name.count("/") > 1:
            self._take(environ, name)
        elif environ["REQUEST_METHOD"] == "GET":
            self.reads.append(name)

        def respond(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            if environ["REQUEST_METHOD"] == "PUT" and status.startswith("200"):
                self.stored.append(name)
            return start_response(status, headers, *more)

        result: Iterable[bytes] = self._app(environ, respond)
        return result

    def _take(self, environ: Environ, name: str) -> None:
        data = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        self.puts.append(name)
        stored = self.on_put(name, data)
        environ["wsgi.input"] = io.BytesIO(stored)
        environ["CONTENT_LENGTH"] = str(len(stored))
