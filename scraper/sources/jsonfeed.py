"""JSON Feed 1 and 1.1 (jsonfeed.org)."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import msgspec

from scraper.model.feed import PollHints
from scraper.sources.raw import MOST_ENTRIES, RawEntry


def parse_json_feed(text: str, base: str) -> tuple[str | None, list[RawEntry], PollHints] | str:
    """Title, entries and hints, or what is wrong with the document."""
    feed = _decoded(text)
    if isinstance(feed, str):
        return f"broken JSON: {feed}"
    items = feed.get("items") if isinstance(feed, dict) else None
    if not isinstance(items, list):
        return "JSON, but no JSON Feed: it has no items"
    raws = [_raw(item) for item in items[:MOST_ENTRIES] if isinstance(item, dict)]
    return (
        _text(feed, "title"),
        raws,
        PollHints(hub=_hub(feed, base), self_url=_text(feed, "feed_url"), older=_next(feed, base)),
    )


def _decoded(text: str) -> Any:
    """The value, or what is wrong with the text, as a string; a feed is no string."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        pass
    # Half a surrogate pair or a line break in one title must not lose the others.
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        return str(error)
    return None if isinstance(value, str) else value


def _raw(item: dict[str, Any]) -> RawEntry:
    return RawEntry(
        link=_text(item, "url") or _text(item, "external_url"),
        title=_text(item, "title"),
        date=_text(item, "date_published") or _text(item, "date_modified"),
        modified=_text(item, "date_modified"),
        authors=tuple(_authors(item)),
        guid=_text(item, "id"),
        content=_text(item, "content_html"),
    )


def _authors(item: dict[str, Any]) -> Iterator[str]:
    listed = item.get("authors")
    for author in [*(listed if isinstance(listed, list) else ()), item.get("author")]:
        if isinstance(author, dict) and (name := _text(author, "name")):
            yield name


def _next(feed: dict[str, Any], base: str) -> str | None:
    """The page of older items."""
    try:
        return urljoin(base, url) if (url := _text(feed, "next_url")) else None
    except ValueError:
        return None


def _hub(feed: dict[str, Any], base: str) -> str | None:
    hubs = feed.get("hubs")
    for hub in hubs if isinstance(hubs, list) else ():
        if isinstance(hub, dict) and _text(hub, "type") == "WebSub" and (url := _text(hub, "url")):
            return urljoin(base, url)
    return None


def _text(values: dict[str, Any], name: str) -> str | None:
    value = values.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None
