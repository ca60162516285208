"""Connecting to one of several addresses."""

import asyncio
import contextlib
import dataclasses
import socket
import ssl

import httpx
import pytest

from scraper.fetching import HttpFetcher
from scraper.fetching.dialling import dial
from scraper.model.page import FetchFailed, FetchReason, Page
from tests.fetching.web import QUICK, asking, clock, reply, running

TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@contextlib.contextmanager
def silent(address, port):
    """A listener that lets nobody in: connections to it neither succeed nor fail."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                filler.connect((address, port))
        yield


@contextlib.asynccontextmanager
async def greeting(address):
    async def greet(_reader, writer):
        writer.write(b"kabar")
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(greet, address, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def url(port):
    return httpx.URL(f"http://kabar.example:{port}/")


async def test_an_address_that_never_answers_is_overtaken():
    async with greeting("127.0.0.7") as port:
        with silent("127.0.0.6", port):
            async with asyncio.timeout(3):
                dialled = await dial(("127.0.0.6", "127.0.0.7"), url(port), None, TLS)
            assert await dialled.receive(100) == b"kabar"
            dialled.close()


async def test_an_address_that_fails_is_followed_at_once_by_the_next():
    async with greeting("127.0.0.7") as port:
        loop = asyncio.get_running_loop()
        began = loop.time()
        dialled = await dial(("127.0.0.8", "127.0.0.9", "127.0.0.7"), url(port), None, TLS)
        assert loop.time() - began < 0.25
        assert await dialled.receive(100) == b"kabar"
        dialled.close()


async def test_when_all_fail_the_first_failure_is_told():
    with pytest.raises(ConnectionRefusedError):
        await dial(("127.0.0.8", "127.0.0.9"), url(9), None, TLS)


async def test_giving_up_leaves_no_connection_behind():
    async with greeting("127.0.0.7") as port:
        with silent("127.0.0.6", port):
            trying = asyncio.create_task(dial(("127.0.0.6", "127.0.0.6"), url(port), None, TLS))
            await asyncio.sleep(0.4)
            trying.cancel()
            with pytest.raises(asyncio.CancelledError):
                await trying
            await asyncio.sleep(0.01)
            left = [task for task in asyncio.all_tasks() if "_socket" in str(task.get_coro())]
    assert not left


async def test_hosts_that_cannot_be_reached_keep_no_other_waiting():
    settings = dataclasses.replace(QUICK, concurrency=4)
    fetcher = HttpFetcher(settings, clock, tls=TLS)
    async with running({"/": reply(b"kabar")}) as web, fetcher, greeting("127.0.0.7") as port:
        with contextlib.ExitStack() as stack:
            for n in range(1, 21):
                stack.enter_context(silent(f"127.0.9.{n}", port))
            dead = [asyncio.create_task(fetcher.fetch(asking(f"http://127.0.9.{n}:{port}/"))) for n in range(1, 21)]
            await asyncio.sleep(0.05)
            async with asyncio.timeout(3):
                assert isinstance(await fetcher.fetch(asking(web.url())), Page)
            for task in dead:
                task.cancel()
            await asyncio.gather(*dead, return_exceptions=True)


async def test_no_more_exchanges_than_allowed_are_under_way_and_who_waits_too_long_is_told(monkeypatch):
    monkeypatch.setattr("scraper.fetching.transport.PLACE_TIMEOUT", 0.3)
    under_way = most = 0

    async def slow(asked, _reader, writer):
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.8 if asked.path == "/slow" else 0.02)
        under_way -= 1
        writer.write(reply(b"kabar"))

    settings = dataclasses.replace(QUICK, concurrency=3)
    async with running({"/slow": slow, "/": slow}) as web, HttpFetcher(settings, clock, tls=TLS) as fetcher:
        quick = await asyncio.gather(*(fetcher.fetch(asking(web.url("/", f"127.0.9.{n}"))) for n in range(1, 11)))
        assert most == 3
        assert all(isinstance(page, Page) for page in quick)
        slows = await asyncio.gather(*(fetcher.fetch(asking(web.url("/slow", f"127.0.9.{n}"))) for n in range(1, 5)))
    told = [failed for failed in slows if isinstance(failed, FetchFailed)]
    assert most == 3
    assert [failed.reason for failed in told] == [FetchReason.THROTTLED]
