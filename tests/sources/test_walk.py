"""Sitemaps walked for backfill, over a small web held in memory."""

import gzip
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, FetchFailed, FetchReason, Page, Request, RequestKind
from scraper.model.span import Span
from scraper.sandbox import Sandbox
from scraper.sources import SitemapWalk, Unwalked, Walked
from scraper.sources.sitemap import MOST_URLS, Sitemap, iter_urls, read_sitemap
from scraper.sources.walk import sitemaps_in_robots

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
OUTLET = Outlet(
    id="harian",
    name="Harian",
    domains=("harian.example",),
    zone="Asia/Jakarta",
    sitemaps=("https://harian.example/sitemap.xml",),
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


class SmallWeb:
    """Answers from a dictionary and remembers what it was asked."""

    def __init__(self, bodies: Mapping[str, str | bytes]) -> None:
        self.bodies = bodies
        self.asked: list[tuple[str, RequestKind]] = []

    async def fetch(self, request: Request) -> Fetched:
        self.asked.append((request.url, request.kind))
        body = self.bodies.get(request.url)
        if body is None:
            return FetchFailed(
                url=request.url, reason=FetchReason.GONE, detail=f"{request.url} answered 404", status=404
            )
        return page(body, request.url)


def page(body: str | bytes, url: str = "https://harian.example/sitemap.xml") -> Page:
    return Page(url=url, requested_url=url, body=body.encode() if isinstance(body, str) else body, fetched_at=NOW)


def index(*children: str, lastmod: str = "") -> str:
    changed = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    inner = "".join(f"<sitemap><loc>{child}</loc>{changed}</sitemap>" for child in children)
    return f'{HEAD}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{inner}</sitemapindex>'


def urlset(*urls: str, lastmod: str = "", published: str = "") -> str:
    changed = f"<lastmod>{lastmod}</lastmod>" if lastmod else ""
    news = f"<n:news><n:publication_date>{published}</n:publication_date></n:news>" if published else ""
    inner = "".join(f"<url><loc>{url}</loc>{changed}{news}</url>" for url in urls)
    return (
        f'{HEAD}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        f' xmlns:n="http://www.google.com/schemas/sitemap-news/0.9">{inner}</urlset>'
    )


def story(number: int) -> str:
    return f"https://harian.example/berita/{number}"


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(workers=1, timeout=timedelta(seconds=20), memory=500_000_000, recycle_after=100) as running:
        yield running


async def walked(
    web: SmallWeb,
    sandbox: Sandbox,
    wanted: Span | None = None,
    outlet: Outlet = OUTLET,
    done: frozenset[str] = frozenset(),
) -> tuple[list[str], list[Walked], list[Unwalked]]:
    found = [item async for item in SitemapWalk(web, sandbox, wanted).walk(outlet, done)]
    return (
        [item.url for item in found if isinstance(item, Entry)],
        [item for item in found if isinstance(item, Walked)],
        [item for item in found if isinstance(item, Unwalked)],
    )


async def test_nested_and_packed_indexes_are_walked_in_order(sandbox: Sandbox):
    web = SmallWeb(
        {
            "https://harian.example/sitemap.xml": index("https://harian.example/a.xml.gz", "/b.xml"),
            "https://harian.example/a.xml.gz": gzip.compress(index("https://harian.example/c.xml").encode()),
            "https://harian.example/b.xml": urlset(story(2)),
            "https://harian.example/c.xml": urlset(story(1)),
        }
    )
    urls, done, failed = await walked(web, sandbox)
    assert urls == [story(1), story(2)]
    assert [item.url.rpartition("/")[2] for item in done] == ["sitemap.xml", "a.xml.gz", "c.xml", "b.xml"]
    assert failed == []


async def test_failures_are_told_and_the_walk_goes_on(sandbox: Sandbox):
    web = SmallWeb(
        {
            "https://harian.example/sitemap.xml": index(
                "/gone.xml", "/html.xml", "https://lain.example/s.xml", "/b.xml"
            ),
            "https://harian.example/html.xml": "<!doctype html><html></html>",
            "https://harian.example/b.xml": urlset(story(2)),
        }
    )
    urls, _, failed = await walked(web, sandbox)
    assert urls == [story(2)]
    assert [(item.url.rpartition("/")[2], item.detail) for item in failed] == [
        ("s.xml", "belongs to another site than the index https://harian.example/sitemap.xml"),
        ("gone.xml", "https://harian.example/gone.xml answered 404"),
        ("html.xml", "https://harian.example/html.xml: not a sitemap: HTML page"),
    ]


async def test_circles_end(sandbox: Sandbox):
    web = SmallWeb({"https://harian.example/sitemap.xml": index("/sitemap.xml", "https://harian.example/sitemap.xml")})
    assert await walked(web, sandbox) == (
        [],
        [Walked(url=OUTLET.sitemaps[0], entries=0, children=0, passed_over=0)],
        [],
    )


async def test_depth_is_bounded(sandbox: Sandbox):
    web = SmallWeb(
        {"https://harian.example/sitemap.xml": index("/1.xml")}
        | {f"https://harian.example/{n}.xml": index(f"/{n + 1}.xml") for n in range(1, 20)}
    )
    _, done, failed = await walked(web, sandbox)
    assert len(done) == 6
    assert failed == [Unwalked(url="https://harian.example/6.xml", detail="indexes nested deeper than 5")]


async def test_what_was_walked_is_not_fetched_again(sandbox: Sandbox):
    web = SmallWeb(
        {
            "https://harian.example/sitemap.xml": index("/a.xml", "/b.xml"),
            "https://harian.example/a.xml": urlset(story(1)),
            "https://harian.example/b.xml": urlset(story(2)),
        }
    )
    urls, _, _ = await walked(web, sandbox, done=frozenset({"https://harian.example/a.xml"}))
    assert urls == [story(2)]
    assert ("https://harian.example/a.xml", RequestKind.SITEMAP) not in web.asked


async def test_robots_names_the_sitemaps(sandbox: Sandbox):
    outlet = Outlet(id="harian", name="Harian", domains=("harian.example",), homepage="https://www.harian.example/id/")
    web = SmallWeb(
        {
            "https://www.harian.example/robots.txt": "User-agent: *\nSITEMAP : https://harian.example/x.xml # new\n",
            "https://harian.example/x.xml": urlset(story(1)),
        }
    )
    urls, _, _ = await walked(web, sandbox, outlet=outlet)
    assert urls == [story(1)]
    assert web.asked[0] == ("https://www.harian.example/robots.txt", RequestKind.ROBOTS)


async def test_without_robots_the_usual_place_is_tried(sandbox: Sandbox):
    outlet = Outlet(id="harian", name="Harian", domains=("harian.example",))
    urls, _, failed = await walked(SmallWeb({}), sandbox, outlet=outlet)
    assert urls == []
    assert [item.url for item in failed] == ["https://harian.example/sitemap.xml"]


def test_sitemap_lines_of_robots():
    assert sitemaps_in_robots(
        "Sitemap: https://a.example/1\nsitemap:https://a.example/1\nSitemap: /rel\nDisallow: /"
    ) == ("https://a.example/1",)


MARCH = Span(since=datetime(2024, 3, 1, tzinfo=UTC), until=datetime(2024, 4, 1, tzinfo=UTC))


def read(body: str | bytes, wanted: Span = MARCH) -> Sitemap:
    result = read_sitemap(page(body), OUTLET, wanted)
    assert isinstance(result, Sitemap), result
    return result


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("/sitemap-2024-03.xml", True),
        ("/sitemap-2024-01.xml", False),
        ("/sitemap-202405.xml", False),
        ("/sitemap-2024-02.xml", True),  # its last day is within the margin
        ("/2024/03/15.xml", True),
        ("/2024/05/15.xml", False),
        ("/sitemap.xml?yyyy=2023&mm=03&dd=05", False),
        ("/sitemap.xml?yyyy=2024&mm=03&dd=05", True),
        ("/post-sitemap2024.xml", True),
        ("/sitemap-2019.xml", True),
        ("/sitemap-20240312345.xml", True),
        ("/image-sitemap.xml", False),
        ("/sitemap_video_3.xml", False),
        ("/sitemap-videos.xml", False),
        ("/imagenews.xml", True),
    ],
)
def test_sitemaps_are_chosen_by_name(url: str, kept: bool):  # noqa: FBT001 - a column of the table
    result = read(index(url.replace("&", "&amp;")))
    assert (len(result.children), result.passed_over) == ((1, 0) if kept else (0, 1))


def test_an_unchanged_sitemap_holds_nothing_new():
    assert read(index("/a.xml", lastmod="2024-02-20")).children == ()
    assert read(index("/a.xml", lastmod="2025-02-20")).children == ("https://harian.example/a.xml",)


def test_publication_times_decide():
    assert read(urlset(story(1), published="2024-03-05T10:00:00+07:00")).entries[0].published == datetime(
        2024, 3, 5, 3, 0, tzinfo=UTC
    )
    assert read(urlset(story(1), published="2024-02-05", lastmod="2024-03-05")).entries == ()
    assert read(urlset(story(1), published="2024-04-05")).passed_over == 1


def test_a_later_change_excludes_nothing_and_is_no_publication_time():
    (entry,) = read(urlset(story(1), lastmod="2026-01-01")).entries
    assert entry.published is None
    assert read(urlset(story(1), lastmod="2024-01-01")).entries == ()


def test_a_day_in_the_address_counts():
    assert read(urlset("https://harian.example/2024/03/09/x")).passed_over == 0
    assert read(urlset("https://harian.example/2022/03/09/x")).passed_over == 1
    assert read(urlset("https://harian.example/20220309/x")).passed_over == 1


def test_plain_lists_and_feeds_are_sitemaps_too():
    assert [entry.url for entry in read(f"{story(1)}\n{story(2)}\n", Span()).entries] == [story(1), story(2)]
    feed = f"<rss><channel><item><link>{story(3)}</link></item></channel></rss>"
    assert [entry.url for entry in read(feed, Span()).entries] == [story(3)]


def test_a_broken_sitemap_gives_what_it_has():
    body = urlset(story(1), story(2), "https://harian.example/?a=1&b=2")
    assert len(read(body, Span()).entries) == 3
    assert len(read(body[: body.rindex("<url>")], Span()).entries) == 2


def test_a_packed_bomb_is_refused():
    assert read_sitemap(page(gzip.compress(b"<" + b" " * 70_000_000)), OUTLET, Span()) == "unpacks to more than 60 MB"


def test_a_torn_file_gives_what_there_is():
    body = gzip.compress(urlset(*map(story, range(500))).encode())
    result = read_sitemap(page(body[: len(body) // 2]), OUTLET, Span())
    assert isinstance(result, Sitemap)
    assert 50 < len(result.entries) < 500


def test_fifty_thousand_addresses_are_the_most():
    found = iter_urls(urlset(*(story(number) for number in range(50_100))), MOST_URLS)
    assert sum(1 for _ in found) == 50_000
