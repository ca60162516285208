"""The story's lines on one page."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import html

from scraper.extraction.blocks import Block, read_blocks
from scraper.extraction.choice import Seen, choose, passed_over
from scraper.extraction.data import drawn_story, stated_body
from scraper.extraction.edges import join_places
from scraper.extraction.engine import Witness, engine_lines
from scraper.extraction.features import NOTHING, Figures, Sights, measure
from scraper.extraction.junk import split_junk
from scraper.extraction.linklists import take_out_link_lists
from scraper.extraction.metadata import Metadata
from scraper.extraction.model import block_model
from scraper.extraction.normal import line_key
from scraper.extraction.pointers import cut_pointers
from scraper.extraction.pruning import drop_selected, prune
from scraper.extraction.selecting import select
from scraper.model.outlet import Outlet

_LEAST_BODY = 200
"""Characters that the named body must hold to be believed."""
_SCANTY = 400
"""Characters of chosen text below which the page's data are asked."""
_BETTER = 1.5
"""How many times more the data must tell to stand in for the markup."""
_HEADLINE = 5
"""Words of a link that reads like a headline…"""
_LINKED = 0.9
"""…and the share of its line that it is."""
_TITLE_LINES = 3
"""First lines among which a repeated title is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What one page gives."""

    kept: tuple[str, ...]
    dropped: tuple[str, ...]
    """Lines that stood in the story and were removed, in order."""
    link_blocks: int
    """Blocks that are links alone."""
    headlines: int
    """The same for those as long as a headline; not counted where there is text."""
    degraded: tuple[str, ...]
    """Outlet hints that matched nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A page before it is judged: what there is to choose from."""

    seen: Seen
    scripts: Sequence[str]
    """What its scripts hold."""
    body: Sequence[html.HtmlElement]
    """The elements that the outlet's file names as its body."""
    degraded: tuple[str, ...]


def read_text(tree: html.HtmlElement, metadata: Metadata, outlet: Outlet) -> PageText:
    """The story's lines. The tree loses what is no running text."""
    sighting = sight(tree, metadata, outlet)
    figures = sighting.seen.figures
    return tell(sighting, block_model().likely(figures) if sighting.seen.blocks else figures, metadata, outlet)


def sight(tree: html.HtmlElement, metadata: Metadata, outlet: Outlet) -> Sighting:
    """The blocks of a page and all that is to be seen of them. The tree loses what is no running text."""
    scripts = [script.text for script in tree.iter("script") if script.text]
    body, degraded = _named_body(tree, outlet)
    return Sighting(seen=_look(tree, metadata, outlet), scripts=scripts, body=body, degraded=degraded)


def tell(sighting: Sighting, likely: Figures, metadata: Metadata, outlet: Outlet) -> PageText:
    """The story's lines, given how likely each block is part of it."""
    seen = sighting.seen
    chosen = choose(seen, likely, sighting.body)
    kept, junk = assemble(chosen, metadata.title, outlet)
    dropped = _in_order([*junk, *_without_title(passed_over(seen, chosen), metadata.title)], seen.blocks)
    if sum(map(len, kept)) < _SCANTY:
        kept, dropped = _told_by_data(kept, dropped, sighting.scripts, metadata, outlet)
    return PageText(
        kept=tuple(kept),
        dropped=tuple(dropped),
        link_blocks=sum(block.link_characters >= len(block.text) for block in seen.blocks)
        + sum(found.links for found in seen.link_lists),
        headlines=0 if kept else _headlines(seen),
        degraded=sighting.degraded,
    )


def _headlines(seen: Seen) -> int:
    listed = (block for found in seen.link_lists for block in read_blocks(found.element))
    return sum(
        len(block.said) >= _HEADLINE and block.link_characters >= _LINKED * len(block.text)
        for block in (*seen.blocks, *listed)
    )


def _look(tree: html.HtmlElement, metadata: Metadata, outlet: Outlet) -> Seen:
    prune(tree, metadata.title or "")
    drop_selected(tree, outlet.selectors.drop)
    pointers = cut_pointers(tree)
    link_lists = take_out_link_lists(tree)
    stated = stated_body(metadata.article)
    engine = Witness(engine_lines(tree))
    sights = Sights(
        engine=engine,
        data=Witness(stated) if stated else None,
        title=metadata.title or "",
        description=metadata.description or "",
        authors=metadata.authors,
    )
    blocks = join_places(read_blocks(tree))
    return Seen(
        blocks=blocks,
        figures=measure(blocks, tree, sights) if blocks else NOTHING,
        description=Witness([sights.description]),
        engine=engine,
        authors=metadata.authors,
        link_lists=link_lists,
        pointers=pointers,
    )


def _in_order(lines: Sequence[str], blocks: Sequence[Block]) -> list[str]:
    """Lines in the order in which the page has them; one that is not found on it comes last."""
    order: dict[str, int] = {}
    for at, block in enumerate(blocks):
        order.setdefault(block.text, at)
    return sorted(dict.fromkeys(lines), key=lambda line: order.get(line, len(blocks)))


def _named_body(tree: html.HtmlElement, outlet: Outlet) -> tuple[list[html.HtmlElement], tuple[str, ...]]:
    """The elements that the first matching body selector points at, and which hint failed."""
    for selector in outlet.selectors.body:
        found = select(tree, selector) or []
        if sum(len(element.text_content()) for element in found) >= _LEAST_BODY:
            return found, ()
    return [], ("selectors.body",) if outlet.selectors.body else ()


def assemble(blocks: Sequence[Block], title: str | None, outlet: Outlet) -> tuple[list[str], list[str]]:
    """The lines of the chosen blocks, and those that were removed from among them."""
    return split_junk(_without_title(_lines(blocks), title), outlet.lines)


def _lines(blocks: Sequence[Block]) -> list[str]:
    """One line a paragraph; a line that stood before is not said again."""
    lines: dict[str, str] = {}
    for at, block in enumerate(blocks):
        text = block.text
        lines.setdefault(line_key(text) or f"\n{at}", text)
    return list(lines.values())


def _without_title(lines: Sequence[str], title: str | None) -> list[str]:
    key = line_key(title or "")
    return [line for at, line in enumerate(lines) if at >= _TITLE_LINES or line_key(line) != key]


def _told_by_data(
    kept: list[str], dropped: list[str], scripts: Sequence[str], metadata: Metadata, outlet: Outlet
) -> tuple[list[str], list[str]]:
    """The story from the page's data, where they tell much more of it than the markup."""
    told = stated_body(metadata.article) or drawn_story(scripts)
    lines, removed = split_junk(_without_title(told, metadata.title), outlet.lines)
    if sum(map(len, lines)) > max(_BETTER * sum(map(len, kept)), _LEAST_BODY):
        return lines, removed
    return kept, dropped
