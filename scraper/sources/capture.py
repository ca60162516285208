"""A page as a file holds it, and what all files of pages have in common."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

LARGEST_BODY = 10_000_000
"""Bytes of a body; larger ones are passed over unread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """One page with its answer's head, transfer codings undone, content codings not."""

    url: str
    body: bytes
    captured_at: datetime
    status: int = 200
    content_type: str | None = None
    coding: str | None = None
    """The header Content-Encoding, where the body is still in it."""
    headers: tuple[tuple[bytes, bytes], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One step through a file of pages."""

    mark: str
    """Where it stands: `records` goes on right after it."""
    read: int
    """Bytes of the file or directory that lie before its end, as far as is known."""
    holds: Capture | str
    """A page, or why it is none."""
    is_torn: bool = False
    """The file ends amid it, which is told last: `records` goes on with it, once there is more of the file."""


class PageFile(Protocol):
    """A file or directory with pages, read in an order that never changes."""

    @property
    def name(self) -> str:
        """What it is called, for people."""
        ...

    @property
    def size(self) -> int:
        """In bytes."""
        ...

    def records(self, after: str | None = None) -> Iterator[Record]:
        """Record after record, with memory for one of them. Raises OSError when it cannot be read on."""
        ...
