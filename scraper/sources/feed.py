"""RSS and Atom by feedparser, the only place that knows it. Runs in a sandbox worker."""

import io
from collections.abc import Iterator
from typing import Any

import feedparser

from scraper.sources.raw import RawEntry

_TYPES = {"text/html", "application/xhtml+xml"}


def parse_thoroughly(text: str) -> tuple[str | None, list[RawEntry]]:
    """Title and entries of a feed document, however broken. Needs no encoding declaration."""
    # feedparser takes a bytes argument for a file name and a str that looks like an address for one to be fetched:
    # it is given a stream, always. Its sanitising and link resolution are three quarters of its time and not needed.
    parsed = feedparser.parse(
        io.BytesIO(text.encode("utf-8", "replace")),
        response_headers={"content-type": "application/xml; charset=utf-8"},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    # A second description, such as that of a picture, would pass for content.
    has_content = "encoded>" in text or "<content" in text
    return parsed.feed.get("title"), [_raw(entry, has_content=has_content) for entry in parsed.entries]


def _raw(entry: Any, *, has_content: bool) -> RawEntry:
    return RawEntry(
        link=_link(entry),
        title=entry.get("title"),
        date=_value(entry, "published") or _value(entry, "updated") or _value(entry, "created"),
        modified=_value(entry, "updated"),
        authors=tuple(_authors(entry)),
        guid=entry.get("id"),
        content=_content(entry) if has_content else None,
    )


def _value(entry: Any, name: str) -> str | None:
    """What stands in the entry itself; its own look-up would take one kind of date for another, with a warning."""
    value = dict.get(entry, name)
    return str(value) if value else None


def _link(entry: Any) -> str | None:
    original: str | None = entry.get("feedburner_origlink")
    if original:
        return original
    for link in entry.get("links", ()):
        if link.get("rel", "alternate") == "alternate" and link.get("type", "text/html") in _TYPES and link.get("href"):
            return str(link["href"])
    link = entry.get("link")
    return str(link) if link else None


def _authors(entry: Any) -> Iterator[str]:
    # An `author` with a mail address is taken as it stands: feedparser cuts it up wrongly for long top-level domains.
    whole = str(entry.get("author") or "")
    listed = [str(author["name"]) for author in entry.get("authors", ()) if author.get("name")]
    yield from [whole] if "@" in whole or not listed else listed


def _content(entry: Any) -> str | None:
    """`content:encoded` or Atom's content; a description is not the text."""
    values = [str(part["value"]) for part in entry.get("content", ()) if part.get("value")]
    return max(values, key=len, default=None)
