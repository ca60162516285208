"""The near-duplicate detector: one story in, one judgement out."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

from scraper.dedup.fingerprint import ForeignFingerprintError
from scraper.dedup.index import Candidate, Index
from scraper.dedup.judge import Finding, Known, compare
from scraper.dedup.preparing import prepared_for
from scraper.dedup.run import DamagedRunError
from scraper.model.failures import StoreUnavailableError
from scraper.model.verdict import Judged, Judgement, Relation, Remembered, Story
from scraper.settings import DedupSettings

Catalog = Callable[[int], Iterable[Remembered]]
"""The rows of the catalog after a seq, in its order."""
Gone = Callable[[str], bool]
"""Whether the story with this id was taken out of the archive."""

_CHECKED = 64
"""So many rows are enough to know a catalog again."""
_CATCH_UP = 256
"""So many stories are judged between two looks at the catalog."""
_SAME = frozenset({Relation.COPY, Relation.UPDATE})
_SURE = 0.9
"""A copy that holds this much of the story is not bettered by looking further."""


class NearDuplicates:
    """Tells whether a story is already here. Implements `engine.ports.Deduplicator`; not for two threads.

    With a directory the index lives in files there, derived from the catalog that it is told to `follow`. Without one
    everything stays in memory. Stories are frozen into files `run_stories` at a time; what was judged after the last of
    them is loaded from the catalog at the next start.
    """

    def __init__(self, settings: DedupSettings, directory: Path | None = None, *, run_stories: int = 4096) -> None:
        self._index = Index(directory, settings.window, run_stories)
        self._catalog: Catalog | None = None
        self._considered = 0
        self._gone: Gone = lambda _: False

    @property
    def durable_seq(self) -> int:
        """The greatest `seq` that the files hold; 0 when there are none, or they were damaged."""
        return self._index.durable_seq

    @property
    def damage(self) -> str | None:
        """What was wrong with the files; the lost part is made anew from the catalog."""
        return self._index.damage

    def follow(self, catalog: Catalog, gone: Gone = lambda _: False) -> None:
        """Remember all of the catalog, and from now on what is committed to it, which moves it into the files.

        The catalog is asked here, and by `consider` after every few hundred stories, in the thread of the caller. Files
        that were made from another catalog are made anew. A story that is `gone` is no reason to drop a copy of it;
        that is asked of copies alone. Raises ForeignFingerprintError as `load` does.
        """
        if self.durable_seq and not self._fits(catalog(max(0, self.durable_seq - _CHECKED))):
            self._index.give_up("the files are damaged, or were made from another catalog")
        self.load(catalog(self.durable_seq))
        self._catalog = catalog
        self._gone = gone

    def _fits(self, rows: Iterable[Remembered]) -> bool:
        """Whether the files hold the catalog's last rows up to their own last one."""
        last = 0
        for row in rows:
            if row.seq > self.durable_seq:
                return last > 0
            if not self._holds(row.id):
                return False
            last = row.seq
        return last == self.durable_seq

    def _holds(self, story_id: str) -> bool:
        try:
            return self._index.holds(story_id)
        except DamagedRunError:
            return False

    def _make_anew(self, why: str) -> None:
        self._index.give_up(why)
        if self._catalog is not None:
            self.load(self._catalog(0))

    def _catch_up(self) -> None:
        self._considered += 1
        if self._catalog is None or self._considered % _CATCH_UP:
            return
        with suppress(StoreUnavailableError):
            self.load(islice(self._catalog(self._index.last_seq), 2 * _CATCH_UP))

    def load(self, rows: Iterable[Remembered]) -> int:
        """Remember rows of the catalog, in the order of `seq`; returns how many were new here.

        Rows given before are passed over. Raises ForeignFingerprintError when a row's fingerprint was made by another
        version, which no judgement could be based on.
        """
        count = 0
        for row in rows:
            if row.seq > self._index.last_seq:
                self._remember(row)
                count += 1
        return count

    def _remember(self, row: Remembered) -> None:
        try:
            self._index.add_durable(row)
        except ForeignFingerprintError as error:
            raise ForeignFingerprintError(
                f"catalog row {row.seq}, story {row.id}: {error}; the duplicates before it cannot be recognised. "
                "Use the version that wrote the data, or start a new data directory"
            ) from error

    def consider(self, story: Story) -> Judged:
        """Judge a story against all earlier ones and remember it.

        A story whose id was considered before is judged afresh and replaces its earlier self. What was prepared of its
        text is used where the story brings it.
        """
        reading = prepared_for(story, partial(self._index.furniture.of, story.outlet, story.id))
        known = Known(
            id=story.id,
            outlet=story.outlet,
            group=story.group,
            time=story.time,
            cluster=story.id,
            print=reading.print,
        )
        credit = " ".join((reading.credit, *story.agencies)).casefold().strip()
        try:
            judgement = self._judge(known, credit)
        except DamagedRunError as damage:
            self._make_anew(str(damage))
            judgement = self._judge(known, credit)
        judged = known if judgement.cluster == known.id else replace(known, cluster=judgement.cluster)
        self._index.add(judged, reading.encoded)
        self._catch_up()
        return Judged(judgement=judgement, fingerprint=reading.encoded)

    def _judge(self, known: Known, credit: str) -> Judgement:
        nearest: tuple[Known, Finding] | None = None
        for candidate in self._index.candidates(known):
            finding = self._look_at(known, candidate, credit)
            if finding is None:
                continue
            if nearest is None or _rank(finding) > _rank(nearest[1]):
                nearest = candidate.known, finding
            if finding.relation in _SAME and finding.containment >= _SURE:
                break
        if nearest is None or nearest[1].relation is Relation.NEW:
            return Judgement(relation=Relation.NEW, cluster=known.id, why="no earlier story shares its wording")
        return _judgement(known, *nearest)

    def _look_at(self, known: Known, candidate: Candidate, credit: str) -> Finding | None:
        earlier = candidate.known
        if earlier.cluster == known.id:
            return None
        finding = compare(known, earlier, credit)
        if finding.relation in _SAME and (self._index.is_superseded(candidate) or self._gone(earlier.id)):
            return None
        return finding


def _judgement(known: Known, earlier: Known, finding: Finding) -> Judgement:
    return Judgement(
        relation=finding.relation,
        cluster=earlier.cluster if finding.relation in _SAME else known.id,
        of=earlier.id,
        similarity=max(finding.containment, finding.resemblance),
        containment=finding.containment,
        resemblance=finding.resemblance,
        why=f"{_SAYS[finding.relation]} {earlier.id} ({earlier.outlet}): {finding.why}",
    )


_SAYS = {
    Relation.COPY: "copy of",
    Relation.UPDATE: "update of",
    Relation.RELATED: "near, but not the same story as",
}


def _rank(finding: Finding) -> tuple[bool, float, float]:
    return finding.relation in _SAME, finding.containment, finding.resemblance
