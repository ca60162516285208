"""Directories of saved pages: what `wget`, a browser or a crawler of one's own left there."""

import gzip
import os
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

from scraper.sources.capture import LARGEST_BODY, Capture, Record

SUFFIXES = (".html", ".htm", ".xhtml", ".html.gz", ".htm.gz", ".shtml", ".php", ".asp", ".aspx")
_HEAD = 200_000
"""Bytes of a page in which it says where it is from."""
_SAVED_FROM = re.compile(rb"<!--\s*saved from url=\(\d+\)(https?://[^\s>]+)", re.IGNORECASE)
_TAG = re.compile(rb"<(?:link|meta)\s[^<>]{1,4000}>", re.IGNORECASE)
_ATTRIBUTE = re.compile(rb"""([a-zA-Z:_-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}", re.IGNORECASE)


class PageFolder:
    """A directory with all below it, its files in the order of their paths. Links are not followed."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    @property
    def name(self) -> str:
        """Its path."""
        return str(self._directory)

    @property
    def size(self) -> int:
        """In bytes, of the files that may be pages."""
        return sum(size for _, size in _files(self._directory))

    def records(self, after: str | None = None) -> Iterator[Record]:
        """File after file. One that cannot be read is told as such."""
        if not self._directory.is_dir():
            raise OSError(f"{self._directory} is no directory")
        read = 0
        for path, size in _files(self._directory):
            read += size
            mark = path.relative_to(self._directory).as_posix()
            if after is None or mark.split("/") > after.split("/"):
                yield Record(mark=mark, read=read, holds=_page(path, mark))


def _files(directory: Path) -> Iterator[tuple[Path, int]]:
    """The files below a directory, depth first, in the order of their names; entry by entry, however many."""
    try:
        found = sorted(os.scandir(directory), key=lambda one: one.name)
    except OSError:
        return
    for one in found:
        if one.is_dir(follow_symlinks=False):
            yield from _files(Path(one.path))
        elif one.is_file(follow_symlinks=False) and one.name.lower().endswith(SUFFIXES):
            yield Path(one.path), one.stat(follow_symlinks=False).st_size


def _page(path: Path, mark: str) -> Capture | str:
    try:
        body = _read(path)
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except (OSError, EOFError, zlib.error) as error:
        return f"unreadable: {getattr(error, 'strerror', None) or error}"
    if len(body) > LARGEST_BODY:
        return "too large"
    url = address_in(body[:_HEAD]) or _address_of(mark) or path.absolute().as_uri()
    return Capture(url=url, body=body, captured_at=changed, content_type="text/html")


def _read(path: Path) -> bytes:
    if path.suffix.lower() == ".gz":
        with gzip.open(path) as file:
            return file.read(LARGEST_BODY + 1)
    with path.open("rb") as file:
        return file.read(LARGEST_BODY + 1)


def address_in(head: bytes) -> str | None:
    """Where a saved page says that it is from: a browser's note, its canonical link, its Open Graph address."""
    if saved := _SAVED_FROM.search(head):
        return saved[1].decode("utf-8", "replace")
    declared: dict[str, str] = {}
    for tag in _TAG.finditer(head):
        values = {name.lower(): (a or b or c) for name, a, b, c in _ATTRIBUTE.findall(tag[0])}
        kind = (values.get(b"rel") or values.get(b"property") or b"").lower()
        target = values.get(b"href") or values.get(b"content")
        if target and kind in {b"canonical", b"og:url"}:
            declared.setdefault(kind.decode(), unescape(target.decode("utf-8", "replace")).strip())
    for kind in ("canonical", "og:url"):
        if (url := declared.get(kind, "")).startswith(("http://", "https://")):
            return url
    return None


def _address_of(mark: str) -> str | None:
    """The address of a mirrored page, whose path begins with its host."""
    host, _, rest = mark.partition("/")
    if not rest or not _HOST.fullmatch(host):
        return None
    return urljoin(f"https://{host}/", rest.removesuffix(".gz").removesuffix("index.html"))
