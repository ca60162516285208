"""Which blocks are the story, given how likely each is."""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from lxml import html
from numpy.typing import NDArray

from scraper.extraction.asides import asides
from scraper.extraction.blocks import Block
from scraper.extraction.boxes import in_boxes
from scraper.extraction.decks import decks, summaries
from scraper.extraction.edges import signatures
from scraper.extraction.engine import Witness
from scraper.extraction.features import LONG, Figures
from scraper.extraction.galleries import rest_of_rows
from scraper.extraction.junk import is_junk
from scraper.extraction.linklists import LinkList
from scraper.extraction.lists import announced_lists
from scraper.extraction.places import container
from scraper.extraction.pointers import Pointer

KEEP = 0.45
"""Likelihood from which a block is part of the story."""
KEEP_INSIDE = 0.25
"""The same inside the element that the outlet's file names as the body…"""
KEEP_OUTSIDE = 0.8
"""…and outside of it."""
KEEP_ALIKE = 0.2
"""The same for a paragraph that stands among sure ones of its kind."""
KEEP_HEADING = 0.16
"""The same for a sub-heading between two blocks of the story…"""
KEEP_HEADING_AMID = 0.05
"""…and for one that the engine took and that stands right between two paragraphs."""
_HEADING_REACH = 5
"""Blocks before a sub-heading among which one is the story's…"""
_HEADING_REACH_DOWN = 3
"""…and behind it."""
_HEADINGS = 3
"""Sub-headings of one dress that are chosen, from which the others of that dress are…"""
_HEADINGS_SHARE = 0.6
"""…when they are this share of them."""
_SUB_HEADINGS = frozenset({"h2", "h3", "h4"})
_BOLD_WORDS = 10
"""Words that a paragraph has at most which is set in bold for want of a heading…"""
_NAMES_LENGTH = 200
_BOLD = 0.9
"""…and the share of its letters that are."""
KEEP_BOLD = 0.2
"""The same for such a paragraph between two of the story that the engine took…"""
KEEP_CALLED = 0.1
"""…and for one whose own name says that it is a sub-heading."""
_CALLED = re.compile(
    r"inter-?(?:line|title|titre|tit)|cross-?head|zwischen|sub-?(?:head|title)|sous-?titre|ladillo|mezzo-?titolo|tussenkop"
    r"|mellom-?tittel|mellan-?rubrik|mellem-?rubrik",
    re.IGNORECASE,
)
_ALIKE_WORDS = 30
"""Words of such a paragraph."""
_RUNNING_WORDS = 15
_KIN = 5
"""Sure paragraphs of one kind that make another one of it sure…"""
_KIN_SHARE = 0.6
"""…when they are this share of all of that kind…"""
_SURE = 0.85
"""…and on average this likely."""
_TAKEN = 0.5
"""Share of a block that stands in what the engine gave, from which the engine took it."""
_AMID_WORDS = 8
"""Words of a chosen block that shows where the story stands."""
_DOUBT = 0.8
"""A page whose likeliest block is below this is not understood."""
_SAID = 0.8
"""Share of a block that stands in the page's description, from which it is what the page is about."""

_SUMMED_UP = 0.7
"""Share of the description that a block above it says, from which it is not said again."""

_LINKED = 0.9
"""Share of its letters that stand in links, from which a line is a link alone."""
_ANNOUNCING_WORDS = 4
"""Words that a line has at most which announces links."""

Choice = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A page's blocks with their figures."""

    blocks: Sequence[Block]
    figures: Figures
    description: Witness
    """What the page says it is about."""
    engine: Witness
    """What the extraction engine takes to be the story."""
    authors: tuple[str, ...] = ()
    link_lists: Sequence[LinkList] = ()
    """What was taken out of the page before it was cut into blocks."""
    pointers: Sequence[Pointer] = ()
    """What was cut out of its paragraphs."""


def choose(seen: Seen, likely: Figures, body: Sequence[html.HtmlElement] = ()) -> list[Block]:
    """The blocks of the story; `body` are the elements that the outlet's file names as its body."""
    if not seen.blocks:
        return []
    limits = np.full(len(seen.blocks), KEEP)
    if body:
        inside = {element for part in body for element in part.iter()}
        limits = np.array([KEEP_INSIDE if block.element in inside else KEEP_OUTSIDE for block in seen.blocks])
    kinds = [_kind(block) for block in seen.blocks]
    keep = likely > limits
    if not body and likely.max() < _DOUBT and (described := _described(seen)):
        keep = np.array([_dress(block) in described for block in seen.blocks])
    keep |= _among_sure_ones(seen.blocks, kinds, likely, keep)
    keep |= announced_lists(seen.blocks, keep)
    keep |= _headings_within(seen, likely, keep)
    keep |= _bold_lines_within(seen, likely, keep)
    keep |= decks(seen.blocks, likely, keep, seen.description)
    keep |= rest_of_rows(seen.blocks, keep)
    keep &= ~in_boxes(seen.blocks, keep)
    keep &= ~_summed_up_below(seen, keep)
    keep &= ~_announced_links(seen.blocks)
    keep &= ~summaries(seen.blocks, keep)
    keep &= ~asides(seen.blocks, keep, seen.authors)
    keep |= signatures(seen.blocks, seen.engine, keep)
    return [block for block, kept in zip(seen.blocks, keep.tolist(), strict=True) if kept]


def passed_over(seen: Seen, chosen: Sequence[Block]) -> list[str]:
    """Lines that were not chosen though they stand amid the story or the engine took them for part of it."""
    picked = {id(block) for block in chosen}
    amid = {container(block.element) for block in chosen if len(block.said) >= _AMID_WORDS}
    own = {block.element for block in chosen}
    return [
        *(
            block.text
            for block in seen.blocks
            if id(block) not in picked
            and (container(block.element) in amid or seen.engine.share_of(block.said) > _TAKEN)
        ),
        *(line for found in seen.link_lists if found.parent in amid for line in found.lines()),
        *(pointer.text for pointer in seen.pointers if pointer.parent in own),
    ]


def _kind(block: Block) -> Hashable:
    """Blocks of one kind stand in one container and look alike."""
    return container(block.element), block.tag, block.element.get("class")


def _dress(block: Block) -> Hashable:
    """Blocks of one dress look alike, wherever they stand."""
    return block.tag, block.element.get("class")


def _among_sure_ones(blocks: Sequence[Block], kinds: Sequence[Hashable], likely: Figures, keep: Choice) -> Choice:
    """Paragraphs that neither witness knows, as at the end of a very long story, but that stand among sure ones."""
    sizes = [len(block.said) for block in blocks]
    families: dict[Hashable, list[int]] = {}
    for at, kind in enumerate(kinds):
        if sizes[at] >= _RUNNING_WORDS:
            families.setdefault(kind, []).append(at)
    sure = {kind for kind, family in families.items() if _is_sure(family, likely, keep)}
    rescued = [
        kind in sure and size >= _ALIKE_WORDS and chance > KEEP_ALIKE
        for kind, size, chance in zip(kinds, sizes, likely.tolist(), strict=True)
    ]
    return np.array(rescued, np.bool_)


def _headings_within(seen: Seen, likely: Figures, keep: Choice) -> Choice:
    """Sub-headings amid the story: next to its text, or a picture or a box away from it.

    The more of them there are of one dress, the surer the others of that dress are.
    """
    found = np.zeros(len(seen.blocks), np.bool_)
    dresses: dict[Hashable, list[int]] = {}
    for at, block in enumerate(seen.blocks):
        if block.tag not in _SUB_HEADINGS or block.link_characters > len(block.text) / 2:
            continue
        if keep[at]:
            dresses.setdefault(_dress(block), []).append(at)
        elif (limit := _heading_limit(seen, at, keep)) < 1:
            found[at] = likely[at] > limit
            dresses.setdefault(_dress(block), []).append(at)
    for alike in dresses.values():
        taken = int((found | keep)[alike].sum())
        if taken >= max(_HEADINGS, _HEADINGS_SHARE * len(alike)):
            found[alike] = True
    return found


def _heading_limit(seen: Seen, at: int, keep: Choice) -> float:
    """How likely the heading must be; 1 where no text of the story stands near it on both sides."""
    blocks = seen.blocks
    before = np.flatnonzero(keep[max(0, at - _HEADING_REACH) : at])
    after = np.flatnonzero(keep[at + 1 : at + 1 + _HEADING_REACH_DOWN])
    if not len(before) or not len(after) or blocks[at + 1 + int(after[0])].tag in _SUB_HEADINGS:
        return 1
    taken = seen.engine.share_of(blocks[at].said) > _TAKEN
    above, below = _neighbour(seen, at, -1), _neighbour(seen, at, 1)
    if not keep[above] or not keep[below]:
        return KEEP_HEADING if taken else 1
    amid_prose = min(len(blocks[above].said), len(blocks[below].said)) >= LONG
    return KEEP_HEADING_AMID if taken and amid_prose else KEEP_HEADING


def _neighbour(seen: Seen, at: int, step: int) -> int:
    """The block next to one, furniture such as `Advertisement` passed over."""
    beyond = at + 2 * step
    is_furniture = 0 <= beyond < len(seen.blocks) and is_junk(seen.blocks[at + step].text)
    return beyond if is_furniture else at + step


def _bold_lines_within(seen: Seen, likely: Figures, keep: Choice) -> Choice:
    """Short paragraphs in bold between two of the story: sub-headings of pages that have no heading for them."""
    blocks = seen.blocks
    found = np.zeros(len(blocks), np.bool_)
    for at in range(1, len(blocks) - 1):
        block = blocks[at]
        found[at] = (
            not keep[at]
            and bool(keep[at - 1] and keep[at + 1])
            and len(block.said) <= _BOLD_WORDS
            and not block.link_characters
            and float(likely[at]) > _bold_limit(block)
            and seen.engine.share_of(block.said) > _TAKEN
            and not is_junk(block.text)
        )
    return found


def _bold_limit(block: Block) -> float:
    """How likely a short paragraph must be to be a sub-heading; 1 where nothing speaks for it."""
    if block.tag in {"p", "div"} and _CALLED.search((block.element.get("class") or "")[:_NAMES_LENGTH]):
        return KEEP_CALLED
    return KEEP_BOLD if block.strong_characters >= _BOLD * len(block.text) else 1


def _announced_links(blocks: Sequence[Block]) -> Choice:
    """Lines that are links alone and follow a short line such as `Read also`, directly or behind one another."""
    found = np.zeros(len(blocks), np.bool_)
    announced = False
    for at, block in enumerate(blocks):
        linked = block.link_characters >= _LINKED * len(block.text)
        found[at] = announced and linked
        announced = bool(found[at]) or (not linked and 0 < len(block.said) <= _ANNOUNCING_WORDS and is_junk(block.text))
    return found


def _summed_up_below(seen: Seen, keep: Choice) -> Choice:
    """The page's description, word for word, below a block of the story that says most of it: a label, no more."""
    found = np.zeros(len(seen.blocks), np.bool_)
    for at, block in enumerate(seen.blocks):
        if keep[at] and block.tag not in _SUB_HEADINGS and seen.description.is_line(block.said):
            above = (seen.blocks[before] for before in np.flatnonzero(keep[:at]).tolist())
            found[at] = any(
                len(other.said) > len(block.said) and Witness([other.text]).share_of(block.said) >= _SUMMED_UP
                for other in above
            )
    return found


def _is_sure(family: Sequence[int], likely: Figures, keep: Choice) -> bool:
    kept = [at for at in family if keep[at]]
    return len(kept) >= max(_KIN, _KIN_SHARE * len(family)) and float(likely[kept].mean()) > _SURE


def _described(seen: Seen) -> set[Hashable]:
    """The look of the first block that says what the page's description says, as a gallery's first caption does."""
    for block in seen.blocks:
        if len(block.said) >= _RUNNING_WORDS // 2 and seen.description.share_of(block.said) >= _SAID:
            return {_dress(block)}
    return set()
