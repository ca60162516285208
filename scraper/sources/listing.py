"""From a fetched document to a listing. Pure and synchronous; it is the job that the sandbox runs."""

from dataclasses import replace

from scraper.model.feed import Listing, PollHints, Unlisted
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.sources.declared import declared_feeds
from scraper.sources.document import Document, Kind, read_document
from scraper.sources.feed import parse_thoroughly
from scraper.sources.hints import channel_hints
from scraper.sources.jsonfeed import parse_json_feed
from scraper.sources.quick import parse_quickly
from scraper.sources.raw import MOST_ENTRIES, RawEntry, plain, to_entries
from scraper.sources.sitemap import news_sitemaps, parse_news_sitemap


def list_entries(page: Page, outlet: Outlet) -> Listing | Unlisted:
    """The entries of a feed, JSON feed or news sitemap, or why it gave none."""
    document = read_document(page.body, page.content_type)
    if isinstance(document, str):
        return Unlisted(detail=document)
    if document.kind is Kind.HTML:
        return _page(document.text, page.url)
    if document.kind is Kind.INDEX:
        return _index(document.text, page.url)
    parsed = _parse(document, page)
    if isinstance(parsed, str):
        return Unlisted(detail=parsed)
    title, raws, hints = parsed
    entries, pointless = to_entries(raws, outlet, page.requested_url, page.url, fetched_at=page.fetched_at)
    if pointless and not entries:
        return Unlisted(detail=f"none of its {pointless} entries links to a page of its own")
    return Listing(entries=entries, title=plain(title), hints=replace(hints, max_age=page.max_age))


def _page(text: str, url: str) -> Unlisted:
    declared = declared_feeds(text, url)
    hint = f" that declares {declared[0]}" if declared else ""
    return Unlisted(detail=f"not a feed: HTML page{hint}", declared=declared)


def _index(text: str, url: str) -> Unlisted:
    declared = news_sitemaps(text, url)
    hint = f"; it names {declared[0]}" if declared else ": name one of its sitemaps"
    return Unlisted(detail=f"a sitemap index, not a list of stories{hint}", declared=declared)


def _parse(document: Document, page: Page) -> tuple[str | None, list[RawEntry], PollHints] | str:
    match document.kind:
        case Kind.INDEX | Kind.HTML:
            return f"not a feed: {document.kind.value}"
        case Kind.JSON:
            return parse_json_feed(document.text, page.url)
        case Kind.SITEMAP:
            return None, parse_news_sitemap(document.text, MOST_ENTRIES), PollHints()
        case Kind.FEED | Kind.UNKNOWN:
            return _parse_feed(document, page.url)


def _parse_feed(document: Document, base: str) -> tuple[str | None, list[RawEntry], PollHints] | str:
    title, raws = parse_quickly(document.text) or parse_thoroughly(document.text)
    if document.kind is Kind.UNKNOWN and not raws:
        return "not a feed: neither RSS, Atom, JSON Feed nor a sitemap"
    return title, raws, channel_hints(document.text, base, None)
