"""A run: some thousands to a million judged stories, frozen in one file, sorted for lookup and mapped into memory.

A file is a header and columns, all little-endian:

- `records`: story after story its id, its cluster and its trimmed fingerprint; `offsets` says where each begins
- `times` (seconds since 1970), `outlets` (index into the header's list): one value a story, in order of seq
- `exact`: upper half of the hash of the whole text, sorted, with the story's row in `exact_rows`
- `ids`: hash of the id, sorted, with `id_rows`
- `postings`, sorted by key: the lower bits of the key and the row of the story that has it, in buckets by the upper
  bits; `buckets` says where each begins. A lookup touches one page for each key

The header carries the kind of fingerprint, and a checksum of itself; the file ends with a mark, so that a file that was
cut short is known.
"""

import json
import math
import mmap
import os
import struct
import weakref
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xxhash

from scraper.dedup.fingerprint import KIND, Fingerprint, ForeignFingerprintError, decode
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
_READ_POSTINGS = 4_000_000
"""A run with more postings has them read where they are looked for; mapped, they would fill the memory."""
_CROWD = 64
"""A shingle that so many stories have tells little: only the latest ones are looked at."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A judged story with its place in the catalog, on its way into a run."""

    seq: int
    known: Known
    print: bytes
    """The trimmed fingerprint."""
    postings: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for: hashes computed once for all runs."""

    keys: npt.NDArray[np.uint32]
    exact: int
    since: int
    until: int
    need: int
    """How many postings a candidate must share."""

    @classmethod
    def of(cls, fingerprint: Fingerprint, *, since: datetime, until: datetime, need: int) -> "Query":
        """The query for stories like this one, told between two moments (exact copies: at any time)."""
        return cls(
            keys=posting_keys(fingerprint.postings),
            exact=fingerprint.exact >> 32,
            since=seconds(since),
            until=seconds(until),
            need=need,
        )


def seconds(moment: datetime) -> int:
    """Whole seconds since 1970, within what a column holds."""
    return min(max(int(moment.timestamp()), 0), 0xFFFFFFFF)


def posting_keys(postings: Sequence[int]) -> npt.NDArray[np.uint32]:
    """Postings spread evenly over all 32 bits (smallest hashes are small numbers), reversibly."""
    return np.array(postings, np.uint32) * _SPREAD


def id_hash(story_id: str) -> int:
    """32-bit hash of an id."""
    return xxhash.xxh3_64_intdigest(story_id.encode()) >> 32


def bucket_bits(postings: int) -> int:
    """How many bits choose the bucket in a run of so many postings."""
    return min(max((postings // _BUCKET).bit_length(), _BUCKET_BITS.start), _BUCKET_BITS.stop - 1)


def pack_record(known: Known, trimmed: bytes) -> bytes:
    """Id, cluster (empty where it is the story's own) and fingerprint."""
    story_id = _pack_id(known.id)
    cluster = b"\x00" if known.cluster == known.id else _pack_id(known.cluster)
    return story_id + cluster + trimmed


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
    """One frozen run, read from a buffer or a mapped file."""

    def __init__(self, data: bytes | mmap.mmap, file: int | None = None, most_mapped: int = _READ_POSTINGS) -> None:
        self._data = data
        self.header = _read_header(data)
        start = _FRONT.size + struct.unpack_from("<I", data, 8)[0]
        place, count = self.header.columns["postings"]
        self._file = file if count > most_mapped else None
        self._postings_start = start + place
        self.columns = {
            name: np.frombuffer(data, dtype, self.header.columns[name][1], start + self.header.columns[name][0])
            for name, dtype in DTYPES.items()
        }

    @classmethod
    def open(cls, path: Path, most_mapped: int = _READ_POSTINGS) -> "Run":
        """Map a file; of a run with more postings than `most_mapped`, these are read where they are looked for.

        Raises DamagedRunError when the file is not a whole run of this kind.
        """
        try:
            file = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise DamagedRunError(f"{path}: {error}") from error
        try:
            run = cls(mmap.mmap(file, 0, access=mmap.ACCESS_READ), file, most_mapped)
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

    def candidates(self, query: Query) -> Iterator[tuple[int, int]]:
        """Rows that share enough postings within the query's time, with how many they share."""
        if query.until < self.header.oldest or query.since > self.header.newest:
            return
        found = self._holders(query.keys)
        if len(found) < query.need:
            return
        times = self.columns["times"]
        for row, count in Counter(found.tolist()).items():
            if row >= len(times):
                raise DamagedRunError(f"a posting of the run that begins with {self.header.first_seq} leads nowhere")
            if count >= query.need and query.since <= times[row] <= query.until:
                yield row, count

    def _holders(self, keys: npt.NDArray[np.uint32]) -> Column:
        """The row of every posting that has one of the keys."""
        rest_bits = 32 - self.header.bits
        rests = (keys & np.uint32((1 << rest_bits) - 1)).astype(np.uint16)
        at = (keys >> np.uint32(rest_bits)).astype(np.intp)
        buckets = self.columns["buckets"]
        starts = buckets[at].astype(np.intp)
        sizes = buckets[at + 1] - starts
        if sizes.max(initial=0) > _CROWD * 2:
            return np.concatenate([self._latest(*one) for one in zip(starts, sizes, rests, strict=True)])
        of_key = np.arange(len(keys)).repeat(sizes)
        if self._file is None:
            first_places = starts - (sizes.cumsum() - sizes)
            postings = self.columns["postings"][np.arange(len(of_key)) + first_places[of_key]]
        else:
            postings = self._read_postings(self._file, starts.tolist(), sizes.tolist())
        holders: Column = postings["f1"][postings["f0"] == rests[of_key]]
        return holders

    def _read_postings(self, file: int, starts: list[int], sizes: list[int]) -> Column:
        width = self.columns["postings"].itemsize
        pieces = [
            os.pread(file, size * width, self._postings_start + start * width)
            for start, size in zip(starts, sizes, strict=True)
        ]
        return np.frombuffer(b"".join(pieces), DTYPES["postings"])

    def _latest(self, start: int, size: int, rest: np.uint16) -> Column:
        """The latest stories under a key whose bucket is crowded."""
        postings = self.columns["postings"][start : start + size]
        last = int(postings["f0"].searchsorted(rest, side="right"))
        first = max(int(postings["f0"].searchsorted(rest)), last - _CROWD)
        latest: Column = postings["f1"][first:last]
        return latest

    def same_text(self, exact: int) -> list[int]:
        """Rows whose text may be word for word the same: the upper half of its hash is."""
        return self._equal("exact", "exact_rows", exact)

    def rows_of(self, story_id: str) -> list[int]:
        """Rows of a story, in order."""
        rows = sorted(self._equal("ids", "id_rows", id_hash(story_id)))
        return [row for row in rows if self.known(row).id == story_id]

    def _equal(self, keys: str, rows: str, key: int) -> list[int]:
        """Rows under a hash. Hashes are spread evenly, so it stands near where its size says; few pages are touched."""
        column = self.columns[keys]
        middle = key * len(column) >> 32
        reach = 8 * math.isqrt(len(column)) + 8
        low, high = max(0, middle - reach), min(len(column), middle + reach)
        if (low and column[low] >= key) or (high < len(column) and column[high - 1] <= key):
            low, high = 0, len(column)
        start = end = low + int(column[low:high].searchsorted(np.uint32(key)))
        while end < len(column) and column[end] == key:
            end += 1
        found: list[int] = self.columns[rows][start:end].tolist() if end > start else []
        return found

    def known(self, row: int) -> Known:
        """The story of a row. Raises DamagedRunError when the record cannot be read."""
        try:
            return self._known(row)
        except (IndexError, ValueError, struct.error, ForeignFingerprintError) as error:
            raise DamagedRunError(f"row {row} of the run that begins with {self.header.first_seq}: {error}") from error

    def _known(self, row: int) -> Known:
        offsets = self.columns["offsets"]
        record = self.columns["records"][int(offsets[row]) : int(offsets[row + 1])].tobytes()
        story_id, at = _unpack_id(record, 0)
        cluster, at = _unpack_id(record, at)
        outlet, group = self.header.outlets[self.columns["outlets"][row]]
        return Known(
            id=story_id,
            outlet=outlet,
            group=group,
            time=datetime.fromtimestamp(int(self.columns["times"][row]), UTC),
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
