"""What was removed, told in a file beside the articles: so it is known even when the catalog is lost.

`removed.jsonl` has one line of JSON a story: its names, when it went and why; nothing of what it said. A line is on the
disk before the article is gone.
"""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from scraper.storage.disk import Disk
from scraper.storage.layout import Layout


class Tombstone(msgspec.Struct, frozen=True, kw_only=True):
    """A story that is not to be collected again."""

    at: datetime
    why: str
    outlet: str
    source: str
    key: str
    url: str
    ids: tuple[str, ...]
    """Of its articles."""
    found_at: datetime


_decoder = msgspec.json.Decoder(Tombstone)


def append(layout: Layout, disk: Disk, tombstones: Sequence[Tombstone]) -> None:
    """Write tombstones down, durably."""
    path = layout.removed
    is_new = not path.exists()
    descriptor = disk.open(path)
    try:
        size = os.fstat(descriptor).st_size
        # A line that was torn by a crash stays alone.
        opening = b"\n" if size and os.pread(descriptor, 1, size - 1) != b"\n" else b""
        lines = b"".join(msgspec.json.encode(tombstone) + b"\n" for tombstone in tombstones)
        disk.write(descriptor, opening + lines, size, path)
        disk.sync(descriptor, path)
    finally:
        os.close(descriptor)
    if is_new:
        disk.sync_directory(path.parent)


def read(layout: Layout) -> Iterator[Tombstone]:
    """All tombstones in their order; what is torn or no tombstone is passed over."""
    try:
        with layout.removed.open("rb") as file:
            for line in file:
                try:
                    yield _decoder.decode(line)
                except (msgspec.DecodeError, UnicodeDecodeError):
                    continue
    except FileNotFoundError:
        return
