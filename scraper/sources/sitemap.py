"""Sitemaps (sitemaps.org 0.9): lists of addresses, indexes of such lists, Google's news extension. Pure.

Everything here runs in a sandbox worker.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urljoin

from lxml import etree

from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.span import Span
from scraper.sources.dates import read_date
from scraper.sources.document import Document, Kind, read_document
from scraper.sources.feed import parse_thoroughly
from scraper.sources.raw import RawEntry, outlet_zone, to_entries

MOST_URLS = 50_000
"""What the protocol allows in one sitemap; the rest of a longer one is not read."""
_UNPACKED = 60_000_000
"""The protocol allows 50 MB."""
_MARGIN = timedelta(days=2)
"""Dates in addresses are the publisher's local ones, and stories are filed a day late."""
_DECEMBER = 12

_PICTURES = re.compile(r"(?:^|[^a-z])(?:image|video|gallery|photo)s?(?:[^a-z]|$|sitemap)", re.IGNORECASE)
_NEWS = re.compile(r"(?:^|[^a-z])(?:google)?news(?:[^a-z]|sitemap|$)", re.IGNORECASE)
_DATED = re.compile(
    r"(?<![0-9])(?P<year>(?:19|20)\d{2})(?:[-_/.]?|[^0-9]{0,4}(?:mm?|month)=)(?P<month>0[1-9]|1[0-2])"
    r"(?:(?:[-_/.]?|[^0-9]{0,4}(?:dd?|day)=)(?P<day>0[1-9]|[12]\d|3[01]))?(?![0-9])"
)
_STORY_DATED = re.compile(
    r"/(?P<year>(?:19|20)\d{2})[/-]?(?P<month>0[1-9]|1[0-2])[/-]?(?P<day>0[1-9]|[12]\d|3[01])(?=/)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitemap:
    """What one sitemap document holds."""

    entries: tuple[Entry, ...] = ()
    children: tuple[str, ...] = ()
    """Further sitemaps, in the document's order."""
    passed_over: int = 0
    """Addresses and sitemaps left out: outside the range, or of pictures."""


def read_sitemap(page: Page, outlet: Outlet, wanted: Span) -> Sitemap | str:
    """The wanted addresses and further sitemaps in a document, or what is wrong with it."""
    document = read_document(page.body, page.content_type, _UNPACKED)
    if isinstance(document, str):
        return document
    match document.kind:
        case Kind.INDEX:
            return _read_index(document, page, wanted)
        case Kind.SITEMAP:
            raws = iter_urls(document.text, MOST_URLS)
        case Kind.FEED:
            raws = iter(parse_thoroughly(document.text)[1])
        case Kind.UNKNOWN if document.text.startswith(("http://", "https://")):
            raws = (RawEntry(link=line.strip()) for line in document.text.splitlines()[:MOST_URLS])
        case _:
            return f"not a sitemap: {document.kind.value}"
    return _choose(raws, page, outlet, wanted)


def parse_news_sitemap(text: str, most: int) -> list[RawEntry]:
    """The addresses in a `urlset`, in order; a broken document gives what could be read."""
    return list(iter_urls(text, most))


def iter_urls(text: str, most: int) -> Iterator[RawEntry]:
    """Address after address, with memory for one of them at a time."""
    for values in _iter_elements(text, "url", most):
        yield RawEntry(
            link=values.get("loc"),
            title=values.get("title"),
            date=values.get("publication_date"),
            modified=values.get("lastmod"),
        )


def _iter_elements(text: str, name: str, most: int) -> Iterator[dict[str, str]]:
    # Entities are not resolved and nothing is loaded: no bomb, no file, no network.
    events = etree.iterparse(
        io.BytesIO(text.encode("utf-8", "replace")),
        events=("end",),
        tag="{*}" + name,
        recover=True,
        resolve_entities=False,
        no_network=True,
        encoding="utf-8",
    )
    for count, (_, element) in enumerate(events):
        if count >= most:
            return
        yield _values(element)
        element.clear()
        parent = element.getparent()
        while parent is not None and parent[0] is not element:
            del parent[0]


def _values(element: etree._Element) -> dict[str, str]:
    values: dict[str, str] = {}
    for child in element.iter("{*}*"):
        if not child.text:
            continue
        space, _, name = str(child.tag).rpartition("}")
        # image:loc and video:title speak of pictures
        if "sitemap-image" not in space and "sitemap-video" not in space and (value := child.text.strip()):
            values.setdefault(name, value)
    return values


def news_sitemaps(text: str, base: str) -> tuple[str, ...]:
    """The sitemaps in an index that are of news by name and of no month of the past."""
    joined = (_joined(base, values.get("loc", "")) for values in _iter_elements(text, "sitemap", MOST_URLS))
    return tuple(url for url in joined if url and _NEWS.search(url.rpartition("/")[2]) and not _DATED.search(url))[:5]


def _read_index(document: Document, page: Page, wanted: Span) -> Sitemap:
    children: dict[str, None] = {}
    passed_over = 0
    for values in _iter_elements(document.text, "sitemap", MOST_URLS):
        url = _joined(page.url, values.get("loc", ""))
        changed = read_date(values.get("lastmod", ""), UTC)
        if (
            url is None
            or _PICTURES.search(url.rpartition("/")[2])
            or _is_before(wanted, changed)
            or _is_outside(url, wanted)
        ):
            passed_over += 1
        else:
            children.setdefault(url)
    return Sitemap(children=tuple(children), passed_over=passed_over)


def _choose(raws: Iterator[RawEntry], page: Page, outlet: Outlet, wanted: Span) -> Sitemap:
    zone = outlet_zone(outlet)
    passed_over = 0

    def chosen() -> Iterator[RawEntry]:
        nonlocal passed_over
        for raw in raws:
            published = read_date(raw.date, zone) if raw.date else None
            # What is known of the time of publication decides; the time of change only excludes what is older.
            changed = read_date(raw.modified, zone) if raw.modified and published is None else None
            if _is_before(wanted, changed) or _story_is_outside(raw.link or "", published, wanted):
                passed_over += 1
            else:
                yield raw

    entries, pointless = to_entries(
        chosen(), outlet, page.requested_url, page.url, fetched_at=page.fetched_at, most=MOST_URLS
    )
    return Sitemap(entries=entries, passed_over=passed_over + pointless)


def _misses(wanted: Span, first: date, last: date) -> bool:
    """Whether nothing published from day `first` to day `last` can be wanted."""
    too_old = wanted.since is not None and last + _MARGIN < wanted.since.date()
    return too_old or (wanted.until is not None and first - _MARGIN > wanted.until.date())


def _is_before(wanted: Span, modified: datetime | None) -> bool:
    """Whether something last changed at this time was published too early to be wanted."""
    return modified is not None and wanted.since is not None and modified < wanted.since


def _story_is_outside(url: str, published: datetime | None, wanted: Span) -> bool:
    if published is not None:
        too_late = wanted.until is not None and published >= wanted.until
        return too_late or _is_before(wanted, published)
    found = _STORY_DATED.search(url)
    day = _day(found["year"], found["month"], found["day"]) if found else None
    return day is not None and _misses(wanted, day, day)


def _is_outside(url: str, wanted: Span) -> bool:
    """Whether the address of a sitemap names a month or day that lies outside the range."""
    found = _DATED.search(url)
    if found is None:
        return False
    first = _day(found["year"], found["month"], found["day"] or "01")
    if first is None:
        return False
    last = first if found["day"] else first.replace(day=28) + timedelta(days=3)
    return _misses(wanted, first, last)


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _joined(base: str, link: str) -> str | None:
    try:
        url = urljoin(base, link)
    except ValueError:
        return None
    return url if url.startswith(("http://", "https://")) else None
