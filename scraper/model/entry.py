"""An entry: one story as a source lists it, before its page is fetched."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One listed story. `key` is its identity: two entries with one key are the same article."""

    key: str
    """The outlet's article id (`liputan6:5123456`) where its pattern matches, else the canonical URL."""
    url: str
    """Where the page is fetched."""
    outlet: str
    source: str
    """The feed, sitemap or file that listed it."""
    title: str | None = None
    published: datetime | None = None
    """Always aware; a naive time in the source was read in the outlet's zone."""
    updated: datetime | None = None
    """When the source says that the story was changed after publication; aware."""
    authors: tuple[str, ...] = ()
    guid: str | None = None
    content: str | None = None
    """The full text as HTML where the feed carries it (content:encoded, Atom content)."""
    run: int | None = None
    """The number of the backfill that asked for it; None when a polled feed listed it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """An entry that waits for its page, or was claimed for fetching."""

    entry: Entry
    found_at: datetime
    attempts: int = 0
    """Claims so far, the present one included."""
    revision_of: str | None = None
    """The id of the article that this page is looked at again for."""
    at_hand: bool = False
    """The page came with the entry, as from a web archive: an earlier drop for want of it does not stand."""
