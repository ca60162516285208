"""Figures and names in their places: what tells two stories in like words apart. Pure.

A slot is a figure or name together with the two words before it. Two texts that have the same place filled
differently ("magnitude 4.2" and "magnitude 5.1") contradict each other there. A place that only one of them has says
nothing, so a cut or extended copy contradicts nothing.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from scraper.dedup.normal import ZEROS

_NAME = re.compile(r"[A-ZÀ-ÖØ-ÞΑ-ΩА-Я]\w+(?: [A-ZÀ-ÖØ-ÞΑ-ΩА-Я]\w+)*")
_CLOSING = frozenset(".!?:…\"”'’)\n")
_AFTER_DIGITS = b":"
_BEFORE = 40
"""Characters before a name in which its two words are looked for."""
_TOP = 52
"""Slots keep 12 bits of each 64-bit hash."""

T = TypeVar("T", str, bytes)
Slots = tuple[int, ...]
"""Each one 24 bits: the place in the upper 12, what fills it in the lower."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How the places that two texts share are filled."""

    alike: int
    unlike: int


def figure_slots(spaced: bytes, word_hash: Callable[[bytes], int], most: int) -> Slots:
    """The figures among words that have one space before each, in order; figures in the place itself do not matter."""
    slots: list[int] = []
    zeros = spaced.translate(ZEROS)
    second = zeros.find(b" 0")
    while second >= 0 and len(slots) < most:
        first = spaced.rfind(b" ", 0, second)
        words = spaced[spaced.rfind(b" ", 0, max(first, 0)) + 1 : second].split()
        before = [(b"0" if word < _AFTER_DIGITS else word) for word in words]
        end = spaced.find(b" ", second + 1)
        figure = spaced[second + 1 : end if end >= 0 else len(spaced)]
        slots.append(_slot(before, figure.replace(b",", b"."), word_hash))
        second = zeros.find(b" 0", second + 1)
    return tuple(slots)


def name_slots(text: str, word_hash: Callable[[str], int], most: int) -> Slots:
    """Runs of capitalised words inside sentences, in order."""
    slots = []
    for before, name in _names(text):
        slots.append(_slot(before, name, word_hash))
        if len(slots) == most:
            break
    return tuple(slots)


def _names(text: str) -> Iterator[tuple[list[str], str]]:
    for found in _NAME.finditer(text):
        at = found.start()
        if at < 2 or text[at - 1] != " " or text[at - 2] in _CLOSING:  # noqa: PLR2004 - two characters before it
            continue
        yield text[max(0, at - _BEFORE) : at].lower().rsplit(None, 2)[-2:], found[0].lower()


def _slot(before: Sequence[T], value: T, word_hash: Callable[[T], int]) -> int:
    place = 0
    for word in before:
        place = place * 3 + word_hash(word)
    return (place & 0xFFFFFFFFFFFFFFFF) >> _TOP << 12 | word_hash(value) >> _TOP


def compare_slots(one: Slots, other: Slots) -> Agreement:
    """Count the places that both texts have, by whether the same stands in them."""
    alike = _in_both(one, other)
    shared = _in_both([slot >> 12 for slot in one], [slot >> 12 for slot in other])
    return Agreement(alike=alike, unlike=shared - alike)


def _in_both(one: Sequence[int], other: Sequence[int]) -> int:
    """How many values stand in both, each as often as in the one that has it less often."""
    once = set(one)
    common = once.intersection(other)
    if len(once) == len(one) or len(set(other)) == len(other):
        return len(common)
    return sum(min(one.count(value), other.count(value)) for value in common)
