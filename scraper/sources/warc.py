"""Web archives (ISO 28500:2017), plain, gzip or zstd, record after record.

Each record has a place from which reading can go on, and a damaged one costs itself and not the rest of the file.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from scraper.sources.capture import LARGEST_BODY, Capture, Record
from scraper.sources.unpacking import Form, Stream, TornError

_MOST_HEAD = 65_536
_PAGE_TYPES = ("text/html", "application/xhtml+xml")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]{0,1000})?\r?\n")
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_LINE_END = re.compile(rb"\r?\n")
_DATE_DIGITS = 14
_LARGEST = 1 << 50


@dataclass(frozen=True, slots=True)
class _Mark:
    """A place to read on from: so many records after the one that begins at the offset; -1 is right before that."""

    offset: int = 0
    records: int = 0

    def __str__(self) -> str:
        return f"{self.offset}+{self.records}"

    @classmethod
    def read(cls, text: str | None) -> "_Mark | None":
        """The mark that a text stands for. Raises ValueError for any other text."""
        if text is None:
            return None
        offset, _, records = text.partition("+")
        return cls(int(offset), int(records))


class WarcFile:
    """One web archive."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def name(self) -> str:
        """Its path."""
        return str(self._path)

    @property
    def size(self) -> int:
        """In bytes, 0 when there is none."""
        with contextlib.suppress(OSError):
            return self._path.stat().st_size
        return 0

    def records(self, after: str | None = None) -> Iterator[Record]:
        """Record after record. A damaged place is told as one record, and reading goes on behind it."""
        with self._path.open("rb") as file:
            form = Form.of(file)
            mark, skip = _Mark.read(after) or _Mark(form.start), after is not None
            while True:
                stream = Stream(file, form, mark.offset)
                try:
                    for place, read, holds in _records(stream, mark, skip=skip):
                        mark, skip = place, True
                        yield Record(mark=str(mark), read=read, holds=holds)
                except OSError as error:
                    found = form.next_start(file, stream.begun + 1)
                    if found is None and isinstance(error, TornError):
                        behind = mark if skip else _Mark(mark.offset, -1)
                        yield Record(mark=str(behind), read=self.size, holds=str(error), is_torn=True)
                        return
                    # What stands there was not looked at: whoever reads on from this mark begins with it.
                    mark, skip = _Mark(self.size if found is None else found, -1), False
                    yield Record(mark=str(mark), read=mark.offset, holds=f"damaged: {str(error)[:80]}")
                    if found is None:
                        return
                else:
                    return


def _records(stream: Stream, mark: _Mark, *, skip: bool) -> Iterator[tuple[_Mark, int, Capture | str]]:
    """Records from a mark on, each with its own mark and where in the file it is; with `skip` not that at the mark."""
    base, count, number = mark.offset, -1, -1
    while _skip_blank(stream):
        start = stream.start_here()
        number, count = number + 1, count + 1
        if start is not None:
            base, count = start, 0
        fields = _fields(stream)
        length = _length(fields)
        passed = number < mark.records or (number == mark.records and skip)
        holds = "" if passed else _page(fields, stream, length)
        if isinstance(holds, str):
            stream.skip(length)
        if not passed:
            yield _Mark(base, count), base, holds


def _skip_blank(stream: Stream) -> bool:
    """Go to the next record; False at the end."""
    while (following := stream.peek(2)) in {b"\r\n", b"\n\n", b"\n\r"} or following[:1] == b"\n":
        stream.skip(2 if following == b"\r\n" else 1)
    return bool(following)


def _fields(stream: Stream) -> dict[str, str]:
    """The named fields of the record that begins here. Raises OSError when none does."""
    for size in (2048, _MOST_HEAD):
        head = stream.peek(size)
        if not head.startswith(b"WARC/"):
            raise OSError("no record begins here")
        if found := _HEAD_END.search(head):
            stream.skip(found.end())
            lines = head[: found.start()].decode("utf-8", "replace").splitlines()[1:]
            return {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    raise OSError("a record's head has no end")


def _length(fields: dict[str, str]) -> int:
    text = fields.get("content-length", "")
    if not (text.isascii() and text.isdigit()) or int(text[:20]) > _LARGEST:
        raise OSError("a record without its length")
    return int(text)


def _page(fields: dict[str, str], stream: Stream, length: int) -> Capture | str:
    """The page that a record holds, or why it is none; its block is taken only when it may be one."""
    kind = fields.get("warc-type", "").lower()
    if kind not in {"response", "resource"}:
        return f"{kind[:20] or 'unknown'} record"
    if length > LARGEST_BODY + _MOST_HEAD:
        return "too large"
    url = fields.get("warc-target-uri", "").removeprefix("<").removesuffix(">")
    if not url.startswith(("http://", "https://")):
        return "no web address"
    captured_at = _date(fields.get("warc-date"))
    if captured_at is None:
        return "no date"
    # The block is looked at first and left in place: whoever passes it over skips it.
    block = stream.view(length)
    if len(block) < length:
        raise stream.broken or TornError("the file ends amid a record")
    found = (
        _resource(url, block, captured_at, fields.get("content-type"))
        if kind == "resource"
        else _response(url, block, captured_at)
    )
    if not isinstance(found, str):
        stream.skip(length)
    return found


def _resource(url: str, block: memoryview, captured_at: datetime, content_type: str | None) -> Capture | str:
    if not _is_page(content_type):
        return "not HTML"
    return Capture(url=url, body=bytes(block), captured_at=captured_at, content_type=content_type)


def _response(url: str, block: memoryview, captured_at: datetime) -> Capture | str:
    found = _HEAD_END.search(block, 0, _MOST_HEAD)
    if bytes(block[:5]) != b"HTTP/" or found is None:
        return "no HTTP answer"
    lines = _LINE_END.split(bytes(block[: found.start()]))
    status = _status(lines[0])
    if status != 200:  # noqa: PLR2004 - the status that comes with a page
        return f"status {status}"
    headers = tuple((name.strip(), value.strip()) for name, _, value in (line.partition(b":") for line in lines[1:]))
    content_type = _first(headers, b"content-type")
    body = bytes(block[found.end() :])
    if not _is_page(content_type) and not (content_type is None and b"<" in body[:1000]):
        return "not HTML"
    if "chunked" in (_first(headers, b"transfer-encoding") or "").lower():
        body = _dechunked(body)
    return Capture(
        url=url,
        body=body,
        captured_at=captured_at,
        status=status,
        content_type=content_type,
        coding=_first(headers, b"content-encoding"),
        headers=headers,
    )


def _status(line: bytes) -> int:
    parts = line.split(None, 2)
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() and len(parts[1]) == 3 else 0  # noqa: PLR2004 - RFC 9110


def _first(headers: tuple[tuple[bytes, bytes], ...], wanted: bytes) -> str | None:
    return next((value.decode("latin-1") for name, value in headers if name.lower() == wanted), None)


def _is_page(content_type: str | None) -> bool:
    return (content_type or "").lower().lstrip().startswith(_PAGE_TYPES)


def _dechunked(body: bytes) -> bytes:
    """A body without its chunks; as it is when it has none, as many writers store it so and keep the header."""
    parts: list[bytes] = []
    position = 0
    while (found := _CHUNK.match(body, position)) is not None:
        size = int(found[1], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(body[found.end() : found.end() + size])
        position = found.end() + size
        position += 2 if body.startswith(b"\r\n", position) else 0
    return b"".join(parts) if parts and position >= len(body) else body


def _date(text: str | None) -> datetime | None:
    text = (text or "").strip()
    with contextlib.suppress(ValueError):
        if len(text) == _DATE_DIGITS and text.isdigit():
            return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
