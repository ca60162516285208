"""Every list that a backfill walks, asked for over real sockets: the archive of a small newspaper on loopback."""

import asyncio
import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from scraper.model.backfill import Plan, Source, Stage
from scraper.model.outlet import Outlet
from scraper.model.span import Span
from scraper.sources import Unwalked
from scraper.urls import captured
from tests.service.backfills import Backfills, lines, settings_in

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
SITEMAPS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
JANUARY = Span(since=datetime(2026, 1, 1, tzinfo=UTC), until=datetime(2026, 2, 1, tzinfo=UTC))
PER_PAGE = 2
"""Stories on a page of the dated list."""
TOPICS = (
    "jembatan sungai banjir warga perahu dermaga hujan bendungan tanggul pompa",
    "sekolah guru murid kurikulum buku perpustakaan ujian kelas beasiswa kampus",
    "padi petani sawah pupuk irigasi panen gabah lumbung traktor benih",
    "kereta stasiun rel penumpang gerbong masinis jadwal tiket peron terowongan",
    "pasar pedagang harga cabai bawang kios timbangan koperasi distribusi gudang",
    "museum lukisan pameran kurator arsip batik gamelan tari panggung penonton",
)


class Newspaper:
    """Stories by number, each on a day of its own, and the lists that name them. Remembers what it was asked."""

    def __init__(self) -> None:
        self.days = {number: date(2026, 1, 3 * number) for number in range(1, 7)} | {7: date(2025, 11, 5)}
        self.asked: list[str] = []
        self.broken: dict[str, int | bytes] = {}
        """What is said of targets instead: a status, 0 for one that is never answered, or the text of a 200."""
        self.open = threading.Event()
        """Stories are told once it is set."""
        self.open.set()
        self.home = ""

    def url(self, number: int) -> str:
        return f"{self.home}/berita/{number}-kabar-dari-daerah"

    def answer(self, target: str) -> tuple[int, str, bytes]:
        self.asked.append(target)
        status = self.broken.get(target)
        if isinstance(status, bytes):
            return 200, "application/octet-stream", status
        if status is not None:
            time.sleep(0 if status else 3)
            return status or 500, "text/plain", b""
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.startswith("/berita/"):
            self.open.wait(30)
            return 200, "text/html", self.story(int(parts.path.split("/")[2].split("-")[0])).encode()
        if parts.path.startswith("/web/"):
            return self.answer(urlsplit(target[target.index("/http") + 1 :]).path)
        body = self.listed(parts.path, query) or self.files().get(parts.path)
        return (404, "text/plain", b"") if body is None else (200, "application/octet-stream", body)

    def listed(self, path: str, query: dict[str, str]) -> bytes | None:
        """The lists that are made for a question."""
        newest_first = sorted(self.days, key=self.days.__getitem__, reverse=True)
        if path == "/indeks":
            return self.dated(query["date"], int(query["page"])).encode()
        if path == "/cdx":
            return self.captures(query.get("resumeKey", "")).encode()
        if path == "/paged" and (page := int(query.get("paged", "1"))) <= len(newest_first):
            return self.feed(newest_first[page - 1]).encode()
        if path.startswith("/archive/"):
            return self.archive(int(path.rpartition("/")[2])).encode()
        return None

    def files(self) -> dict[str, bytes]:
        def index(*children: str) -> bytes:
            inner = "".join(f"<sitemap>{child}</sitemap>" for child in children)
            return f"{HEAD}<sitemapindex {SITEMAPS}>{inner}</sitemapindex>".encode()

        def child(path: str, changed: str = "") -> str:
            return f"<loc>{self.home}{path}</loc>" + (f"<lastmod>{changed}</lastmod>" if changed else "")

        def urlset(*numbers: int) -> bytes:
            inner = "".join(f"<url><loc>{self.url(number)}</loc></url>" for number in numbers)
            return f"{HEAD}<urlset {SITEMAPS}>{inner}</urlset>".encode()

        return {
            "/robots.txt": f"User-agent: *\nAllow: /\nSitemap: {self.home}/peta.xml\n".encode(),
            "/peta.xml": index(
                child("/2026.xml.gz", "2026-01-31"),
                child("/2024.xml", "2024-12-31"),
                child("/image-sitemap.xml"),
                child("/video-sitemap.xml"),
            ),
            "/2026.xml.gz": gzip.compress(index(child("/2026-01a.xml.gz"), child("/2026-01b.xml"))),
            "/2026-01a.xml.gz": gzip.compress(urlset(1, 2, 3)),
            # A page from long before, changed in January: only the page itself tells that.
            "/2026-01b.xml": urlset(4, 5, 6, 7),
        }

    def story(self, number: int) -> str:
        words = TOPICS[number % len(TOPICS)].split()
        at = f"{self.days[number]}T09:00:00+07:00"
        paragraphs = "".join(
            f"<p>Pada kesempatan ke-{n} di daerah {words[n % 10]}, para {words[(n + 3) % 10]} membahas "
            f"{words[(n + number) % 10]} dan {words[(n * number + 1) % 10]} bersama {words[(n + 7) % 10]}, "
            f"yang menurut {words[(n * 3 + 2) % 10]} setempat membutuhkan {number * 137 + n * 11} tahap.</p>"
            for n in range(8)
        )
        title = f"Kabar {number}: {words[0]} dan {words[number % 9 + 1]}"
        return (
            f'<html lang="id"><head><title>{title}</title><meta property="og:type" content="article">'
            f'<meta property="article:published_time" content="{at}"></head>'
            f"<body><article><h1>{title}</h1>{paragraphs}</article></body></html>"
        )

    def dated(self, day: str, page: int) -> str:
        of_day = [number for number, when in self.days.items() if when.isoformat()[:7] == day[:7]]
        shown = of_day[(page - 1) * PER_PAGE : page * PER_PAGE] if day.endswith("-15") else []
        return "<html><body>" + "".join(f'<a href="{self.url(n)}">Kabar {n}</a>' for n in shown) + "</body></html>"

    def feed(self, *numbers: int, link: str = "") -> str:
        items = "".join(
            f"<item><title>Kabar {n}</title><link>{self.url(n)}</link>"
            f"<pubDate>{self.days[n]:%a, %d %b %Y} 02:00:00 +0000</pubDate></item>"
            for n in numbers
        )
        space = 'xmlns:atom="http://www.w3.org/2005/Atom"'
        return f'{HEAD}<rss version="2.0" {space}><channel><title>Kabar</title>{link}{items}</channel></rss>'

    def archive(self, number: int) -> str:
        link = f'<atom:link rel="prev-archive" href="{self.home}/archive/{number - 1}"/>' if number > 1 else ""
        return self.feed(number, link=link)

    def captures(self, resume: str) -> str:
        first = int(resume or 1)
        rows = [f"202602{n:02}030000 {self.url(n)}" for n in range(first, min(first + 3, 8))]
        return "\n".join([*rows, "", str(first + 3)] if first + 3 < 8 else rows)


@contextmanager
def newspaper() -> Iterator[Newspaper]:
    paper = Newspaper()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, kind, body = paper.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Not printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    paper.home = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield paper
    finally:
        server.shutdown()
        server.server_close()


def outlet_of(paper: Newspaper, **lists: Any) -> Outlet:
    return Outlet(
        id="kabar", name="Kabar", domains=("127.0.0.1",), homepage=f"{paper.home}/", zone="Asia/Jakarta", **lists
    )


async def numbers_kept(paper, tmp_path, plan, **lists):
    """Which stories a backfill kept, and its progress; its second session must find nothing more."""
    settings = settings_in(tmp_path / "data")
    archive = replace(settings.backfill, cdx=f"{paper.home}/cdx", captures=paper.home + "/web/{timestamp}id_/{url}")
    backfill = Backfills(replace(settings, backfill=archive), (outlet_of(paper, **lists),))
    progress = await backfill.run(plan)
    assert progress.stage is Stage.DONE, progress
    kept = lines(tmp_path / "data")
    again = await backfill.run(plan)
    assert (again.total.kept, again.total.duplicates) == (0, 0)
    assert lines(tmp_path / "data") == kept
    numbers = sorted(int(line["url"].rpartition("/")[2].partition("-")[0]) for line in kept)
    return numbers, progress


async def test_nested_gzipped_sitemaps_are_found_through_robots_txt(tmp_path):
    with newspaper() as paper:
        kept, progress = await numbers_kept(paper, tmp_path, Plan(sources=(Source.SITEMAP,), span=JANUARY))
        assert kept == [1, 2, 3, 4, 5, 6]
        assert progress.total.dropped == {"out-of-range": 1}, "the page itself says that it is from November"
        asked = paper.asked
        assert {"/robots.txt", "/2026-01a.xml.gz"} <= set(asked)
        assert not {"/2024.xml", "/image-sitemap.xml", "/video-sitemap.xml"} & set(asked)


async def test_dated_lists_are_turned_page_by_page_until_one_is_empty(tmp_path):
    with newspaper() as paper:
        span = Span(since=datetime(2026, 1, 14, tzinfo=UTC), until=datetime(2026, 1, 17, tzinfo=UTC))
        pages = (paper.home + "/indeks?date={date:%Y-%m-%d}&page={page}",)
        plan = Plan(sources=(Source.INDEX,), span=span)
        kept, progress = await numbers_kept(paper, tmp_path, plan, index_pages=pages)
        assert kept == [5], "the list of the 15th names all of January; the range is about publication"
        assert progress.total.dropped == {"out-of-range": 5}
        turned = [query for query in map(parse_qs, (urlsplit(one).query for one in paper.asked)) if "date" in query]
        pages_of_the_15th = {int(query["page"][0]) for query in turned if query["date"] == ["2026-01-15"]}
        assert pages_of_the_15th == {1, 2, 3, 4}


async def test_archived_feeds_are_followed_to_the_first_page(tmp_path):
    with newspaper() as paper:
        plan = Plan(sources=(Source.FEED,))
        kept, _ = await numbers_kept(paper, tmp_path, plan, feeds=(f"{paper.home}/archive/7",))
        assert kept == [1, 2, 3, 4, 5, 6, 7]


async def test_feeds_that_name_no_older_page_are_asked_by_number_until_they_are_past_the_range(tmp_path):
    with newspaper() as paper:
        plan = Plan(sources=(Source.FEED,), span=Span(since=datetime(2026, 1, 8, tzinfo=UTC)))
        kept, progress = await numbers_kept(paper, tmp_path, plan, feeds=(f"{paper.home}/paged",))
        assert kept == [3, 4, 5, 6]
        assert not progress.failures


class StopsAtFailure(list[object]):
    """Hears of lists, and stops the run at the first one that could not be had."""

    def __init__(self, stop: asyncio.Event) -> None:
        self.stop = stop

    def append(self, step: object) -> None:
        super().append(step)
        if isinstance(step, Unwalked):
            self.stop.set()


@pytest.mark.parametrize("source", [Source.FEED, Source.INDEX])
async def test_a_further_page_that_is_never_answered_is_told(tmp_path, source):
    with newspaper() as paper:
        day = Span(since=datetime(2026, 1, 15, tzinfo=UTC), until=datetime(2026, 1, 16, tzinfo=UTC))
        second = timedelta(seconds=1)
        backfill = Backfills(
            settings_in(tmp_path / "data", feed_deadline=second, page_deadline=second), (turned_over(paper),)
        )
        broken = BROKEN[source]
        paper.broken[broken] = 0
        progress = await backfill.run(Plan(sources=(source,), span=day if source is Source.INDEX else Span()))
        assert progress.stage is Stage.DONE
        assert list(progress.failures) == [paper.home + broken]
        assert "within 1 s" in progress.failures[paper.home + broken]


BROKEN = {Source.FEED: "/paged?paged=3", Source.INDEX: "/indeks?date=2026-01-15&page=2"}


def turned_over(paper: Newspaper) -> Outlet:
    pages = (paper.home + "/indeks?date={date:%Y-%m-%d}&page={page}",)
    return outlet_of(paper, feeds=(f"{paper.home}/paged",), index_pages=pages)


@pytest.mark.parametrize("status", [500, 503, 403])
@pytest.mark.parametrize("source", [Source.FEED, Source.INDEX])
async def test_a_further_page_that_cannot_be_had_is_told_and_asked_for_again_by_a_run_that_goes_on(
    tmp_path, source, status
):
    with newspaper() as paper:
        span = Span(since=datetime(2026, 1, 15, tzinfo=UTC), until=datetime(2026, 1, 16, tzinfo=UTC))
        plan = Plan(sources=(source,), span=span if source is Source.INDEX else Span())
        broken = BROKEN[source]
        settings = settings_in(tmp_path / "data", host_concurrency=16)
        backfill, stop = Backfills(settings, (turned_over(paper),)), asyncio.Event()
        backfill.told = StopsAtFailure(stop)
        paper.broken[broken] = status
        # No story is settled before the failure is told, so that the run is not done by then.
        paper.open.clear()
        stopped = await backfill.run(plan, stop)
        paper.open.set()
        assert stopped.stage is Stage.INTERRUPTED
        assert (list(stopped.failures), stopped.failed) == ([paper.home + broken], 1)
        again = await backfill.go_on(1)
        assert (again.stage, list(again.failures), again.failed) == (Stage.DONE, [paper.home + broken], 1)
        assert paper.asked.count(broken) == 2
        paper.broken.clear()
        whole = await backfill.run(plan)
        assert (whole.stage, whole.failures) == (Stage.DONE, {})
        numbers = {int(line["url"].rpartition("/")[2].partition("-")[0]) for line in lines(tmp_path / "data")}
        # A server that answers 503 is left alone for a while, so a story before that page may still wait.
        assert numbers >= ({5} if source is Source.INDEX else {1, 2, 3, 4, 7})


async def test_a_list_that_a_run_reads_when_it_goes_on_has_not_failed(tmp_path):
    with newspaper() as paper:
        plan = Plan(sources=(Source.FEED,))
        outlet = outlet_of(paper, feeds=(f"{paper.home}/archive/7",))
        backfill, stop = Backfills(settings_in(tmp_path / "data", host_concurrency=16), (outlet,)), asyncio.Event()
        backfill.told = StopsAtFailure(stop)
        paper.broken["/archive/5"] = 404
        paper.open.clear()
        stopped = await backfill.run(plan, stop)
        assert (stopped.stage, list(stopped.failures)) == (Stage.INTERRUPTED, [f"{paper.home}/archive/5"])
        paper.open.set()
        paper.broken.clear()
        done = await backfill.go_on(1)
        assert (done.stage, done.failures, done.failed) == (Stage.DONE, {}, 0)
        assert done.total.kept == len(lines(tmp_path / "data")) == 7
        assert (paper.asked.count("/archive/7"), paper.asked.count("/archive/5")) == (1, 2)
        assert (done.known, done.lists) == (0, 7), "what it listed itself was not known before"


LISTS = {
    Source.SITEMAP: ("/2026-01a.xml.gz", JANUARY, {"/peta.xml", "/2026.xml.gz", "/2026-01b.xml"}),
    Source.FEED: (BROKEN[Source.FEED], Span(), {"/paged", "/paged?paged=2"}),
    Source.INDEX: (
        BROKEN[Source.INDEX],
        Span(since=datetime(2026, 1, 14, tzinfo=UTC), until=datetime(2026, 1, 16, tzinfo=UTC)),
        {"/indeks?date=2026-01-14&page=1", "/indeks?date=2026-01-15&page=1"},
    ),
}


@pytest.mark.parametrize(
    ("source", "answer"),
    [(Source.SITEMAP, 500), (Source.SITEMAP, b"<neither a list nor a feed"), (Source.FEED, 500), (Source.INDEX, 500)],
)
async def test_a_run_that_is_done_with_failures_asks_again_for_what_failed_and_for_nothing_else(
    tmp_path, source, answer
):
    failing, span, others = LISTS[source]
    plan = Plan(sources=(source,), span=span)
    with newspaper() as paper:
        backfill = Backfills(settings_in(tmp_path / "data"), (turned_over(paper),))
        undisturbed = await Backfills(settings_in(tmp_path / "other"), (turned_over(paper),)).run(plan)
        paper.asked.clear()
        paper.broken[failing] = answer
        done = await backfill.run(plan)
        assert (done.stage, list(done.failures), done.is_whole) == (Stage.DONE, [paper.home + failing], False)
        paper.broken.clear()
        whole = await backfill.go_on(1)
        assert (whole.stage, whole.failures, whole.is_whole) == (Stage.DONE, {}, True)
        assert paper.asked.count(failing) == 2
        assert {paper.asked.count(other) for other in others} == {1}, "and none of the stories"
        told = [(one.total, one.lists, one.known, one.passed_over) for one in (whole, undisturbed)]
        assert told[0] == told[1]
        assert (await backfill.go_on(1)) == whole
        assert not (backfill.runs.open(1).directory / "documents").exists()


async def test_captures_of_a_web_archive_are_listed_in_pages_and_kept_under_their_own_addresses(tmp_path):
    with newspaper() as paper:
        kept, _ = await numbers_kept(paper, tmp_path, Plan(sources=(Source.WAYBACK,), span=JANUARY))
        assert kept == [1, 2, 3, 4, 5, 6]
        queries = [parse_qs(urlsplit(one).query) for one in paper.asked if one.startswith("/cdx")]
        assert [query.get("resumeKey") for query in queries[:3]] == [None, ["4"], ["7"]]
        until = datetime(2026, 2, 1, tzinfo=UTC) + timedelta(days=90)
        assert (queries[0]["from"], queries[0]["to"]) == (["20260101000000"], [f"{until:%Y%m%d%H%M%S}"])
        assert all(line["url"].startswith(f"{paper.home}/berita/") for line in lines(tmp_path / "data"))
        assert not any(captured(line["url"]) for line in lines(tmp_path / "data"))
        assert [one for one in paper.asked if one.startswith("/web/20260201030000id_/http://")]
