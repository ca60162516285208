"""The deck: what stands between a headline and the story's first words and belongs to both."""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from scraper.extraction.blocks import Block
from scraper.extraction.engine import Witness
from scraper.extraction.features import Figures
from scraper.extraction.junk import is_junk

_NAMED = re.compile(
    r"(?:^|[\s_-])(?:(?:article|post|story|entry|page|header|hero|c)[-_]+)?(?:sub-?titles?|sub-?head(?:line)?s?|stand-?first|strap-?line"
    r"|dek|deck|excerpt|teaser|lead|lede|lead-?text|intro|summary|epigraph|abstract|chapo|bajada|ingress|sapo|vorspann)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
_NOT_NAMED = re.compile(
    r"image|img|photo|picture|foto|gallery|caption|meta|date|disclaimer|related|card|list-?item|nav|heading",
    re.IGNORECASE,
)
_POINTS = re.compile(r"summary|key-?(?:points|takeaways)|highlights", re.IGNORECASE)
"""Names of lists that sum a story up before it begins."""
_SUMMARY = re.compile(
    r"\W*(?:ringkasan(?: berita)?|inti berita|intinya sih.{0,40}|baca \d+ detik|poin penting|ai summary)\W*$",
    re.IGNORECASE,
)
"""Lines that announce a summary which the page, and not the reporter, made."""
_NAMES_LENGTH = 300
_LEAST_WORDS = 5
_HEAD = 8
"""Blocks before the story's first paragraph that are looked at where no main heading stands there."""
_FIRST = 15
"""Words of the paragraph with which the story has begun."""
_SAID = 0.9
"""Share of a block that stands in the page's description, from which it is the deck…"""
KEEP_SAID = 0.2
"""…when it is at least this likely."""
KEEP_NAMED = 0.05
"""The same for one that its own markup calls so."""


def decks(blocks: Sequence[Block], likely: Figures, keep: NDArray[np.bool_], description: Witness) -> NDArray[np.bool_]:
    """The blocks of the deck, of those that stand between the main heading and the story's first paragraph."""
    found = np.zeros(len(blocks), np.bool_)
    first = next((at for at in np.flatnonzero(keep).tolist() if len(blocks[at].said) >= _FIRST), None)
    if first is None:
        return found
    heading = next((at for at in range(first - 1, -1, -1) if blocks[at].tag == "h1"), max(-1, first - _HEAD - 1))
    furniture = False
    for at in range(heading + 1, first):
        block, chance = blocks[at], float(likely[at])
        # A list that is announced as `Ringkasan Berita` or `Share` is no part of the story.
        furniture = is_junk(block.text) or (furniture and block.tag == "li")
        if furniture or len(block.said) < _LEAST_WORDS or block.link_characters > len(block.text) / 2:
            continue
        found[at] = (chance > KEEP_NAMED and _is_named(block)) or (
            chance > KEEP_SAID and block.tag != "h1" and description.share_of(block.said) >= _SAID
        )
    return found


def summaries(blocks: Sequence[Block], keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The items of a list before the story's first paragraph that a line announces as the page's own summary."""
    found = np.zeros(len(blocks), np.bool_)
    first = next(
        (at for at in np.flatnonzero(keep).tolist() if len(blocks[at].said) >= _FIRST and blocks[at].tag != "li"), 0
    )
    announced = False
    for at, block in enumerate(blocks[:first]):
        announced = _SUMMARY.match(block.text) is not None or (announced and block.tag == "li")
        found[at] = announced
    return found


def _is_named(block: Block) -> bool:
    element = block.element
    if block.tag == "li":
        above = (element, *list(element.iterancestors())[:2])
        return any(_sums_up((other.get("class") or "")[:_NAMES_LENGTH]) for other in above)
    if block.tag in {"h1", "figcaption", "header", "time"}:
        return False
    return _names_a_deck(" ".join(filter(None, map(element.get, ("class", "id", "data-testid"))))[:_NAMES_LENGTH])


@lru_cache(maxsize=4096)
def _names_a_deck(names: str) -> bool:
    return _NAMED.search(names) is not None and _NOT_NAMED.search(names) is None


@lru_cache(maxsize=4096)
def _sums_up(names: str) -> bool:
    return _POINTS.search(names) is not None
