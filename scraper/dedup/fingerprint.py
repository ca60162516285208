"""What is remembered of a story's text: a few hundred bytes from which copies are recognised without the text.

A fingerprint of kind 1 holds
- the hash of the whole normal text, for exact copies;
- the smallest hashes of its word-5 shingles, a bottom-k sketch (Broder, "On the resemblance and containment of
  documents", 1997), with the place in the text where each shingle stands first. The first of them are the postings
  under which the index finds the story;
- a MinHash signature of the same shingles (datasketch, scheme affine32, seed 1, 32 permutations) cut to the low byte
  of each value (Li and König, "b-Bit minwise hashing", 2010);
- its figures and names in their places;
- the marks of its lines, by which the outlet's furniture is known.
"""

import struct
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat

import datasketch
import numpy as np
import numpy.typing as npt
import xxhash

from scraper.dedup.normal import words
from scraper.dedup.salient import Slots, figure_slots, name_slots
from scraper.model.failures import ScraperError

KIND = 1
SHINGLE = 5
SKETCH = 32
POSTINGS = 20
PERMUTATIONS = 32
SEED = 1
STEPS = (0, 8, 16, 24, 32, 40, 50, 60, 75, 90, 110, 150, 200, 300, 500, 800)
"""Places in the text are told in steps: word 0 to 7, 8 to 15, ..., 800 and later."""

_MOST_FIGURES = 24
_MOST_NAMES = 12
_MOST_LINES = 48
_HEAD = struct.Struct("<BHQBBBBB")
_POSTED = 11
"""Where in the head the number of postings stands."""

Hashes = npt.NDArray[np.uint32]


class ForeignFingerprintError(ScraperError):
    """A fingerprint was made by another version, or is damaged, and cannot be compared with this one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """The remembered form of one text."""

    shingles: int
    """How many different shingles the text has, up to 65,535."""
    exact: int
    """64-bit hash of the whole normal text."""
    postings: tuple[int, ...]
    """The smallest shingle hashes in full, 32 bits, ascending."""
    sketch: tuple[int, ...]
    """The upper 24 bits of the smallest shingle hashes, ascending."""
    places: tuple[int, ...]
    """For each of the sketch, the step (index into STEPS) at which it stands first."""
    signature: bytes
    figures: Slots
    names: Slots
    lines: tuple[int, ...]
    """Marks of the lines in order."""


class _WordHashes(dict[str | bytes, int]):
    """64-bit hashes of the words of slots, remembered because few words make up most of a text."""

    def __missing__(self, word: str | bytes) -> int:
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        data = word if isinstance(word, bytes) else word.encode("utf-8", "surrogatepass")
        value = self[word] = xxhash.xxh3_64_intdigest(data, SEED)
        return value


_MOST_REMEMBERED = 20_000
"""About 3 MB."""
_word_hash = _WordHashes().__getitem__


_FACTORS = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x27D4EB2F165667C5, 0x85EBCA77C2B2AE63],
    np.uint64,
)
_MIX = np.uint64(0xFF51AFD7ED558CCD)
_THIRTY_TWO = np.uint64(32)
_THIRTY_THREE = np.uint64(33)
_STEP_OF = tuple(bisect_right(STEPS, place) - 1 for place in range(STEPS[-1] + 1))
"""The step of each place up to the last."""
_MULTIPLIERS, _ADDENDS = (
    column.astype(np.uint32).reshape(-1, 1)
    for column in datasketch.MinHash(
        num_perm=PERMUTATIONS, seed=SEED, scheme="affine32", gpu_mode="disable"
    ).permutations
)
_BLOCK = 8192
"""Hashes that are permuted at once: a megabyte."""


def _shingles(tokens: Sequence[bytes]) -> Hashes:
    """32-bit hashes of all runs of five words, in order."""
    # Hashing a word anew takes less than looking it up in a memory that is too large for the processor's cache.
    digests = b"".join(map(xxhash.xxh3_64_digest, tokens, repeat(SEED)))
    each = np.frombuffer(digests, ">u8").astype(np.uint64)
    if not len(each):
        return np.empty(0, np.uint32)
    mixed = np.correlate(each, _FACTORS[: len(each)], "valid")
    mixed ^= mixed >> _THIRTY_THREE
    mixed *= _MIX
    mixed >>= _THIRTY_TWO
    return mixed.astype(np.uint32)


def _each_once(hashes: Hashes) -> Hashes:
    ascending = hashes.copy()
    ascending.sort()
    first = np.empty(len(ascending), np.bool_)
    first[:1] = True
    np.not_equal(ascending[1:], ascending[:-1], out=first[1:])
    return ascending[first]


def _first_steps(hashes: Hashes, smallest: Hashes) -> list[int]:
    """The steps at which each of the smallest hashes stands first."""
    if not len(smallest):
        return []
    places = (hashes <= smallest[-1]).nonzero()[0][::-1]
    first = dict(zip(hashes[places].tolist(), places.tolist(), strict=True))
    steps, beyond = _STEP_OF, len(STEPS) - 1
    return [steps[place] if (place := first[value]) < STEPS[-1] else beyond for value in smallest.tolist()]


def signature(hashes: Hashes) -> bytes:
    """The low bytes of the MinHash that datasketch makes of these hashes by its scheme affine32, all at once."""
    mixed = hashes ^ (hashes >> np.uint32(16))
    mixed *= np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    smallest = np.full(PERMUTATIONS, 0xFFFFFFFF, np.uint32)
    for begin in range(0, len(mixed), _BLOCK):
        permuted = mixed[begin : begin + _BLOCK] * _MULTIPLIERS
        permuted += _ADDENDS
        np.minimum(smallest, permuted.min(axis=1), out=smallest)
    return smallest.astype(np.uint8).tobytes()


def take_fingerprint(story_lines: Sequence[str], marks: Sequence[int]) -> Fingerprint:
    """The fingerprint of a story's own lines; `marks` are those of all its lines, furniture included."""
    text = "\n".join(story_lines)
    tokens = words(text)
    spaced = b" ".join(tokens)
    in_order = _shingles(tokens)
    hashes = _each_once(in_order)
    smallest = hashes[:SKETCH]
    return Fingerprint(
        shingles=min(len(hashes), 0xFFFF),
        exact=xxhash.xxh3_64_intdigest(spaced, SEED),
        postings=tuple(smallest[:POSTINGS].tolist()),
        sketch=tuple((smallest >> np.uint32(8)).tolist()),
        places=tuple(_first_steps(in_order, smallest)),
        signature=signature(hashes),
        figures=figure_slots(b" " + spaced, _word_hash, _MOST_FIGURES),
        names=name_slots(text, _word_hash, _MOST_NAMES),
        lines=tuple(dict.fromkeys(marks))[:_MOST_LINES],
    )


def encode(fingerprint: Fingerprint) -> bytes:
    """The bytes that the catalog keeps."""
    return b"".join(
        (
            _HEAD.pack(
                KIND,
                fingerprint.shingles,
                fingerprint.exact,
                len(fingerprint.postings),
                len(fingerprint.sketch),
                len(fingerprint.figures),
                len(fingerprint.names),
                len(fingerprint.lines),
            ),
            struct.pack(f"<{len(fingerprint.postings)}I", *fingerprint.postings),
            _pack24(fingerprint.sketch[len(fingerprint.postings) :]),
            _pack_nibbles(fingerprint.places),
            fingerprint.signature,
            _pack24(fingerprint.figures),
            _pack24(fingerprint.names),
            _pack24(fingerprint.lines),
        )
    )


def decode(data: bytes) -> Fingerprint:
    """The fingerprint that the bytes hold. Raises ForeignFingerprintError for those of another kind, or damaged."""
    shingles, exact, sizes = _measure(data)
    parts = []
    at = _HEAD.size
    for size in sizes:
        parts.append(data[at : at + size])
        at += size
    postings = struct.unpack(f"<{sizes[0] // 4}I", parts[0])
    figures, names = sizes[4] // 3, (sizes[4] + sizes[5]) // 3
    last = _unpack24(b"".join(parts[4:]))
    sketch = (*[posting >> 8 for posting in postings], *_unpack24(parts[1]))
    return Fingerprint(
        shingles=shingles,
        exact=exact,
        postings=postings,
        sketch=sketch,
        places=_unpack_nibbles(parts[2])[: len(sketch)],
        signature=parts[3],
        figures=last[:figures],
        names=last[figures:names],
        lines=last[names:],
    )


def _measure(data: bytes) -> tuple[int, int, tuple[int, ...]]:
    """Shingles, hash of the text, and the bytes of each part. Raises ForeignFingerprintError as `decode` does."""
    if not data or data[0] != KIND:
        kind = str(data[0]) if data else "none"
        raise ForeignFingerprintError(f"its fingerprint is of kind {kind}, and this version reads kind {KIND}")
    if len(data) < _HEAD.size:
        raise ForeignFingerprintError("its fingerprint is cut short")
    _, shingles, exact, posted, sketch, figures, names, lines = _HEAD.unpack_from(data)
    sizes = (posted * 4, (sketch - posted) * 3, (sketch + 1) // 2, PERMUTATIONS, figures * 3, names * 3, lines * 3)
    if sketch < posted or len(data) != _HEAD.size + sum(sizes):
        raise ForeignFingerprintError("its fingerprint is not as long as it says")
    return shingles, exact, sizes


def lines_of(data: bytes) -> tuple[int, ...]:
    """The marks of the lines of an encoded fingerprint. Raises ForeignFingerprintError as `decode` does."""
    lines = _measure(data)[2][-1]
    return _unpack24(data[len(data) - lines :])


def packed_postings(data: bytes) -> bytes:
    """The postings of an encoded fingerprint, four bytes each."""
    return data[_HEAD.size : _HEAD.size + 4 * data[_POSTED]]


def trim(data: bytes) -> bytes:
    """A fingerprint without its postings and lines: all that a comparison needs of an indexed story."""
    _, shingles, exact, posted, sketch, figures, names, lines = _HEAD.unpack_from(data)
    at = _HEAD.size
    upper = bytearray(data[at : at + posted * 4])
    del upper[::4]
    rest = data[at + posted * 4 : len(data) - lines * 3]
    return _HEAD.pack(KIND, shingles, exact, 0, sketch, figures, names, 0) + upper + rest


def exact_hash(data: bytes) -> int:
    """The hash of the whole normal text, read from an encoded fingerprint."""
    exact: int = _HEAD.unpack_from(data)[2]
    return exact


def _pack24(values: Sequence[int]) -> bytes:
    wide = bytearray(struct.pack(f"<{len(values)}I", *values))
    del wide[3::4]
    return bytes(wide)


def _unpack24(data: bytes) -> tuple[int, ...]:
    count = len(data) // 3
    wide = bytearray(4 * count)
    wide[::4], wide[1::4], wide[2::4] = data[::3], data[1::3], data[2::3]
    return struct.unpack(f"<{count}I", wide)


_LOW, _HIGH = bytes(byte & 15 for byte in range(256)), bytes(byte >> 4 for byte in range(256))


def _pack_nibbles(values: Sequence[int]) -> bytes:
    each = bytes(values)
    low, high = (int.from_bytes(each[parity::2], "little") for parity in (0, 1))
    return (low | high << 4).to_bytes((len(each) + 1) // 2, "little")


def _unpack_nibbles(data: bytes) -> tuple[int, ...]:
    each = bytearray(2 * len(data))
    each[::2], each[1::2] = data.translate(_LOW), data.translate(_HIGH)
    return tuple(each)
