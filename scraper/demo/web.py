"""The web itself: one small server an outlet, each at its own loopback address."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from scraper.demo import lists
from scraper.demo.markup import FURNITURE, WIB, Sheet, build
from scraper.demo.serving import Answer, Exchange, Listener
from scraper.demo.sites import FEED, INDEX, NEWS_SITEMAP, SITEMAP, SITES, Site
from scraper.demo.stories import Kind, Story, read_stories
from scraper.model.outlet import Outlet
from scraper.model.verdict import DropReason

_ADDRESS = "127.77.0.{number}"
_HTML, _XML, _TEXT = "text/html; charset=utf-8", "application/xml; charset=utf-8", "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a collector should make of one story."""

    outlet: str
    url: str
    title: str
    published: datetime
    round: int
    """From which round on it is listed."""
    reason: DropReason | None
    """Why it is dropped; None when it is kept. Of a story and its copies the first to be read is kept."""
    copy_of: str | None
    """Address of the story that it repeats."""
    lines: tuple[str, ...]
    """Its text, a line a paragraph or sub-heading, dateline included, ordinary spaces."""
    authors: tuple[str, ...]
    agencies: tuple[str, ...]
    pages: int
    note: str
    """What is worth seeing about it, for people."""


class DemoWeb:
    """Six invented outlets on loopback while the context is open.

    Stories are dated just before `now`. The first round shows what was printed before; each `advance` shows the stories
    of the next round, which then stand in feeds and sitemaps. Nothing beyond loopback is needed or reached.
    """

    furniture = FURNITURE
    """Words that stand on some page and in no story."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._stories = read_stories(now)
        self._lock = threading.Lock()
        self._round = 1
        self._listeners: dict[str, Listener] = {}

    def __enter__(self) -> Self:
        try:
            for number, site in enumerate(SITES, start=1):
                self._listeners[site.id] = Listener(_ADDRESS.format(number=number), _SiteAnswers(self, site, self._now))
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listener in self._listeners.values():
            listener.close()
        self._listeners.clear()

    @property
    def rounds(self) -> int:
        """How many rounds there are."""
        return max(story.round for stories in self._stories.values() for story in stories)

    def advance(self) -> bool:
        """Show the next round's stories; False when all are shown."""
        with self._lock:
            if self._round >= self.rounds:
                return False
            self._round += 1
            return True

    @property
    def outlets(self) -> tuple[Outlet, ...]:
        """What a maintainer would have written about the outlets. They are listening."""
        return tuple(site.outlet(self._home(site), self._listeners[site.id].host) for site in SITES)

    @property
    def expected(self) -> tuple[Expected, ...]:
        """Every story of every round, in the order of the outlets, newest first."""
        return tuple(self._expected(site, story) for site in SITES for story in self._stories[site.id])

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """Every request so far with its answer, as a server's log would have it."""
        found = [exchange for listener in self._listeners.values() for exchange in listener.log()]
        return tuple(sorted(found, key=lambda exchange: exchange.order))

    def _home(self, site: Site) -> str:
        return self._listeners[site.id].home

    def _url(self, site: Site, story: Story) -> str:
        return self._home(site) + site.address(story)

    def _expected(self, site: Site, story: Story) -> Expected:
        sites = {one.id: one for one in SITES}
        named = {one.name: one for stories in self._stories.values() for one in stories}
        origin = named[story.copy_of] if story.copy_of else None
        return Expected(
            outlet=site.id,
            url=self._url(site, story),
            title=story.title,
            published=story.published,
            round=story.round,
            reason=DropReason(story.outcome) if story.outcome else None,
            copy_of=self._url(sites[origin.site], origin) if origin else None,
            lines=site.lines(story),
            authors=(story.author,) if story.author and story.author != "Redaksi" else (),
            agencies=story.agencies,
            pages=len(story.pages) or 1,
            note=story.note,
        )

    def shown(self, site: Site) -> tuple[Story, ...]:
        """The site's stories up to the present round."""
        with self._lock:
            return tuple(story for story in self._stories[site.id] if story.round <= self._round)


class _SiteAnswers:
    """What one site answers to a path."""

    def __init__(self, web: DemoWeb, site: Site, now: datetime) -> None:
        self._web = web
        self._site = site
        self._now = now

    def __call__(self, home: str, path: str, query: Mapping[str, str]) -> Answer:
        stories = self._web.shown(self._site)
        if path == INDEX and self._site.index:
            return self._index(home, stories, query)
        listed = self._lists(home, path, stories)
        if listed is not None:
            return listed
        for story in stories:
            if self._site.address(story) == path:
                return self._page(home, story, stories, query)
        return Answer(status=404, kind=_HTML, body="<h1>404</h1><p>Not found.</p>")

    def _lists(self, home: str, path: str, stories: tuple[Story, ...]) -> Answer | None:
        site, newest = self._site, max(story.published for story in stories)
        lines = [self._line(home, story) for story in stories]
        if path == "/robots.txt":
            sitemaps = (SITEMAP, NEWS_SITEMAP) if site.news_sitemap else (SITEMAP,)
            return Answer(kind=_TEXT, body=lists.robots(home, site.closed, sitemaps))
        if path == FEED and site.feed:
            body = (lists.rss if site.feed == "rss" else lists.atom)(site.name, home, lines)
            return Answer(kind=f"application/{site.feed}+xml; charset=utf-8", body=body, modified=newest)
        if path == NEWS_SITEMAP and site.news_sitemap:
            body = lists.news_sitemap(site.name, site.language, lines, self._now)
            return Answer(kind=_XML, body=body, modified=newest)
        if path == SITEMAP:
            return Answer(kind=_XML, body=lists.sitemap(lines), modified=newest)
        if path == "/":
            return Answer(kind=_HTML, body=lists.front(site.name, site.language, site.feed, lines), modified=newest)
        return None

    def _index(self, home: str, stories: tuple[Story, ...], query: Mapping[str, str]) -> Answer:
        """The stories of one day, two a page; past the last page there is none."""
        day, page = query.get("date", ""), query.get("page", "1")
        of_day = [self._line(home, story) for story in stories if f"{story.published.astimezone(WIB):%Y-%m-%d}" == day]
        first = 2 * (int(page) - 1) if page.isdecimal() else 0
        return Answer(
            kind=_HTML, body=lists.front(self._site.name, self._site.language, None, of_day[first : first + 2])
        )

    def _line(self, home: str, story: Story) -> lists.Line:
        return lists.Line(
            url=home + self._site.address(story),
            title=story.title,
            number=story.number,
            published=story.published,
            summary=" ".join(story.paragraphs[:1])[:140],
        )

    def _page(self, home: str, story: Story, stories: tuple[Story, ...], query: Mapping[str, str]) -> Answer:
        if story.kind is Kind.GONE:
            return Answer(status=410, kind=_HTML, body="<h1>Gone</h1>")
        pages = story.pages or (len(story.paragraphs),)
        page = query.get("page", "1")
        if not page.isdecimal() or not 1 <= int(page) <= len(pages):
            return Answer(status=404, kind=_HTML, body="<h1>404</h1>")
        number = int(page)
        first = sum(pages[: number - 1])
        sheet = Sheet(
            outlet=self._site.name,
            url=home + self._site.address(story),
            title=story.title,
            lines=self._marked(story)[first : first + pages[number - 1]],
            published=story.published,
            author=story.author,
            editor=story.editor,
            section=story.section,
            others=[(other.title, self._site.address(other)) for other in stories if other is not story],
            page=number,
            pages=len(pages),
            paywalled=story.kind is Kind.PAYWALLED,
            hard_spaces=story.hard_spaces,
        )
        make = "gallery" if story.kind is Kind.PHOTO else self._site.make
        return Answer(kind=_HTML, body=build(make, sheet), modified=story.published)

    def _marked(self, story: Story) -> list[str]:
        """The story's lines with their sub-headings still marked."""
        lines = self._site.lines(story)
        return [
            f"## {line}" if raw.startswith("## ") else line for raw, line in zip(story.paragraphs, lines, strict=True)
        ]
