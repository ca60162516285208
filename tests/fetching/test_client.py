"""Whole trips over real sockets."""

import asyncio
import dataclasses
import gzip
import zlib
from datetime import timedelta

import brotli
import pytest
import zstandard

from scraper.fetching import HttpFetcher
from scraper.fetching.client import limits_of
from scraper.model.page import FetchFailed, FetchReason, Page, RequestKind, Unchanged
from scraper.settings import FetchSettings
from tests.fetching.web import NOW, QUICK, TRUSTS_NONE, asking, clock, fetch, moved, outlet, reply, running, tls_pair

BODY = b"<rss>Kabar pagi</rss>" * 50


async def test_a_page_comes_with_all_that_was_said_about_it():
    headers = [
        ("Content-Type", "text/xml; charset=utf-8"),
        ("ETag", b'W/"caf\xe9"'),
        ("Last-Modified", "Mon, 23 Nov 2026 07:00:00 GMT"),
        ("Cache-Control", "public, max-age=300"),
        ("Age", "60"),
    ]
    async with running({"/feed": reply(BODY, headers=headers)}) as web:
        page = await fetch(web.url("/feed#top"))
    assert isinstance(page, Page)
    assert page.body == BODY
    assert page.url == web.url("/feed")
    assert page.requested_url == web.url("/feed#top")
    assert page.content_type == "text/xml; charset=utf-8"
    assert page.etag == b'W/"caf\xe9"'
    assert page.last_modified == b"Mon, 23 Nov 2026 07:00:00 GMT"
    assert page.max_age == timedelta(seconds=240)
    assert page.fetched_at == NOW
    assert page.wire_bytes == len(BODY)
    assert (b"Cache-Control", b"public, max-age=300") in page.headers
    assert page.moved_to is None


async def test_validators_are_sent_byte_for_byte_and_a_304_is_word_that_nothing_changed():
    async with running({"/feed": reply(status=304, headers=[("ETag", '"b"')])}) as web:
        answer = await fetch(web.url("/feed"), etag=b'"caf\xe9 \xf0"', last_modified=b"yesterday")
    assert isinstance(answer, Unchanged)
    assert answer.etag == b'"b"'
    assert web.asked[0].header("if-none-match") == b'"caf\xe9 \xf0"'
    assert web.asked[0].header("if-modified-since") == b"yesterday"


async def test_a_304_that_nobody_asked_for_is_no_answer():
    async with running({"/feed": reply(status=304)}) as web:
        answer = await fetch(web.url("/feed"))
    assert isinstance(answer, FetchFailed)
    assert answer.reason is FetchReason.PROTOCOL


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("gzip", gzip.compress(BODY, mtime=0)),
        ("x-gzip", gzip.compress(BODY[:99], mtime=0) + gzip.compress(BODY[99:], mtime=0)),
        ("gzip", gzip.compress(BODY, mtime=0) + b"trailing rubbish"),
        ("gzip", gzip.compress(BODY, mtime=0)[:-8]),
        ("gzip", gzip.compress(BODY, mtime=0)[:-8] + bytes(8)),
        ("gzip", b"\x1f\x8b\x08\0\0\0\0\0" + zlib.compress(BODY)[:-4]),
        ("gzip", b"\x1f\x8b\x08\x1e" + bytes(6) + b"\3\0abcname\0said\0xx" + zlib.compress(BODY)[2:]),
        ("gzip, aws-chunked", gzip.compress(BODY, mtime=0)),
        ("deflate", zlib.compress(BODY)),
        ("deflate", zlib.compress(BODY)[:-4]),
        ("deflate", zlib.compress(BODY)[2:-4]),
        ("br", brotli.compress(BODY)),
        ("zstd", zstandard.compress(BODY)),
        ("zstd", zstandard.compress(BODY[:99]) + zstandard.compress(BODY[99:])),
        ("gzip, br", brotli.compress(gzip.compress(BODY, mtime=0))),
        ("identity", BODY),
    ],
)
async def test_content_codings_are_undone(name, packed):
    async with running({"/": reply(packed, headers=[("Content-Encoding", name)])}) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page)
    assert page.body == BODY
    assert page.wire_bytes == len(packed)


@pytest.mark.parametrize(("said", "whole"), [(len(BODY), True), (len(BODY) + 1, False)])
async def test_a_packed_body_with_the_length_it_had_before_is_whole(said, whole):
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % said
    async with running({"/": head + gzip.compress(BODY, mtime=0), "/cut": head + gzip.compress(BODY)[:-20]}) as web:
        answer, cut = await fetch(web.url()), await fetch(web.url("/cut"))
    assert isinstance(answer, Page if whole else FetchFailed), answer
    for failed in (cut, *(() if whole else (answer,))):
        assert isinstance(failed, FetchFailed)
        assert failed.reason is FetchReason.INTERRUPTED


@pytest.mark.parametrize("name", ["UTF-8", "iso-8859-1", "us-ascii", "8bit", "binary", "text/html", "none"])
async def test_a_charset_that_stands_for_a_coding_is_none(name):
    async with running({"/": reply(BODY, headers=[("Content-Encoding", name)])}) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page)
    assert page.body == BODY


@pytest.mark.parametrize(
    "name", ["gzip", "deflate", "br", "zstd", "compress", "utf-8000", "rot13", "gzip, gzip, gzip, gzip"]
)
async def test_a_body_that_is_not_in_its_coding_is_a_failure(name):
    async with running({"/": reply(b"<html>plain</html>", headers=[("Content-Encoding", name)])}) as web:
        answer = await fetch(web.url())
    assert isinstance(answer, FetchFailed)
    assert answer.reason is FetchReason.BAD_ENCODING


@pytest.mark.parametrize(
    ("status", "headers", "reason", "retry_at"),
    [
        (404, (), FetchReason.HTTP_STATUS, None),
        (500, (), FetchReason.HTTP_STATUS, None),
        (410, (), FetchReason.GONE, None),
        (429, [("Retry-After", "120")], FetchReason.THROTTLED, NOW + timedelta(seconds=120)),
        (503, [("Retry-After", "Mon, 23 Nov 2026 09:00:00 GMT")], FetchReason.THROTTLED, NOW + timedelta(hours=1)),
        (429, (), FetchReason.THROTTLED, NOW + timedelta(seconds=30)),
        (503, (), FetchReason.HTTP_STATUS, NOW + timedelta(seconds=30)),
        (204, (), FetchReason.HTTP_STATUS, None),
    ],
)
async def test_other_statuses_are_failures_with_their_reason(status, headers, reason, retry_at):
    async with running({"/": reply(status=status, headers=headers)}) as web:
        answer = await fetch(web.url())
    assert isinstance(answer, FetchFailed)
    assert (answer.reason, answer.status, answer.retry_at) == (reason, status, retry_at)
    assert str(status) in answer.detail
    assert web.url() in answer.detail


async def test_permanent_redirects_tell_where_the_page_lives_now():
    async with running({"/a": moved(301, "/b"), "/b": moved(308, "c?x=1"), "/c?x=1": reply(BODY)}) as web:
        page = await fetch(web.url("/a"))
    assert isinstance(page, Page)
    assert page.moved_to == page.url == web.url("/c?x=1")


async def test_one_temporary_redirect_makes_the_whole_chain_temporary():
    async with running({"/a": moved(301, "/b"), "/b": moved(302, "/c"), "/c": reply(BODY)}) as web:
        page = await fetch(web.url("/a"))
    assert isinstance(page, Page)
    assert page.moved_to is None
    assert page.url == web.url("/c")


@pytest.mark.parametrize(("allowed", "ends_well"), [(5, True), (4, False)])
async def test_redirects_are_counted(allowed, ends_well):
    routes = {f"/{n}": moved(302, f"/{n + 1}") for n in range(5)} | {"/5": reply(BODY)}
    async with running(routes) as web:
        answer = await fetch(web.url("/0"), dataclasses.replace(QUICK, max_redirects=allowed))
    assert isinstance(answer, Page) is ends_well
    if isinstance(answer, FetchFailed):
        assert answer.reason is FetchReason.REDIRECTS
        assert len(web.asked) == allowed + 1


@pytest.mark.parametrize("where", ["/", "", None])
async def test_redirects_that_lead_nowhere_end(where):
    headers = [] if where is None else [("Location", where)]
    async with running({"/": reply(status=302, headers=headers)}) as web:
        answer = await fetch(web.url())
    assert isinstance(answer, FetchFailed)
    assert answer.reason is FetchReason.REDIRECTS
    assert len(web.asked) == 1


@pytest.mark.parametrize(
    ("where", "reason"),
    [
        ("file:///etc/passwd", FetchReason.BAD_URL),
        ("http://10.0.0.1/", FetchReason.REFUSED_ADDRESS),
        ("http://[::ffff:127.0.0.1]/", FetchReason.REFUSED_ADDRESS),
        ("http://2130706433/", FetchReason.REFUSED_ADDRESS),
        ("http://inner.example/", FetchReason.REFUSED_ADDRESS),
        ("http://user:secret@127.0.0.1/", FetchReason.BAD_URL),
    ],
)
async def test_every_hop_is_guarded(where, reason):
    async with running({"/": moved(302, where)}) as web:
        answer = await fetch(web.url(), lookup=lambda _: ["192.168.1.1"])
    assert isinstance(answer, FetchFailed)
    assert answer.reason is reason


async def test_what_is_meant_for_one_origin_is_shown_to_no_other():
    guest = outlet(headers=(("Authorization", "secret"), ("X-Key", "secret"), ("Accept-Language", "id")))
    async with running() as web:
        web.routes = {"127.0.0.1/": moved(302, web.url("/there", "127.0.0.2")), "/there": reply(BODY)}
        page = await fetch(web.url(), outlet=guest, etag=b'"a"', last_modified=b"b")
    assert isinstance(page, Page)
    here, there = web.asked
    assert here.header("authorization") == here.header("x-key") == b"secret"
    assert here.header("if-none-match") == b'"a"'
    for name in ("authorization", "x-key", "if-none-match", "if-modified-since"):
        assert there.header(name) is None
    assert there.header("accept-language") == b"id"


async def test_who_is_led_back_by_another_origin_shows_nothing_there():
    async with running() as web:
        web.routes = {
            "127.0.0.1/": moved(302, web.url("/", "127.0.0.2")),
            "127.0.0.2/": moved(302, web.url("/chosen")),
            "127.0.0.1/chosen": reply(BODY),
        }
        guest = outlet(headers=(("Authorization", "Basic a"), ("Accept-Language", "id")))
        page = await fetch(web.url(), outlet=guest, etag=b'"a"')
        shown = [(one.header("authorization"), one.header("if-none-match")) for one in web.asked]
        assert web.asked[-1].header("accept-language") == b"id"
    assert isinstance(page, Page)
    assert shown == [(b"Basic a", b'"a"'), (None, None), (None, None)]


async def test_the_guard_is_on_unless_a_network_is_opened():
    async with running({"/": reply(BODY)}) as web:
        answer = await fetch(web.url(), dataclasses.replace(QUICK, allow_networks=()))
        named = await fetch(f"http://localhost:{web.port}/", dataclasses.replace(QUICK, allow_networks=()))
    for one in (answer, named):
        assert isinstance(one, FetchFailed)
        assert one.reason is FetchReason.REFUSED_ADDRESS
        assert "loopback" in one.detail
    assert not web.asked


async def test_the_address_that_was_checked_is_the_one_connected_to():
    answers = iter([["127.0.0.3"], ["10.0.0.1"]])
    async with running({"/": reply(BODY)}) as web:
        page = await fetch(f"http://rebind.example:{web.port}/", lookup=lambda _: next(answers))
    assert isinstance(page, Page)
    assert [one.host for one in web.asked] == ["127.0.0.3"]
    assert web.asked[0].header("host") == f"rebind.example:{web.port}".encode()


async def test_refused_addresses_of_a_name_are_passed_over():
    async with running({"/": reply(BODY)}) as web:
        page = await fetch(f"http://mixed.example:{web.port}/", lookup=lambda _: ["10.0.0.1", "127.0.0.4"])
    assert isinstance(page, Page)


async def test_a_dead_address_does_not_hide_a_living_one():
    async with running({"/": reply(BODY)}) as web:
        settings = dataclasses.replace(QUICK, allow_networks=("127.0.0.0/8", "::1/128"))
        page = await fetch(f"http://two.example:{web.port}/", settings, lookup=lambda _: ["::1", "127.0.0.5"])
    assert isinstance(page, Page)


async def test_unknown_names_and_closed_ports_are_failures():
    def nowhere(_):
        raise OSError(-2, "Name or service not known")

    unknown = await fetch("http://nowhere.example/", lookup=nowhere)
    closed = await fetch("http://127.0.0.1:9/")
    assert isinstance(unknown, FetchFailed)
    assert isinstance(closed, FetchFailed)
    assert (unknown.reason, closed.reason) == (FetchReason.UNRESOLVED, FetchReason.UNREACHABLE)


@pytest.mark.parametrize(
    "url", ["", "feed.xml", "ftp://kabar.example/", "http://", "http://[::1", "http://a:99999999/"]
)
async def test_what_is_no_address_is_a_failure(url):
    answer = await fetch(url)
    assert isinstance(answer, FetchFailed)
    assert answer.reason is FetchReason.BAD_URL


async def test_the_daemon_introduces_itself_and_keeps_no_cookies():
    async with running({"/": reply(BODY, headers=[("Set-Cookie", "a=b")])}) as web:
        settings = dataclasses.replace(QUICK, contact="https://kabar.example/bot")
        async with HttpFetcher(settings, clock, tls=TRUSTS_NONE) as fetcher:
            await fetcher.fetch(asking(web.url()))
            await fetcher.fetch(asking(web.url()))
    agent = web.asked[1].header("user-agent")
    assert agent is not None
    assert agent.startswith(b"scraper/")
    assert agent.endswith(b" (+https://kabar.example/bot)")
    assert web.asked[1].header("cookie") is None


async def test_tls_names_are_verified_though_addresses_are_pinned():
    server, client = tls_pair("kabar.example")
    async with running({"/": reply(BODY)}, tls=server) as web:
        good = await fetch(f"https://kabar.example:{web.port}/", tls=client, lookup=lambda _: ["127.0.0.1"])
        other = await fetch(f"https://other.example:{web.port}/", tls=client, lookup=lambda _: ["127.0.0.1"])
        stranger = await fetch(f"https://kabar.example:{web.port}/", lookup=lambda _: ["127.0.0.1"])
    assert isinstance(good, Page)
    for one in (other, stranger):
        assert isinstance(one, FetchFailed)
        assert one.reason is FetchReason.TLS


async def test_a_silent_server_ends_with_the_deadline():
    async def silent(_asked, reader, _writer):
        await reader.read()

    settings = dataclasses.replace(QUICK, page_deadline=timedelta(seconds=0.3))
    async with running({"/": silent}) as web, asyncio.timeout(2):
        answer = await fetch(web.url(), settings, RequestKind.PAGE)
    assert isinstance(answer, FetchFailed)
    assert answer.reason is FetchReason.TIMEOUT


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_over_the_wire_limit_is_refused(declared):
    body = b"x" * 20_000
    head = b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 20000\r\n" if declared else b"") + b"\r\n"
    async with running({"/": head + body}) as web:
        answer = await fetch(web.url(), dataclasses.replace(QUICK, feed_wire_limit=19_999))
        fits = await fetch(web.url(), dataclasses.replace(QUICK, feed_wire_limit=20_000))
    assert isinstance(answer, FetchFailed)
    assert answer.reason is FetchReason.TOO_LARGE
    assert isinstance(fits, Page)


async def test_robots_rules_are_kept_and_asked_for_once():
    rules = reply(b"User-agent: scraper\nDisallow: /private\n\nUser-agent: *\nDisallow: /\n")
    async with running({"/robots.txt": rules, "/a": reply(BODY), "/private/b": reply(BODY)}) as web:
        async with HttpFetcher(dataclasses.replace(QUICK, respect_robots=True), clock, tls=TRUSTS_NONE) as fetcher:
            one, two = await asyncio.gather(
                fetcher.fetch(asking(web.url("/a"))), fetcher.fetch(asking(web.url("/private/b")))
            )
        assert web.paths().count("/robots.txt") == 1
    assert isinstance(one, Page)
    assert isinstance(two, FetchFailed)
    assert two.reason is FetchReason.ROBOTS
    assert "/private/b" not in web.paths()


@pytest.mark.parametrize(("status", "allowed"), [(404, True), (403, True), (503, False), (500, False)])
async def test_without_robots_all_is_allowed_but_with_a_broken_one_nothing(status, allowed):
    async with running({"/robots.txt": reply(status=status), "/a": reply(BODY)}) as web:
        answer = await fetch(web.url("/a"), dataclasses.replace(QUICK, respect_robots=True))
    assert isinstance(answer, Page) is allowed
    if isinstance(answer, FetchFailed):
        assert answer.retry_at is not None
        assert answer.retry_at > NOW
        assert "robots.txt" in answer.detail


async def test_loopback_addresses_on_one_port_are_hosts_of_their_own():
    settings = dataclasses.replace(QUICK, host_spacing=timedelta(seconds=30))
    async with running({"/": reply(BODY)}) as web, HttpFetcher(settings, clock, tls=TRUSTS_NONE) as fetcher:
        async with asyncio.timeout(5):
            pages = await asyncio.gather(
                *(fetcher.fetch(asking(web.url(host=f"127.0.{n // 200}.{1 + n % 200}"))) for n in range(100))
            )
        again = await fetcher.fetch(asking(web.url()))
    assert all(isinstance(page, Page) for page in pages)
    assert isinstance(again, FetchFailed)
    assert again.reason is FetchReason.THROTTLED
    assert again.retry_at is not None
    assert NOW + timedelta(seconds=25) < again.retry_at < NOW + timedelta(seconds=32)


async def test_a_host_that_asked_to_be_left_alone_is_left_alone_and_its_neighbour_is_not():
    async with running() as web, HttpFetcher(QUICK, clock, tls=TRUSTS_NONE) as fetcher:
        web.routes = {"127.0.0.1/": reply(status=429, headers=[("Retry-After", "100")]), "/": reply(BODY)}
        await fetcher.fetch(asking(web.url()))
        again = await fetcher.fetch(asking(web.url("/other")))
        neighbour = await fetcher.fetch(asking(web.url(host="127.0.0.2")))
        assert len(web.asked) == 2
    assert isinstance(again, FetchFailed)
    assert again.reason is FetchReason.THROTTLED
    assert again.retry_at is not None
    assert NOW + timedelta(seconds=98) < again.retry_at <= NOW + timedelta(seconds=101)
    assert isinstance(neighbour, Page)


@pytest.mark.parametrize(
    ("kind", "deadline", "wire"),
    [
        (RequestKind.FEED, 30, 5_000_000),
        (RequestKind.SITEMAP, 30, 5_000_000),
        (RequestKind.PAGE, 45, 8_000_000),
        (RequestKind.ROBOTS, 15, 512_000),
    ],
)
def test_each_kind_has_its_limits(kind, deadline, wire):
    limits = limits_of(kind, FetchSettings())
    assert (limits.deadline, limits.wire) == (deadline, wire)
    assert limits.decoded <= 10_000_000


async def test_ipv6_hosts_are_asked_too():
    server = await asyncio.start_server(_greet, "::1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        open_six = dataclasses.replace(QUICK, allow_networks=("::1/128",))
        page = await fetch(f"http://[::1]:{port}/", open_six)
        closed = await fetch(f"http://[::1]:{port}/")
    assert isinstance(page, Page)
    assert page.body == f"[::1]:{port}".encode()
    assert isinstance(closed, FetchFailed)
    assert closed.reason is FetchReason.REFUSED_ADDRESS


async def _greet(reader, writer):
    head = await reader.readuntil(b"\r\n\r\n")
    host = next(line.partition(b": ")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"host"))
    writer.write(reply(host))
    writer.close()
    await writer.wait_closed()
