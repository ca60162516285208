"""Two versions of a story side by side, with the words marked that differ. Pure."""

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

_WORDS = re.compile(r"\S+\s*|\s+")
_WORD = re.compile(r"\w+", re.UNICODE)
_MOST_LINES = 400
_MOST_WORDS = 2_000
"""More than these are shown without marks: comparing takes time with the square of the number."""
_ALIKE = 0.4
"""The share of words that two paragraphs must have in common to be shown as versions of one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of text, marked when the other side does not have it."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Two paragraphs beside each other; a side is empty where the other one stands alone."""

    left: tuple[Piece, ...] = ()
    right: tuple[Piece, ...] = ()

    @property
    def same(self) -> bool:
        """Whether both sides say the same."""
        return self.left == self.right


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All paragraphs of two texts, in their order."""

    rows: tuple[Row, ...]
    shared: float
    """The share of the longer text's words that both have in the same order, 0 to 1."""
    whole: bool = True
    """False when the texts were too long for their words to be compared."""


def compare(left: str, right: str) -> Comparison:
    """Put two texts side by side, a paragraph a line."""
    before, after = left.splitlines(), right.splitlines()
    if max(len(before), len(after)) > _MOST_LINES:
        return Comparison(rows=tuple(_unmarked(before, after)), shared=0.0, whole=False)
    rows = tuple(_rows(before, after))
    same = sum(_count(piece.text) for row in rows for piece in row.left if not piece.marked)
    longest = max(_count(left), _count(right))
    return Comparison(rows=rows, shared=same / longest if longest else 1.0)


def _unmarked(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    for place in range(max(len(before), len(after))):
        yield Row(left=_plain(before[place : place + 1]), right=_plain(after[place : place + 1]))


def _plain(lines: Sequence[str]) -> tuple[Piece, ...]:
    return tuple(Piece(text=line) for line in lines)


def _rows(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    for tag, from_left, to_left, from_right, to_right in matcher.get_opcodes():
        if tag == "equal":
            for line in before[from_left:to_left]:
                yield Row(left=(Piece(text=line),), right=(Piece(text=line),))
        else:
            yield from _aligned(before[from_left:to_left], after[from_right:to_right])


def _aligned(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    """Pair the paragraphs that are most alike, in order; the others stand alone."""
    left_words, right_words = (
        [frozenset(_WORD.findall(line.casefold())) for line in lines] for lines in (before, after)
    )
    alike = [[_overlap(one, other) for other in right_words] for one in left_words]
    left, right = 0, 0
    for one, other in _best_pairs(alike):
        yield from _alone(before[left:one], after[right:other])
        yield _marked(before[one], after[other])
        left, right = one + 1, other + 1
    yield from _alone(before[left:], after[right:])


def _alone(before: Sequence[str], after: Sequence[str]) -> Iterator[Row]:
    """Paragraphs that the other side has no version of, beside each other to save room."""
    for old, new in zip_longest(before, after):
        yield Row(
            left=() if old is None else (Piece(text=old, marked=True),),
            right=() if new is None else (Piece(text=new, marked=True),),
        )


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    score = 2 * shared / (len(one) + len(other)) if shared else 0.0
    return score if score >= _ALIKE else 0.0


def _best_pairs(alike: Sequence[Sequence[float]]) -> list[tuple[int, int]]:
    """The pairs in rising order on both sides whose likeness adds up to the most."""
    height, width = len(alike), len(alike[0]) if alike else 0
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for one in range(height - 1, -1, -1):
        for other in range(width - 1, -1, -1):
            paired = alike[one][other] + best[one + 1][other + 1] if alike[one][other] else 0.0
            best[one][other] = max(best[one + 1][other], best[one][other + 1], paired)
    pairs, one, other = [], 0, 0
    while one < height and other < width:
        if alike[one][other] and best[one][other] == alike[one][other] + best[one + 1][other + 1]:
            pairs.append((one, other))
            one, other = one + 1, other + 1
        elif best[one + 1][other] >= best[one][other + 1]:
            one += 1
        else:
            other += 1
    return pairs


def _marked(before: str, after: str) -> Row:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) + len(new) > _MOST_WORDS:
        return Row(left=(Piece(text=before, marked=True),), right=(Piece(text=after, marked=True),))
    left: list[Piece] = []
    right: list[Piece] = []
    matcher = difflib.SequenceMatcher(
        None, [word.strip() for word in old], [word.strip() for word in new], autojunk=False
    )
    for tag, from_left, to_left, from_right, to_right in matcher.get_opcodes():
        _add(left, old[from_left:to_left], marked=tag != "equal")
        _add(right, new[from_right:to_right], marked=tag != "equal")
    return Row(left=tuple(left), right=tuple(right))


def _add(pieces: list[Piece], words: Sequence[str], *, marked: bool) -> None:
    """A run of words; the space behind it is not part of what is marked."""
    text = "".join(words)
    bare = text.rstrip()
    if bare:
        pieces.append(Piece(text=bare, marked=marked))
    if len(text) > len(bare):
        pieces.append(Piece(text=text[len(bare) :]))


def _count(text: str) -> int:
    return len(_WORD.findall(text))
