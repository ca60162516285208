"""Older pages of feeds and the captures of a web archive, over a small web held in memory."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from scraper.model.entry import Entry
from scraper.model.page import FetchFailed, FetchReason
from scraper.model.span import Span
from scraper.sandbox import Sandbox
from scraper.sources import PagedFeedWalk, Unwalked, Walked, WaybackWalk
from scraper.sources.wayback import read_captures
from tests.sources.test_walk import NOW, OUTLET, SmallWeb, page

FEED = "https://harian.example/feed"
FED = replace(OUTLET, feeds=(FEED,))


def rss(*numbers: int, link: str = "") -> str:
    items = "".join(
        f"<item><title>B{n}</title><link>https://harian.example/berita/{n}</link>"
        f"<pubDate>{datetime(2026, 1, n, 5, tzinfo=UTC):%a, %d %b %Y %H:%M:%S +0000}</pubDate></item>"
        for n in numbers
    )
    space = 'xmlns:atom="http://www.w3.org/2005/Atom"'
    return f'<rss version="2.0" {space}><channel><title>H</title>{link}{items}</channel></rss>'


def older(relation: str, address: str) -> str:
    return f'<atom:link rel="{relation}" href="{address}"/>'


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(workers=1, timeout=timedelta(seconds=20), memory=500_000_000, recycle_after=100) as running:
        yield running


async def found(walk, outlet=FED, done=frozenset()):
    steps = [step async for step in walk.walk(outlet, done)]
    return [step.url.rpartition("/")[2] for step in steps if isinstance(step, Entry)], steps


@pytest.mark.parametrize("relation", ["prev-archive", "next"])
async def test_named_older_pages_are_followed_to_the_last(relation, sandbox):
    web = SmallWeb(
        {
            FEED: rss(9, 8, link=older(relation, "/feed/2")),
            "https://harian.example/feed/2": rss(8, 7, link=older(relation, "https://harian.example/feed/3")),
            "https://harian.example/feed/3": rss(6, link=older(relation, FEED)),
        }
    )
    stories, steps = await found(PagedFeedWalk(web, sandbox, Span()))
    assert stories == ["9", "8", "7", "6"]
    assert not [step for step in steps if isinstance(step, Unwalked)]


async def test_pages_are_counted_where_none_is_named(sandbox):
    web = SmallWeb({FEED: rss(9, 8), f"{FEED}?paged=2": rss(7, 6), f"{FEED}?paged=3": rss(7, 6)})
    stories, _ = await found(PagedFeedWalk(web, sandbox, Span()))
    assert stories == ["9", "8", "7", "6"]
    assert len(web.asked) == 3, "a page with nothing new is the last"


async def test_a_feed_ends_where_it_is_older_than_what_is_wanted(sandbox):
    web = SmallWeb(
        {FEED: rss(9, 8), f"{FEED}?paged=2": rss(7, 6), f"{FEED}?paged=3": rss(5, 4), f"{FEED}?paged=4": rss(3)}
    )
    wanted = Span(since=datetime(2026, 1, 7, tzinfo=UTC), until=datetime(2026, 1, 9, tzinfo=UTC))
    stories, _ = await found(PagedFeedWalk(web, sandbox, wanted))
    assert stories == ["8", "7"]
    assert len(web.asked) == 3


async def test_links_to_other_sites_and_missing_feeds_lead_nowhere(sandbox):
    web = SmallWeb({FEED: rss(9, link=older("next", "https://elsewhere.example/feed"))})
    stories, _ = await found(PagedFeedWalk(web, sandbox, Span()))
    assert stories == ["9"]
    _, steps = await found(PagedFeedWalk(SmallWeb({}), sandbox, Span()))
    assert [type(step) for step in steps] == [Unwalked]


class Captures(SmallWeb):
    """A CDX server with two pages of captures."""

    async def fetch(self, request):
        self.asked.append((request.url, request.kind))
        query = parse_qs(urlsplit(request.url).query)
        if query["url"] != ["harian.example"]:
            return FetchFailed(url=request.url, reason=FetchReason.GONE, detail="no such server", status=404)
        first = (
            "20260102030405 https://harian.example/berita/1001\n20260102030406 https://harian.example/\n\nnext+key\n"
        )
        second = "20260103030405 http://www.harian.example:80/berita/1002\nnonsense\n"
        return page(second if "resumeKey" in query else first, request.url)


async def test_captures_are_stories_of_their_own_addresses():
    web = Captures({})
    wanted = Span(since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2026, 2, 1, tzinfo=UTC))
    walk = WaybackWalk(web, wanted, "https://archive.example/cdx", "https://archive.example/web/{timestamp}id_/{url}")
    stories, steps = await found(walk, replace(OUTLET, domains=("harian.example", "lost.example")))
    assert stories == ["1001", "1002"]
    first = next(step for step in steps if isinstance(step, Entry))
    assert first.url == "https://archive.example/web/20260102030405id_/https://harian.example/berita/1001"
    assert first.key == "https://harian.example/berita/1001"
    assert [step.entries for step in steps if isinstance(step, Walked)] == [1, 1]
    assert len([step for step in steps if isinstance(step, Unwalked)]) == 1
    query = parse_qs(urlsplit(web.asked[0][0]).query)
    assert (query["from"], query["to"]) == (["20260101000000"], ["20260502000000"])
    assert parse_qs(urlsplit(web.asked[1][0]).query)["resumeKey"] == ["next+key"]


class Elsewhere(Captures):
    """A server that answers something else."""

    async def fetch(self, request):
        return page("<html>Search the archive</html>\n", request.url)


async def test_an_answer_without_captures_is_told():
    walk = WaybackWalk(
        Elsewhere({}), Span(), "https://archive.example/cdx", "https://archive.example/{timestamp}/{url}"
    )
    stories, steps = await found(walk, replace(OUTLET, domains=("harian.example",)))
    assert not stories
    assert [type(step) for step in steps] == [Unwalked]


def test_the_last_page_of_captures_names_no_key():
    assert read_captures("") == ([], None)
    assert read_captures(f"{NOW:%Y%m%d%H%M%S} https://harian.example/x\n\n") == (
        [("20261123030000", "https://harian.example/x")],
        None,
    )
