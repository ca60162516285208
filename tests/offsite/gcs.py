"""fake-gcs-server, an emulator of Google's storage, on loopback; asked for by SCRAPER_TEST_GCS.

It takes objects by the JSON interface, and not by the plain PUT of the XML interface that our library makes. A relay
before it says such a PUT again as what it understands, its condition included, and passes on all else as it is; whether
there is an object of that name already is for the emulator to say.
"""

import http.client
import json
import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from secrets import token_hex
from urllib.parse import unquote, urlsplit

GCS = os.environ.get("SCRAPER_TEST_GCS")
"""The program `fake-gcs-server`."""
_HOP = frozenset({"connection", "transfer-encoding", "content-length", "host", "date", "server"})


class _Relay(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    port: int
    conditions: list[str | None]

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        pass

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        method, path = self.command, self.path
        if method == "PUT":
            condition = self.headers.get("x-goog-if-generation-match")
            self.conditions.append(condition)
            _, bucket, name = urlsplit(path).path.split("/", 2)
            method, path = "POST", f"/upload/storage/v1/b/{bucket}/o?uploadType=multipart"
            path += "" if condition is None else f"&ifGenerationMatch={condition}"
            body, kind = _in_parts(unquote(name), body)
            self.headers.replace_header("Content-Type", kind)
        passed = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {**passed, "Host": f"127.0.0.1:{self.port}"})
        answer = connection.getresponse()
        content = answer.read()
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        if self.command == "PUT" and answer.status == http.HTTPStatus.OK:
            self.send_header("ETag", '"{}"'.format(json.loads(content)["md5Hash"]))
        length = answer.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
        self.send_header("Content-Length", length or "0")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        connection.close()

    do_GET = do_HEAD = do_PUT = do_DELETE = _pass_on  # noqa: N815 - the names that the base class calls


def _in_parts(name: str, body: bytes) -> tuple[bytes, str]:
    """An object with its name, as the JSON interface takes both at once."""
    mark = token_hex(16)
    told = json.dumps({"name": name})
    head = f"--{mark}\r\nContent-Type: application/json\r\n\r\n{told}\r\n--{mark}\r\n"
    parts = head + "Content-Type: application/octet-stream\r\n\r\n"
    return parts.encode() + body + f"\r\n--{mark}--".encode(), f"multipart/related; boundary={mark}"


@contextmanager
def gcs(directory: Path, bucket: str) -> Iterator[dict[str, str]]:
    """A server with one bucket; gives the environment in which it is reached."""
    port = _free_port()
    address = f"127.0.0.1:{port}"
    server = subprocess.Popen(
        [str(GCS), "-scheme=http", "-host=127.0.0.1", f"-port={port}", "-backend=memory", f"-public-host={address}"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout is not None
        next(line for line in server.stdout if f"server started at http://{address}" in line)
        threading.Thread(target=server.stdout.read, daemon=True).start()
        _Relay.port, _Relay.conditions = port, []
        relay = ThreadingHTTPServer(("127.0.0.1", 0), _Relay)
        threading.Thread(target=relay.serve_forever, args=(0.05,), daemon=True).start()
        try:
            _make(port, bucket)
            key = directory / "key.json"
            key.write_text(
                json.dumps(
                    {
                        "gcs_base_url": f"http://127.0.0.1:{relay.server_port}",
                        "disable_oauth": True,
                        "client_email": "",
                        "private_key": "",
                        "private_key_id": "",
                    }
                )
            )
            yield {"GOOGLE_SERVICE_ACCOUNT": str(key), "NO_PROXY": "127.0.0.1"}
            assert set(_Relay.conditions) <= {"0"}, "every put must ask for nothing to be there"
        finally:
            relay.shutdown()
            relay.server_close()
    finally:
        server.kill()
        server.communicate()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _make(port: int, bucket: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/storage/v1/b?project=tests", json.dumps({"name": bucket}))
    assert connection.getresponse().status == http.HTTPStatus.OK
    connection.close()
