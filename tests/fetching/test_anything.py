"""Whatever bytes come, the outcome is a value. SCRAPER_TEST_FUZZ=N makes N answers instead of a few hundred."""

import asyncio
import dataclasses
import gzip
import os
import random
from datetime import timedelta

import brotli
import zstandard

from scraper.fetching import HttpFetcher
from scraper.model.page import FetchFailed, Page, Unchanged
from tests.fetching.hostile import OK, chunked, numbered_chunk
from tests.fetching.web import QUICK, TRUSTS_NONE, asking, clock, reply, running

COUNT = int(os.environ.get("SCRAPER_TEST_FUZZ", "400"))
BODY = b"<rss><item>Kabar pagi dari kota</item></rss>" * 20
SOUND = [
    reply(BODY, headers=[("ETag", '"a"'), ("Cache-Control", "max-age=60"), ("Retry-After", "5")]),
    reply(gzip.compress(BODY, mtime=0), headers=[("Content-Encoding", "gzip")]),
    reply(brotli.compress(BODY), headers=[("Content-Encoding", "br")]),
    reply(zstandard.compress(BODY), headers=[("Content-Encoding", "zstd")]),
    chunked(numbered_chunk(BODY) + b"0\r\nX-Sum: 1\r\n\r\n"),
    OK + b"Expires: Mon, 23 Nov 2026 09:00:00 GMT\r\nAge: 5\r\n\r\n" + BODY,
    reply(status=304, headers=[("Last-Modified", "Mon, 23 Nov 2026 07:00:00 GMT")]),
    reply(status=302, headers=[("Location", "http://user@[::1]:99/a?b#c")]),
    reply(status=301, headers=[("Location", "//kabar.example:1/\u00e4?%zz")]),
    reply(status=429, headers=[("Retry-After", "Mon, 23 Nov 2026 09:00:00 GMT")]),
    b"HTTP/1.1 100 Continue\r\n\r\n" + reply(BODY),
    reply(b"User-agent: *\nDisallow: /x*y$\nCrawl-delay: 0\n"),
]
PIECES = [
    b"\r\n",
    b"\n",
    b"\0",
    b":",
    b"HTTP/1.1 ",
    b"-",
    b"99999999999999999999",
    b"chunked",
    b"\xff",
    b" ",
    b"%",
    b"[",
]


def spoiled(dice):
    """A sound answer with some of its bytes changed, moved, doubled, cut or replaced."""
    answer = bytearray(dice.choice(SOUND))
    for _ in range(dice.choice([1, 1, 2, 5, 40])):
        at = dice.randrange(len(answer) + 1)
        end = at + dice.choice([0, 1, 3, 50])
        match dice.randrange(5):
            case 0:
                answer[at:at] = dice.choice(PIECES)
            case 1:
                del answer[at:end]
            case 2:
                answer[at:end] = dice.randbytes(dice.randrange(6))
            case 3:
                answer[at:at] = answer[at:end]
            case _:
                answer[at:end] = dice.choice(SOUND)[at:end]
    return bytes(answer)


async def test_whatever_bytes_come_the_outcome_is_a_value():
    seed = random.randrange(2**32)  # noqa: S311 - told on failure
    dice = random.Random(seed)  # noqa: S311

    async def answer(_asked, _reader, writer):
        writer.write(spoiled(dice))

    settings = dataclasses.replace(
        QUICK, respect_robots=True, feed_deadline=timedelta(seconds=2), connect_timeout=timedelta(seconds=1)
    )
    outcomes = []
    async with running() as web, HttpFetcher(settings, clock, tls=TRUSTS_NONE, lookup=lambda _: []) as fetcher:

        async def ask(number):
            path, host = f"/{number}", f"127.{number // 60000}.{number // 240 % 250}.{1 + number % 240}"
            web.routes[path] = answer
            if number % 4 == 0:
                web.routes[host + "/robots.txt"] = answer
            outcomes.append(await fetcher.fetch(asking(web.url(path, host), etag=b'"a"')))

        numbers = iter(range(COUNT))

        async def work():
            for number in numbers:
                await ask(number)

        await asyncio.gather(*(work() for _ in range(24)))
    assert len(outcomes) == COUNT, f"seed {seed}"
    assert all(isinstance(outcome, Page | Unchanged | FetchFailed) for outcome in outcomes), f"seed {seed}"
    assert {type(outcome) for outcome in outcomes} == {Page, Unchanged, FetchFailed}
