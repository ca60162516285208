"""Walks an outlet's dated lists of stories for backfill: pages such as `indeks?date=2026-03-01&page=2`."""

import re
from collections.abc import AsyncIterator, Container, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

from lxml import etree, html

from scraper import urls
from scraper.charsets import decode_text
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import FetchFailed, Page, Request, RequestKind
from scraper.model.span import Span
from scraper.sandbox import Killed, Raised, Sandbox
from scraper.sources.insisting import insisting
from scraper.sources.walk import Asking, Unwalked, Walked, is_past_the_last

_MOST_PAGES = 100
"""Pages of one day's list."""
_PATIENCE = 3
"""Days in a row whose list cannot be had, before the lists of an outlet are given up."""
_MOST_LINKS = 5000
_LIKE_A_STORY = re.compile(r"\d{4,}|(?:[^\W_]+-){3,}")
"""A number of some length or a few words in the path, where the outlet's file says nothing better."""


class IndexWalk:
    """Finds the stories of an outlet in its dated lists, the latest day first."""

    def __init__(self, fetcher: Asking, sandbox: Sandbox, wanted: Span, today: date) -> None:
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._wanted = wanted
        self._today = today

    async def walk(self, outlet: Outlet, done: Container[str] = ()) -> AsyncIterator[Entry | Walked | Unwalked]:
        """Give the stories that each day's list links to, then `Walked` with the address of its first page.

        Nothing is walked without a day to begin with: a list of all days has no end. Days whose first address is in
        `done` are not asked for again.
        """
        if self._wanted.since is None:
            return
        for template in outlet.index_pages:
            failures = 0
            for day in self._days(outlet, template):
                day_list = _DayList(outlet=outlet, template=template, day=day)
                if day_list.address(1) in done:
                    continue
                async for step in self._walk_day(day_list):
                    failures = failures + 1 if isinstance(step, Unwalked) else 0
                    yield step
                if failures >= _PATIENCE:
                    break

    def _days(self, outlet: Outlet, template: str) -> Iterator[date]:
        if "{date" not in template:
            yield self._today
            return
        zone = ZoneInfo(outlet.zone)
        since, until = self._wanted.since, self._wanted.until
        day = min(until.astimezone(zone).date(), self._today) if until else self._today
        while since and day >= since.astimezone(zone).date():
            yield day
            day -= timedelta(days=1)

    async def _walk_day(self, day_list: "_DayList") -> AsyncIterator[Entry | Walked | Unwalked]:
        first, pages = day_list.address(1), 0
        while pages < _MOST_PAGES:
            links = await self._links(day_list.address(pages + 1), day_list.outlet)
            if isinstance(links, FetchFailed | str):
                if pages and isinstance(links, FetchFailed) and is_past_the_last(links):
                    break
                # Not told as walked, so that a run that goes on asks for the whole day again.
                detail = links.detail if isinstance(links, FetchFailed) else links
                yield Unwalked(url=day_list.address(pages + 1), detail=detail)
                return
            pages += 1
            fresh = day_list.fresh(links)
            for entry in fresh:
                yield entry
            if not fresh or "{page" not in day_list.template:
                break
        yield Walked(
            url=first,
            entries=len(day_list.met),
            children=pages - 1,
            passed_over=day_list.passed_over,
            further=tuple(map(day_list.address, range(2, pages + 1))),
        )

    async def _links(self, url: str, outlet: Outlet) -> tuple[str, ...] | FetchFailed | str:
        answer = await self._fetcher.fetch(Request(url=url, kind=RequestKind.PAGE, outlet=outlet))
        if isinstance(answer, FetchFailed):
            return answer
        if not isinstance(answer, Page):
            return f"{url} answered 304 to an unconditional request"
        links = await insisting(self._sandbox, links_of, answer.body, answer.content_type, answer.url)
        return f"{url} cannot be read: {links.detail}" if isinstance(links, Killed | Raised) else links


@dataclass(slots=True, kw_only=True)
class _DayList:
    """One day's list while it is walked."""

    outlet: Outlet
    template: str
    day: date
    met: set[str] = field(default_factory=set)
    """Keys of the stories that its pages have named so far."""
    passed_over: int = 0

    def address(self, page: int) -> str:
        return self.template.format(date=self.day, page=page)

    def fresh(self, links: tuple[str, ...]) -> list[Entry]:
        entries = []
        for url in links:
            if not is_story(url, self.outlet):
                self.passed_over += 1
                continue
            key = urls.entry_key(self.outlet, url)
            if key not in self.met:
                self.met.add(key)
                entries.append(Entry(key=key, url=url, outlet=self.outlet.id, source=self.address(1)))
        return entries


def is_story(url: str, outlet: Outlet) -> bool:
    """Whether a link of a list leads to one of the outlet's stories, by what its file says of its addresses."""
    host, articles = urls.host(url), outlet.articles
    if not any(host == domain or host.endswith(f".{domain}") for domain in outlet.domains):
        return False
    if any(re.search(pattern, url) for pattern in articles.exclude):
        return False
    if articles.include and not any(re.search(pattern, url) for pattern in articles.include):
        return False
    if articles.id_pattern:
        return re.search(articles.id_pattern, url) is not None
    return bool(articles.include) or _LIKE_A_STORY.search(urlsplit(url).path) is not None


def links_of(body: bytes, content_type: str | None, url: str) -> tuple[str, ...]:
    """Where a page's links lead, in order, each once. It is a stranger's HTML: run this where it can be killed."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, huge_tree=False)
    try:
        tree = html.document_fromstring(decode_text(body, content_type).encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        return ()
    found: dict[str, None] = {}
    for link in tree.iter("a"):
        try:
            target = urljoin(url, (link.get("href") or "").strip()).partition("#")[0]
        except ValueError:
            continue
        if target.startswith(("http://", "https://")) and len(found) < _MOST_LINKS:
            found[target] = None
    return tuple(found)
