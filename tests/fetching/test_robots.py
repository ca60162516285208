"""What a host lets us ask, and how often."""

import dataclasses
import gzip
import os
from datetime import timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from protego import Protego

from scraper.fetching import HttpFetcher
from scraper.fetching.robots import SIZE_LIMIT, meant_for
from scraper.model.page import FetchFailed, FetchReason, Page
from tests.fetching.web import NOW, QUICK, TRUSTS_NONE, asking, moved, outlet, reply, running

HEEDING = dataclasses.replace(QUICK, respect_robots=True)
STORY = reply(b"kabar")


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


def fetching(settings=HEEDING, clock=None):
    return HttpFetcher(settings, clock or Clock(), tls=TRUSTS_NONE)


async def test_rules_are_good_for_a_day():
    clock = Clock()
    async with running({"/robots.txt": reply(b"User-agent: *\nDisallow: /b"), "/a": STORY}) as web:
        async with fetching(clock=clock) as fetcher:
            for hours in (0, 1, 22, 2, 1):
                clock.now += timedelta(hours=hours)
                assert isinstance(await fetcher.fetch(asking(web.url("/a"))), Page)
        assert web.paths() == ["/robots.txt", "/a", "/a", "/a", "/robots.txt", "/a", "/a"]


async def test_rules_that_were_read_hold_while_robots_cannot_be_had():
    clock = Clock()
    async with running({"/robots.txt": reply(b"User-agent: *\nDisallow: /b"), "/a": STORY, "/b": STORY}) as web:
        async with fetching(clock=clock) as fetcher:
            assert isinstance(await fetcher.fetch(asking(web.url("/a"))), Page)
            web.routes["/robots.txt"] = reply(status=503)
            clock.now += timedelta(days=2)
            refused = await fetcher.fetch(asking(web.url("/b")))
            assert isinstance(refused, FetchFailed)
            assert refused.reason is FetchReason.ROBOTS
        async with fetching(clock=clock) as stranger:
            failed = await stranger.fetch(asking(web.url("/a")))
    assert isinstance(failed, FetchFailed)
    assert failed.reason is FetchReason.HTTP_STATUS
    assert failed.retry_at is not None
    assert failed.retry_at >= clock.now + timedelta(minutes=10)


@pytest.mark.parametrize("status", [429, 500])
async def test_too_many_requests_take_no_rule_away(status):
    clock = Clock()
    async with running({"/robots.txt": reply(b"User-agent: *\nDisallow: /b"), "/b": STORY}) as web:
        async with fetching(clock=clock) as fetcher:
            assert isinstance(await fetcher.fetch(asking(web.url("/b"))), FetchFailed)
            web.routes["/robots.txt"] = reply(status=status, headers=[("Retry-After", "0")])
            clock.now += timedelta(days=2)
            refused = await fetcher.fetch(asking(web.url("/b")))
        assert "/b" not in web.paths()
    assert isinstance(refused, FetchFailed)


@pytest.mark.parametrize("packed", [False, True])
async def test_what_stands_beyond_the_limit_is_ignored_and_a_rule_cut_there_is_none(packed):
    start = b"User-agent: *\nDisallow: /b\n"
    cut = b"Disallow: /a/very/long/way/down\n"
    filling = b"#" * (SIZE_LIMIT - len(start) - len(b"\nDisallow: /a")) + b"\n"
    body = start + filling + cut + b"Disallow: /c\n" + b"# more\n" * 100_000
    answer = reply(gzip.compress(body), headers=[("Content-Encoding", "gzip")]) if packed else reply(body)
    async with running({"/robots.txt": answer, "/a": STORY, "/b": STORY, "/c": STORY}) as web, fetching() as fetcher:
        answers = [await fetcher.fetch(asking(web.url(path))) for path in ("/a", "/b", "/c")]
    assert [isinstance(one, Page) for one in answers] == [True, False, True]


async def test_a_request_rate_is_kept_like_a_crawl_delay():
    rules = b"User-agent: *\nCrawl-delay: 10\nRequest-rate: 1/1m\n"
    async with running({"/robots.txt": reply(rules), "/a": STORY}) as web, fetching() as fetcher:
        assert isinstance(await fetcher.fetch(asking(web.url("/a"))), Page)
        failed = await fetcher.fetch(asking(web.url("/a")))
    assert isinstance(failed, FetchFailed)
    assert failed.retry_at is not None
    assert timedelta(seconds=50) < failed.retry_at - NOW <= timedelta(seconds=61)


async def test_redirects_of_robots_are_followed_and_bind_the_host_that_was_asked():
    async with running() as web:
        rules = reply(b"User-agent: *\nDisallow: /a")
        web.routes = {
            "127.0.0.1/robots.txt": moved(301, web.url("/rules", "127.0.0.2")),
            "127.0.0.2/rules": rules,
            "/robots.txt": reply(status=404),
            "/a": STORY,
        }
        async with fetching() as fetcher:
            here = await fetcher.fetch(asking(web.url("/a")))
            there = await fetcher.fetch(asking(web.url("/a", "127.0.0.2")))
    assert isinstance(here, FetchFailed)
    assert isinstance(there, Page)


async def test_a_redirect_is_judged_by_the_rules_of_where_it_leads():
    async with running() as web:
        web.routes = {
            "127.0.0.1/a": moved(302, web.url("/b", "127.0.0.2")),
            "127.0.0.2/robots.txt": reply(b"User-agent: *\nDisallow: /b"),
        }
        async with fetching() as fetcher:
            failed = await fetcher.fetch(asking(web.url("/a")))
        assert isinstance(failed, FetchFailed)
        assert failed.reason is FetchReason.ROBOTS
        assert "/b" not in web.paths()


async def test_a_crawl_delay_is_kept_up_to_the_limit_but_redirects_within_the_host_go_on():
    routes = {
        "/robots.txt": reply(b"User-agent: *\nCrawl-delay: 1000\n"),
        "/a": moved(302, "/b"),
        "/b": STORY,
    }
    async with running(routes) as web, fetching() as fetcher:
        first = await fetcher.fetch(asking(web.url("/a")))
        second = await fetcher.fetch(asking(web.url("/b")))
    assert isinstance(first, Page)
    assert isinstance(second, FetchFailed)
    assert second.reason is FetchReason.THROTTLED
    assert second.retry_at is not None
    assert timedelta(seconds=110) < second.retry_at - NOW <= timedelta(seconds=121)


async def test_an_outlets_policy_can_be_stricter_than_robots_but_not_looser():
    rules = reply(b"User-agent: *\nCrawl-delay: 60\n")
    for wish, least in ((timedelta(seconds=90), 85), (timedelta(seconds=0), 55)):
        async with running({"/robots.txt": rules, "/a": STORY}) as web, fetching() as fetcher:
            guest = outlet(request_spacing=wish, concurrency=50)
            assert isinstance(await fetcher.fetch(asking(web.url("/a"), outlet=guest)), Page)
            failed = await fetcher.fetch(asking(web.url("/a"), outlet=guest))
        assert isinstance(failed, FetchFailed)
        assert failed.retry_at is not None
        assert failed.retry_at - NOW > timedelta(seconds=least)


async def test_only_the_first_500_kib_are_read():
    filler = b"# filler\n" * 100_000
    for body, allowed in (
        (filler + b"User-agent: *\nDisallow: /\n", True),
        (b"User-agent: *\nDisallow: /\n" + filler, False),
    ):
        async with running({"/robots.txt": reply(body), "/a": STORY}) as web, fetching() as fetcher:
            assert isinstance(await fetcher.fetch(asking(web.url("/a"))), Page) is allowed


async def test_saved_rules_are_known_again_without_a_request():
    async with running({"/robots.txt": reply(b"User-agent: *\nDisallow: /b"), "/a": STORY}) as web:
        async with fetching() as fetcher:
            assert fetcher.saved_robots() is None
            await fetcher.fetch(asking(web.url("/a")))
            saved = fetcher.saved_robots()
        assert saved is not None
        async with fetching() as later:
            later.restore_robots(saved)
            refused = await later.fetch(asking(web.url("/b")))
        assert web.paths().count("/robots.txt") == 1
    assert isinstance(refused, FetchFailed)


@pytest.mark.parametrize("saved", [b"", b"[]", b'{"a": 1}', b"\xff", b'{"a": ["x", "y", "z"]}'])
async def test_what_was_not_saved_by_us_is_left_out(saved):
    async with fetching() as fetcher:
        fetcher.restore_robots(saved)


def test_ten_thousand_agents_with_as_many_rules_are_no_work():
    agents = "".join(f"User-agent: bot{n}\n" for n in range(10_000))
    rules = "".join(f"Disallow: /x{n}\n" for n in range(10_000))
    assert meant_for("scraper", agents + rules) == ""
    left = Protego.parse(meant_for("scraper", agents + "User-agent: *\n" + rules))
    assert not left.can_fetch("https://kabar.example/x9999", "scraper")


AGENTS = st.sampled_from(["*", "scraper", "Scraper", "scrap*", "s", "other", "googlebot", "a*", "**", ""])
FIELDS = st.one_of(
    st.sampled_from(["Disallow", "disalow", "Allow", "Crawl-delay", "crawl delay", "Request-rate", "Visit-time"]),
    st.sampled_from(["Sitemap", "site-map", "Host", "User-agent", "useragent", "USER AGENT"]),
    st.sampled_from(["Content-Signal", "nonsense", "no sense", "http", ""]),
)
SIGNS = st.sampled_from([":", ": ", " : ", " ", "\t", "", "::", " #"])
VALUES = st.sampled_from(
    ["/", "/a", "/a/b", "/a$", "*b", "5", "0.5", "1/10", "1/5m 0900-1200", "a: b", "", "# x", ": *"]
)
LINES = st.one_of(
    AGENTS.map("User-agent: {}".format),
    AGENTS.map("useragent {} # a comment".format),
    st.builds("{}{}{}".format, FIELDS, SIGNS, VALUES | AGENTS),
    st.sampled_from(["Disallow: /a", "Allow: /a/b", "Disallow:", "Disallow: /", "Crawl-delay: 5", "Sitemap: /s", ""]),
    st.sampled_from(["# User-agent: *", "Host: kabar.example", "nonsense", "Disallow /a$", "  User-Agent:*"]),
    st.text(max_size=12),
)


@settings(max_examples=int(os.environ.get("SCRAPER_TEST_ROBOTS_EXAMPLES", "200")))
@given(st.lists(LINES), st.sampled_from(["/", "/a", "/a/b", "/c"]))
@example(["User-agent: *", "nonsense", "User-agent: other", "Disallow: /"], "/")
@example(["User-agent: *", "nonsense", "User-agent: other", "Crawl-delay: 5"], "/")
@example(["User-agent: *", "nonsense: ", "User-agent: scraper", "Disallow: /"], "/")
def test_what_is_meant_for_us_is_judged_as_the_whole_file_is(lines, path):
    text, url = "\n".join(lines), f"https://kabar.example{path}"
    whole, ours = Protego.parse(text), Protego.parse(meant_for("scraper", text))
    assert ours.can_fetch(url, "scraper") == whole.can_fetch(url, "scraper")
    assert ours.crawl_delay("scraper") == whole.crawl_delay("scraper")
    assert ours.request_rate("scraper") == whole.request_rate("scraper")
    assert meant_for("scraper", meant_for("scraper", text)) == meant_for("scraper", text)


async def test_no_more_is_remembered_than_allowed_and_the_oldest_goes_first(monkeypatch):
    monkeypatch.setattr("scraper.fetching.robots.MOST_CHARACTERS", 70)
    async with (
        running({"/robots.txt": reply(b"User-agent: *\nDisallow: /b"), "/a": STORY}) as web,
        fetching() as fetcher,
    ):
        for host in ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1", "127.0.0.3"):
            assert isinstance(await fetcher.fetch(asking(web.url("/a", host))), Page)
        asked = [one.host for one in web.asked if one.path == "/robots.txt"]
    assert asked == ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.1"]
