"""Which lists of an outlet a backfill walks, and how it fetches them: each once, however often it is resumed."""

from collections.abc import AsyncIterator, Container
from dataclasses import replace
from datetime import datetime
from typing import Protocol, assert_never
from zoneinfo import ZoneInfo

import msgspec

from scraper.clock import Clock
from scraper.model.backfill import Plan, Source
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, Page, Request
from scraper.sandbox import Sandbox
from scraper.settings import BackfillSettings
from scraper.sources import Asking, IndexWalk, PagedFeedWalk, SitemapWalk, Unwalked, Walked, WaybackWalk
from scraper.storage import RunFiles

WALKS = 32
"""Outlets whose lists are walked at the same time."""
Step = Entry | Walked | Unwalked


class Walk(Protocol):
    """A way to find an outlet's stories."""

    def walk(self, outlet: Outlet, done: Container[str] = ()) -> AsyncIterator[Step]:
        """Give every story, list after list, each followed by `Walked`; lists in `done` are passed by."""
        ...


def sources_of(outlet: Outlet, plan: Plan) -> tuple[Source, ...]:
    """The sources that are walked of an outlet: those asked for, else its sitemaps and its dated lists.

    An outlet that names lists alone is not asked for sitemaps; and without a first day a list of all days has no end.
    """
    if plan.sources:
        return plan.sources
    lists = bool(outlet.index_pages) and plan.span.since is not None and not plan.sitemaps
    sitemaps = bool(plan.sitemaps or outlet.sitemaps) or not lists
    return (*((Source.SITEMAP,) if sitemaps else ()), *((Source.INDEX,) if lists else ()))


def names_any(outlet: Outlet, source: Source) -> bool:
    """Whether a source has anything of an outlet to begin with: sitemaps and captures are looked for by its domain."""
    match source:
        case Source.INDEX:
            return bool(outlet.index_pages)
        case Source.FEED:
            return bool(outlet.feeds)
        case Source.NEWS:
            return bool(outlet.news_sitemaps)
        case Source.SITEMAP | Source.WAYBACK:
            return True
        case _:
            assert_never(source)


class Listings:
    """Walks the lists of outlets for one plan."""

    def __init__(
        self, plan: Plan, archive: BackfillSettings, *, fetcher: Asking, sandbox: Sandbox, clock: Clock
    ) -> None:
        self._archive = archive
        self._plan = plan
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._clock = clock

    async def walk(self, outlet: Outlet, done: Container[str] = ()) -> AsyncIterator[Step]:
        """All wanted stories of an outlet, source after source."""
        if self._plan.sitemaps:
            outlet = replace(outlet, sitemaps=self._plan.sitemaps)
        for source in sources_of(outlet, self._plan):
            asked = replace(outlet, sitemaps=outlet.news_sitemaps) if source is Source.NEWS else outlet
            if source is Source.NEWS and not outlet.news_sitemaps:
                continue
            async for step in self._walk_of(source, outlet).walk(asked, done):
                yield step

    def _walk_of(self, source: Source, outlet: Outlet) -> Walk:
        fetcher, sandbox, span = self._fetcher, self._sandbox, self._plan.span
        match source:
            case Source.INDEX:
                return IndexWalk(fetcher, sandbox, span, self._clock().astimezone(ZoneInfo(outlet.zone)).date())
            case Source.FEED:
                return PagedFeedWalk(fetcher, sandbox, span)
            case Source.WAYBACK:
                return WaybackWalk(fetcher, span, self._archive.cdx, self._archive.captures)
            case Source.SITEMAP | Source.NEWS:
                return SitemapWalk(fetcher, sandbox, span)
            case _:
                assert_never(source)


class KeptDocuments:
    """Asks servers for lists, and keeps what they answer until the run ends."""

    def __init__(self, fetcher: Asking, files: RunFiles) -> None:
        self._fetcher = fetcher
        self._files = files

    async def fetch(self, request: Request) -> Fetched:
        """The list as it was kept, else as it is fetched now. Failures are not kept."""
        kept = self._files.document(request.url)
        if kept is not None:
            url, content_type, fetched_at, body = _DOCUMENT.decode(kept)
            return Page(url=url, requested_url=request.url, body=body, content_type=content_type, fetched_at=fetched_at)
        answer = await self._fetcher.fetch(request)
        if isinstance(answer, Page):
            document = (answer.url, answer.content_type, answer.fetched_at, answer.body)
            self._files.keep_document(request.url, msgspec.msgpack.encode(document))
        return answer


_DOCUMENT = msgspec.msgpack.Decoder(tuple[str, str | None, datetime, bytes])
