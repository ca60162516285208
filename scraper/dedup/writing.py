"""How runs come about: frozen from entries at once, or merged from smaller runs slice by slice."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol, Self

import numpy as np
import numpy.typing as npt

from scraper.dedup.entry import Entry
from scraper.dedup.fingerprint import KIND, exact_hash, packed_postings, trim
from scraper.dedup.run import (
    DTYPES,
    MAGIC,
    Column,
    Header,
    OutletAndGroup,
    Run,
    bucket_bits,
    id_hash,
    lay_out,
    pack_front,
    pack_record,
    posting_keys,
    seconds,
)

_SLICE = 1 << 16
"""Values written between two breaths of a merge: some milliseconds."""


_HALF = np.uint64(32)


class Sink(Protocol):
    """Where a run's bytes go."""

    def write(self, at: int, data: bytes | memoryview) -> None:
        """Put bytes at an offset."""
        ...


class MemorySink:
    """A run that stays in memory."""

    def __init__(self) -> None:
        self._data = bytearray()

    def write(self, at: int, data: bytes | memoryview) -> None:
        """Put bytes at an offset."""
        if len(self._data) < at + len(data):
            self._data.extend(bytes(at + len(data) - len(self._data)))
        self._data[at : at + len(data)] = data

    def close(self) -> bytes:
        """The whole run."""
        return bytes(self._data)


class FileSink:
    """A run in a file, whole and durable when its `with` block ends well."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def write(self, at: int, data: bytes | memoryview) -> None:
        """Put bytes at an offset."""
        self._file.seek(at)
        self._file.write(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        with self._file:
            if failure is None:
                self._file.flush()
                os.fsync(self._file.fileno())


class _Columns:
    """Writes values of columns to where the header says they are."""

    def __init__(self, sink: Sink, header: Header) -> None:
        front = pack_front(header)
        self._sink = sink
        self._start = len(front)
        self._columns = header.columns
        sink.write(0, front)

    def put(self, column: str, at: int, values: Column) -> None:
        data = values.astype(DTYPES[column], copy=False)
        # As it is where it lies in one piece: a copy of a column is of some megabytes.
        plain = np.ascontiguousarray(data).view(np.uint8)
        self._sink.write(self._start + self._columns[column][0] + at * data.itemsize, plain.data)

    def finish(self) -> None:
        name, (at, count) = max(self._columns.items(), key=lambda column: column[1][0])
        end = at + count * np.dtype(DTYPES[name]).itemsize
        self._sink.write(self._start + end, bytes(-end % 8) + MAGIC)


def freeze(entries: Sequence[Entry], sink: Sink) -> None:
    """Write entries, which are in order of seq, as a run.

    Takes some 800 bytes of memory a story while it lasts, for one part of the columns after the other.
    """
    records, ends = _records(entries)
    outlets = {outlet: at for at, outlet in enumerate(dict.fromkeys((e.outlet, e.group) for e in entries))}
    times = np.array([seconds(entry.time) for entry in entries], np.uint32)
    counts = np.array([len(packed_postings(entry.print)) // 4 for entry in entries], np.intp)
    header = _header(
        seqs=(entries[0].seq, entries[-1].seq),
        times=(int(times.min()), int(times.max())),
        outlets=list(outlets),
        stories=len(entries),
        postings=int(counts.sum()),
        size=len(records),
    )
    columns = _Columns(sink, header)
    columns.put("records", 0, np.frombuffer(records, np.uint8))
    del records
    columns.put("offsets", 0, ends)
    columns.put("times", 0, times)
    columns.put("outlets", 0, np.array([outlets[e.outlet, e.group] for e in entries]))
    for name, values in (
        ("exact", [exact_hash(entry.print) >> 32 for entry in entries]),
        ("ids", [id_hash(entry.id) for entry in entries]),
    ):
        hashes = np.array(values, np.uint32)
        order = np.argsort(hashes, kind="stable")
        columns.put(name, 0, hashes[order])
        columns.put("exact_rows" if name == "exact" else "id_rows", 0, order)
    _freeze_postings(entries, counts, columns, header)
    columns.finish()


def _records(entries: Sequence[Entry]) -> tuple[bytearray, Column]:
    """The records one behind the other, and where each ends, behind a first zero."""
    records = bytearray()
    ends = np.zeros(len(entries) + 1, np.int64)
    for at, entry in enumerate(entries, 1):
        records += pack_record(entry.id, entry.cluster, trim(entry.print))
        ends[at] = len(records)
    return records, ends


def _freeze_postings(entries: Sequence[Entry], counts: Column, columns: _Columns, header: Header) -> None:
    packed = bytearray()
    for entry in entries:
        packed += packed_postings(entry.print)
    # Key above row in one number each, sorted in place, instead of three orders beside each other.
    both = posting_keys(np.frombuffer(packed, "<u4")).astype(np.uint64) << _HALF
    del packed
    both |= np.repeat(np.arange(len(entries), dtype=np.uint32), counts)
    both.sort()
    edges = np.arange((1 << header.bits) + 1, dtype=np.uint64) << np.uint64(64 - header.bits)
    edges[-1] = np.iinfo(np.uint64).max
    columns.put("buckets", 0, np.searchsorted(both, edges))
    for start in range(0, len(both), _SLICE):
        some = both[start : start + _SLICE]
        keys, rows = (some >> _HALF).astype(np.uint32), some.astype(np.uint32)
        columns.put("postings", start, pair_postings(keys, rows, header.bits))


def _header(
    *,
    seqs: tuple[int, int],
    times: tuple[int, int],
    outlets: list[OutletAndGroup],
    stories: int,
    postings: int,
    size: int,
) -> Header:
    bits = bucket_bits(postings)
    counts = dict.fromkeys(DTYPES, stories) | {
        "records": size,
        "offsets": stories + 1,
        "buckets": (1 << bits) + 1,
        "postings": postings,
    }
    return Header(
        kind=KIND,
        stories=stories,
        first_seq=seqs[0],
        last_seq=seqs[1],
        oldest=times[0],
        newest=times[1],
        bits=bits,
        outlets=outlets,
        columns=lay_out(counts),
    )


def merge(runs: Sequence[Run], sink: Sink) -> Iterator[None]:
    """Write runs, which follow each other in seq, as one. Yields after every slice of work."""
    outlets = list(dict.fromkeys(outlet for run in runs for outlet in run.header.outlets))
    postings = [len(run.columns["postings"]) for run in runs]
    header = _header(
        seqs=(runs[0].header.first_seq, runs[-1].header.last_seq),
        times=(min(run.header.oldest for run in runs), max(run.header.newest for run in runs)),
        outlets=outlets,
        stories=sum(map(len, runs)),
        postings=sum(postings),
        size=sum(len(run.columns["records"]) for run in runs),
    )
    columns = _Columns(sink, header)
    bases = np.concatenate(([0], np.cumsum([len(run) for run in runs])))[:-1].tolist()
    yield from _merge_plain(runs, columns, outlets)
    yield from _merge_sorted(runs, bases, columns, "exact", "exact_rows")
    yield from _merge_sorted(runs, bases, columns, "ids", "id_rows")
    yield from _merge_postings(runs, bases, columns, header)
    columns.finish()


def _merge_plain(runs: Sequence[Run], columns: _Columns, outlets: list[OutletAndGroup]) -> Iterator[None]:
    written: Counter[str] = Counter()
    columns.put("offsets", 0, np.zeros(1))
    for run in runs:
        moved = np.array([outlets.index(outlet) for outlet in run.header.outlets], np.uint16)
        for name in ("records", "offsets", "times", "outlets"):
            source = run.columns[name]
            if name == "offsets":
                source = source[1:].astype(np.int64) + written["records"] - len(run.columns["records"])
            elif name == "outlets":
                source = moved[source]
            step = _SLICE * 16 if name == "records" else _SLICE
            for start in range(0, len(source), step):
                columns.put(name, (name == "offsets") + written[name] + start, source[start : start + step])
                yield
            written[name] += len(source)
        run.release()


def _merge_sorted(runs: Sequence[Run], bases: list[int], columns: _Columns, keys: str, rows: str) -> Iterator[None]:
    parts = _parts(sum(map(len, runs)))
    edges = [np.searchsorted(run.columns[keys], np.arange(parts + 1) * ((1 << 32) // parts)) for run in runs]
    written = 0
    for part in range(parts):
        spans = [slice(edge[part], edge[part + 1]) for edge in edges]
        both = _sort(
            [run.columns[keys][span] for run, span in zip(runs, spans, strict=True)],
            [run.columns[rows][span] + np.uint32(base) for run, span, base in zip(runs, spans, bases, strict=True)],
        )
        columns.put(keys, written, both[0])
        columns.put(rows, written, both[1])
        written += len(both[0])
        yield


def _merge_postings(runs: Sequence[Run], bases: list[int], columns: _Columns, header: Header) -> Iterator[None]:
    parts = _parts(sum(len(run.columns["postings"]) for run in runs))
    part_bits = parts.bit_length() - 1
    rest = 32 - header.bits
    per_part = 1 << (header.bits - part_bits)
    written = 0
    columns.put("buckets", 0, np.zeros(1))
    for part in range(parts):
        pieces = [_postings(run, part, part_bits) for run in runs]
        keys, rows = _sort(
            [keys for keys, _ in pieces],
            [rows + np.uint32(base) for (_, rows), base in zip(pieces, bases, strict=True)],
        )
        columns.put("postings", written, pair_postings(keys, rows, header.bits))
        ends = np.searchsorted(keys, (np.arange(part * per_part + 1, (part + 1) * per_part + 1)) << rest)
        columns.put("buckets", part * per_part + 1, ends + written)
        written += len(keys)
        for run in runs:
            run.release()
        yield


def pair_postings(keys: npt.NDArray[np.uint32], rows: Column, bits: int) -> Column:
    """Postings as a run holds them."""
    pairs = np.empty(len(keys), DTYPES["postings"])
    pairs["f0"] = keys & np.uint32((1 << (32 - bits)) - 1)
    pairs["f1"] = rows
    return pairs


def _parts(values: int) -> int:
    """How many slices of equal key range so many values are handled in: a power of two."""
    return 1 << min((values // _SLICE).bit_length(), 16)


def _postings(run: Run, part: int, part_bits: int) -> tuple[npt.NDArray[np.uint32], Column]:
    bits = run.header.bits
    first, last = part << (bits - part_bits), (part + 1) << (bits - part_bits)
    edges = run.columns["buckets"][first : last + 1].astype(np.int64)
    span = slice(edges[0], edges[-1])
    upper = np.repeat(np.arange(first, last, dtype=np.uint32), np.diff(edges)) << np.uint32(32 - bits)
    postings = run.columns["postings"][span]
    return upper | postings["f0"], postings["f1"]


def _sort(keys: Sequence[Column], rows: Sequence[Column]) -> tuple[Column, Column]:
    all_keys = np.concatenate(keys)
    order = np.argsort(all_keys, kind="stable")
    return all_keys[order], np.concatenate(rows)[order]
