"""Where earlier stories are found again: the recent ones in memory, all others in runs."""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path

from scraper.dedup.entry import Entry
from scraper.dedup.fingerprint import lines_of
from scraper.dedup.furniture import DamagedFurnitureError, Furniture
from scraper.dedup.judge import Known
from scraper.dedup.lookup import Query, candidates, same_text
from scraper.dedup.recent import Recent
from scraper.dedup.shelf import Shelf
from scraper.model.verdict import Remembered

_SHARED = 2
"""Postings that a candidate shares at least."""
_MOST = 32
"""Candidates looked at: those that share the most."""
_TEND = 16
"""For every so many additions a slice of merging is done, and memory is looked at."""
_MAPPED = 96_000_000
"""Pages of the index are let go when so many more bytes of files are resident than at the start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An earlier story that may be the same."""

    known: Known
    run: int
    """Which run it stands in; -1 for one in memory."""
    row: int


class Index:
    """All judged stories, found by exact text and by shared postings."""

    def __init__(self, directory: Path | None, window: timedelta, run_stories: int) -> None:
        self._shelf = Shelf(directory)
        self._in_memory = directory is None
        self._window = window
        self._run_stories = run_stories
        self._recent = Recent()
        self._waiting: list[Entry] = []
        self._froze = False
        """Whether a run was made since the start, which what is left of merging from before does not delay."""
        self._ticks = 0
        self._mapped_at_start = _mapped()
        self.furniture = Furniture()
        if self._shelf.furniture:
            try:
                self.furniture = Furniture.load(self._shelf.furniture)
            except DamagedFurnitureError as error:
                self._shelf.give_up(str(error))
            self._shelf.furniture = b""
        self._last_seq = self._shelf.last_seq

    @property
    def damage(self) -> str | None:
        """What was wrong with the files, where something was; they are made anew from what is loaded."""
        return self._shelf.damage

    @property
    def durable_seq(self) -> int:
        """The greatest seq that the files hold; 0 when they hold none."""
        return 0 if self._in_memory else self._shelf.last_seq

    @property
    def last_seq(self) -> int:
        """The greatest seq that was added, durable or not."""
        return self._last_seq

    def holds(self, story_id: str) -> bool:
        """Whether the files have a row of this story."""
        return any(run.rows_of(story_id) for run in self._shelf.runs)

    def give_up(self, why: str) -> None:
        """Forget what the files hold: it is made anew from what is loaded."""
        self._shelf.give_up(why)
        self.furniture = Furniture()
        self._waiting = []
        self._last_seq = 0

    def add(self, known: Known, fingerprint: bytes) -> None:
        """Remember a story that the catalog does not hold yet; one of the same id is replaced."""
        entry = Entry(
            seq=0,
            id=known.id,
            outlet=known.outlet,
            group=known.group,
            time=known.time,
            cluster=known.cluster,
            print=fingerprint,
        )
        self._recent.add(entry)
        self.furniture.add(known.outlet, known.cluster, known.print.lines)
        if self._in_memory:
            self._wait(entry)
        self._tick()

    def add_durable(self, row: Remembered) -> None:
        """Remember a row of the catalog, later than all rows before. What was considered since stays as it is.

        Raises ForeignFingerprintError for a fingerprint of another kind, or damaged.
        """
        held = self._recent.get(row.id)
        entry = Entry(
            seq=row.seq,
            id=row.id,
            outlet=row.outlet,
            group=row.group,
            time=row.time,
            cluster=row.cluster,
            print=row.fingerprint,
        )
        if held is None or held.print != row.fingerprint:
            self.furniture.add(row.outlet, row.cluster, lines_of(row.fingerprint))
        elif not held.seq:
            entry = replace(held, seq=row.seq)
        if held is None or held.seq or held.print == row.fingerprint:
            self._recent.add(entry)
        self._last_seq = row.seq
        self._wait(entry)
        if self._froze:
            self._tick()

    def _wait(self, entry: Entry) -> None:
        self._waiting.append(entry)
        if len(self._waiting) >= self._run_stories:
            self._freeze()

    def _freeze(self) -> None:
        self._shelf.add(self._waiting, self.furniture.save())
        self._froze = True
        self._recent.remove(self._waiting)
        self._waiting = []

    def _tick(self) -> None:
        self._ticks += 1
        if self._ticks % _TEND:
            return
        self._shelf.tend()
        if self._shelf.runs and _mapped() > self._mapped_at_start + _MAPPED:
            self._shelf.release()

    def candidates(self, story: Known) -> Iterator[Candidate]:
        """Earlier stories that may be the same: those with the same text, then those that share the most."""
        if not story.print.shingles:
            return
        query = Query.of(
            story.print,
            since=story.time - self._window,
            until=story.time + self._window,
            need=min(_SHARED, len(story.print.postings)),
        )
        seen = {story.id}
        for candidate in chain(self._same_text(query), self._alike(story, query)):
            if candidate.known.id not in seen:
                seen.add(candidate.known.id)
                yield candidate

    def _same_text(self, query: Query) -> Iterator[Candidate]:
        for at, row in islice(same_text(self._shelf.runs, query), _MOST):
            known = self._shelf.runs[at].known(row)
            if known.print.exact == query.exact and known.id not in self._recent:
                yield Candidate(known=known, run=at, row=row)
        for entry in self._recent.same_text(query.exact)[:_MOST]:
            yield Candidate(known=entry.known(), run=-1, row=0)

    def _alike(self, story: Known, query: Query) -> Iterator[Candidate]:
        in_memory = len(self._shelf.runs)
        found: list[tuple[int, int, int, Entry | None]] = [
            (count, in_memory, place, entry)
            for place, entry, count in self._recent.candidates(story.print.postings, query)
        ]
        found.extend((*candidate, None) for candidate in candidates(self._shelf.runs, query))
        found.sort(key=itemgetter(0, 1, 2), reverse=True)
        for _, at, row, entry in found[:_MOST]:
            if entry is not None:
                yield Candidate(known=entry.known(), run=-1, row=0)
                continue
            known = self._shelf.runs[at].known(row)
            if known.id not in self._recent:
                yield Candidate(known=known, run=at, row=row)

    def is_superseded(self, candidate: Candidate) -> bool:
        """Whether a later row of the catalog replaces this one."""
        if candidate.run < 0:
            return False
        runs = self._shelf.runs
        if runs[candidate.run].rows_of(candidate.known.id)[-1] != candidate.row:
            return True
        return any(run.rows_of(candidate.known.id) for run in runs[candidate.run + 1 :])


def _mapped() -> int:
    """Bytes of files that are resident in this process; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_bytes().split()[2]) * mmap.PAGESIZE
    except OSError:
        return 0
