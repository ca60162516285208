"""What fetches, lists, polls and reads for the line keeps one set of promises, in this process and on a cluster.

On a cluster means: three shards, behind ways that pickle all that goes over them, with tasks' batches done in a child.
"""

import asyncio
import itertools
import pickle
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from scraper.cluster import exchange
from scraper.cluster.asking import Shards
from scraper.cluster.exchange import Channel, Desk, Question, Replies
from scraper.cluster.leases import LEASE_S, Grant
from scraper.cluster.pacing import Lent
from scraper.cluster.shard import Plan, Shard
from scraper.engine import steps
from scraper.engine.parts import Ask
from scraper.engine.ports import Fetcher, Lister
from scraper.engine.steps import Reader, Reading, StoryReader
from scraper.extraction import ArticleExtractor
from scraper.fetching import HttpFetcher
from scraper.fetching.hosts import Busy, Rules
from scraper.fetching.pace import Answer
from scraper.model.article import Draft
from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedState, Listed, Listing, NotModified, PollFailed, Unlisted
from scraper.model.outlet import ArticleUrls, Outlet
from scraper.model.page import FetchFailed, FetchReason, Page, Request, RequestKind, Unchanged
from scraper.model.verdict import Deferred, Dropped, DropReason
from scraper.sandbox import Sandbox
from scraper.settings import Settings
from scraper.sources import FeedLister
from tests.cluster.test_tasks import Nearby
from tests.cluster.village import Village
from tests.fetching.web import NOW, QUICK, Web, clock, moved, reply, running

SHARDS = 3
SETTINGS = Settings(fetch=replace(QUICK, respect_robots=True))
OUTLET = Outlet(id="desa", name="Desa", domains=tuple(f"127.0.0.{number}" for number in range(1, 9)))


@dataclass(frozen=True, kw_only=True)
class Hands:
    """What the line fetches, lists and reads with."""

    fetcher: Fetcher
    lister: Lister
    ask: Ask
    reader: StoryReader


Opening = Callable[[Settings], Any]


def _carried(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


@asynccontextmanager
async def _here(box: Sandbox, settings: Settings) -> AsyncIterator[Hands]:
    async with HttpFetcher(settings.fetch, clock) as fetcher:
        lister = FeedLister(box)
        yield Hands(
            fetcher=fetcher,
            lister=lister,
            ask=partial(steps.ask, fetcher=fetcher, lister=lister),
            reader=Reader(
                fetcher=fetcher, extractor=ArticleExtractor(box, settings.extract), settings=settings, clock=clock
            ),
        )


class _Way:
    """To a shard in this process. Implements `scraper.cluster.exchange.Way`."""

    def __init__(self, shard: Shard) -> None:
        self._desk = Desk(shard.answer)

    async def take(self, questions: Sequence[Question]) -> str:
        return self._desk.take(_carried(questions))

    async def collect(self, known: Sequence[int], questions: Sequence[Question]) -> Replies:
        replies: Replies = _carried(await self._desk.collect(known, _carried(questions)))
        return replies


class _Next:
    """A shard as its neighbours see it."""

    def __init__(self, shards: Sequence[Shard], number: int) -> None:
        self._shards = shards
        self._number = number

    async def lend(self, name: str, rules: Rules, patience: float) -> Lent | Busy:
        lent: Lent | Busy = _carried(await self._shards[self._number].lend(*_carried((name, rules, patience))))
        return lent

    def give_back(self, number: int, answer: Answer | None) -> None:
        self._shards[self._number].take_back(number, _carried(answer))


@asynccontextmanager
async def _on_cluster(box: Sandbox, settings: Settings) -> AsyncIterator[Hands]:
    tasks = Nearby(box)
    shards: list[Shard] = []
    for number in range(SHARDS):
        plan = _carried(Plan(settings=settings, shards=SHARDS))
        shards.append(
            Shard(number, plan, sandbox=tasks, neighbour=partial(_Next, shards), clock=clock, life=str(number))
        )
    async with AsyncExitStack() as stack:
        for shard in shards:
            await stack.enter_async_context(shard)
            told = shard.hosts.keep(None)
            shard.hosts.keep(Grant(told=replace(told, now=told.now + 1000 * LEASE_S), wait=-1000.0))
        channels = [await stack.enter_async_context(Channel(_Way(shard))) for shard in shards]
        asked = Shards(channels)
        yield Hands(fetcher=asked, lister=FeedLister(tasks), ask=asked.ask, reader=asked.reader(lambda _: None))


@pytest.fixture(params=["here", "on a cluster"])
async def opening(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Opening]:
    monkeypatch.setattr(exchange, "GATHER_S", 0.001)
    monkeypatch.setattr(exchange, "RIDE_S", 0.002)
    box = Sandbox(workers=2, timeout=timedelta(seconds=60), memory=600_000_000, recycle_after=100)
    async with box:
        yield partial(_here if request.param == "here" else _on_cluster, box)


def asking(web: Web, path: str, host: str = "127.0.0.1", kind: RequestKind = RequestKind.PAGE, **more: Any) -> Request:
    return Request(url=web.url(path, host), kind=kind, outlet=OUTLET, **more)


def failed(answer: object) -> tuple[FetchReason, int | None]:
    assert isinstance(answer, FetchFailed)
    return answer.reason, answer.status


async def test_a_page_comes_with_all_that_was_said_about_it(opening: Opening):
    said = [("Content-Type", "text/plain"), ("ETag", b'W/"caf\xe9"'), ("Cache-Control", "max-age=300")]
    async with running({"/feed": reply(b"kabar", headers=said)}) as web, opening(SETTINGS) as hands:
        page = await hands.fetcher.fetch(asking(web, "/feed", kind=RequestKind.FEED))
    assert page == Page(
        url=web.url("/feed"),
        requested_url=web.url("/feed"),
        body=b"kabar",
        fetched_at=NOW,
        status=200,
        content_type="text/plain",
        etag=b'W/"caf\xe9"',
        max_age=timedelta(seconds=300),
        headers=page.headers,
        wire_bytes=5,
    )
    assert (b"Content-Type", b"text/plain") in page.headers


async def test_what_a_server_cannot_give_is_a_failure_with_its_reason(opening: Opening):
    routes = {
        "/gone": reply(status=410),
        "/busy": reply(status=503, headers=[("Retry-After", "100")]),
        "/same": reply(status=304, headers=[("ETag", '"b"')]),
        "127.0.0.2/robots.txt": reply(b"User-agent: *\nDisallow: /closed"),
    }
    async with running(routes) as web, opening(SETTINGS) as hands:
        answers = [
            await hands.fetcher.fetch(request)
            for request in (
                asking(web, "/nowhere"),
                asking(web, "/gone"),
                asking(web, "/closed/1", "127.0.0.2"),
                Request(url="http://10.1.2.3/", kind=RequestKind.PAGE, outlet=OUTLET),
                Request(url="http://", kind=RequestKind.PAGE, outlet=OUTLET),
                asking(web, "/busy", "127.0.0.3"),
                asking(web, "/busy", "127.0.0.3"),
            )
        ]
        same = await hands.fetcher.fetch(asking(web, "/same", "127.0.0.4", kind=RequestKind.FEED, etag=b'"a"'))
    assert [failed(answer) for answer in answers] == [
        (FetchReason.HTTP_STATUS, 404),
        (FetchReason.GONE, 410),
        (FetchReason.ROBOTS, None),
        (FetchReason.REFUSED_ADDRESS, None),
        (FetchReason.BAD_URL, None),
        (FetchReason.THROTTLED, 503),
        (FetchReason.THROTTLED, None),
    ]
    assert isinstance(same, Unchanged)
    assert same.etag == b'"b"'


async def test_redirects_lead_across_hosts_and_every_hop_is_guarded(opening: Opening):
    async with running() as web, opening(SETTINGS) as hands:
        web.routes |= {f"127.0.0.{n}/{n}": moved(301, web.url(f"/{n + 1}", f"127.0.0.{n + 1}")) for n in range(1, 5)}
        web.routes |= {"/5": reply(b"arrived"), "/inside": moved(302, "http://192.168.0.1/")}
        page = await hands.fetcher.fetch(asking(web, "/1"))
        inside = await hands.fetcher.fetch(asking(web, "/inside"))
    assert isinstance(page, Page)
    assert (page.body, page.url, page.moved_to) == (b"arrived", web.url("/5", "127.0.0.5"), web.url("/5", "127.0.0.5"))
    assert failed(inside)[0] is FetchReason.REFUSED_ADDRESS


async def test_a_host_is_given_its_distance_whoever_leads_to_it(opening: Opening):
    spaced = replace(SETTINGS, fetch=replace(QUICK, host_spacing=timedelta(seconds=0.15)))
    async with running({"127.0.0.9/*": reply(b"one")}) as web, opening(spaced) as hands:
        web.routes |= {f"127.0.0.{n}/go": moved(302, web.url(f"/{n}", "127.0.0.9")) for n in range(1, 5)}
        pages = await asyncio.gather(
            *(hands.fetcher.fetch(asking(web, "/go", f"127.0.0.{n}")) for n in range(1, 5)),
            *(hands.fetcher.fetch(asking(web, f"/own-{n}", "127.0.0.9")) for n in range(3)),
        )
    assert all(isinstance(page, Page) for page in pages)
    times = sorted(asked.at for asked in web.asked if asked.host == "127.0.0.9")
    assert len(times) == 7
    assert min(later - earlier for earlier, later in itertools.pairwise(times)) > 0.05, "they may be read late"


async def test_documents_are_listed_and_others_are_told_why_not(opening: Opening):
    village = Village(outlets=1, stories=4, every=0.0, port=80)
    told = Page(url="http://127.0.0.1/feed", requested_url="http://127.0.0.1/feed", body=b"", fetched_at=NOW)
    async with opening(SETTINGS) as hands:
        listing = await hands.lister.list(replace(told, body=village.feed(0).encode()), OUTLET)
        nothing = await hands.lister.list(replace(told, body=b"\x00\x01 no feed"), OUTLET)
    assert isinstance(listing, Listing)
    assert [entry.title for entry in listing.entries] == [f"Berita {number}" for number in range(4)]
    assert isinstance(nothing, Unlisted)


async def test_a_feed_is_polled_with_what_is_known_of_it(opening: Opening):
    village = Village(outlets=1, stories=3, every=0.0, port=80)
    routes = {"/feed": reply(village.feed(0).encode(), headers=[("ETag", '"1"')]), "/bad": reply(b"no feed")}
    async with running(routes) as web, opening(SETTINGS) as hands:
        state = FeedState(url=web.url("/feed"), outlet="desa", next_due=NOW)
        first = await hands.ask(state, asking(web, "/feed", kind=RequestKind.FEED))
        assert isinstance(first, Listed)
        known = replace(state, body_digest=first.body_digest, etag=first.etag)
        again = await hands.ask(known, asking(web, "/feed", kind=RequestKind.FEED, etag=first.etag))
        bad = await hands.ask(state, asking(web, "/bad", kind=RequestKind.FEED))
        none = await hands.ask(state, asking(web, "/none", kind=RequestKind.FEED))
    assert len(first.listing.entries) == 3
    assert first.etag == b'"1"'
    assert isinstance(again, NotModified)
    assert again.with_body
    assert isinstance(bad, PollFailed)
    assert isinstance(none, PollFailed)
    assert (none.status, none.reached) == (404, True)


async def test_stories_are_read_or_it_is_said_why_not(opening: Opening):
    village = Village(outlets=1, stories=3, every=0.0, port=80)
    html = [("Content-Type", "text/html; charset=utf-8")]
    routes = {
        "/berita/1.html": reply(village.page(0, 1).encode(), headers=html),
        "/indeks": reply(b"<html><body><a href='/1'>satu</a></body></html>", headers=html),
        "/gone": reply(status=410),
        "/later": reply(status=503, headers=[("Retry-After", "3600")]),
    }
    async with running(routes) as web, opening(SETTINGS) as hands:

        def pending(path: str, host: str = "127.0.0.1", attempts: int = 1) -> Pending:
            url = web.url(path, host)
            entry = Entry(key=url, url=url, outlet="desa", source="feed")
            return Pending(entry=entry, found_at=NOW, attempts=attempts)

        story = await hands.reader.read(pending("/berita/1.html"), OUTLET)
        index, gone, nowhere = [
            await hands.reader.read(pending(path, "127.0.0.2", attempts), OUTLET)
            for path, attempts in (("/indeks", 1), ("/gone", SETTINGS.store.max_attempts), ("/nowhere", 1))
        ]
        later = await hands.reader.read(pending("/later", "127.0.0.3"), OUTLET)
        refused = await hands.reader.read(pending("/tag/1"), replace(OUTLET, articles=ArticleUrls(exclude=(r"/tag/",))))
    assert isinstance(story, Reading)
    assert isinstance(story.draft, Draft)
    assert story.draft.text.count("kata warga desa nomor 0") >= 5
    assert (story.pending.entry.url, story.pages[0].url) == (web.url("/berita/1.html"), web.url("/berita/1.html"))
    assert isinstance(index, Dropped)
    assert isinstance(gone, Dropped)
    assert isinstance(refused, Dropped)
    assert (index.reason, gone.reason) == (DropReason.NO_TEXT, DropReason.GONE)
    for deferred in (nowhere, later):
        assert isinstance(deferred, Deferred)
        assert deferred.until > NOW
    assert "/tag/1" not in web.paths()


async def test_the_same_story_is_read_alike():
    """Word for word the same draft; on a cluster with what the judge needs of it beside it."""
    village = Village(outlets=1, stories=3, every=0.0, port=80)
    drafts = []
    box = Sandbox(workers=2, timeout=timedelta(seconds=60), memory=600_000_000, recycle_after=100)
    async with box, running({"/1.html": reply(village.page(0, 1).encode())}) as web:
        url = web.url("/1.html")
        pending = Pending(entry=Entry(key=url, url=url, outlet="desa", source="feed"), found_at=NOW, attempts=1)
        for kind in (_here, _on_cluster):
            async with kind(box, SETTINGS) as hands:
                story = await hands.reader.read(pending, OUTLET)
                assert isinstance(story, Reading)
                drafts.append(story.draft)
    assert drafts[0].prepared is None
    assert drafts[1].prepared
    assert replace(drafts[1], prepared=None) == drafts[0]
