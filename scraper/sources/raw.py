"""From what a parser found to entries: the one place where links, keys, dates and names are made sense of."""

import html
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple
from urllib.parse import urljoin
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.sources.dates import read_date
from scraper.urls import entry_key

MOST_ENTRIES = 10_000
"""Entries that one document may list; what stands beyond is not looked at."""
_TITLE = 1_000
_CONTENT = 500_000
_ALL_CONTENT = 6_000_000
_AUTHORS = 20
_SKEW = timedelta(minutes=10)
"""How far a publisher's clock may run ahead."""

_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
_ABSOLUTE = re.compile(r"https?://[^/?#\s]+/?(?P<rest>[^/#]|#[!/]|/[^#])?", re.IGNORECASE)
"""A web address; `rest` is there when it leads to more than the front page."""
_SPACE = re.compile(r"\s+")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Controls and direction marks: in a title they serve nobody but someone who wants to deceive a terminal."""
_MAIL = re.compile(r"\S+@\S+\.\S+")
_NAMED_MAIL = re.compile(r"\S+@\S+\s*\((.{1,200})\)")


class RawEntry(NamedTuple):
    """One story as a parser found it, nothing interpreted. A tuple, which is made in a fifth of the time."""

    link: str | None
    title: str | None = None
    date: str | None = None
    modified: str | None = None
    authors: tuple[str, ...] = ()
    guid: str | None = None
    content: str | None = None


def to_entries(
    raws: Iterable[RawEntry],
    outlet: Outlet,
    source: str,
    base: str,
    *,
    fetched_at: datetime,
    most: int = MOST_ENTRIES,
) -> tuple[tuple[Entry, ...], int]:
    """The entries in order, each key once, and how many were passed over because they lead to no page of their own."""
    zone, latest = outlet_zone(outlet), fetched_at + _SKEW
    entries: dict[str, Entry] = {}
    pointless = 0
    room = _ALL_CONTENT
    for raw in raws:
        url = _address(raw, base)
        if url is None:
            pointless += 1
            continue
        key = entry_key(outlet, url)
        if key in entries:
            continue
        content = raw.content if raw.content and len(raw.content) <= min(_CONTENT, room) else None
        room -= len(content or "")
        published = _published(raw.date, zone, latest)
        entries[key] = Entry(
            key=key,
            url=url,
            outlet=outlet.id,
            source=source,
            title=plain(raw.title),
            published=published,
            updated=_updated(raw.modified, published, zone, latest) if raw.modified else None,
            authors=names(raw.authors) if raw.authors else (),
            guid=raw.guid[:_TITLE] if raw.guid else None,
            content=content,
        )
        if len(entries) >= most:
            break
    return tuple(entries.values()), pointless


def outlet_zone(outlet: Outlet) -> tzinfo:
    """The outlet's time zone; UTC when its name is not known here."""
    try:
        return ZoneInfo(outlet.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def plain(text: str | None) -> str | None:
    """Text without markup and controls, entities resolved (twice escaped ones too), white space folded."""
    if not text:
        return None
    if "&" in text:
        text = html.unescape(text)
        if "&" in text:
            text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub("", text)
    if text.isprintable() and "  " not in text:  # the common case: no controls, no white space but single blanks
        return text.strip()[:_TITLE] or None
    return _SPACE.sub(" ", _UNSEEN.sub("", text)).strip()[:_TITLE] or None


def names(authors: Iterable[str]) -> tuple[str, ...]:
    """Names of people: `mail (Name)` gives the name, a bare mail address nothing; each once."""
    found: dict[str, None] = {}
    for author in authors:
        name = plain(_without_mail(author[:_TITLE]) if "@" in author else author[:_TITLE])
        if name and name.strip(" ()<>,;-"):
            found.setdefault(name.strip(" ,;"))
    return tuple(found)[:_AUTHORS]


def _without_mail(author: str) -> str:
    named = _NAMED_MAIL.search(author)
    return named[1] if named else _MAIL.sub("", author)


def _address(raw: RawEntry, base: str) -> str | None:
    """The page's address: the link; the guid where the link is missing or is only the site's front page."""
    if raw.link and (url := _joined(base, raw.link)):
        return url
    guid = raw.guid.strip() if raw.guid else ""
    return _joined(base, guid) if guid.startswith(("http://", "https://")) else None


def _joined(base: str, link: str) -> str | None:
    if "&" in link:
        link = html.unescape(link)
    if " " in link or not link.isprintable():
        link = _SPACE.sub("", link)
    found = _ABSOLUTE.match(link)
    if found is None:
        try:
            link = urljoin(base, link)
        except ValueError:
            return None
        found = _ABSOLUTE.match(link)
    return link if found is not None and found["rest"] else None


def _updated(text: str, published: datetime | None, zone: tzinfo, latest: datetime) -> datetime | None:
    """When it says it was changed, where that is later than its publication."""
    moment = _published(text, zone, latest)
    return moment if moment is not None and (published is None or moment > published) else None


def _published(text: str | None, zone: tzinfo, latest: datetime) -> datetime | None:
    """When it says it was published.

    Some outlets write their local time and call it GMT. A story from the future, that would be of the past if read
    in the outlet's zone, is such a one.
    """
    moment = read_date(text, zone) if text else None
    if moment is None or moment <= latest:
        return moment
    local = moment.replace(tzinfo=zone)
    return local if moment.utcoffset() == timedelta() and local <= latest else moment
