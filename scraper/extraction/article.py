"""From the pages of one story to a draft."""

from collections.abc import Sequence
from dataclasses import dataclass

from scraper.extraction.attribution import read_agencies
from scraper.extraction.dateline import read_dateline
from scraper.extraction.jsonld import types
from scraper.extraction.junk import credit_lines
from scraper.extraction.loading import decode, is_text, parse
from scraper.extraction.metadata import Metadata, read_metadata
from scraper.extraction.paging import joined, next_pages
from scraper.extraction.quality import Finding, is_cut, judge
from scraper.extraction.selecting import select
from scraper.extraction.text import PageText, read_text
from scraper.model.article import Dateline, Draft
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Deferred, Dropped, DropReason
from scraper.settings import ExtractSettings

_DATELINE_LINES = 3
"""First lines among which the dateline is looked for: a summary may stand before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """One page as read."""

    metadata: Metadata
    text: PageText
    following: tuple[str, ...]
    """Further pages of the story that it points at."""
    cut: bool
    """It bears a mark of the outlet's paywall."""


def read_pages(
    pages: Sequence[Page], outlet: Outlet, entry: Entry, settings: ExtractSettings
) -> Draft | Dropped | Deferred:
    """What the pages, all of one story and in order, say; or why they are no story.

    Runs in this process and may take long on hostile bytes: the line goes through `ArticleExtractor`.
    """
    addresses = [page.url for page in pages]
    readings: list[_Reading] = []
    for at, page in enumerate(pages):
        reading = _read(page, addresses[: at + 1], outlet, entry, settings)
        if isinstance(reading, Dropped):
            return reading
        readings.append(reading)
    return _draft(readings, pages[0], outlet, settings)


def _read(
    page: Page, addresses: Sequence[str], outlet: Outlet, entry: Entry, settings: ExtractSettings
) -> _Reading | Dropped:
    if len(page.body) > settings.max_page_bytes:
        detail = f"{len(page.body)} bytes, more than the {settings.max_page_bytes} that are read"
        return Dropped(reason=DropReason.TOO_LARGE, detail=detail)
    text = decode(page)
    if not is_text(text):
        return Dropped(reason=DropReason.NOT_HTML, detail=f"no text but other data in {page.url}")
    tree = parse(text)
    if tree is None:
        return Dropped(reason=DropReason.NOT_HTML, detail=f"no elements in {page.url}")
    metadata = read_metadata(tree, page, outlet, entry)
    following = next_pages(tree, addresses, outlet, settings.max_pages)
    cut = any(select(tree, mark) for mark in outlet.policy.paywall_marks)
    return _Reading(metadata=metadata, following=following, cut=cut, text=read_text(tree, metadata, outlet))


def _draft(
    readings: Sequence[_Reading], page: Page, outlet: Outlet, settings: ExtractSettings
) -> Draft | Dropped | Deferred:
    first = readings[0]
    metadata = first.metadata
    lines = joined(reading.text.kept for reading in readings)
    dropped = tuple(line for reading in readings for line in reading.text.dropped)
    kinds = frozenset(name.casefold() for value in metadata.json_ld for name in types(value))
    cut = first.cut or (metadata.paywalled and is_cut(lines, dropped, metadata.article.get("wordCount")))
    finding = Finding(
        title=metadata.title or "",
        lines=lines,
        types=kinds,
        live="LiveBlogPosting" in types(metadata.article),
        paywalled=metadata.paywalled or first.cut,
        cut=cut,
        link_blocks=first.text.link_blocks,
        headlines=first.text.headlines,
    )
    refused = judge(finding, page, outlet, settings)
    if refused is not None:
        return refused
    dateline, bare = _dateline(lines, outlet)
    return Draft(
        text="\n".join(bare if settings.strip_dateline else lines),
        title=metadata.title,
        authors=metadata.authors,
        editors=metadata.editors,
        published=metadata.published,
        modified=metadata.modified,
        language=metadata.language,
        canonical_url=metadata.canonical_url,
        section=metadata.section,
        tags=metadata.tags,
        image=metadata.image,
        dateline=dateline,
        agencies=read_agencies("\n".join([*lines, *credit_lines(dropped)]), outlet),
        paywalled=finding.paywalled,
        dropped_lines=dropped,
        origins=metadata.origins,
        next_pages=readings[-1].following,
        degraded=(*first.text.degraded, *metadata.degraded),
    )


def _dateline(lines: Sequence[str], outlet: Outlet) -> tuple[Dateline | None, list[str]]:
    """The dateline, and the lines without it."""
    for at, line in enumerate(lines[:_DATELINE_LINES]):
        dateline, rest = read_dateline(line, outlet)
        if dateline is not None:
            return dateline, [*lines[:at], *([rest] if rest else []), *lines[at + 1 :]]
    return None, list(lines)
