"""From the pages of one story to a draft."""

from collections.abc import Sequence
from dataclasses import dataclass

from lxml import html

from scraper.extraction.blocks import Block, read_blocks
from scraper.extraction.engine import Witness, engine_lines
from scraper.extraction.junk import split_junk
from scraper.extraction.loading import decode, parse
from scraper.extraction.normal import line_key, normal
from scraper.extraction.paging import joined, next_pages
from scraper.extraction.pruning import drop_selected, prune
from scraper.extraction.quality import Finding, judge
from scraper.extraction.selecting import select
from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Deferred, Dropped, DropReason
from scraper.settings import ExtractSettings

_IN_STORY = 0.5
"""A block belongs to the story when more than this share of it stands in what the engine gave."""
_TITLE_LINES = 2
"""The last line, counted from 0, where a repeated title is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _PageText:
    """The story's lines on one page."""

    kept: list[str]
    dropped: list[str]
    link_blocks: int
    degraded: tuple[str, ...]


def read_pages(
    pages: Sequence[Page], outlet: Outlet, entry: Entry, settings: ExtractSettings
) -> Draft | Dropped | Deferred:
    """What the pages, all of one story and in order, say; or why they are no story.

    Runs in this process and may take long on hostile bytes: the line goes through `ArticleExtractor`.
    """
    texts: list[_PageText] = []
    trees: list[html.HtmlElement] = []
    for page in pages:
        if len(page.body) > settings.max_page_bytes:
            detail = f"{len(page.body)} bytes, more than the {settings.max_page_bytes} that are read"
            return Dropped(reason=DropReason.TOO_LARGE, detail=detail)
        tree = parse(decode(page))
        if tree is None:
            return Dropped(reason=DropReason.NOT_HTML, detail=f"no elements in {page.url}")
        trees.append(tree)
        texts.append(_read_text(tree, outlet))
    title = _title(trees[0]) or entry.title
    lines = joined(text.kept for text in texts)
    finding = Finding(
        title=title or "",
        lines=lines,
        types=frozenset(),
        paywalled=False,
        cut=False,
        link_blocks=texts[0].link_blocks,
    )
    refused = judge(finding, pages[0], outlet, settings)
    if refused is not None:
        return refused
    addresses = [page.url for page in pages]
    return Draft(
        text="\n".join(lines),
        title=title,
        authors=entry.authors,
        published=entry.published,
        dropped_lines=tuple(line for text in texts for line in text.dropped),
        next_pages=next_pages(trees[-1], addresses, outlet, settings.max_pages),
        degraded=texts[0].degraded,
    )


def _read_text(tree: html.HtmlElement, outlet: Outlet) -> _PageText:
    body = html.fromstring(html.tostring(tree))
    prune(body)
    drop_selected(body, outlet.selectors.drop)
    witness = Witness(engine_lines(body))
    blocks = read_blocks(body)
    chosen = [block for block in blocks if witness.share(block.text) > _IN_STORY]
    lines = _without_title(_once(chosen), _title(tree))
    kept, dropped = split_junk(lines, outlet.lines)
    return _PageText(
        kept=kept,
        dropped=dropped,
        link_blocks=sum(block.link_characters >= len(block.text) for block in blocks),
        degraded=_degraded(tree, outlet),
    )


def _once(blocks: Sequence[Block]) -> list[str]:
    lines: dict[str, str] = {}
    for block in blocks:
        lines.setdefault(line_key(block.text), block.text)
    return list(lines.values())


def _without_title(lines: list[str], title: str | None) -> list[str]:
    key = line_key(title or "")
    return [line for at, line in enumerate(lines) if at > _TITLE_LINES or line_key(line) != key]


def _degraded(tree: html.HtmlElement, outlet: Outlet) -> tuple[str, ...]:
    hints = outlet.selectors.body
    if hints and not any(select(tree, hint) for hint in hints):
        return ("selectors.body",)
    return ()


def _title(tree: html.HtmlElement) -> str | None:
    for element in tree.iter("meta"):
        if element.get("property") == "og:title" and element.get("content"):
            return normal(element.get("content") or "") or None
    heading = next(tree.iter("h1"), None)
    return normal(heading.text_content()) or None if heading is not None else None
