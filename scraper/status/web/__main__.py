"""The page as a child of the daemon: `python -m scraper.status.web`, told on standard input what to serve.

The first line is JSON. The end of input, which comes when the daemon ends however it ends, is the end of the page.
"""

import socket
import sys
import threading
from pathlib import Path

import msgspec

from scraper.clock import utc_now
from scraper.status.web.app import Look
from scraper.status.web.serving import Server


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the daemon asks for."""

    descriptor: int
    """Of the listening socket, inherited."""
    data: str
    look: Look


def main() -> None:
    """Serve until the daemon is gone."""
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    server = Server(Path(order.data), order.look, utc_now)
    threading.Thread(target=_follow, args=(server,), name="daemon's end", daemon=True).start()
    with socket.socket(fileno=order.descriptor) as listener:
        server.run(listener)


def _follow(server: Server) -> None:
    sys.stdin.buffer.read()
    server.stop()


if __name__ == "__main__":
    main()
