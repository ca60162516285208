"""Walks an outlet's sitemaps, index by index, for backfill."""

from collections.abc import AsyncIterator, Container
from dataclasses import dataclass, replace
from typing import Protocol

from scraper.charsets import decode_text
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, FetchFailed, Page, Request, RequestKind, Unchanged
from scraper.model.span import Span
from scraper.sandbox import Killed, Raised, Sandbox
from scraper.sources.insisting import insisting
from scraper.sources.sitemap import Sitemap, read_sitemap
from scraper.urls import same_site

_DEEPEST = 5
_MOST_SITEMAPS = 100_000
_USUAL = "/sitemap.xml"


class Asking(Protocol):
    """Whoever makes exchanges with servers."""

    async def fetch(self, request: Request) -> Fetched:
        """Make one exchange, redirects included."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Walked:
    """A sitemap whose entries have all been given."""

    url: str
    entries: int
    children: int
    passed_over: int
    further: tuple[str, ...] = ()
    """Addresses of its further pages, read with it."""
    leads_on: bool = False
    """It leads to other lists, so it must be looked at again to go on from a stop."""
    is_page: bool = False
    """It is one page of a list: once it is in `done`, it is looked at for the way on alone."""


_NO_SUCH_PAGE = frozenset({400, 404, 410})


def is_past_the_last(answer: FetchFailed) -> bool:
    """Whether that is how a server answers to the number of a page behind the last one.

    Any other failure says nothing of what stands on the page.
    """
    return answer.status in _NO_SUCH_PAGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Unwalked:
    """A sitemap that gave nothing, and why."""

    url: str
    detail: str


class SitemapWalk:
    """Finds the stories of an outlet in its sitemaps."""

    def __init__(self, fetcher: Asking, sandbox: Sandbox, wanted: Span | None = None) -> None:
        self._fetcher = fetcher
        self._sandbox = sandbox
        self._wanted = wanted or Span()

    async def walk(self, outlet: Outlet, done: Container[str] = ()) -> AsyncIterator[Entry | Walked | Unwalked]:
        """Give every wanted entry, one sitemap after the other, each followed by `Walked`.

        Starts from the outlet's sitemaps; where it names none, from those that its robots.txt declares, else from
        /sitemap.xml. Sitemaps whose addresses are in `done` are passed by: hand in those that `Walked` told and that
        do not lead on to others, and the walk goes on where it stopped.
        """
        roots = outlet.sitemaps or await self.discover(outlet)
        stack = [(url, 0) for url in reversed(roots)]
        met = set(roots)
        while stack:
            url, depth = stack.pop()
            if url in done:
                continue
            sitemap = await self._read(url, outlet)
            if isinstance(sitemap, str):
                yield Unwalked(url=url, detail=sitemap)
                continue
            for entry in sitemap.entries:
                yield entry
            fresh, refused = self._further(sitemap, url, depth, met)
            met.update(fresh)
            stack.extend((child, depth + 1) for child in reversed(fresh))
            for child, why in refused:
                yield Unwalked(url=child, detail=why)
            yield Walked(
                url=url,
                entries=len(sitemap.entries),
                children=len(fresh),
                passed_over=sitemap.passed_over,
                leads_on=bool(fresh),
            )

    async def discover(self, outlet: Outlet) -> tuple[str, ...]:
        """The sitemaps that the outlet's robots.txt declares (RFC 9309 section 2.2.4); /sitemap.xml if it is silent."""
        front = outlet.homepage or (f"https://{outlet.domains[0]}/" if outlet.domains else None)
        if front is None:
            return ()
        origin = "/".join(front.split("/")[:3])
        answer = await self._fetcher.fetch(Request(url=f"{origin}/robots.txt", kind=RequestKind.ROBOTS, outlet=outlet))
        declared = sitemaps_in_robots(decode_text(answer.body, answer.content_type)) if isinstance(answer, Page) else ()
        return declared or (origin + _USUAL,)

    def _further(
        self, sitemap: Sitemap, url: str, depth: int, met: set[str]
    ) -> tuple[list[str], list[tuple[str, str]]]:
        """The children worth walking, and those that are refused, with the reason."""
        fresh: list[str] = []
        refused: list[tuple[str, str]] = []
        for child in sitemap.children:
            if child in met:
                continue
            if depth >= _DEEPEST:
                refused.append((child, f"indexes nested deeper than {_DEEPEST}"))
            elif not same_site(child, url):
                refused.append((child, f"belongs to another site than the index {url}"))
            elif len(met) + len(fresh) >= _MOST_SITEMAPS:
                refused.append((child, f"more than {_MOST_SITEMAPS} sitemaps"))
                break
            else:
                fresh.append(child)
        return fresh, refused

    async def _read(self, url: str, outlet: Outlet) -> Sitemap | str:
        answer = await self._fetcher.fetch(Request(url=url, kind=RequestKind.SITEMAP, outlet=outlet))
        match answer:
            case FetchFailed(detail=detail):
                return detail
            case Unchanged():
                return f"{url} answered 304 to an unconditional request"
            case Page():
                result = await insisting(self._sandbox, read_sitemap, replace(answer, headers=()), outlet, self._wanted)
        if isinstance(result, Killed | Raised):
            return f"{url} cannot be read: {result.detail}"
        return f"{url}: {result}" if isinstance(result, str) else result


def sitemaps_in_robots(text: str) -> tuple[str, ...]:
    """The addresses in `Sitemap:` lines, in order, each once."""
    found: dict[str, None] = {}
    for line in text.splitlines():
        name, _, value = line.partition(":")
        address = value.partition("#")[0].strip() if "#" in value else value.strip()
        if name.strip().lower() == "sitemap" and address.startswith(("http://", "https://")):
            found.setdefault(address)
    return tuple(found)
