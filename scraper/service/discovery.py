"""Finds out about an outlet that nobody has described yet, and writes the beginning of its file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from scraper import urls
from scraper.clock import Clock
from scraper.model.feed import FeedKind
from scraper.model.outlet import Outlet
from scraper.model.page import FetchFailed, Page, Request, RequestKind
from scraper.outlets import country_of, id_for, to_toml, zone_of_country
from scraper.service.checkup import AddressTried, Examiner, OutletTried, open_examiner
from scraper.settings import Settings
from scraper.sources import Front, SitemapWalk, read_front

USUAL_FEEDS = ("/feed", "/rss", "/rss.xml", "/feed.xml", "/atom.xml", "/index.xml")
"""Where feeds stand that no front page declares."""
MOST_FEEDS = 12
_NOBODY = Front(name=None, language=None, feeds=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovered:
    """An outlet as far as it tells about itself."""

    outlet: Outlet
    tried: OutletTried
    remarks: Mapping[str, str]
    """What was seen at its addresses."""
    open_points: tuple[str, ...]
    """What a person should look at."""

    def file(self, today: str) -> str:
        """The text of its outlet file."""
        head = [f"{self.outlet.name}: found on {today}; look it over.", *self.open_points]
        return to_toml(self.outlet, head=head, remarks=self.remarks)


async def discover(url: str, settings: Settings, clock: Clock) -> Discovered | str:
    """Ask the site at `url` for its feeds and sitemaps and read a story; a sentence when it does not answer.

    `url` may be the front page, any page or a feed. A site whose front page cannot be had may still have lists.
    """
    parts = urlsplit(url)
    home, host = f"{parts.scheme}://{parts.netloc}/", urls.host(url)
    outlet = Outlet(id=id_for(host), name=host, domains=(host.removeprefix("www."),), homepage=home)
    async with open_examiner(settings, [outlet], clock) as examiner:
        answer = await examiner.fetcher.fetch(Request(url=home, kind=RequestKind.PAGE, outlet=outlet))
        if isinstance(answer, FetchFailed) and answer.status is None:
            return answer.detail
        front = await _front(answer, examiner) if isinstance(answer, Page) else _NOBODY
        found = await _find(outlet, front, url if parts.path.strip("/") else None, examiner)
        if isinstance(answer, FetchFailed) and not (found.working or found.archives):
            return answer.detail
        outlet = _described(outlet, front, found)
        tried = await examiner.examine(outlet)
    draft = tried.sample.draft if tried.sample else None
    language = (draft.language if draft else None) or front.language
    outlet = replace(outlet, languages=(language,) if language else ())
    return Discovered(
        outlet=outlet,
        tried=replace(tried, outlet=outlet),
        remarks={one.url: f"{len(one.entries)} stories" for one in found.working},
        open_points=tuple(_open_points(outlet, tried)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lists:
    """What was found of an outlet's lists."""

    feeds: tuple[AddressTried, ...]
    news: tuple[AddressTried, ...]
    archives: tuple[str, ...]

    @property
    def working(self) -> tuple[AddressTried, ...]:
        return (*self.feeds, *self.news)


async def _front(page: Page, examiner: Examiner) -> Front:
    front = await examiner.sandbox.run(read_front, page.body, page.content_type, page.url)
    return front if isinstance(front, Front) else _NOBODY


async def _find(outlet: Outlet, front: Front, named: str | None, examiner: Examiner) -> _Lists:
    home = (outlet.homepage or "").rstrip("/")
    declared = (*((named,) if named else ()), *front.feeds[:MOST_FEEDS])
    feeds = await _working(tuple(dict.fromkeys(declared)), FeedKind.FEED, outlet, examiner)
    if not feeds:
        feeds = (await _working([home + path for path in USUAL_FEEDS], FeedKind.FEED, outlet, examiner))[:1]
    sitemaps = await SitemapWalk(examiner.fetcher, examiner.sandbox).discover(outlet)
    newsy = [url for url in sitemaps if "news" in url.lower()]
    news = await _working(newsy, FeedKind.NEWS_SITEMAP, outlet, examiner)
    polled = {one.url for one in news}
    return _Lists(feeds=feeds, news=news, archives=tuple(url for url in sitemaps if url not in polled))


async def _working(
    candidates: Sequence[str], kind: FeedKind, outlet: Outlet, examiner: Examiner
) -> tuple[AddressTried, ...]:
    tried = [await examiner.ask(url, kind, outlet) for url in candidates]
    return tuple(one for one in tried if one.entries)


def _described(outlet: Outlet, front: Front, found: _Lists) -> Outlet:
    host = outlet.domains[0]
    country = country_of(host)
    zone = zone_of_country(country) if country else None
    titles = [one.title for one in found.feeds if one.title]
    return replace(
        outlet,
        name=front.name or (titles[0] if titles else outlet.name),
        domains=tuple(dict.fromkeys((host, *_further_domains(host, found)))),
        country=country,
        zone=zone[0] if zone else outlet.zone,
        feeds=tuple(one.url for one in found.feeds),
        news_sitemaps=tuple(one.url for one in found.news),
        sitemaps=found.archives,
    )


def _further_domains(host: str, found: _Lists) -> Iterator[str]:
    """The site that most of the stories lie on, where it is another one than the host's."""
    hosts = [urls.host(entry.url) for one in found.working for entry in one.entries]
    outside = [name for name in hosts if name != host and not name.endswith(f".{host}")]
    if outside and len(outside) * 2 > len(hosts):
        yield urls.registrable_domain(outside[0])


def _open_points(outlet: Outlet, tried: OutletTried) -> Iterator[str]:
    zone = zone_of_country(outlet.country) if outlet.country else None
    if zone is None:
        yield "Its time zone is not known: give zone if its times come without one."
    elif not zone[1]:
        yield f"Its country has several time zones: is {zone[0]} right?"
    if not outlet.languages:
        yield "Its language is not known: give languages."
    for advice in tried.advice:
        yield advice.text
