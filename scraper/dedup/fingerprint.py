"""What is remembered of a story's text: a few hundred bytes from which copies are recognised without the text.

Kind 1 holds
- the hash of the whole normal text, for exact copies;
- the smallest hashes of its word-5 shingles (a bottom-k sketch: Broder, "On the resemblance and containment of
  documents", 1997), the first of which are also the index postings;
- a MinHash signature (datasketch, scheme affine32) cut to the low byte of each value (Li and Koenig, "b-Bit minwise
  hashing", 2010);
- short hashes of its figures and names, and of its lines.
"""

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import datasketch
import numpy as np
import numpy.typing as npt
import xxhash

from scraper.dedup.normal import figures, names, words
from scraper.model.failures import ScraperError

KIND = 1
SHINGLE = 5
SKETCH = 64
PERMUTATIONS = 64
POSTINGS = 16
SEED = 1
_SALIENT = 40
_LINES = 48
_HEAD = struct.Struct("<BHQBBBB")

Hashes = npt.NDArray[np.uint32]


class ForeignFingerprintError(ScraperError):
    """A fingerprint was made by another version and cannot be compared with this one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The remembered form of one text."""

    shingles: int
    """How many different shingles the text has."""
    exact: int
    """64-bit hash of the whole normal text."""
    sketch: Hashes
    """The smallest shingle hashes, ascending."""
    signature: npt.NDArray[np.uint8]
    figures: frozenset[int]
    names: frozenset[int]
    lines: tuple[int, ...]
    """Marks of the lines in order."""


class _WordHashes(dict[str, int]):
    """64-bit hashes of words, remembered because few words make up most of a text."""

    def __missing__(self, word: str) -> int:
        if len(self) > 200_000:  # noqa: PLR2004 - about 20 MB
            self.clear()
        value = self[word] = xxhash.xxh3_64_intdigest(word.encode(), seed=SEED)
        return value


_WORD_HASHES = _WordHashes()
_PLACES = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63], np.uint64
)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_EMPTY = datasketch.MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32", hashfunc=int, gpu_mode="disable")


def shingle_hashes(tokens: Sequence[str]) -> Hashes:
    """32-bit hashes of all runs of five words, ascending, each once; of the whole text where it is shorter."""
    if not tokens:
        return np.empty(0, np.uint32)
    each = np.fromiter(map(_WORD_HASHES.__getitem__, tokens), np.uint64, len(tokens))
    count = max(1, len(each) - SHINGLE + 1)
    mixed = np.zeros(count, np.uint64)
    for place, factor in enumerate(_PLACES[: len(each)]):
        mixed += each[place : place + count] * factor
    mixed ^= mixed >> np.uint64(33)
    mixed *= _MIX
    return np.unique((mixed >> np.uint64(32)).astype(np.uint32))


def signature(hashes: Hashes) -> npt.NDArray[np.uint8]:
    """The MinHash signature of a shingle set, the low byte of each value."""
    minhash = _EMPTY.copy()
    minhash.update_batch(hashes.tolist())
    values: Hashes = minhash.hashvalues
    return values.astype(np.uint8)


def _short(found: Iterable[str]) -> frozenset[int]:
    distinct = dict.fromkeys(found)
    return frozenset([_WORD_HASHES[word] & 0xFFFF for word in distinct][:_SALIENT])


def take_fingerprint(story_lines: Sequence[str], marks: Sequence[int]) -> Fingerprint:
    """The fingerprint of a story's own lines; `marks` are those of all its lines, furniture included."""
    text = "\n".join(story_lines)
    tokens = words(text)
    hashes = shingle_hashes(tokens)
    return Fingerprint(
        shingles=min(len(hashes), 0xFFFF),
        exact=xxhash.xxh3_64_intdigest(" ".join(tokens).encode(), seed=SEED),
        sketch=hashes[:SKETCH],
        signature=signature(hashes),
        figures=_short(figures(tokens)),
        names=_short(names(text)),
        lines=tuple(dict.fromkeys(marks))[:_LINES],
    )


def encode(fingerprint: Fingerprint) -> bytes:
    """The bytes that the catalog keeps."""
    lines = b"".join(mark.to_bytes(3, "little") for mark in fingerprint.lines)
    return b"".join(
        (
            _HEAD.pack(
                KIND,
                fingerprint.shingles,
                fingerprint.exact,
                len(fingerprint.sketch),
                len(fingerprint.figures),
                len(fingerprint.names),
                len(fingerprint.lines),
            ),
            fingerprint.sketch.astype("<u4").tobytes(),
            fingerprint.signature.tobytes(),
            np.array(sorted(fingerprint.figures), "<u2").tobytes(),
            np.array(sorted(fingerprint.names), "<u2").tobytes(),
            lines,
        )
    )


def decode(data: bytes) -> Fingerprint:
    """The fingerprint that the bytes hold. Raises ForeignFingerprintError for those of another kind."""
    if not data or data[0] != KIND:
        raise ForeignFingerprintError(
            f"a stored fingerprint is of kind {data[0] if data else 'none'}, this version reads kind {KIND}"
        )
    _, shingles, exact, sketch, figure_count, name_count, line_count = _HEAD.unpack_from(data)
    at = _HEAD.size
    parts = []
    for size in (sketch * 4, PERMUTATIONS, figure_count * 2, name_count * 2, line_count * 3):
        parts.append(data[at : at + size])
        at += size
    return Fingerprint(
        shingles=shingles,
        exact=exact,
        sketch=np.frombuffer(parts[0], "<u4"),
        signature=np.frombuffer(parts[1], np.uint8),
        figures=frozenset(np.frombuffer(parts[2], "<u2").tolist()),
        names=frozenset(np.frombuffer(parts[3], "<u2").tolist()),
        lines=tuple(int.from_bytes(parts[4][i : i + 3], "little") for i in range(0, line_count * 3, 3)),
    )
