"""Which pages of a file a backfill takes, and what they are to the line: web archives, saved pages."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from scraper import urls
from scraper.fetching.content import TooLargeError, UndecodableError, codings, decoded
from scraper.model.backfill import Plan
from scraper.model.entry import Entry, Pending
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.outlets import OutletsByDomain
from scraper.sources.capture import LARGEST_BODY, Capture, PageFile
from scraper.sources.folder import PageFolder
from scraper.sources.warc import WarcFile

_UNKNOWN = Outlet(id="unknown", name="unknown", domains=())


class Chooser:
    """Chooses for one plan."""

    def __init__(self, outlets: Mapping[str, Outlet], plan: Plan, run: int | None = None) -> None:
        self._outlets = outlets
        self._by_domain = OutletsByDomain(outlets.values())
        self._plan = plan
        self._wanted = frozenset(plan.outlets)
        self._run = run

    async def choose(self, holds: Capture | str, source: str) -> tuple[Pending, Outlet, Page] | str:
        """A record as a page of an outlet, or why it is passed over."""
        if isinstance(holds, str):
            return holds
        outlet = self._outlet_of(holds.url)
        if outlet is None:
            return "another outlet's"
        if not holds.url.startswith("file:") and urlsplit(holds.url).path in {"", "/"}:
            return "front page"
        since = self._plan.span.since
        if since is not None and holds.captured_at < since:
            return "captured before the range"
        if holds.coding:
            uncoded = await _uncoded(holds)
            if isinstance(uncoded, str):
                return uncoded
            holds = uncoded
        return _pending(holds, outlet, source, self._run), outlet, _page_of(holds)

    def _outlet_of(self, url: str) -> Outlet | None:
        if url.startswith("file:"):
            return self._outlets.get(self._plan.outlets[0]) if len(self._plan.outlets) == 1 else _UNKNOWN
        outlet = self._by_domain.of(url)
        return outlet if self._plan.every_outlet or outlet.id in self._wanted else None


def page_files(plan: Plan) -> list[PageFile]:
    """The files of a plan, in the order in which they are read."""
    return [*(PageFolder(Path(path)) for path in plan.folders), *(WarcFile(Path(path)) for path in plan.warcs)]


async def _uncoded(capture: Capture) -> Capture | str:
    """A capture with its content codings undone. Many writers store bodies uncoded and keep the header."""
    try:
        body = await decoded(capture.body, codings(capture.coding), limit=LARGEST_BODY)
    except TooLargeError:
        return "too large"
    except UndecodableError:
        return replace(capture, coding=None) if b"<" in capture.body[:1000] else "undecodable"
    return replace(capture, body=body, coding=None)


def _pending(capture: Capture, outlet: Outlet, source: str, run: int | None) -> Pending:
    entry = Entry(key=urls.entry_key(outlet, capture.url), url=capture.url, outlet=outlet.id, source=source, run=run)
    # What was captured was there to be found then: so a story without a date of its own stands in its time.
    return Pending(entry=entry, found_at=capture.captured_at, attempts=1, at_hand=True)


def _page_of(capture: Capture) -> Page:
    return Page(
        url=capture.url,
        requested_url=capture.url,
        body=capture.body,
        fetched_at=capture.captured_at,
        status=capture.status,
        content_type=capture.content_type,
        headers=capture.headers,
    )
