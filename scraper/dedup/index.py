"""Where earlier stories are found again: the recent ones in memory, all others in runs."""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from scraper.dedup.fingerprint import trim
from scraper.dedup.furniture import DamagedFurnitureError, Furniture
from scraper.dedup.judge import Known
from scraper.dedup.recent import Recent
from scraper.dedup.run import Entry, Query
from scraper.dedup.shelf import Shelf

_SHARED = 2
"""Postings that a candidate shares at least."""
_MOST = 32
"""Candidates looked at: those that share the most."""
_TEND = 8
"""A slice of merging is done for every so many additions."""
_LOOK = 8
"""Memory is looked at after every so many additions..."""
_MAPPED = 96_000_000
"""...and pages of the index are let go when so many more bytes of files are resident than at the start."""


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
        self._waits: dict[str, Known] = {}
        """The latest of the waiting entries by id."""
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
        self._waits = {}
        self._last_seq = 0

    def add(self, known: Known, fingerprint: bytes) -> None:
        """Remember a story that the catalog does not hold yet; one of the same id is replaced."""
        self._recent.add(known)
        self.furniture.add(known.outlet, known.cluster, known.print.lines)
        if self._in_memory:
            self._wait(self._last_seq, known, fingerprint)
        self._tick()

    def add_durable(self, seq: int, known: Known, fingerprint: bytes) -> None:
        """Remember a row of the catalog, later than all rows before. What was considered since stays as it is."""
        held = self._recent.get(known.id)
        if held is not None and held.print == known.print:
            known = held
        else:
            self.furniture.add(known.outlet, known.cluster, known.print.lines)
            if held is None or self._waits.get(known.id) is held:
                self._recent.add(known)
        self._last_seq = seq
        self._wait(seq, known, fingerprint)
        self._tick()

    def _wait(self, seq: int, known: Known, fingerprint: bytes) -> None:
        self._waiting.append(Entry(seq=seq, known=known, print=trim(fingerprint), postings=known.print.postings))
        self._waits[known.id] = known
        if len(self._waiting) >= self._run_stories:
            self._freeze()

    def _freeze(self) -> None:
        self._shelf.add(self._waiting, self.furniture.save())
        for entry in self._waiting:
            if self._recent.get(entry.known.id) is entry.known:
                self._recent.remove(entry.known.id)
        self._waiting = []
        self._waits = {}

    def _tick(self) -> None:
        self._ticks += 1
        if self._ticks % _TEND == 0:
            self._shelf.tend()
        if self._ticks % _LOOK == 0 and self._shelf.runs and _mapped() > self._mapped_at_start + _MAPPED:
            self._shelf.release()

    def candidates(self, story: Known) -> Iterator[Candidate]:
        """Earlier stories that may be the same: those with the same text, then those that share the most."""
        if not story.print.shingles:
            return
        seen = {story.id}
        for candidate in self._same_text(story):
            if candidate.known.id not in seen:
                seen.add(candidate.known.id)
                yield candidate
        for candidate in self._alike(story):
            if candidate.known.id not in seen:
                seen.add(candidate.known.id)
                yield candidate

    def _same_text(self, story: Known) -> Iterator[Candidate]:
        exact = story.print.exact
        for at, run in enumerate(self._shelf.runs):
            for row in run.same_text(exact >> 32)[:_MOST]:
                known = run.known(row)
                if known.print.exact == exact and known.id not in self._recent:
                    yield Candidate(known=known, run=at, row=row)
        for known in self._recent.same_text(exact)[:_MOST]:
            yield Candidate(known=known, run=-1, row=0)

    def _alike(self, story: Known) -> Iterator[Candidate]:
        postings = story.print.postings
        query = Query.of(
            story.print,
            since=story.time - self._window,
            until=story.time + self._window,
            need=min(_SHARED, len(postings)),
        )
        in_memory = len(self._shelf.runs)
        found: list[tuple[int, int, int, Known | None]] = [
            (count, in_memory, place, known)
            for place, (known, count) in enumerate(self._recent.candidates(postings, query))
        ]
        for at, run in enumerate(self._shelf.runs):
            found.extend((count, at, row, None) for row, count in run.candidates(query))
        found.sort(key=lambda candidate: candidate[:3], reverse=True)
        for _, at, row, recent in found[:_MOST]:
            if recent is not None:
                yield Candidate(known=recent, run=-1, row=0)
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
