"""What a page says: a draft while it is unjudged, an article once it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """The lead image."""

    url: str
    caption: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """The place and outlet that open a story: `Liputan6.com, Pyongyang - `."""

    verbatim: str
    place: str | None = None
    outlet: str | None = None
    agency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One story as extracted from its page or pages, not yet judged."""

    text: str
    """Paragraphs and sub-headings, one a line, no blank lines."""
    title: str | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    published: datetime | None = None
    """Aware, as are all times here."""
    modified: datetime | None = None
    language: str | None = None
    """ISO 639-1."""
    canonical_url: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: Image | None = None
    dateline: Dateline | None = None
    agencies: tuple[str, ...] = ()
    """The attribution chain in the order of the text: who this story says it has it from."""
    paywalled: bool = False
    dropped_lines: tuple[str, ...] = ()
    """Every line that was removed from the text, in order."""
    origins: Mapping[str, str] = field(default_factory=dict)
    """Where each field came from: {"published": "json-ld", "title": "h1"}."""
    next_pages: tuple[str, ...] = ()
    """Further pages of the same story that are still to be fetched."""
    degraded: tuple[str, ...] = ()
    """Outlet hints that matched nothing: ("selectors.body",)."""
    from_feed: bool = False
    """The text was taken from the feed because the page could not be had."""
    looks: bytes | None = None
    """What an outlet's furniture is known by, for each line, where it was worked out beforehand. Opaque to all rooms
    but extraction, which passes it over when the text has changed since."""
    prepared: bytes | None = None
    """What the near-duplicate judge needs of the text, where it was worked out beforehand. Opaque to all rooms but
    dedup, which passes it over when the text has changed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One kept story: a line of the archive. Field order here is the field order there."""

    id: str
    revision: int
    outlet: str
    url: str
    canonical_url: str | None
    title: str | None
    text: str
    published: datetime | None
    modified: datetime | None
    found_at: datetime
    fetched_at: datetime
    language: str | None
    authors: tuple[str, ...]
    editors: tuple[str, ...]
    dateline: Dateline | None
    agencies: tuple[str, ...]
    section: str | None
    tags: tuple[str, ...]
    image: Image | None
    paywalled: bool
    from_feed: bool
    pages: tuple[str, ...]
    """Addresses of all pages that the text was joined from."""
    source: str
    """The feed, sitemap or file that listed it."""
    cluster: str
    """Id of the article that was first in its story cluster; its own id when it opened one."""
    dropped_lines: tuple[str, ...]
    origins: Mapping[str, str]
