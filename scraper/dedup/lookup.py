"""All runs asked at once for stories that share postings with one.

A lookup in one run is a dozen steps on twenty numbers, and NumPy's calls cost more than such steps; so what can be is
done for all runs together. Small runs, of which there are many, are mostly told by their sieves to have nothing.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate, chain

import numpy as np
import numpy.typing as npt

from scraper.dedup.fingerprint import Fingerprint
from scraper.dedup.run import POSTING, DamagedRunError, Run, posting_keys, seconds

_CROWD = 64
"""A shingle that so many stories have tells little: only the latest ones are looked at."""
_RUN = 32
"""Rows are below, the number of the run above this bit."""

Keys = npt.NDArray[np.uint32]
Edges = npt.NDArray[np.uint32]
"""For each key, where its postings begin and end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is looked for: hashes computed once for all runs."""

    keys: Keys
    exact: int
    since: int
    until: int
    need: int
    """How many postings a candidate must share."""
    sieved: dict[Run, Keys] = field(default_factory=dict)

    @classmethod
    def of(cls, fingerprint: Fingerprint, *, since: datetime, until: datetime, need: int) -> "Query":
        """The query for stories like this one, told between two moments (exact copies: at any time)."""
        return cls(
            keys=posting_keys(fingerprint.postings),
            exact=fingerprint.exact,
            since=seconds(since),
            until=seconds(until),
            need=need,
        )

    def sifted(self, run: Run) -> Keys:
        """The keys that the run may have, asked for once."""
        keys = self.sieved.get(run)
        if keys is None:
            keys = self.sieved[run] = run.sift(self.keys)
        return keys


def same_text(runs: Sequence[Run], query: Query) -> Iterator[tuple[int, int]]:
    """Those whose text may be word for word the same: which run, which row; told at any time."""
    for at, run in enumerate(runs):
        if len(query.sifted(run)) == len(query.keys):
            for row in run.same_text(query.exact >> 32):
                yield at, row


def candidates(runs: Sequence[Run], query: Query) -> Iterator[tuple[int, int, int]]:
    """Those that share enough postings within the query's time: how many they share, which run, which row.

    Raises DamagedRunError when a run says what cannot be.
    """
    asked = [
        (at, run, keys)
        for at, run in enumerate(runs)
        if query.since <= run.header.newest
        and run.header.oldest <= query.until
        and len(keys := query.sifted(run)) >= query.need
    ]
    if not asked:
        return
    for found, count in Counter(_holders([(run, keys) for _, run, keys in asked])).items():
        if count < query.need:
            continue
        at, run, _ = asked[found >> _RUN]
        row = found & ((1 << _RUN) - 1)
        if query.since <= run.time(row) <= query.until:
            yield count, at, row


def _holders(asked: Sequence[tuple[Run, Keys]]) -> list[int]:
    """The run and row of every posting that has one of the keys that its run is asked for."""
    edges = [run.edges[keys >> np.uint32(32 - run.header.bits)] for run, keys in asked]
    rests = np.concatenate([keys & np.uint32((1 << (32 - run.header.bits)) - 1) for run, keys in asked])
    sizes = np.concatenate(edges)
    sizes = sizes[:, 1] - sizes[:, 0]
    if sizes.max() > 2 * _CROWD:
        edges = [_narrow(run, keys, edge) for (run, keys), edge in zip(asked, edges, strict=True)]
        sizes = np.concatenate(edges)
        sizes = sizes[:, 1] - sizes[:, 0]
    pieces = [run.pieces(edge.tolist()) for (run, _), edge in zip(asked, edges, strict=True)]
    postings = np.frombuffer(b"".join(chain.from_iterable(pieces)), POSTING)
    if len(postings) != sizes.sum(dtype=np.int64):
        raise DamagedRunError("the buckets of a run lead out of it")
    places = (postings["f0"] == rests.repeat(sizes)).nonzero()[0]
    ends = list(accumulate(sum(map(len, of_run)) // POSTING.itemsize for of_run in pieces))
    of_run = np.searchsorted(ends, places, side="right") << _RUN
    holders: list[int] = (of_run | postings["f1"][places]).tolist()
    return holders


def _narrow(run: Run, keys: Keys, edges: Edges) -> Edges:
    """Of crowded buckets leave the latest stories under the key."""
    postings = run.columns["postings"]
    for at in (edges[:, 1] - edges[:, 0] > 2 * _CROWD).nonzero()[0]:
        start, end = edges[at].tolist()
        if not start <= end <= len(postings):
            raise DamagedRunError(f"the buckets of the run that begins with {run.header.first_seq} lead out of it")
        bucket = postings[start:end]["f0"]
        rest = np.uint16(keys[at] & np.uint32((1 << (32 - run.header.bits)) - 1))
        last = start + int(bucket.searchsorted(rest, side="right"))
        first = start + int(bucket.searchsorted(rest))
        edges[at] = max(first, last - _CROWD), last
    return edges
