"""Stories told in pictures: what stands beside each picture of a row is the story, or none of it is."""

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from itertools import islice

import numpy as np
from lxml import html
from numpy.typing import NDArray

from scraper.extraction.blocks import Block

_LEAST = 3
"""Captions that must be chosen before the others of their row are."""
_SHARE = 0.5
"""…and the share of the row that these are."""
_TOLD = 0.3
"""Share of the chosen words that a row tells at least, or the story is not told in pictures."""
_LEAST_WORDS = 4
"""Words of a caption; less is a number or a credit."""
_LEVELS = 5
"""Elements above a text in which its picture is looked for."""
_MOST_PICTURES = 2_000
_PICTURES = ("img", "picture", "amp-img")
_WITHIN_PICTURES = frozenset({"picture", "source"})
"""What an `img` stands in that is the same picture; the parser takes all behind a `source` for its content."""


def rest_of_rows(blocks: Sequence[Block], chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The captions that stand in a row of pictures most of whose captions are `chosen`."""
    found = np.zeros_like(chosen)
    looks = {_look(block) for block, taken in zip(blocks, chosen.tolist(), strict=True) if taken}
    pictures = _pictured(blocks)
    rows: dict[Hashable, dict[html.HtmlElement, int]] = {}
    for at, block in enumerate(blocks if pictures else ()):
        if _look(block) in looks and _is_caption(block) and (item := _item(block, pictures)) is not None:
            rows.setdefault((item.getparent(), item.tag, item.get("class"), _look(block)), {}).setdefault(item, at)
    told = _words(blocks, np.flatnonzero(chosen).tolist())
    for members in (list(row.values()) for row in rows.values()):
        taken = [at for at in members if chosen[at]]
        if len(taken) >= max(_LEAST, _SHARE * len(members)) and _words(blocks, taken) >= _TOLD * told:
            found[members] = True
    return found


def _words(blocks: Sequence[Block], places: Sequence[int]) -> int:
    return sum(len(blocks[at].said) for at in places)


def _is_caption(block: Block) -> bool:
    return len(block.said) >= _LEAST_WORDS and block.link_characters <= len(block.text) / 2


def _look(block: Block) -> Hashable:
    return block.tag, block.element.get("class")


def _item(block: Block, pictures: Mapping[html.HtmlElement, int]) -> html.HtmlElement | None:
    """The element that holds a text and its own picture amid other pictures; None where there is none."""
    item = block.element
    for level in range(_LEVELS):
        parent = item.getparent()
        if parent is None:
            return None
        if pictures.get(parent, 0) > 1:
            return item if level and item in pictures else None
        item = parent
    return None


def _pictured(blocks: Sequence[Block]) -> Mapping[html.HtmlElement, int]:
    """For each element that holds pictures their number; a `picture` and the `img` in it are one."""
    found: Counter[html.HtmlElement] = Counter()
    for picture in islice(blocks[0].element.getroottree().iter(*_PICTURES), _MOST_PICTURES) if blocks else ():
        above = picture.getparent()
        if above is not None and above.tag not in _WITHIN_PICTURES:
            found.update(picture.iterancestors())
    return found
