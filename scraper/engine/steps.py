"""The line, step by step.

    feed ── ask ──> Poll ── after_poll ──> FeedState + entries        (remembered together)
    entry ── read ──> Reading | Dropped | Deferred                    (admit, fetch, extract, join pages)
    Reading ── settle ──> Outcome                                     (in `settling`: dedup, then the verdict)

Each step takes the ports it needs and gives back a value; none keeps anything.
"""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol, assert_never

from scraper import urls
from scraper.clock import Clock
from scraper.engine.decisions import admit, after_failure, give_up, outside
from scraper.engine.ports import Extractor, Fetcher, Lister
from scraper.model.article import Draft
from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedState, Listed, NotModified, Poll, PollFailed, PollHints, Unlisted
from scraper.model.outlet import Outlet
from scraper.model.page import FetchFailed, FetchReason, Page, Request, RequestKind, Unchanged
from scraper.model.span import Span
from scraper.model.verdict import Deferred, Dropped, DropReason
from scraper.settings import Settings

AHEAD_OF_TIME = timedelta(hours=24)
"""A publication time further in the future than this is a mistake of the page's."""
NOT_FROM_FEED = frozenset({DropReason.GONE, DropReason.NOT_AN_ARTICLE, DropReason.OUT_OF_RANGE, DropReason.TOO_OLD})
"""Reasons that hold for the text of the feed as much as for the page."""
UNREACHED = frozenset({FetchReason.UNRESOLVED, FetchReason.UNREACHABLE, FetchReason.TIMEOUT})
"""Failures that may as well be our own network's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A story as read from its pages, on its way to judgement."""

    pending: Pending
    draft: Draft
    pages: tuple[Page, ...]


def without_bodies(reading: Reading) -> Reading:
    """The reading as it is held when nothing of its pages is to be kept: their addresses alone."""
    return replace(reading, pages=tuple(replace(page, body=b"", headers=()) for page in reading.pages))


async def ask(state: FeedState, request: Request, fetcher: Fetcher, lister: Lister) -> Poll:
    """Make the request that the polling rules want for one feed, and list what it holds."""
    answer = await fetcher.fetch(request)
    match answer:
        case FetchFailed():
            return PollFailed(
                detail=answer.detail,
                status=answer.status,
                retry_at=answer.retry_at,
                reached=answer.reason not in UNREACHED,
                # A server that throttles answers with a status; without one it was never asked.
                put_off=answer.reason is FetchReason.THROTTLED and answer.status is None,
            )
        case Unchanged():
            # A 304 that names neither validator says that those it was asked with still hold (RFC 9111 section 4.3.4).
            kept = request if answer.etag is None and answer.last_modified is None else answer
            return NotModified(
                etag=kept.etag,
                last_modified=kept.last_modified,
                hints=PollHints(max_age=answer.max_age),
                moved_to=answer.moved_to,
            )
        case Page():
            return await _list(answer, state, request.outlet, lister)
        case _:
            assert_never(answer)


async def _list(page: Page, state: FeedState, outlet: Outlet, lister: Lister) -> Poll:
    digest = hashlib.sha256(page.body).digest()
    if digest == state.body_digest:
        hints = PollHints(max_age=page.max_age)
        return NotModified(
            etag=page.etag, last_modified=page.last_modified, hints=hints, with_body=True, moved_to=page.moved_to
        )
    # An entry names the feed as it is configured, wherever that is asked by now.
    listing = await lister.list(replace(page, requested_url=state.url), outlet)
    if isinstance(listing, Unlisted):
        return PollFailed(
            detail=listing.detail,
            status=page.status,
            declared=next(iter(listing.declared), None),
            put_off=listing.overload,
        )
    hints = replace(listing.hints, max_age=page.max_age)
    return Listed(
        listing=replace(listing, hints=hints),
        etag=page.etag,
        last_modified=page.last_modified,
        body_digest=digest,
        moved_to=page.moved_to,
    )


class StoryReader(Protocol):
    """Reads one pending entry after the other, here or elsewhere."""

    async def read(self, pending: Pending, outlet: Outlet) -> Reading | Dropped | Deferred:
        """Fetch and extract one story with all its pages, or say why there is none."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """A story whose page is at hand."""

    page: Page
    pending: Pending
    outlet: Outlet


ExtractEach = Callable[[Sequence[tuple[Page, Outlet, Entry]]], Awaitable[Sequence[Draft | Dropped | Deferred | None]]]
"""Extracts stories of one page each; None for one that has to be extracted by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads one pending entry after the other; what it needs for that stands in its fields."""

    fetcher: Fetcher
    extractor: Extractor
    settings: Settings
    clock: Clock
    span_of: Callable[[Entry], Span | None] = lambda _: None
    """Publication times that the backfill asks for which an entry came from; None where there is no such bound."""

    async def read(self, pending: Pending, outlet: Outlet) -> Reading | Dropped | Deferred:
        """Fetch and extract one story with all its pages, or say why there is none."""
        span = self.span_of(pending.entry)
        if refused := admit(pending.entry, outlet, span, self.clock()):
            return refused
        result = await self._read_page(pending, outlet)
        if isinstance(result, Deferred):
            result = give_up(result, pending, self.settings.store.max_attempts)
        if isinstance(result, Dropped) and pending.entry.content and result.reason not in NOT_FROM_FEED:
            result = await self._read_feed_text(pending, outlet) or result
        if isinstance(result, Reading):
            return outside(pending.entry, outlet, result.draft.published, span) or result
        return result

    async def read_given(self, page: Page, pending: Pending, outlet: Outlet) -> Reading | Dropped:
        """Extract a story whose page is at hand; nothing is fetched, its further pages neither.

        The page does not come again, so what would be put off is done again at once, `store.max_attempts` times.
        """
        span = self.span_of(pending.entry)
        if refused := admit(pending.entry, outlet, span, self.clock()):
            return refused
        for _ in range(self.settings.store.max_attempts):
            draft = await self.extractor.extract([page], outlet, pending.entry)
            if not isinstance(draft, Deferred) or draft.tried:
                break
        return self._given(draft, page, pending, outlet)

    async def read_each_given(self, given: Sequence[Given], extract_each: ExtractEach) -> list[Reading | Dropped]:
        """The same for several stories at once, as far as `extract_each` has answers; the others by themselves."""
        now = self.clock()
        refused = [admit(one.pending.entry, one.outlet, self.span_of(one.pending.entry), now) for one in given]
        admitted = [one for one, why in zip(given, refused, strict=True) if why is None]
        drafts = iter(await extract_each([(one.page, one.outlet, one.pending.entry) for one in admitted]))
        results: list[Reading | Dropped] = []
        for one, why in zip(given, refused, strict=True):
            draft = why if why is not None else next(drafts)
            if draft is None or (isinstance(draft, Deferred) and not draft.tried):
                results.append(await self.read_given(one.page, one.pending, one.outlet))
            else:
                results.append(self._given(draft, one.page, one.pending, one.outlet))
        return results

    def _given(
        self, draft: Draft | Dropped | Deferred, page: Page, pending: Pending, outlet: Outlet
    ) -> Reading | Dropped:
        """What became of a story whose page was at hand: what would be put off is dropped."""
        if not isinstance(draft, Draft):
            return draft if isinstance(draft, Dropped) else Dropped(reason=draft.reason, detail=draft.detail)
        if draft.next_pages:
            draft = replace(draft, origins={**draft.origins, "pages": "further pages were not at hand"})
        reading = Reading(pending=pending, draft=draft, pages=(page,))
        return outside(pending.entry, outlet, draft.published, self.span_of(pending.entry)) or reading

    async def _read_page(self, pending: Pending, outlet: Outlet) -> Reading | Dropped | Deferred:
        page = await self._fetch(pending.entry.url, outlet)
        if isinstance(page, FetchFailed):
            return after_failure(page, pending, self.settings.store.max_attempts, self.clock())
        return await self._extract([page], pending, outlet)

    async def _extract(self, pages: list[Page], pending: Pending, outlet: Outlet) -> Reading | Dropped | Deferred:
        """Extract, and again with further pages for as long as the draft names any that are not here yet."""
        # What a web archive holds of a story's further pages is of another moment, if it holds them at all.
        limit = 1 if urls.captured(pending.entry.url) else min(self.settings.extract.max_pages, outlet.paging.max_pages)
        note: str | None = None
        while True:
            draft = await self.extractor.extract(pages, outlet, pending.entry)
            if not isinstance(draft, Draft):
                return draft
            wanted = [] if note else _further(draft, pages, limit)
            if not wanted:
                break
            for url in wanted:
                page = await self._fetch(url, outlet)
                if isinstance(page, Page):
                    pages.append(page)
                    continue
                verdict = after_failure(page, pending, self.settings.store.max_attempts, self.clock())
                if isinstance(verdict, Deferred):
                    return verdict
                note = f"page {len(pages) + 1} is missing: {page.detail}"
                break
        if note:
            draft = replace(draft, origins={**draft.origins, "pages": note})
        return Reading(pending=pending, draft=draft, pages=tuple(pages))

    async def _read_feed_text(self, pending: Pending, outlet: Outlet) -> Reading | Deferred | None:
        """The story from the full text that its feed carried, for when the page cannot be had."""
        entry = pending.entry
        body = f"<html><body><article>{entry.content}</article></body></html>".encode()
        page = Page(
            url=entry.url,
            requested_url=entry.url,
            body=body,
            fetched_at=self.clock(),
            content_type="text/html; charset=utf-8",
        )
        draft = await self.extractor.extract([page], outlet, entry)
        if isinstance(draft, Deferred) and not draft.tried:
            return draft
        if not isinstance(draft, Draft):
            return None
        draft = replace(draft, from_feed=True, next_pages=(), title=entry.title or draft.title)
        return Reading(pending=pending, draft=draft, pages=())

    async def _fetch(self, url: str, outlet: Outlet) -> Page | FetchFailed:
        answer = await self.fetcher.fetch(Request(url=url, kind=RequestKind.PAGE, outlet=outlet))
        if isinstance(answer, Unchanged):
            return FetchFailed(
                url=url, reason=FetchReason.PROTOCOL, detail=f"{url} answered 304 to an unconditional request"
            )
        original = urls.captured(url)
        if isinstance(answer, Page) and original is not None:
            return replace(answer, url=urls.captured(answer.url) or original, requested_url=original)
        return answer


def _further(draft: Draft, pages: Sequence[Page], limit: int) -> list[str]:
    """The further pages of a draft that are not here yet, on the story's own site, within the limit."""
    have = {page.requested_url for page in pages} | {page.url for page in pages}
    fresh = [url for url in dict.fromkeys(draft.next_pages) if url not in have and urls.same_site(url, pages[0].url)]
    return fresh[: max(0, limit - len(pages))]
