"""The near-duplicate detector: one story in, one judgement out."""

from collections.abc import Iterable, Sequence

from scraper.dedup.fingerprint import ForeignFingerprintError, decode, encode, take_fingerprint
from scraper.dedup.furniture import Furniture
from scraper.dedup.index import Index
from scraper.dedup.judge import Finding, Known, compare
from scraper.dedup.normal import Line, read_text
from scraper.model.verdict import Judged, Judgement, Relation, Remembered, Story
from scraper.settings import DedupSettings

_LEAST_WORDS = 20
_SAME = frozenset({Relation.COPY, Relation.UPDATE})


class NearDuplicates:
    """Tells whether a story is already here. Implements `engine.ports.Deduplicator`; not for two threads."""

    def __init__(self, settings: DedupSettings) -> None:
        self._settings = settings
        self._index = Index()
        self._furniture = Furniture()
        self._seq = 0

    @property
    def remembered_seq(self) -> int:
        """The greatest `seq` that `load` was given; 0 before the first."""
        return self._seq

    def load(self, rows: Iterable[Remembered]) -> int:
        """Remember stories of the catalog, in the order of `seq`; returns how many.

        Call it at start with the rows after `remembered_seq`. Rows given before are passed over.
        Raises ForeignFingerprintError when a row's fingerprint was made by another version.
        """
        count = 0
        for row in rows:
            if row.seq <= self._seq:
                continue
            try:
                fingerprint = decode(row.fingerprint)
            except ForeignFingerprintError as error:
                raise ForeignFingerprintError(f"catalog row {row.seq}, story {row.id}: {error}") from error
            self._remember(
                Known(
                    id=row.id,
                    outlet=row.outlet,
                    group=row.group,
                    time=row.time,
                    cluster=row.cluster,
                    print=fingerprint,
                )
            )
            self._seq = row.seq
            count += 1
        return count

    def consider(self, story: Story) -> Judged:
        """Judge a story against all earlier ones and remember it.

        A story whose id was considered before is judged afresh and replaces its earlier self.
        """
        self._index.remove(story.id)
        reading = read_text(story.text, story.dateline)
        marks = [line.mark for line in reading.lines]
        fingerprint = take_fingerprint(self._own_lines(story.outlet, reading.lines), marks)
        known = Known(
            id=story.id,
            outlet=story.outlet,
            group=story.group,
            time=story.time,
            cluster=story.id,
            print=fingerprint,
        )
        judgement = self._judge(known, reading.credit)
        self._remember(
            Known(
                id=story.id,
                outlet=story.outlet,
                group=story.group,
                time=story.time,
                cluster=judgement.cluster,
                print=fingerprint,
            )
        )
        return Judged(judgement=judgement, fingerprint=encode(fingerprint))

    def _own_lines(self, outlet: str, lines: Sequence[Line]) -> list[str]:
        furniture = self._furniture.of(outlet, [line.mark for line in lines])
        own = [line.text for line in lines if line.mark not in furniture]
        if sum(line.count(" ") + 1 for line in own) < _LEAST_WORDS:
            return [line.text for line in lines]
        return own

    def _judge(self, known: Known, credit: str) -> Judgement:
        nearest: tuple[Known, Finding] | None = None
        for earlier in self._index.candidates(known.print):
            if earlier.cluster == known.id:
                continue
            finding = compare(known, earlier, credit)
            if nearest is None or _rank(finding) > _rank(nearest[1]):
                nearest = earlier, finding
        if nearest is None or nearest[1].relation is Relation.NEW:
            return Judgement(relation=Relation.NEW, cluster=known.id, why="no earlier story shares its wording")
        earlier, finding = nearest
        same = finding.relation in _SAME
        return Judgement(
            relation=finding.relation,
            cluster=earlier.cluster if same else known.id,
            of=earlier.id,
            similarity=max(finding.containment, finding.resemblance),
            containment=finding.containment,
            resemblance=finding.resemblance,
            why=f"{_SAYS[finding.relation]} {earlier.id} ({earlier.outlet}): {finding.why}",
        )

    def _remember(self, known: Known) -> None:
        self._index.add(known)
        self._furniture.add(known.outlet, known.cluster, known.print.lines)


_SAYS = {
    Relation.COPY: "copy of",
    Relation.UPDATE: "update of",
    Relation.RELATED: "near, but not the same story as",
}


def _rank(finding: Finding) -> tuple[bool, float, float]:
    return finding.relation in _SAME, finding.containment, finding.resemblance
