"""A run: some thousands to two million judged stories, frozen in one file and sorted for lookup.

A file is a header and columns, all little-endian:

- `records`: story after story its id, its cluster and its trimmed fingerprint; `offsets` says where each begins
- `times` (seconds since 1970), `outlets` (index into the header's list): one value a story, in order of seq
- `exact`: upper half of the hash of the whole text, sorted, with the story's row in `exact_rows`
- `ids`: hash of the id, sorted, with `id_rows`
- `postings`, sorted by key: the lower bits of the key and the row of the story that has it, in buckets by the upper
  bits; `buckets` says where each begins. A lookup reads one piece for each key

A file is mapped, but a lookup touches `buckets` alone there: a page fault brings up to 200 KB into memory at the price
of two reads, so all else is read piece by piece. Merging goes through all of it and lets go of what it has passed.

The header carries the kind of fingerprint, and a checksum of itself; the file ends with a mark, so that a file that was
cut short is known.
"""

import json
import math
import mmap
import os
import struct
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

from scraper.dedup.fingerprint import KIND, ForeignFingerprintError, decode
from scraper.dedup.judge import Known

Column = npt.NDArray[Any]
OutletAndGroup = tuple[str, str | None]

MAGIC = b"NEARDUP1"
_FRONT = struct.Struct("<8sIQ")
"""Mark, length of the header, its checksum."""
_SPREAD = np.uint32(0x9E3779B1)
_BUCKET = 32
"""Postings to a bucket, on average."""
_BUCKET_BITS = range(16, 25)
_SIEVED_POSTINGS = 8_000_000
"""A run with more postings has no sieve, for its size."""
_SIEVE_BITS = 3
"""A sieve has two to the power of so many bits for each posting, or up to twice as many: 6 to 12% pass by chance."""
_SIEVE_PART = 1 << 12
"""Buckets looked at together while a sieve is made."""
DTYPES: Mapping[str, str] = {
    "records": "u1",
    "offsets": "<u4",
    "times": "<u4",
    "outlets": "<u2",
    "exact": "<u4",
    "exact_rows": "<u4",
    "ids": "<u4",
    "id_rows": "<u4",
    "buckets": "<u4",
    "postings": "<u2,<u4",
}
POSTING = np.dtype(DTYPES["postings"])


_EIGHT, _SEVEN, _ONE = np.uint32(3), np.uint32(7), np.uint32(1)


class DamagedRunError(Exception):
    """The file is not a whole run of this kind; the index is made anew from the catalog."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a run says of itself."""

    kind: int
    stories: int
    first_seq: int
    last_seq: int
    oldest: int
    newest: int
    bits: int
    """How many upper bits of a posting's key choose its bucket."""
    outlets: list[OutletAndGroup]
    columns: dict[str, tuple[int, int]]
    """Where each column begins, in bytes after the header, and how many values it has."""


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970, within what a column holds."""
    return min(max(int(moment.timestamp()), 0), 0xFFFFFFFF)


def posting_keys(postings: Sequence[int] | npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """Postings spread evenly over all 32 bits (smallest hashes are small numbers), reversibly."""
    return np.array(postings, np.uint32) * _SPREAD


def id_hash(story_id: str) -> int:
    """32-bit hash of an id."""
    return xxhash.xxh3_64_intdigest(story_id.encode()) >> 32


def bucket_bits(postings: int) -> int:
    """How many bits choose the bucket in a run of so many postings."""
    return min(max((postings // _BUCKET).bit_length(), _BUCKET_BITS.start), _BUCKET_BITS.stop - 1)


def pack_record(story_id: str, cluster: str, trimmed: bytes) -> bytes:
    """Id, cluster (empty where it is the story's own) and fingerprint."""
    return _pack_id(story_id) + (b"\x00" if cluster == story_id else _pack_id(cluster)) + trimmed


def _pack_id(text: str) -> bytes:
    """One byte of length and kind, then the id: 8 bytes for 16 hexadecimal digits."""
    if len(text) == 16:  # noqa: PLR2004 - the usual form of an article id
        try:
            packed = bytes.fromhex(text)
        except ValueError:
            packed = b""
        if packed.hex() == text:
            return b"\x88" + packed
    plain = text.encode()
    if len(plain) > 127:  # noqa: PLR2004 - seven bits of length
        raise ValueError(f"story id is longer than 127 bytes: {text[:40]}...")
    return bytes((len(plain),)) + plain


def _unpack_id(data: bytes, at: int) -> tuple[str, int]:
    size = data[at] & 127
    end = at + 1 + size
    packed = data[at + 1 : end]
    return (packed.hex() if data[at] & 128 else packed.decode()), end


class Run:
    """One frozen run, in memory or in a file."""

    def __init__(self, data: bytes | mmap.mmap, file: int | None = None, most_sieved: int = _SIEVED_POSTINGS) -> None:
        self._data = data
        self._file = file
        self.header = _read_header(data)
        self._start = _FRONT.size + struct.unpack_from("<I", data, 8)[0]
        self.columns = {
            name: np.frombuffer(data, dtype, self.header.columns[name][1], self._start + self.header.columns[name][0])
            for name, dtype in DTYPES.items()
        }
        self.edges = np.lib.stride_tricks.sliding_window_view(self.columns["buckets"], 2)
        """For each bucket, where its postings begin and end."""
        self._sieve = self._make_sieve() if len(self.columns["postings"]) <= most_sieved else None

    @classmethod
    def open(cls, path: Path, most_sieved: int = _SIEVED_POSTINGS) -> "Run":
        """Open a file; with more postings than `most_sieved` without a sieve.

        Raises DamagedRunError when it is not a whole run of this kind.
        """
        try:
            file = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise DamagedRunError(f"{path}: {error}") from error
        try:
            run = cls(mmap.mmap(file, 0, access=mmap.ACCESS_READ), file, most_sieved)
        except (OSError, ValueError, DamagedRunError) as error:
            os.close(file)
            raise DamagedRunError(f"{path}: {error}") from error
        weakref.finalize(run, os.close, file)
        return run

    def __len__(self) -> int:
        return self.header.stories

    def release(self) -> None:
        """Let go of the pages that lookups have brought into memory."""
        if isinstance(self._data, mmap.mmap):
            self._data.madvise(mmap.MADV_DONTNEED)

    def _make_sieve(self) -> npt.NDArray[np.uint8]:
        """One bit for each range of keys: whether a posting lies in it."""
        finer = self._sieve_bits() - self.header.bits
        edges = self.columns["buckets"].astype(np.int64)
        if (edges[1:] < edges[:-1]).any() or edges[0] or edges[-1] != len(self.columns["postings"]):
            raise DamagedRunError(f"the buckets of the run that begins with {self.header.first_seq} lead out of it")
        parts = []
        for first in range(0, len(edges) - 1, _SIEVE_PART):
            counts = np.diff(edges[first : first + _SIEVE_PART + 1]).astype(np.intp)
            postings = self.columns["postings"][edges[first] : edges[first] + counts.sum()]
            within = postings["f0"] >> np.uint16(32 - self.header.bits - finer)
            sieve = np.zeros(len(counts) << finer, np.bool_)
            sieve[(np.arange(len(counts)).repeat(counts) << finer) | within] = True
            parts.append(np.packbits(sieve, bitorder="little"))
            self.release()
        return np.concatenate(parts)

    def _sieve_bits(self) -> int:
        return max(self.header.bits, min((len(self.columns["postings"]) << _SIEVE_BITS).bit_length(), 32))

    def sift(self, keys: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
        """Those of the keys that the run may have postings of. Where one is missing, so is the text of all of them."""
        if self._sieve is None:
            return keys
        places = keys >> np.uint32(32 - self._sieve_bits())
        there = self._sieve[places >> _EIGHT] >> (places & _SEVEN) & _ONE
        passed: npt.NDArray[np.uint32] = keys[there.astype(np.bool_)]
        return passed

    def pieces(self, edges: Sequence[tuple[int, int]]) -> list[bytes]:
        """The postings between the edges of each bucket, as they stand in the file."""
        width, begin = POSTING.itemsize, self._start + self.header.columns["postings"][0]
        file, data = self._file, self._data
        if file is None:
            return [data[begin + start * width : begin + end * width] for start, end in edges if start < end]
        return [os.pread(file, (end - start) * width, begin + start * width) for start, end in edges if start < end]

    def time(self, row: int) -> int:
        """When the story of a row was told, in seconds since 1970. Raises DamagedRunError when there is no such row."""
        if row >= self.header.stories:
            raise DamagedRunError(f"a posting of the run that begins with {self.header.first_seq} leads nowhere")
        return int(self._values("times", row, row + 1)[0])

    def _values(self, column: str, first: int, last: int) -> Column:
        """Some values of a column, read from the file."""
        values = self.columns[column]
        if self._file is None:
            return values[first:last]
        width = values.itemsize
        begin = self._start + self.header.columns[column][0]
        return np.frombuffer(os.pread(self._file, (last - first) * width, begin + first * width), DTYPES[column])

    def same_text(self, exact: int) -> list[int]:
        """Rows whose text may be word for word the same: the upper half of its hash is."""
        return self._equal("exact", "exact_rows", exact)

    def rows_of(self, story_id: str) -> list[int]:
        """Rows of a story, in order."""
        rows = sorted(self._equal("ids", "id_rows", id_hash(story_id)))
        return [row for row in rows if self.known(row).id == story_id]

    def _equal(self, keys: str, rows: str, key: int) -> list[int]:
        """Rows under a hash. Hashes are spread evenly, so it stands near where its size says; little is read."""
        count = self.header.stories
        middle = key * count >> 32
        reach = 2 * math.isqrt(count) + 8
        low, high = max(0, middle - reach), min(count, middle + reach)
        near = self._values(keys, low, high)
        if (low and near[0] >= key) or (high < count and near[-1] <= key):
            low, near = 0, self.columns[keys]
        start = int(near.searchsorted(np.uint32(key)))
        end = start
        while end < len(near) and near[end] == key:
            end += 1
        found: list[int] = self._values(rows, low + start, low + end).tolist() if end > start else []
        return found

    def known(self, row: int) -> Known:
        """The story of a row. Raises DamagedRunError when the record cannot be read."""
        try:
            return self._known(row)
        except (IndexError, ValueError, struct.error, ForeignFingerprintError) as error:
            raise DamagedRunError(f"row {row} of the run that begins with {self.header.first_seq}: {error}") from error

    def _known(self, row: int) -> Known:
        start, end = self._values("offsets", row, row + 2).tolist()
        if not start < end <= len(self.columns["records"]):
            raise ValueError("its record has no place")
        record = self._values("records", start, end).tobytes()
        story_id, at = _unpack_id(record, 0)
        cluster, at = _unpack_id(record, at)
        outlet, group = self.header.outlets[self._values("outlets", row, row + 1)[0]]
        return Known(
            id=story_id,
            outlet=outlet,
            group=group,
            time=datetime.fromtimestamp(self.time(row), UTC),
            cluster=cluster or story_id,
            print=decode(record[at:]),
        )


def _read_header(data: bytes | mmap.mmap) -> Header:
    if len(data) < _FRONT.size + len(MAGIC) or data[-len(MAGIC) :] != MAGIC:
        raise DamagedRunError("the file does not end as a run does")
    magic, size, checksum = _FRONT.unpack_from(data)
    text = data[_FRONT.size : _FRONT.size + size]
    if magic != MAGIC or xxhash.xxh3_64_intdigest(text) != checksum:
        raise DamagedRunError("the file does not begin as a run does")
    fields = json.loads(text)
    fields["outlets"] = [(outlet, group) for outlet, group in fields["outlets"]]
    if fields["kind"] != KIND:
        raise DamagedRunError(f"the run is of kind {fields['kind']}, this version writes kind {KIND}")
    header = Header(**fields)
    end = max(place + count * np.dtype(DTYPES[name]).itemsize for name, (place, count) in header.columns.items())
    if len(data) != _FRONT.size + size + end + -end % 8 + len(MAGIC):
        raise DamagedRunError("the file is not as long as it says")
    return header


def pack_front(header: Header) -> bytes:
    """The first bytes of a run's file."""
    text = json.dumps(asdict(header), separators=(",", ":")).encode()
    text += b" " * (-(_FRONT.size + len(text)) % 8)
    return _FRONT.pack(MAGIC, len(text), xxhash.xxh3_64_intdigest(text)) + text


def lay_out(counts: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Where each column begins, given how many values each has; every one at a multiple of eight bytes."""
    places: dict[str, tuple[int, int]] = {}
    at = 0
    for name, dtype in DTYPES.items():
        places[name] = (at, counts[name])
        at += counts[name] * np.dtype(dtype).itemsize
        at += -at % 8
    return places
