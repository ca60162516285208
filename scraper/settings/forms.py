"""The forms that texts among the settings have: addresses, networks, zones. Each check says what was expected."""

import ipaddress
import re
from typing import Annotated
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

OBJECT_STORAGE = ("s3", "gs", "az", "file")
"""What an address of object storage may start with."""

_LISTEN = re.compile(r"(?:(?P<host>\[[0-9a-fA-F:.%]+\]|[^:\[\]\s]*):)?(?P<port>\d{1,5})", re.ASCII)
_LAST_PORT = 65_535


def _network(text: str) -> str:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        raise ValueError('a network in CIDR form, such as "127.0.0.0/8" or "fd00::/8", its host bits zero') from None
    return text


def _proxy(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError('an address such as "http://proxy.example:3128"')
    return text


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in OBJECT_STORAGE or not (parts.netloc or parts.scheme == "file"):
        raise ValueError('an address such as "s3://bucket/news", "gs://…", "az://…" or "file:///backups/news"')
    return text


def _web(text: str) -> str:
    parts = _parts(text)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError('an address such as "https://web.archive.org/cdx/search/cdx"')
    return text


def _callback(text: str) -> str:
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.query or parts.fragment)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError('the public address that leads here, such as "https://news.example.org/websub"')
    return text


def _listen(text: str) -> str:
    host, _, port = text.rpartition(":")
    try:
        ipaddress.ip_address(host.strip("[]"))
        usable = port.isascii() and port.isdigit() and int(port) < 65536  # noqa: PLR2004 - ports have 16 bits
    except ValueError:
        usable = False
    if not usable:
        raise ValueError('an IP address with a port, such as "127.0.0.1:8087" or "[::1]:8087"')
    return text


def split_address(text: str) -> tuple[str, int]:
    """Read `127.0.0.1:8080`, `[::1]:8080`, or a port alone, which means loopback. Raises ValueError."""
    told = _LISTEN.fullmatch(text.strip())
    if told is None or int(told["port"]) > _LAST_PORT:
        raise ValueError('an address such as "127.0.0.1:8080", or a port')
    return (told["host"] or "127.0.0.1").strip("[]"), int(told["port"])


def _page(text: str) -> str:
    split_address(text)
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (KeyError, OSError, ValueError):
        raise ValueError('an IANA time zone, such as "Asia/Jakarta"') from None
    return text


def _webhook(text: str) -> str:
    parts = _parts(text)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise ValueError('an address such as "https://hooks.example.org/abc"')
    return text


def _smtp(text: str) -> str:
    parts = _parts(text)
    if parts is None or parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError('an address such as "smtp://user:password@mail.example.org:587" or "smtps://…"')
    return text


def _parts(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        return None if parts.port == 0 or not text.isprintable() or " " in text else parts
    except ValueError:
        return None


def _mailbox(text: str) -> str:
    name, at, host = text.rpartition("@")
    if not (name and at and host and text.isprintable()) or any(c in text for c in ' ,<>"'):
        raise ValueError('an e-mail address such as "desk@example.org"')
    return text


def cluster_address(text: str) -> str:
    """Check what names a cluster. Raises ValueError with what was expected."""
    host, _, port = text.rpartition(":")
    if text not in {"auto", "local"} and not (
        host and "/" not in text and port.isdecimal() and 0 < int(port) < 1 << 16
    ):
        raise ValueError('"auto", "local" or the address of a head such as "10.0.0.5:6379"')
    return text


def _captures(text: str) -> str:
    sample = {"timestamp": "20260301000000", "url": "https://news.example/1"}
    try:
        made = text.format(**sample)
    except (KeyError, IndexError, ValueError):
        made = ""
    if not (made.startswith(("http://", "https://")) and all(value in made for value in sample.values())):
        raise ValueError("an address with {timestamp} and {url} in it")
    return text


def _words(text: str) -> str:
    if not (text.isascii() and text.isprintable()):
        raise ValueError("plain ASCII text on one line, because it travels in a header")
    return text


HeaderText = Annotated[str, AfterValidator(_words)]
Network = Annotated[str, AfterValidator(_network)]
Proxy = Annotated[str, AfterValidator(_proxy)]
ClusterAddress = Annotated[str, AfterValidator(cluster_address)]
Address = Annotated[str, AfterValidator(_address)]
Callback = Annotated[str, AfterValidator(_callback)]
Listen = Annotated[str, AfterValidator(_listen)]
Webhook = Annotated[str, AfterValidator(_webhook)]
Smtp = Annotated[str, AfterValidator(_smtp)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Page = Annotated[str, AfterValidator(_page)]
Zone = Annotated[str, AfterValidator(_zone)]
Cdx = Annotated[str, AfterValidator(_web)]
Captures = Annotated[str, AfterValidator(_captures)]
