"""What is new in a listing, and whether its window still overlaps with the last one. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from scraper.model.entry import Entry

_WIDTH = 6
"""Bytes kept of each key: one false match among a million billion pairs."""
_LEAST = 64
_MOST = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Novelty:
    """How a listing compares with what was listed before."""

    new: tuple[Entry, ...]
    shared: int
    """Entries of this listing that were known."""
    known: bytes
    """The memory to compare the next listing with."""


def novelty(known: bytes, entries: Sequence[Entry]) -> Novelty:
    """Compare a listing with the memory of earlier ones.

    The memory holds twice the listing, so that an entry that comes and goes (feeds behind several servers, pinned
    stories) is new only once.
    """
    before = dict.fromkeys(known[start : start + _WIDTH] for start in range(0, len(known), _WIDTH))
    now = {_digest(entry.key): entry for entry in entries}
    new = tuple(entry for digest, entry in now.items() if digest not in before)
    room = min(max(2 * len(now), _LEAST), _MOST)
    kept = [*now, *(digest for digest in before if digest not in now)][:room]
    return Novelty(new=new, shared=len(now) - len(new), known=b"".join(kept))


def _digest(key: str) -> bytes:
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=_WIDTH).digest()
