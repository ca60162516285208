"""The judge: how two stories stand to each other, from their fingerprints and circumstances alone. Pure.

News is written with the weight at the top, and is copied from the top: a copy, however cut, extended or given a new
first sentence, shares wording from its opening lines on. A follow-up carries the old story as background further down,
and a shared quotation stands somewhere. So besides how much of one text stands in the other, the judge asks where the
common wording begins, and whether the figures and names in it agree: a bulletin in last week's words with today's
figures is another story.
"""

from bisect import bisect_right
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import eq

from scraper.dedup.fingerprint import PERMUTATIONS, STEPS, Fingerprint
from scraper.dedup.salient import Agreement, compare_slots
from scraper.model.verdict import Relation

LENIENT = timedelta(hours=72)
"""Copies come within hours; what comes later has to be more alike."""

LENIENT_IN_GROUP = timedelta(days=7)
"""Papers of one publisher reprint each other within the week."""

_LEAD = 30
"""Words. Both texts have begun their common wording by then: the same story."""
_NEW_LEAD = 75
"""Words. A copy with a lead of its own has come to the common wording by then."""
_NEW_TOP = 100
"""Words. The same for two texts that share most of their wording."""
_CUT_LEAD = 150
"""Words of the earlier story that a copy with a lead of its own leaves out at most."""
_SHARED_LEAD = 0.30
_SHARED_BODY = 0.45
_SHARED_ALL = 0.75
_SHARED_BOTH = 0.60
"""Share of either text: two that are mostly the other, whatever was written on top of them anew."""
_SHARED_LATE = 0.60
_WORDS_A_CONTRADICTION = 24
"""Common words for each contradicting figure or name; a template has fewer, an updated story more."""
_WORDS_A_FIGURE_LATE = 200
_WORDS_A_NAME_LATE = 80
"""The same after days, when a bulletin may have nothing new but its date."""
_WORDS_A_CONTRADICTION_OF_MOST = 40
"""The same where most of the common places contradict: what is left of a template under a copy editor's hands."""
_MOSTLY = 0.5
_CONTRADICTING = 0.20
_SLIPS = 2
"""One contradiction may be a slip of the pen."""
_RELATED = 0.15


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
class Overlap:
    """How much wording two texts share, estimated from their sketches. Shares are 0 to 1, places in words."""

    of_story: float
    """Share of the story's shingles that stand in the earlier one."""
    of_earlier: float
    resemblance: float
    """Share of all shingles of both that stand in both."""
    begins: int
    """Where in the story the common wording begins."""
    begins_earlier: int
    words: float
    """How many shingles are common."""

    @property
    def containment(self) -> float:
        """The greater of the two shares."""
        return max(self.of_story, self.of_earlier)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one story stands to one earlier one."""

    relation: Relation
    shared: Overlap
    told: str
    """What decided, as the middle of a sentence."""
    apart: timedelta

    @property
    def containment(self) -> float:
        """The greater share of one text that stands in the other."""
        return self.shared.containment

    @property
    def resemblance(self) -> float:
        """Share of the wording of both that stands in both."""
        return self.shared.resemblance

    @property
    def why(self) -> str:
        """One sentence for a person; put together when it is asked for, since most findings are passed over."""
        if self.shared is _EVERYTHING:
            return f"word for word the same text, {_span(self.apart)} apart"
        here, there = self.shared.of_story, self.shared.of_earlier
        wording = f"{here:.0%} of its wording stands there and {there:.0%} of that one's here"
        return f"{wording}{self.told}, {_span(self.apart)} apart"


_EVERYTHING = Overlap(of_story=1.0, of_earlier=1.0, resemblance=1.0, begins=0, begins_earlier=0, words=0.0)
"""Of two texts that are the same."""
_NOTHING = Overlap(of_story=0.0, of_earlier=0.0, resemblance=0.0, begins=0, begins_earlier=0, words=0.0)


def overlap(story: Fingerprint, earlier: Fingerprint) -> Overlap:
    """Estimate the shared wording of two texts from the part of the hash range that both sketches cover."""
    common = set(story.sketch).intersection(earlier.sketch)
    if not common:
        return _NOTHING
    limit = min(_covered(story), _covered(earlier))
    mine, theirs = _drawn(story.sketch, limit), _drawn(earlier.sketch, limit)
    of_story, of_earlier = len(common) / mine, len(common) / theirs
    drawn = mine + theirs - len(common)
    equal = sum(map(eq, story.signature, earlier.signature))
    alike = max(0.0, (equal - PERMUTATIONS / 256) / (1 - 1 / 256))
    return Overlap(
        of_story=of_story,
        of_earlier=of_earlier,
        resemblance=min(1.0, (len(common) + alike) / (drawn + PERMUTATIONS)),
        begins=_begins(story, common),
        begins_earlier=_begins(earlier, common),
        words=max(of_story * story.shingles, of_earlier * earlier.shingles),
    )


def _begins(fingerprint: Fingerprint, common: set[int]) -> int:
    places = zip(fingerprint.sketch, fingerprint.places, strict=True)
    return STEPS[min([place for value, place in places if value in common])]


def _drawn(sketch: tuple[int, ...], limit: int) -> int:
    """How many different hashes a sketch has up to the limit."""
    return len(set(sketch[: bisect_right(sketch, limit)]))


def _covered(fingerprint: Fingerprint) -> int:
    whole = fingerprint.shingles <= len(fingerprint.sketch)
    return 1 << 24 if whole or not fingerprint.sketch else fingerprint.sketch[-1]


def compare(story: Known, earlier: Known, credit: str = "") -> Finding:
    """Judge a story against one earlier story; `credit` is whom the story says it has it from, lower case."""
    apart = abs(story.time - earlier.time)
    if story.print.exact == earlier.print.exact and story.print.shingles:
        return Finding(relation=Relation.COPY, shared=_EVERYTHING, told="", apart=apart)
    shared = overlap(story.print, earlier.print)
    close = apart <= _lenient(story, earlier) or _credits(credit, earlier.outlet)
    in_order = shared if story.time >= earlier.time else _turned(shared)
    if not _same_wording(in_order, close=close):
        relation = Relation.RELATED if shared.containment >= _RELATED else Relation.NEW
        told = f", from word {shared.begins} on"
    else:
        figures = compare_slots(story.print.figures, earlier.print.figures)
        names = compare_slots(story.print.names, earlier.print.names)
        if _contradicted(shared.words, figures, names, close=close):
            relation = Relation.RELATED
        else:
            relation = Relation.UPDATE if story.outlet == earlier.outlet else Relation.COPY
        told = _told(figures, names, contradicted=relation is Relation.RELATED)
    return Finding(relation=relation, shared=shared, told=told, apart=apart)


def _turned(shared: Overlap) -> Overlap:
    return replace(
        shared,
        of_story=shared.of_earlier,
        of_earlier=shared.of_story,
        begins=shared.begins_earlier,
        begins_earlier=shared.begins,
    )


def _same_wording(shared: Overlap, *, close: bool) -> bool:
    """Whether the younger text, in the place of the story, tells the older one's story in its words."""
    if not close and (shared.containment < _SHARED_LATE or shared.begins >= _NEW_LEAD):
        return False
    younger, older = shared.of_story, shared.of_earlier
    return (
        (max(shared.begins, shared.begins_earlier) < _LEAD and shared.containment >= _SHARED_LEAD)
        or (shared.begins < _NEW_LEAD and shared.begins_earlier < _CUT_LEAD and younger >= _SHARED_BODY)
        or (shared.begins < _NEW_LEAD and older >= _SHARED_BODY)
        or (shared.begins < _NEW_TOP and shared.begins_earlier < _CUT_LEAD and min(younger, older) >= _SHARED_BODY)
        or younger >= _SHARED_ALL
        or (close and min(younger, older) >= _SHARED_BOTH)
    )


def _contradicted(common_words: float, figures: Agreement, names: Agreement, *, close: bool) -> bool:
    """Whether figures and names differ as they do between two stories of one template."""
    unlike = figures.unlike + names.unlike
    if not close and common_words < (figures.unlike * _WORDS_A_FIGURE_LATE + names.unlike * _WORDS_A_NAME_LATE):
        return True
    if unlike < _SLIPS:
        return False
    share = unlike / (unlike + figures.alike + names.alike)
    words = _WORDS_A_CONTRADICTION_OF_MOST if share >= _MOSTLY else _WORDS_A_CONTRADICTION
    return share >= _CONTRADICTING and common_words < unlike * words


def _lenient(story: Known, earlier: Known) -> timedelta:
    return LENIENT_IN_GROUP if story.group is not None and story.group == earlier.group else LENIENT


def _credits(credit: str, outlet: str) -> bool:
    return bool(credit) and outlet.casefold() in credit


def _told(figures: Agreement, names: Agreement, *, contradicted: bool) -> str:
    unlike = figures.unlike + names.unlike
    if not unlike:
        return "; figures and names agree"
    told = f"{unlike} of {unlike + figures.alike + names.alike} figures and names in like places differ"
    return f", but {told}" if contradicted else f"; {told}"


def _span(apart: timedelta) -> str:
    hours = apart.total_seconds() / 3600
    if hours < 1:
        return f"{hours * 60:.0f} min"
    return f"{hours:.0f} h" if apart <= LENIENT else f"{hours / 24:.0f} days"
