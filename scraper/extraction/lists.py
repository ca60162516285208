"""Lists that the story announces: `Six roads are closed:` and the roads, the shortest of which pass for no text."""

from collections.abc import Sequence
from itertools import islice

import numpy as np
from lxml import html
from numpy.typing import NDArray

from scraper.extraction.blocks import Block
from scraper.extraction.junk import is_junk

_ANNOUNCING_WORDS = 4
"""Words that a line has at least which announces a list; `Read also:` has fewer."""
_LINKED = 0.5
"""Share of a list's letters that stand in links, above which it leads elsewhere."""
_MOST_ITEMS = 40
"""Items of a list that is the story's though none of them reads like it."""
_LEVELS = 3
"""Elements above a list among which is the one that holds it and the paragraph, or the paragraph's wrapper."""
_COLONS = (":", "：")  # noqa: RUF001 - the wide one of Chinese and Japanese is meant


def announced_lists(blocks: Sequence[Block], keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """All items of a list right below a paragraph of the story that ends in a colon.

    Where half of them were taken anyway, or none is a link and the list is no longer than one of a story.
    """
    found = np.zeros(len(blocks), np.bool_)
    for at in np.flatnonzero(keep[:-1]).tolist():
        if blocks[at].text.endswith(_COLONS) and _announces(blocks[at]):
            items = _list_below(blocks, at)
            letters = sum(len(blocks[item].text) for item in items)
            linked = sum(blocks[item].link_characters for item in items)
            half = linked <= _LINKED * letters and 2 * keep[items].sum() >= len(items)
            if items and (half or (not linked and len(items) <= _MOST_ITEMS)):
                found[[item for item in items if not is_junk(blocks[item].text)]] = True
    return found


def _announces(block: Block) -> bool:
    return block.tag in {"p", "div"} and len(block.said) >= _ANNOUNCING_WORDS and not is_junk(block.text)


def _list_below(blocks: Sequence[Block], at: int) -> list[int]:
    """The blocks of the list that begins behind a paragraph, both at most a wrapper away from what holds them."""
    holder = _list_of(blocks[at + 1].element)
    home = blocks[at].element.getparent()
    homes = [] if home is None else [home, home.getparent()]
    if holder is None or not any(above in homes for above in islice(holder.iterancestors(), _LEVELS)):
        return []
    items: list[int] = []
    for item in range(at + 1, len(blocks)):
        element = blocks[item].element
        if holder is not element and holder not in element.iterancestors():
            break
        items.append(item)
    return items


def _list_of(element: html.HtmlElement) -> html.HtmlElement | None:
    return next(element.iterancestors("ol", "ul"), None)
