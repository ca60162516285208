"""Whatever a server sends ends within its deadline as a recorded failure, and costs little."""

import asyncio
import contextlib
import dataclasses
import random
import tracemalloc
from datetime import timedelta

import pytest

from scraper.fetching import HttpFetcher
from scraper.model.page import FetchFailed, FetchReason, Page, RequestKind
from tests.fakes import until
from tests.fetching import hostile
from tests.fetching.hostile import ANSWERS, MIB, OK, chunked, numbered_chunk
from tests.fetching.web import QUICK, TRUSTS_NONE, asking, clock, fetch, moved, reply, running, tls_pair

DEADLINE = timedelta(seconds=1.2)
UNHURRIED = dataclasses.replace(QUICK, feed_deadline=timedelta(seconds=25))
"""Time enough on a busy machine for what ends by itself."""
HURRIED = dataclasses.replace(QUICK, feed_deadline=DEADLINE, page_deadline=DEADLINE)


@pytest.mark.parametrize("name", ANSWERS)
async def test_each_hostile_answer_ends_as_a_failure_in_time(name):
    answer, reason = ANSWERS[name]
    async with running({"/*": answer}) as web:
        async with asyncio.timeout(30):
            failed = await fetch(web.url(), HURRIED if reason is FetchReason.TIMEOUT else UNHURRIED)
    assert isinstance(failed, FetchFailed), failed
    assert failed.reason is reason, failed
    assert failed.detail


async def test_a_drip_that_outlives_its_patience_is_too_slow(monkeypatch):
    monkeypatch.setattr("scraper.fetching.transport.WINDOW", 0.3)
    for answer in (hostile.drip(), hostile.drip(head=b"HTTP/1.1 200 OK\r\n", piece=b"X")):
        async with running({"/": answer}) as web:
            failed = await fetch(web.url(), UNHURRIED)
        assert isinstance(failed, FetchFailed)
        assert failed.reason is FetchReason.TOO_SLOW


async def test_a_slow_but_steady_answer_is_taken(monkeypatch):
    monkeypatch.setattr("scraper.fetching.transport.WINDOW", 0.2)

    async def steady(_asked, _reader, writer):
        await asyncio.sleep(0.3)
        writer.write(OK + b"Content-Length: 2000\r\n\r\n")
        for _ in range(10):
            await asyncio.sleep(0.04)
            writer.write(b"x" * 200)

    async with running({"/": steady}) as web:
        page = await fetch(web.url(), UNHURRIED)
    assert isinstance(page, Page)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd", "gzip, gzip", "zstd, br", "br, gzip, zstd"])
async def test_a_bomb_costs_its_limit_and_not_its_size(coding):
    async with running({"/": hostile.bomb(coding, 64)}) as web:
        tracemalloc.start()
        try:
            failed = await fetch(web.url(), UNHURRIED)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert isinstance(failed, FetchFailed)
    assert failed.reason is FetchReason.TOO_LARGE
    assert peak < 60 * MIB


async def test_a_body_in_honest_chunks_is_taken():
    body = b"<item>kabar</item>" * 1000
    chunks = b"".join(numbered_chunk(body[n : n + 700]) for n in range(0, len(body), 700))
    async with running({"/": chunked(chunks + b"0\r\nX-Sum: 1\r\n\r\n")}) as web:
        page = await fetch(web.url(), UNHURRIED)
    assert isinstance(page, Page)
    assert page.body == body


async def test_longer_than_it_says_is_read_as_long_as_it_says():
    async with running({"/": OK + b"Content-Length: 3\r\n\r\nabcdef"}) as web:
        page = await fetch(web.url(), UNHURRIED)
    assert isinstance(page, Page)
    assert page.body == b"abc"


async def test_interim_answers_are_passed_over():
    answer = b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + reply(b"kabar")
    async with running({"/": answer}) as web:
        page = await fetch(web.url(), UNHURRIED)
    assert isinstance(page, Page)


async def test_a_server_that_never_ends_the_handshake():
    settings = dataclasses.replace(UNHURRIED, connect_timeout=timedelta(seconds=0.3))
    async with running() as web:
        failed = await fetch(web.url(scheme="https"), settings)
    assert isinstance(failed, FetchFailed)
    assert failed.reason is FetchReason.UNREACHABLE


@pytest.mark.parametrize("greeting", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_a_server_that_speaks_no_tls(greeting):
    async def answer(reader, writer):
        await reader.read(5)
        writer.write(greeting)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
        done.set()

    done = asyncio.Event()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        failed = await fetch(f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/", UNHURRIED)
        await done.wait()
    assert isinstance(failed, FetchFailed)
    assert failed.reason is (FetchReason.TLS if greeting else FetchReason.UNREACHABLE)


async def test_a_tls_connection_that_is_cut_is_a_failure():
    server, client = tls_pair("127.0.0.1")
    async with running({"/": hostile.then_reset(OK + b"Content-Length: 100\r\n\r\nabc")}, tls=server) as web:
        failed = await fetch(web.url(scheme="https"), UNHURRIED, tls=client)
    assert isinstance(failed, FetchFailed)
    assert failed.reason is FetchReason.INTERRUPTED


async def test_rebinding_between_hops_is_no_way_in():
    answers = iter([["127.0.0.1"], ["10.0.0.1"], ["10.0.0.1"]])
    async with running() as web:
        web.routes = {"/": moved(302, f"http://other.example:{web.port}/")}
        failed = await fetch(f"http://kabar.example:{web.port}/", UNHURRIED, lookup=lambda _: next(answers))
    assert isinstance(failed, FetchFailed)
    assert failed.reason is FetchReason.REFUSED_ADDRESS
    assert len(web.asked) == 1


async def test_requests_cancelled_under_contention_cost_no_slot():
    async def slow(_asked, _reader, writer):
        await asyncio.sleep(0.05)
        writer.write(reply(b"kabar"))

    dice = random.Random(7)  # noqa: S311 - for a schedule, not for a secret
    settings = dataclasses.replace(UNHURRIED, concurrency=4, respect_robots=True)
    async with (
        running({"/slow": slow, "/": reply(b"kabar")}) as web,
        HttpFetcher(settings, clock, tls=TRUSTS_NONE) as fetcher,
    ):
        hosts = [f"127.0.0.{n}" for n in range(1, 9)]
        tasks = [asyncio.create_task(fetcher.fetch(asking(web.url("/slow", dice.choice(hosts))))) for _ in range(200)]
        for task in dice.sample(tasks, 180):
            await asyncio.sleep(dice.random() / 500)
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        web.most_open = web.open
        async with asyncio.timeout(30):
            pages = await asyncio.gather(*(fetcher.fetch(asking(web.url("/", host))) for host in hosts * 2))
        assert all(isinstance(page, Page) for page in pages)
        await until(lambda: not web.open)


async def test_the_loop_stays_free_while_all_of_them_answer_at_once():
    """The lag is measured by the benchmark; here it is enough that an honest server is not kept waiting."""
    routes = {f"/{number}": answer for number, (answer, _) in enumerate(ANSWERS.values())}
    async with (
        running(routes | {"/good": reply(b"kabar")}) as web,
        HttpFetcher(dataclasses.replace(UNHURRIED, page_deadline=DEADLINE), clock, tls=TRUSTS_NONE) as fetcher,
    ):
        attacks = [
            asyncio.create_task(fetcher.fetch(asking(web.url(path, f"127.0.1.{n + 1}"), RequestKind.PAGE)))
            for n, path in enumerate(routes)
        ]
        for n in range(20):
            page = await fetcher.fetch(asking(web.url("/good", f"127.0.2.{n + 1}")))
            assert isinstance(page, Page)
        async with asyncio.timeout(30):
            ends = await asyncio.gather(*attacks)
    assert not [end for end in ends if isinstance(end, Page)]
