"""What stands beside a story in a box of its own: facts, comments of readers, invitations, other stories."""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from lxml import html
from numpy.typing import NDArray

from scraper.extraction.blocks import Block
from scraper.extraction.listed import rule_lines

_LEAST_WORDS = 80
"""Words of the story that must stand outside of the boxes, or the box is where the page keeps its story."""
_NAMES_LENGTH = 300


def in_boxes(blocks: Sequence[Block], chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which of the blocks stand in such a box (`rules/boxes.txt`).

    None when next to nothing of what is `chosen` stands elsewhere.
    """
    known: dict[html.HtmlElement, bool] = {}
    boxed = np.array([_is_boxed(block.element, known) for block in blocks], np.bool_)
    words = sum(len(block.said) for block, free in zip(blocks, chosen & ~boxed, strict=True) if free)
    return boxed if words >= _LEAST_WORDS else np.zeros_like(boxed)


def _is_boxed(element: html.HtmlElement, known: dict[html.HtmlElement, bool]) -> bool:
    path = []
    above: html.HtmlElement | None = element
    while above is not None and above not in known:
        path.append(above)
        above = above.getparent()
    boxed = above is not None and known[above]
    for step in reversed(path):
        boxed = boxed or _names_a_box(step)
        known[step] = boxed
    return boxed


def _names_a_box(element: html.HtmlElement) -> bool:
    if element.tag in {"html", "body"}:
        return False
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return len(named) > 1 and _hint(named[:_NAMES_LENGTH].lower())


@lru_cache(maxsize=20_000)
def _hint(named: str) -> bool:
    return _rule().search(named) is not None


@lru_cache(maxsize=1)
def _rule() -> re.Pattern[str]:
    return re.compile("|".join(rule_lines("boxes")))
