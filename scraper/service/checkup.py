"""Tries an outlet out: whether its addresses answer, and whether its rules fit what they list."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from scraper import urls
from scraper.clock import Clock
from scraper.engine.decisions import admit
from scraper.engine.steps import Reader
from scraper.extraction import ArticleExtractor
from scraper.fetching import HttpFetcher
from scraper.model.entry import Entry
from scraper.model.feed import FeedKind, Unlisted
from scraper.model.outlet import Outlet
from scraper.model.page import Page, Request, RequestKind, Unchanged
from scraper.model.verdict import DropReason
from scraper.outlets import OutletsByDomain
from scraper.sandbox import Sandbox
from scraper.service.hands import open_sandbox
from scraper.service.inspection import Finding, Inspector, Sample
from scraper.settings import Settings
from scraper.sources import FeedLister

AT_ONCE = 8
"""Outlets that are tried at the same time."""
SAMPLES = 3
"""Stories of an outlet that are read at most, until one can be kept."""
QUIET = timedelta(days=7)
"""A feed without anything newer has most likely been left behind."""


_NOT_A_STORY = "where such pages have an address of their own, name it in articles.exclude"
_TEXT_IS_ELSEWHERE = "if the story is longer in a browser, point selectors.body at its text"
_LOOK = "open it in a browser; if it is a story there, `scraper extract` tells what is seen of it"
_REMEDIES = {
    DropReason.TOO_SHORT: f"{_TEXT_IS_ELSEWHERE}; if stories are that short, lower policy.min_characters",
    DropReason.NO_TEXT: _TEXT_IS_ELSEWHERE,
    DropReason.LIST_PAGE: _NOT_A_STORY,
    DropReason.MEDIA_PAGE: _NOT_A_STORY,
    DropReason.LIVE_BLOG: _NOT_A_STORY,
    DropReason.PAYWALLED: f"policy.keep_paywalled saves what is public of it; {_NOT_A_STORY}",
    DropReason.WRONG_LANGUAGE: "if the outlet writes in it, name it in languages",
    DropReason.ROBOTS: "its robots.txt does not want it: write to the publisher, or name such addresses in "
    "articles.exclude",
}


class Health(StrEnum):
    """How an outlet, or one thing about it, is found."""

    WELL = "well"
    ODD = "odd"
    """It works, and something about it does not fit."""
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressTried:
    """What one polled address gave."""

    url: str
    title: str | None = None
    entries: tuple[Entry, ...] = ()
    failure: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """Something to look after: what was seen, and what to change."""

    health: Health
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletTried:
    """One outlet's examination."""

    outlet: Outlet
    addresses: tuple[AddressTried, ...]
    sample: Finding | None
    """What one of the first stories that are listed and wanted yields."""
    advice: tuple[Advice, ...]

    @property
    def health(self) -> Health:
        """The worst of what was found."""
        found = {one.health for one in self.advice}
        return next((health for health in (Health.BROKEN, Health.ODD) if health in found), Health.WELL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examiner:
    """Looks at outlets with the line's own fetcher, lister and extractor; keeps nothing."""

    fetcher: HttpFetcher
    sandbox: Sandbox
    lister: FeedLister
    inspector: Inspector
    clock: Clock

    async def examine(self, outlet: Outlet) -> OutletTried:
        """Ask every polled address of the outlet once, and read one of its stories."""
        addresses = [await self.ask(url, FeedKind.FEED, outlet) for url in outlet.feeds]
        addresses += [await self.ask(url, FeedKind.NEWS_SITEMAP, outlet) for url in outlet.news_sitemaps]
        listed = [entry for address in addresses for entry in address.entries]
        wanted = [entry.url for entry in listed if admit(entry, outlet, None, self.clock()) is None]
        sample = await _read_one(list(dict.fromkeys(wanted))[:SAMPLES], outlet, self.inspector)
        advice = tuple(advise(outlet, addresses, sample, self.clock()))
        return OutletTried(outlet=outlet, addresses=tuple(addresses), sample=sample, advice=advice)

    async def ask(self, url: str, kind: FeedKind, outlet: Outlet) -> AddressTried:
        """Ask one address, and list what it holds."""
        request_kind = RequestKind.SITEMAP if kind is FeedKind.NEWS_SITEMAP else RequestKind.FEED
        answer = await self.fetcher.fetch(Request(url=url, kind=request_kind, outlet=outlet))
        if isinstance(answer, Unchanged):
            return AddressTried(url=url, failure="answered 304 to an unconditional request")
        if not isinstance(answer, Page):
            return AddressTried(url=url, failure=answer.detail)
        listing = await self.lister.list(answer, outlet)
        if isinstance(listing, Unlisted):
            return AddressTried(url=url, failure=listing.detail)
        return AddressTried(url=url, title=listing.title, entries=listing.entries)


@asynccontextmanager
async def open_examiner(settings: Settings, outlets: Iterable[Outlet], clock: Clock) -> AsyncIterator[Examiner]:
    """An examiner with workers and a client of its own."""
    async with open_sandbox(settings.extract) as sandbox, HttpFetcher(settings.fetch, clock) as fetcher:
        extractor = ArticleExtractor(sandbox, settings.extract)
        reader = Reader(fetcher=fetcher, extractor=extractor, settings=settings, clock=clock)
        inspector = Inspector(settings, OutletsByDomain(outlets), reader, extractor)
        yield Examiner(fetcher=fetcher, sandbox=sandbox, lister=FeedLister(sandbox), inspector=inspector, clock=clock)


async def try_outlets(settings: Settings, outlets: Iterable[Outlet], clock: Clock) -> AsyncIterator[OutletTried]:
    """Examine each outlet, several at the same time. The findings come in the order of the outlets."""
    chosen = tuple(outlets)
    room = asyncio.Semaphore(AT_ONCE)
    async with open_examiner(settings, chosen, clock) as examiner:

        async def one(outlet: Outlet) -> OutletTried:
            async with room:
                return await examiner.examine(outlet)

        tasks = [asyncio.create_task(one(outlet)) for outlet in chosen]
        try:
            for task in tasks:
                yield await task
        finally:
            for task in tasks:
                task.cancel()


async def _read_one(addresses: Sequence[str], outlet: Outlet, inspector: Inspector) -> Finding | None:
    """The first story that can be kept; of none, what became of the first one."""
    first: Finding | None = None
    for url in addresses:
        found = await inspector.look(Sample(id=url, url=url, outlet=outlet))
        if found.draft is not None and found.refused is None:
            return found
        first = first or found
    return first


def advise(
    outlet: Outlet, addresses: Sequence[AddressTried], sample: Finding | None, now: datetime
) -> Iterator[Advice]:
    """What there is to look after, the worst first."""
    if not addresses:
        yield Advice(health=Health.ODD, text="nothing to poll: give it feeds or news_sitemaps")
    failing = [address for address in addresses if address.failure]
    for address in failing:
        health = Health.BROKEN if len(failing) == len(addresses) else Health.ODD
        yield Advice(health=health, text=f"{address.url}: {address.failure}: {_elsewhere(outlet)}")
    entries = [entry for address in addresses for entry in address.entries]
    if entries:
        yield from _advise_on_entries(outlet, entries, now)
    elif len(failing) < len(addresses):
        yield Advice(health=Health.BROKEN, text=f"the addresses answer and list nothing: {_elsewhere(outlet)}")
    if sample is not None:
        yield from _advise_on_page(outlet, sample)


def _elsewhere(outlet: Outlet) -> str:
    """What to do about an address that gives nothing."""
    front = outlet.homepage or f"https://{outlet.domains[0]}/"
    return f"if it stays so, take it out; `scraper outlets add {front}` looks for others"


def _advise_on_entries(outlet: Outlet, entries: Sequence[Entry], now: datetime) -> Iterator[Advice]:
    newest = max((entry.published for entry in entries if entry.published), default=None)
    if newest is not None and now - newest > QUIET:
        yield Advice(health=Health.ODD, text=f"the newest story listed is of {newest:%Y-%m-%d}: has the feed moved?")
    foreign = [entry for entry in entries if not _is_own(outlet, entry.url)]
    if len(foreign) * 2 > len(entries):
        host = urls.host(foreign[0].url)
        yield Advice(
            health=Health.ODD,
            text=f"{len(foreign)} of {len(entries)} stories lie outside its domains, as on {host}: add it to domains?",
        )
    if all(admit(entry, outlet, None, now) for entry in entries):
        text = f"none of the {len(entries)} stories listed is wanted: look at articles.include and articles.exclude"
        yield Advice(health=Health.BROKEN, text=f"{text}, as for {entries[0].url}")
    pattern = outlet.articles.id_pattern
    if pattern and not any(re.search(pattern, entry.url) for entry in entries):
        yield Advice(
            health=Health.ODD, text=f"articles.id_pattern matches none of {len(entries)} addresses, as {entries[0].url}"
        )


def _advise_on_page(outlet: Outlet, sample: Finding) -> Iterator[Advice]:
    draft, url = sample.draft, sample.sample.url
    if draft is None:
        text = f"{url}: {sample.error}: open it in a browser; if it opens there, `scraper extract {url}` tells more"
        yield Advice(health=Health.BROKEN, text=text)
        return
    if sample.refused is not None:
        reason = sample.refused.reason
        text = f"{url}: {reason.value}: {sample.refused.detail}: {_REMEDIES.get(reason, _LOOK)}"
        yield Advice(health=Health.ODD, text=text)
    for hint in draft.degraded:
        yield Advice(health=Health.ODD, text=f"{hint} matches nothing on {url}: mend it or take it out")
    if draft.language and outlet.languages and draft.language not in outlet.languages:
        yield Advice(health=Health.ODD, text=f"{url} is in {draft.language!r}, which languages does not name")
    for name in ("title", "published"):
        if getattr(draft, name) is None:
            yield Advice(health=Health.ODD, text=f"no {name} was found on {url}: give selectors.{name}")


def _is_own(outlet: Outlet, url: str) -> bool:
    host = urls.host(url)
    return any(host == domain or host.endswith(f".{domain}") for domain in outlet.domains)
