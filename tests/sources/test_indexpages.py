"""Dated lists: each day of the span, page by page until one names nothing new."""

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta

import pytest

from scraper.model.entry import Entry
from scraper.model.outlet import ArticleUrls, Outlet
from scraper.model.page import Fetched, FetchFailed, FetchReason, Page, Request
from scraper.model.span import Span
from scraper.sandbox import Sandbox
from scraper.sources import IndexWalk, Unwalked, Walked
from scraper.sources.indexpages import is_story, links_of

NOW = datetime(2026, 3, 3, 3, 0, tzinfo=UTC)
LIST = "https://harian.example/indeks?date={date:%Y-%m-%d}&page={page}"
OUTLET = Outlet(
    id="harian",
    name="Harian",
    domains=("harian.example",),
    zone="Asia/Jakarta",
    index_pages=(LIST,),
    articles=ArticleUrls(exclude=("/foto/",), id_pattern=r"/berita/(?P<id>\d+)"),
)
SPAN = Span(since=datetime(2026, 3, 1, 17, 0, tzinfo=UTC), until=datetime(2026, 3, 3, 16, 59, tzinfo=UTC))
"""From 2 March to 3 March in Jakarta."""


class SmallWeb:
    def __init__(self, pages: Mapping[str, str]) -> None:
        self.pages = pages
        self.asked: list[str] = []

    async def fetch(self, request: Request) -> Fetched:
        self.asked.append(request.url)
        body = self.pages.get(request.url)
        if body is None:
            return FetchFailed(
                url=request.url, reason=FetchReason.HTTP_STATUS, detail=f"{request.url} answered 404", status=404
            )
        return Page(url=request.url, requested_url=request.url, body=body.encode(), fetched_at=NOW)


def listing(*paths: str) -> str:
    return (
        "<html><body>" + "".join(f'<a href="{path}">berita</a>' for path in (*paths, "/", "/foto/9")) + "</body></html>"
    )


def address(day: int, page: int) -> str:
    return LIST.format(date=date(2026, 3, day), page=page)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(workers=1, timeout=timedelta(seconds=20), memory=500_000_000, recycle_after=100) as running:
        yield running


async def walked(
    web: SmallWeb, sandbox: Sandbox, wanted: Span = SPAN, outlet: Outlet = OUTLET, done: frozenset[str] = frozenset()
) -> tuple[list[str], list[Walked], list[Unwalked]]:
    walk = IndexWalk(web, sandbox, wanted, date(2026, 3, 3))
    found = [item async for item in walk.walk(outlet, done)]
    return (
        [item.key for item in found if isinstance(item, Entry)],
        [item for item in found if isinstance(item, Walked)],
        [item for item in found if isinstance(item, Unwalked)],
    )


async def test_each_day_is_paged_until_nothing_new_is_named(sandbox: Sandbox):
    web = SmallWeb(
        {
            address(3, 1): listing("/berita/31/a", "/berita/32/b"),
            address(3, 2): listing("/berita/32/b", "/berita/33/c"),
            address(3, 3): listing("/berita/33/c"),
            address(2, 1): listing("https://m.harian.example/berita/21/d", "https://lain.example/berita/22/e"),
        }
    )
    keys, done, failed = await walked(web, sandbox)
    assert keys == ["harian:31", "harian:32", "harian:33", "harian:21"]
    assert web.asked == [address(3, 1), address(3, 2), address(3, 3), address(2, 1), address(2, 2)]
    assert [(item.url, item.entries, item.children) for item in done] == [(address(3, 1), 3, 2), (address(2, 1), 1, 0)]
    assert failed == []


async def test_days_that_were_walked_are_not_asked_for_again(sandbox: Sandbox):
    web = SmallWeb({address(2, 1): listing("/berita/21/d")})
    keys, _, failed = await walked(web, sandbox, done=frozenset({address(3, 1)}))
    assert keys == ["harian:21"]
    assert failed == []
    assert address(3, 1) not in web.asked


async def test_a_list_that_cannot_be_had_is_told_and_soon_given_up(sandbox: Sandbox):
    web = SmallWeb({})
    long_ago = Span(since=datetime(2026, 1, 1, tzinfo=UTC))
    keys, done, failed = await walked(web, sandbox, long_ago)
    assert (keys, done) == ([], [])
    assert [item.url for item in failed] == [address(3, 1), address(2, 1), address(1, 1)]
    assert "404" in failed[0].detail


async def test_a_walk_without_a_beginning_is_no_walk(sandbox: Sandbox):
    web = SmallWeb({})
    assert await walked(web, sandbox, Span()) == ([], [], [])
    assert web.asked == []


async def test_a_template_without_pages_is_asked_once_a_day(sandbox: Sandbox):
    url = "https://harian.example/arsip/{date:%Y/%m/%d}"
    outlet = Outlet(id="harian", name="Harian", domains=("harian.example",), zone="Asia/Jakarta", index_pages=(url,))
    web = SmallWeb({"https://harian.example/arsip/2026/03/03": listing("/2026/03/03/judul", "/tentang")})
    keys, _, failed = await walked(web, sandbox, outlet=outlet)
    assert keys == ["https://harian.example/2026/03/03/judul"]
    assert [item.url for item in failed] == ["https://harian.example/arsip/2026/03/02"]


@pytest.mark.parametrize(
    ("url", "articles", "story"),
    [
        ("https://harian.example/berita/1", ArticleUrls(include=("/berita/",)), True),
        ("https://harian.example/kanal/1234", ArticleUrls(include=("/berita/",)), False),
        ("https://harian.example/kanal/judul-yang-cukup-panjang", ArticleUrls(), True),
        ("https://harian.example/nasional", ArticleUrls(), False),
        ("https://www.harian.example/kanal/12345", ArticleUrls(), True),
        ("https://lain.example/kanal/12345", ArticleUrls(), False),
        ("https://harian.example/foto/12345", ArticleUrls(exclude=("/foto/",)), False),
    ],
)
def test_links_to_stories_are_told_from_others(url, articles, story):
    outlet = Outlet(id="harian", name="Harian", domains=("harian.example",), articles=articles)
    assert is_story(url, outlet) is story


@pytest.mark.parametrize("body", [b"", b"<", b"\xff", b"<a href='http://[::1'>x</a>", b"<a href='javascript:x'>x</a>"])
def test_any_page_can_be_looked_through(body):
    assert links_of(body, "text/html", "https://harian.example/") == ()
