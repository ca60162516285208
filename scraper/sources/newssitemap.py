"""News sitemaps polled as feeds (sitemaps.org 0.9 with Google's news extension)."""

import io
from collections.abc import Iterator

from lxml import etree

from scraper.sources.raw import MOST_ENTRIES, RawEntry


def parse_news_sitemap(text: str) -> list[RawEntry]:
    """The addresses in a `urlset`, in order; broken documents give what could be read."""
    return list(iter_urls(io.BytesIO(text.encode("utf-8", "replace"))))


def iter_urls(stream: io.BytesIO) -> Iterator[RawEntry]:
    """Address after address, with memory for one of them at a time."""
    # Entities are not resolved and nothing is loaded: no bomb, no file, no network (lxml, XMLParser).
    events = etree.iterparse(
        stream, events=("end",), tag="{*}url", recover=True, resolve_entities=False, no_network=True, encoding="utf-8"
    )
    for count, (_, element) in enumerate(events):
        if count >= MOST_ENTRIES:
            return
        yield _raw(element)
        element.clear()
        while element.getprevious() is not None:
            parent = element.getparent()
            if parent is None:
                break
            del parent[0]


def _raw(element: etree._Element) -> RawEntry:
    values: dict[str, str] = {}
    for child in element.iter("{*}*"):
        if child.text and child.text.strip() and isinstance(child.tag, str):
            space, _, name = child.tag.rpartition("}")
            # image:loc and video:title are about pictures
            if "sitemap-image" in space or "sitemap-video" in space:
                continue
            values.setdefault(name, child.text.strip())
    return RawEntry(
        link=values.get("loc"),
        title=values.get("title"),
        date=values.get("publication_date") or values.get("lastmod"),
    )
