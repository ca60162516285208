"""The judge: how two stories stand to each other, from their fingerprints and circumstances alone. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from scraper.dedup.fingerprint import Fingerprint
from scraper.model.verdict import Relation

LENIENT = timedelta(hours=72)
_CONTAINED_SOON = 0.30
_CONTAINED_LATE = 0.60
_FIGURES = 0.80
_NAMES = 0.90


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A story as the judge sees it."""

    id: str
    outlet: str
    group: str | None
    time: datetime
    cluster: str
    print: Fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one story stands to one earlier one."""

    relation: Relation
    containment: float
    resemblance: float
    why: str


def resemblance(one: Fingerprint, other: Fingerprint) -> float:
    """Estimated share of all shingles of both texts that stand in both, 0 to 1."""
    size = min(len(one.sketch), len(other.sketch))
    if size == 0:
        return 0.0
    union = np.union1d(one.sketch, other.sketch)
    limit = union[min(size, len(union)) - 1]
    common = np.intersect1d(one.sketch, other.sketch, assume_unique=True)
    drawn = int(np.searchsorted(union, limit, side="right"))
    return float(np.searchsorted(common, limit, side="right")) / drawn


def containment(one: Fingerprint, other: Fingerprint, alike: float) -> float:
    """Estimated share of the smaller text's shingles that stand in the other, 0 to 1."""
    smaller = min(one.shingles, other.shingles)
    if smaller == 0:
        return 0.0
    return min(1.0, alike * (one.shingles + other.shingles) / (1 + alike) / smaller)


def _share(one: frozenset[int], other: frozenset[int]) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 1.0


def compare(story: Known, earlier: Known) -> Finding:
    """Judge a story against one earlier story."""
    alike = resemblance(story.print, earlier.print)
    held = containment(story.print, earlier.print, alike)
    apart = abs(story.time - earlier.time)
    shared_figures = _share(story.print.figures, earlier.print.figures)
    shared_names = _share(story.print.names, earlier.print.names)
    enough = held >= (_CONTAINED_SOON if apart <= LENIENT else _CONTAINED_LATE)
    same_facts = shared_figures >= _FIGURES and shared_names >= _NAMES
    if story.print.exact == earlier.print.exact and story.print.shingles:
        alike = held = 1.0
        enough = same_facts = True
    evidence = (
        f"{held:.0%} of the shorter text is in both, {shared_figures:.0%} of its figures and {shared_names:.0%} of its"
        f" names, {_span(apart)} apart"
    )
    if enough and same_facts:
        relation = Relation.UPDATE if story.outlet == earlier.outlet else Relation.COPY
        return Finding(relation=relation, containment=held, resemblance=alike, why=evidence)
    why = f"other figures or names in like words: {evidence}" if enough else f"only {evidence}"
    return Finding(relation=Relation.RELATED, containment=held, resemblance=alike, why=why)


def _span(apart: timedelta) -> str:
    hours = apart.total_seconds() / 3600
    return f"{hours:.0f} h" if hours < 72 else f"{hours / 24:.0f} days"  # noqa: PLR2004 - wording only
