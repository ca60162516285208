"""How the index of near-duplicates behaves at scale: bytes, start, lookup and insert, resident memory.

    python bench/dedup_index.py [STORIES] [DIRECTORY] [--direct]

Made-up fingerprints of the sizes that real news gives (20 postings, 9 figures, 11 names, 11 lines) are added as the
catalog's rows are. With --direct the runs of the final sizes are written in bulk instead, which is how ten million
are reached in minutes; all else is measured in the same way. The start is one with the most rows that files can lag.
Lookups, a third of them for copies, and inserts go on as in the daemon: what was added comes back from the catalog
after every 256 stories, is frozen into files, and these are merged.
"""

import argparse
import os
import struct
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))

from scraper.dedup import writing
from scraper.dedup.fingerprint import KIND, decode, trim
from scraper.dedup.furniture import Furniture
from scraper.dedup.index import Index
from scraper.dedup.judge import Known
from scraper.dedup.run import posting_keys
from scraper.model.verdict import Remembered

START = datetime(2026, 3, 1, tzinfo=UTC)
WINDOW = timedelta(days=30)
HEAD = struct.Struct("<BHQBBBBB")
POSTINGS, SKETCH, FIGURES, NAMES, LINES = 20, 32, 9, 11, 11
LARGEST = 1 << 21
RUN, CATCH_UP = 4096, 256
BLOCK = 2 * CATCH_UP


def fingerprints(count: int, seed: int) -> Iterator[bytes]:
    """Encoded fingerprints of texts of about 400 shingles."""
    dice = np.random.default_rng(seed)
    for begin in range(0, count, 10_000):
        size = min(10_000, count - begin)
        gaps = dice.exponential(2**32 / 400, (size, SKETCH))
        smallest = np.minimum(np.cumsum(gaps, axis=1), 2**32 - 1).astype("<u4")
        upper = smallest[:, POSTINGS:].copy().view(np.uint8).reshape(size, -1, 4)[:, :, 1:].reshape(size, -1)
        places = np.sort(dice.integers(0, 256, (size, SKETCH // 2), np.uint8))
        rest = dice.integers(0, 256, (size, 32 + 3 * (FIGURES + NAMES + LINES)), np.uint8)
        exact = dice.integers(0, 2**63, size)
        for at in range(size):
            yield (
                HEAD.pack(KIND, 400, int(exact[at]), POSTINGS, SKETCH, FIGURES, NAMES, LINES)
                + smallest[at, :POSTINGS].tobytes()
                + upper[at].tobytes()
                + places[at].tobytes()
                + rest[at].tobytes()
            )


def row(seq: int, count: int, fingerprint: bytes) -> Remembered:
    return Remembered(
        seq=seq,
        id=f"{seq * 2654435761 % 2**64:016x}",
        outlet=f"outlet{seq % 300}",
        group=None,
        time=START + WINDOW * min(1, seq / count),
        cluster=f"{seq * 2654435761 % 2**64:016x}",
        fingerprint=fingerprint,
    )


def known(of: Remembered) -> Known:
    return Known(
        id=of.id, outlet=of.outlet, group=of.group, time=of.time, cluster=of.cluster, print=decode(of.fingerprint)
    )


def load(index: Index, count: int) -> int:
    """Through the front door; returns the bytes that the catalog keeps."""
    size = 0
    for seq, fingerprint in enumerate(fingerprints(count, 1), start=1):
        given = row(seq, count, fingerprint)
        index.add_durable(given)
        size += len(fingerprint)
    return size


def write_directly(directory: Path, count: int) -> int:
    """Runs of the largest size, and a manifest."""
    names = []
    size = 0
    for begin in range(0, count, LARGEST):
        stories = min(LARGEST, count - begin)
        first, last = begin + 1, begin + stories
        records, postings, exact, ids = [], np.empty((stories, POSTINGS), np.uint32), [], []
        for at, fingerprint in enumerate(fingerprints(stories, begin + 1)):
            size += len(fingerprint)
            name = f"{(begin + at + 1) * 2654435761 % 2**64:016x}"
            records.append(b"\x88" + bytes.fromhex(name) + b"\x00" + trim(fingerprint))
            postings[at] = np.frombuffer(fingerprint, "<u4", POSTINGS, HEAD.size)
            exact.append(HEAD.unpack_from(fingerprint)[2] >> 32)
            ids.append(writing.id_hash(name))
        times = int(START.timestamp()) + (np.arange(first, last + 1) / count * WINDOW.total_seconds()).astype(np.int64)
        path = directory / f"{first:012d}-{last:012d}.run"
        _write_run(path, seqs=(first, last), times=times, records=records, postings=postings, exact=exact, ids=ids)
        names.append(path.name)
    (directory / "0.furniture").write_bytes(Furniture().save())
    listed = ", ".join(f'"{name}"' for name in names)
    (directory / "manifest.json").write_text(f'{{"kind": {KIND}, "runs": [{listed}], "furniture": "0.furniture"}}')
    return size


def _write_run(
    path: Path,
    *,
    seqs: tuple[int, int],
    times: np.ndarray,
    records: list[bytes],
    postings: np.ndarray,
    exact: list[int],
    ids: list[int],
) -> None:
    stories = len(records)
    header = writing._header(  # noqa: SLF001 - a run made in bulk has the layout of any other
        seqs=seqs,
        times=(int(times.min()), int(times.max())),
        outlets=[(f"outlet{n}", None) for n in range(300)],
        stories=stories,
        postings=postings.size,
        size=sum(map(len, records)),
    )
    keys = posting_keys(postings.reshape(-1))
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    shift = np.uint32(32 - header.bits)
    with writing.FileSink(path) as sink:
        columns = writing._Columns(sink, header)  # noqa: SLF001 - as above
        columns.put("records", 0, np.frombuffer(b"".join(records), np.uint8))
        columns.put("offsets", 0, np.concatenate(([0], np.cumsum([len(record) for record in records]))))
        columns.put("times", 0, times)
        columns.put("outlets", 0, np.arange(stories) % 300)
        for name, rows, values in (("exact", "exact_rows", exact), ("ids", "id_rows", ids)):
            hashes = np.array(values, np.uint32)
            by_hash = np.argsort(hashes, kind="stable")
            columns.put(name, 0, hashes[by_hash])
            columns.put(rows, 0, by_hash)
        columns.put("buckets", 0, np.searchsorted(keys >> shift, np.arange((1 << header.bits) + 1, dtype=np.uint32)))
        columns.put("postings", 0, writing.pair_postings(keys, order // POSTINGS, header.bits))
        columns.finish()


def resident() -> float:
    """Resident memory in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def mapped() -> float:
    """Pages of files among it, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[2]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("stories", type=int, nargs="?", default=1_000_000)
    arguments.add_argument("directory", type=Path, nargs="?")
    arguments.add_argument("--direct", action="store_true")
    arguments.add_argument("--lookups", type=int, default=5000)
    given = arguments.parse_args()
    directory = given.directory or Path(tempfile.mkdtemp())
    directory.mkdir(parents=True, exist_ok=True)
    if not (directory / "manifest.json").exists():
        child = os.fork()
        if child == 0:  # a process of its own, so that building leaves nothing in this one's memory
            begin = time.process_time()
            if given.direct:
                size = write_directly(directory, given.stories)
            else:
                size = load(Index(directory, WINDOW, RUN), given.stories)
            spent = time.process_time() - begin
            print(f"built in {spent:.0f} s CPU, {spent / given.stories * 1e6:.0f} us a story")
            print(f"catalog: {size / given.stories:.0f} bytes a story in the fingerprint column")
            sys.stdout.flush()
            os._exit(0)
        os.waitpid(child, 0)
    files = sum(path.stat().st_size for path in directory.iterdir())
    runs = sorted(path.stat().st_size // 1_000_000 for path in directory.glob("*.run"))
    print(f"files: {files / given.stories:.0f} bytes a story, {files / 1e9:.2f} GB in runs of {runs} MB")
    files_at_start, before = mapped(), resident()
    begin = time.perf_counter(), time.process_time()
    index = Index(directory, WINDOW, RUN)
    print(f"open: {time.perf_counter() - begin[0]:.3f} s, {time.process_time() - begin[1]:.3f} s CPU")
    held = index.durable_seq
    tail = [row(held + at, held, data) for at, data in enumerate(fingerprints(RUN - 1, 999_979), start=1)]
    begin = time.perf_counter(), time.process_time()
    for late in tail:
        index.add_durable(late)
    took = time.perf_counter() - begin[0], time.process_time() - begin[1]
    print(f"held in files: {held}; {len(tail)} rows more: {took[0]:.3f} s, {took[1]:.3f} s CPU")
    if given.lookups:
        _look_up(index, held + len(tail), given.lookups, before, files_at_start)


def _look_up(index: Index, count: int, lookups: int, before: float, files_at_start: float) -> None:
    copies = list(fingerprints(max(1, lookups // 6), 1))
    new = fingerprints(lookups, 999_983)
    highest, most_mapped, hits, spent = 0.0, 0.0, 0, []
    for start in range(0, lookups, BLOCK):
        rows = [
            row(count + 1 + at, count + lookups, copies[at // 3 % len(copies)] if at % 3 == 0 else next(new))
            for at in range(start, start + BLOCK)
        ]
        stories = [known(one) for one in rows]
        begin = time.process_time()
        for at, (story, one) in enumerate(zip(stories, rows, strict=True), start=1):
            hits += any(True for _ in list(index.candidates(story)))
            index.add(story, one.fingerprint)
            if at % CATCH_UP == 0:
                for late in rows[at - CATCH_UP : at]:
                    index.add_durable(late)
        spent.append((time.process_time() - begin) / BLOCK * 1e6)
        highest, most_mapped = max(highest, resident()), max(most_mapped, mapped())
    shown = ", ".join(f"{took:.0f}" for took in spent)
    print(f"lookup + insert: {sum(spent) / len(spent):.0f} us CPU mean, blocks of {BLOCK} {shown}, {hits} candidates")
    print(
        f"resident: {before:.0f} MB before opening, {highest:.0f} MB at most, lookups included; "
        f"of these {most_mapped - files_at_start:.0f} MB pages of the index"
    )


if __name__ == "__main__":
    main()
