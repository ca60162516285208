"""What one push amounts to: the names, sizes and digests of all that makes up the archive as of a moment.

    archive.json                                        whose archive this is
    articles/date=2026-11-27/part-1-0f3a….jsonl.zst     sealed files; duplicates/ and raw/ alike
    tails/articles/date=…/part-2-77b0….zst              what an open file held at the moment of a push
    catalog/91ce….zst                                   the state file, in pieces
    removed/4b12….zst                                   which stories were removed, so that a repair knows it too
    manifests/20261127T060000.000000Z-5d0c….json        put last: what it names is there

A name contains a digest of what it names, so an object is put once, never changed, and the same work done again is
no work.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

import msgspec

from scraper.storage.layout import Part, Stream

VERSION = 1
MANIFESTS = "manifests/"
CATALOG = "catalog/"
REMOVED = "removed/"
TAILS = "tails/"
IDENTITY = "archive.json"
CONTENTS = (*(f"{stream}/" for stream in Stream), TAILS, CATALOG, REMOVED)
"""Where everything is that a manifest can name."""
_SHORT = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One object."""

    name: str
    size: int
    """Bytes."""
    sha256: str

    def fits(self, data: bytes) -> bool:
        """Whether the bytes are those that were meant."""
        return len(data) == self.size and sha256(data).hexdigest() == self.sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposited:
    """One part of the archive and its object."""

    part: Part
    sealed: bool
    bytes: int
    """Those that count, as they are before sealing."""
    opened_at: int
    """Microseconds; tells the part from another one that once had its name."""
    piece: Piece


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The whole archive as of a moment."""

    version: int
    archive: str
    """Which archive it is."""
    at: datetime
    schema: int
    """Version of the catalog's form."""
    articles: int
    parts: tuple[Deposited, ...]
    catalog: tuple[Piece, ...]
    """In their order."""
    removed: Piece | None = None
    """`removed.jsonl`; None where nothing was ever removed, or the push was made by a scraper that did not carry it."""

    @property
    def size(self) -> int:
        """Bytes of all objects."""
        return sum(piece.size for piece in self.pieces)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """All objects."""
        told = () if self.removed is None else (self.removed,)
        return (*(deposited.piece for deposited in self.parts), *self.catalog, *told)

    def encoded(self) -> bytes:
        """As JSON."""
        return msgspec.json.format(msgspec.json.encode(self), indent=1) + b"\n"


_decoder = msgspec.json.Decoder(Manifest)


def decode(data: bytes) -> Manifest:
    """The manifest again. Raises ValueError when the bytes are none."""
    return _decoder.decode(data)


def manifest_name(at: datetime, data: bytes) -> str:
    """Names sort by time."""
    return f"{MANIFESTS}{at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{_digest(data)}.json"


def sealed_name(part: Part, data: bytes) -> str:
    """The object of a sealed part."""
    suffix = "warc.gz" if part.stream is Stream.RAW else "jsonl.zst"
    return f"{part.stream}/date={part.date}/part-{part.number}-{_digest(data)}.{suffix}"


def tail_name(part: Part, data: bytes) -> str:
    """The object of what an open part held."""
    suffix = "warc.gz" if part.stream is Stream.RAW else "jsonl.zst"
    return f"{TAILS}{part.stream}/date={part.date}/part-{part.number}-{_digest(data)}.{suffix}"


def catalog_name(data: bytes) -> str:
    """The object of a piece of the catalog."""
    return f"{CATALOG}{sha256(data).hexdigest()}.zst"


def removed_name(data: bytes) -> str:
    """The object that tells what was removed."""
    return f"{REMOVED}{sha256(data).hexdigest()}.zst"


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()[:_SHORT]
