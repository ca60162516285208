"""Where the page is to be had: addresses and listening sockets."""

import socket
from dataclasses import dataclass
from ipaddress import ip_address

from scraper.model.failures import ScraperError
from scraper.settings import split_address

_BACKLOG = 64


@dataclass(frozen=True, slots=True)
class Address:
    """Where the page is served."""

    host: str
    port: int
    """0 lets the system choose."""

    @property
    def is_loopback(self) -> bool:
        """Whether this machine alone reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def address(text: str) -> Address:
    """Read `127.0.0.1:8080`, `[::1]:8080`, or a port alone, which means loopback. Raises ValueError."""
    return Address(*split_address(text))


def bind(where: Address) -> socket.socket:
    """A listening socket. Raises ScraperError that says why there can be none."""
    try:
        family, _, _, _, target = socket.getaddrinfo(where.host, where.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise ScraperError(f"The status page cannot be served at {where.host}: {error.strerror or error}.") from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(target)
        listener.listen(_BACKLOG)
    except OSError as error:
        listener.close()
        raise ScraperError(
            f"The status page cannot be served at {where.host}:{where.port}: {error.strerror or error}. "
            "Name another port with --status HOST:PORT."
        ) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """The address to be opened in a browser."""
    host, port = listener.getsockname()[:2]
    named = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - it is read, not bound
    return f"http://[{named}]:{port}/" if ":" in named else f"http://{named}:{port}/"
