"""Walks the older pages of an outlet's feeds: archived and paged feeds (RFC 5005 sections 3 and 4), else `?paged=N`."""

from collections.abc import AsyncIterator, Container
from dataclasses import replace
from urllib.parse import urlsplit

from scraper.model.entry import Entry
from scraper.model.feed import Listing, Unlisted
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, FetchFailed, Page, Request, RequestKind
from scraper.model.span import Span
from scraper.sandbox import Killed, Raised, Sandbox
from scraper.sources.insisting import insisting
from scraper.sources.listing import list_entries
from scraper.sources.walk import Asking, Unwalked, Walked, is_past_the_last
from scraper.urls import same_site

_MOST_PAGES = 2000


class PagedFeedWalk:
    """Finds the stories of an outlet in its feeds, the newest page first."""

    def __init__(self, fetcher: Asking, sandbox: Sandbox, wanted: Span) -> None:
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._wanted = wanted

    async def walk(self, outlet: Outlet, done: Container[str] = ()) -> AsyncIterator[Entry | Walked | Unwalked]:
        """Give the wanted stories of each feed, page after page, each followed by `Walked`.

        A feed ends with a page that names nothing new, or that is older than what is wanted; where its pages are only
        counted, with one that is not there or is no feed. One that cannot be had for any other reason is told.
        Pages in `done` are looked at for the way on alone.
        """
        for feed in outlet.feeds:
            met: set[str] = set()
            url: str | None = feed
            for number in range(1, _MOST_PAGES):
                if url is None:
                    break
                listing = await self._read(url, feed, outlet, is_guess=number > 1 and url == _numbered(feed, number))
                if isinstance(listing, Unwalked | None):
                    if listing is not None:
                        yield listing
                    break
                fresh = [entry for entry in listing.entries if entry.key not in met]
                met.update(entry.key for entry in fresh)
                wanted = [entry for entry in fresh if self._wants(entry)]
                for entry in wanted if url not in done else ():
                    yield entry
                yield Walked(
                    url=url,
                    entries=len(wanted),
                    children=0,
                    passed_over=len(fresh) - len(wanted),
                    leads_on=True,
                    is_page=True,
                )
                if not fresh or self._is_past(fresh):
                    break
                url = _older(listing, url, feed, number)

    def _wants(self, entry: Entry) -> bool:
        return entry.published is None or self._wanted.holds(entry.published)

    def _is_past(self, entries: list[Entry]) -> bool:
        """Whether all of a page is older than what is wanted."""
        since = self._wanted.since
        return since is not None and all(entry.published is not None and entry.published < since for entry in entries)

    async def _read(self, url: str, feed: str, outlet: Outlet, *, is_guess: bool) -> Listing | Unwalked | None:
        """What a page lists; None when it is only a guess that there is one, and there is none."""
        answer: Fetched = await self._fetcher.fetch(Request(url=url, kind=RequestKind.SITEMAP, outlet=outlet))
        if isinstance(answer, FetchFailed):
            return None if is_guess and is_past_the_last(answer) else Unwalked(url=url, detail=answer.detail)
        if not isinstance(answer, Page):
            return Unwalked(url=url, detail=f"{url} answered 304 to an unconditional request")
        page = replace(answer, requested_url=feed, headers=())
        match await insisting(self._sandbox, list_entries, page, outlet):
            case Killed(detail=detail) | Raised(detail=detail):
                return Unwalked(url=url, detail=f"{url} cannot be read: {detail}")
            case Unlisted(detail=detail):
                return None if is_guess else Unwalked(url=url, detail=detail)
            case found:
                return found


def _older(listing: Listing, url: str, feed: str, number: int) -> str | None:
    """The page before this one: named by it, on its own site; else by number, as long as no other was named."""
    named = listing.hints.older
    if named is not None and same_site(named, url):
        return named
    return _numbered(feed, number + 1) if url in {feed, _numbered(feed, number)} else None


def _numbered(feed: str, number: int) -> str:
    return f"{feed}{'&' if urlsplit(feed).query else '?'}paged={number}"
