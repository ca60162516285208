"""Raw pages as WARC 1.1 records (ISO 28500:2017), each one a gzip member, so that each can be read by itself.

A page comes to us with its content codings undone. Its record says so as web archives do: the codings' headers
carry the prefix `X-Archive-Orig-`, and Content-Length is that of the body that is there.
"""

import base64
import gzip
import hashlib
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus

from scraper.model.page import Page
from scraper.version import __version__

_CODED = frozenset({b"content-encoding", b"transfer-encoding", b"content-length"})
_LEVEL = 6
_END = b"\r\n"
_REQUESTED = b"X-Requested-URI"
Headers = list[tuple[bytes, bytes]]


def preamble(now: datetime) -> bytes:
    """The record that opens a file and says who wrote it."""
    fields = f"software: scraper {__version__}\r\nformat: WARC File Format 1.1\r\n".encode()
    return _record(
        b"warcinfo", [(b"WARC-Date", _date(now)), (b"Content-Type", b"application/warc-fields")], fields, seed=fields
    )


def encode(page: Page) -> bytes:
    """One page as a compressed response record."""
    block = _head(page) + page.body
    headers = [
        (b"WARC-Date", _date(page.fetched_at)),
        (b"WARC-Target-URI", _line(page.url)),
        (b"Content-Type", b"application/http; msgtype=response"),
        (b"WARC-Payload-Digest", b"sha1:" + _digest(page.body)),
        (b"WARC-Block-Digest", b"sha1:" + _digest(block)),
    ]
    if page.requested_url != page.url:
        headers.append((_REQUESTED, _line(page.requested_url)))
    return _record(b"response", headers, block, seed=_line(page.url) + block)


def decode(data: bytes) -> Page:
    """The page again. Raises ValueError when the record is not one that `encode` made."""
    try:
        plain = gzip.decompress(data)
    except (OSError, EOFError) as error:
        raise ValueError(f"not a gzip member: {error}") from error
    head, _, block = plain.partition(_END * 2)
    record = dict(_headers(head))
    if not head.startswith(b"WARC/1.1") or record.get(b"WARC-Type") != b"response":
        raise ValueError("not a WARC response record")
    block = block[: int(record[b"Content-Length"])]
    http, _, body = block.partition(_END * 2)
    headers = tuple((_original(name), value) for name, value in _headers(http) if name.lower() != b"content-length")
    url = record[b"WARC-Target-URI"].decode()
    return Page(
        url=url,
        requested_url=record.get(_REQUESTED, record[b"WARC-Target-URI"]).decode(),
        body=body,
        fetched_at=datetime.fromisoformat(record[b"WARC-Date"].decode()),
        status=int(http.split(b" ", 2)[1]),
        content_type=_first(headers, b"content-type"),
        headers=headers,
    )


def _record(kind: bytes, headers: Headers, block: bytes, seed: bytes) -> bytes:
    identity = uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(kind + dict(headers)[b"WARC-Date"] + seed).hexdigest())
    lines = [
        (b"WARC-Type", kind),
        (b"WARC-Record-ID", f"<{identity.urn}>".encode()),
        *headers,
        (b"Content-Length", b"%d" % len(block)),
    ]
    head = b"WARC/1.1\r\n" + _lines(lines) + _END
    return gzip.compress(head + block + _END * 2, compresslevel=_LEVEL, mtime=0)


def _head(page: Page) -> bytes:
    try:
        phrase = HTTPStatus(page.status).phrase
    except ValueError:
        phrase = ""
    headers = [
        (b"X-Archive-Orig-" + name if name.lower() in _CODED else name, _plain(value)) for name, value in page.headers
    ]
    if page.content_type is not None and _first(page.headers, b"content-type") is None:
        headers.append((b"Content-Type", _line(page.content_type)))
    headers.append((b"Content-Length", b"%d" % len(page.body)))
    return f"HTTP/1.1 {page.status} {phrase}\r\n".encode() + _lines(headers) + _END


def _lines(headers: Iterable[tuple[bytes, bytes]]) -> bytes:
    return b"".join(name + b": " + value + _END for name, value in headers)


def _headers(head: bytes) -> Iterable[tuple[bytes, bytes]]:
    for line in head.split(_END)[1:]:
        name, _, value = line.partition(b": ")
        yield name, value


def _original(name: bytes) -> bytes:
    return name.removeprefix(b"X-Archive-Orig-")


def _first(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> str | None:
    return next((value.decode("latin-1") for name, value in headers if name.lower() == wanted), None)


def _line(text: str) -> bytes:
    return _plain(text.encode("utf-8", "surrogateescape"))


def _plain(value: bytes) -> bytes:
    # A header that holds a line break would end the header.
    return value.replace(b"\r", b" ").replace(b"\n", b" ")


def _date(moment: datetime) -> bytes:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z").encode()


def _digest(data: bytes) -> bytes:
    # SHA-1 in base 32 is what tools compare with; it guards against decay, not against malice.
    return base64.b32encode(hashlib.sha1(data, usedforsecurity=False).digest())
