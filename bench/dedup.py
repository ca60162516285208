"""Near-duplicates: this project's judge beside the usual tools, on the same labelled stories in the same run.

    python bench/dedup.py DATA [--ours]

DATA is a directory that holds dedup/syndication.jsonl.gz: stories in arrival order, one JSON object a line with id,
cluster (equal for copies of one story), kind, lang, src, t (seconds), title and text. Shown are precision, recall and
F1 over all pairs of stories that are put into one cluster, the share of template stories (bulletins, prices, results)
that are merged with a stranger, and articles a second on one core with everything included.

The other tools run with the settings that their authors give as defaults, on the raw texts, as they would be used:
datasketch's MinHashLSH asked story by story for the likest earlier one (128 permutations, word-5 shingles, and the
word-set form of many tutorials), the banding of text-dedup (256 permutations, threshold 0.7) and of datatrove (14 bands
of 8) with all that share a band united, and 64-bit SimHash at a distance of 3.
"""

import argparse
import gzip
import json
import re
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import datasketch
import numpy as np
import xxhash

sys.path.insert(0, str(Path(__file__).parent.parent))

from scraper.dedup import judge_all
from scraper.model.verdict import Story

START = datetime(2024, 3, 1, tzinfo=UTC)
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Labelled:
    cluster: int
    kind: str
    story: Story


Clusterer = Callable[[Sequence[Labelled]], list[object]]


def read(path: Path) -> Iterator[Labelled]:
    with gzip.open(path, "rt") as lines:
        for line in map(json.loads, lines):
            yield Labelled(
                cluster=line["cluster"],
                kind=line["kind"],
                story=Story(
                    id=str(line["id"]),
                    outlet=line["src"],
                    group=None,
                    language=line["lang"],
                    time=START + timedelta(seconds=line["t"]),
                    title=line["title"],
                    text=line["text"],
                ),
            )


def ours(stories: Sequence[Labelled]) -> list[object]:
    return [judged.judgement.cluster for _, judged in judge_all(labelled.story for labelled in stories)]


def shingles(text: str, width: int) -> list[bytes]:
    words = WORD.findall(text.lower())
    return [" ".join(words[at : at + width]).encode() for at in range(max(1, len(words) - width + 1))]


def minhashes(stories: Sequence[Labelled], permutations: int, width: int) -> list[datasketch.MinHash]:
    return datasketch.MinHash.bulk(
        [set(shingles(labelled.story.text, width)) for labelled in stories],
        num_perm=permutations,
        hashfunc=xxhash.xxh32_intdigest,
    )


def lsh(threshold: float, width: int = 5) -> Clusterer:
    def cluster(stories: Sequence[Labelled]) -> list[object]:
        index = datasketch.MinHashLSH(threshold=threshold, num_perm=128)
        signatures = minhashes(stories, 128, width)
        clusters: list[object] = []
        for at, signature in enumerate(signatures):
            near = index.query(signature)
            best = max(near, key=lambda other: (signature.jaccard(signatures[other]), -other), default=None)
            clusters.append(at if best is None else clusters[best])
            index.insert(at, signature)
        return clusters

    return cluster


def bands(count: int, rows: int, permutations: int, width: int = 5) -> Clusterer:
    def cluster(stories: Sequence[Labelled]) -> list[object]:
        signatures = np.array([signature.hashvalues for signature in minhashes(stories, permutations, width)])
        union = Union(len(stories))
        for band in range(count):
            first: dict[bytes, int] = {}
            for at, signature in enumerate(signatures[:, band * rows : (band + 1) * rows]):
                union.unite(at, first.setdefault(signature.tobytes(), at))
        return [union.find(at) for at in range(len(stories))]

    return cluster


def simhash(distance: int) -> Clusterer:
    def cluster(stories: Sequence[Labelled]) -> list[object]:
        tables: list[defaultdict[int, list[int]]] = [defaultdict(list) for _ in range(distance + 1)]
        width = 64 // (distance + 1)
        hashes: list[int] = []
        clusters: list[object] = []
        for at, labelled in enumerate(stories):
            features = [xxhash.xxh3_64_intdigest(shingle) for shingle in shingles(labelled.story.text, 3)]
            bits = np.unpackbits(np.array(features, "<u8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")
            whole = int.from_bytes(np.packbits(bits.sum(axis=0) * 2 > len(bits), bitorder="little").tobytes(), "little")
            parts = [(whole >> (width * part)) & ((1 << width) - 1) for part in range(distance + 1)]
            near = [
                other
                for table, part in zip(tables, parts, strict=True)
                for other in table[part]
                if (hashes[other] ^ whole).bit_count() <= distance
            ]
            clusters.append(clusters[min(near)] if near else at)
            hashes.append(whole)
            for table, part in zip(tables, parts, strict=True):
                table[part].append(at)
        return clusters

    return cluster


class Union:
    def __init__(self, size: int) -> None:
        self._parents = list(range(size))

    def find(self, at: int) -> int:
        while self._parents[at] != at:
            self._parents[at] = self._parents[self._parents[at]]
            at = self._parents[at]
        return at

    def unite(self, one: int, other: int) -> None:
        self._parents[self.find(one)] = self.find(other)


def pairs(counts: Counter[object]) -> int:
    return sum(count * (count - 1) // 2 for count in counts.values())


def score(stories: Sequence[Labelled], clusters: Sequence[object]) -> tuple[float, float, float, float]:
    """Precision, recall, F1, share of template stories merged with a stranger."""
    both = pairs(Counter((labelled.cluster, found) for labelled, found in zip(stories, clusters, strict=True)))
    said = pairs(Counter(clusters))
    true = pairs(Counter(labelled.cluster for labelled in stories))
    precision, recall = both / said if said else 1.0, both / true
    holds: defaultdict[object, set[int]] = defaultdict(set)
    for labelled, found in zip(stories, clusters, strict=True):
        holds[found].add(labelled.cluster)
    templates = [
        len(holds[found]) > 1
        for labelled, found in zip(stories, clusters, strict=True)
        if labelled.kind.startswith("TPL")
    ]
    return precision, recall, 2 * precision * recall / (precision + recall), sum(templates) / len(templates)


METHODS: dict[str, Clusterer] = {
    "this project": ours,
    "datasketch LSH 0.8, word-5": lsh(0.8),
    "datasketch LSH 0.7, word-5": lsh(0.7),
    "datasketch LSH 0.5, word-5": lsh(0.5),
    "datasketch LSH 0.8, word set": lsh(0.8, 1),
    "text-dedup 0.7 (25 x 10)": bands(25, 10, 256),
    "datatrove (14 x 8)": bands(14, 8, 112),
    "SimHash 64, distance 3": simhash(3),
}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--ours", action="store_true", help="leave the other tools out")
    given = arguments.parse_args()
    stories = list(read(given.data / "dedup" / "syndication.jsonl.gz"))
    halves = [[labelled for labelled in stories if labelled.cluster % 2 == half] for half in (0, 1)]
    print(f"{len(stories)} stories\n{'':32}     P      R     F1   templates  articles/s")
    for name, method in METHODS.items():
        if given.ours and method is not ours:
            continue
        begin = time.process_time()
        clusters = method(stories)
        spent = time.process_time() - begin
        precision, recall, f1, templates = score(stories, clusters)
        print(f"{name:32} {precision:.4f} {recall:.4f} {f1:.4f}   {templates:6.1%}     {len(stories) / spent:6.0f}")
    for half in halves:
        precision, recall, f1, templates = score(half, ours(half))
        print(f"{'this project, half the clusters':32} {precision:.4f} {recall:.4f} {f1:.4f}   {templates:6.1%}")


if __name__ == "__main__":
    main()
