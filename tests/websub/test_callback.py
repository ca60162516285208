"""The server that hubs call, over real sockets."""

import asyncio
import contextlib
import socket

import pytest

from scraper.websub import ListenError, listening
from scraper.websub import callback as room
from tests.websub.test_subscriber import Desk

LIMIT = 100_000


async def said(port, sent, *, wait=5.0):
    """What the server answers to these bytes: status, headers in lower case, body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    async with asyncio.timeout(wait):
        whole = await reader.read()
    writer.close()
    head, _, body = whole.partition(b"\r\n\r\n")
    return (int(head.split(b" ")[1]) if head else 0), head.lower(), body


def posting(path, body=b"", **headers):
    headers = {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"POST {path} HTTP/1.1", "Host: here", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def getting(path, method="GET"):
    return f"{method} {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode()


@contextlib.asynccontextmanager
async def open_door(desk, deliver=None, limit=LIMIT):
    delivered = []

    async def keep(push):
        delivered.append(push)

    async with listening("127.0.0.1:0", desk.subscriptions, deliver or keep, limit) as port:
        yield port, delivered


async def test_a_hub_that_asks_gets_its_challenge_back_as_plain_text():
    desk = Desk()
    desk.see()
    await desk.subscriptions.work()
    query = "?hub.mode=subscribe&hub.topic=https%3A%2F%2Fkabar.example%2Ffeed.xml&hub.lease_seconds=60&hub.challenge="
    async with open_door(desk) as (port, _):
        status, head, body = await said(port, getting(f"/websub/{desk.token}{query}%3Cscript%3E"))
        assert (status, body) == (200, b"<script>")
        assert b"content-type: text/plain" in head
        assert b"x-content-type-options: nosniff" in head
        assert b"connection: close" in head
        for path in (f"/websub/{'A' * 43}{query}x", f"/{desk.token}", "/", f"/{desk.token}/more{query}x"):
            assert (await said(port, getting(path)))[0] == 404


async def test_pushed_content_is_delivered_before_the_hub_is_thanked():
    desk = await Desk().live()
    body, order = b"<rss/>" * 1000, []

    async def deliver(push):
        await asyncio.sleep(0.05)
        order.append(push.page.body)

    async with open_door(desk, deliver) as (port, _):
        status, _, _ = await said(port, posting(f"/{desk.token}", body, **desk.sign(body, "sha512")))
        assert (status, order) == (202, [body])


async def test_who_forges_is_answered_like_a_hub_and_changes_nothing():
    desk = await Desk().live()
    async with open_door(desk) as (port, delivered):
        for headers in ({}, {"X-Hub-Signature": "sha256=" + "0" * 64}, desk.sign(b"other")):
            assert (await said(port, posting(f"/{desk.token}", b"<rss/>", **headers)))[0] == 202
        assert (await said(port, posting("/" + "A" * 43, b"<rss/>", **desk.sign(b"<rss/>"))))[0] == 410
        assert not delivered


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_other_methods_are_refused(method):
    async with open_door(Desk()) as (port, _):
        assert (await said(port, getting("/", method)))[0] == 405


async def test_bodies_are_bounded_whether_they_say_their_length_or_not():
    desk = await Desk().live()
    path = f"/{desk.token}"
    endless = b"POST %s HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n" % path.encode()
    chunk = b"2000\r\n" + bytes(0x2000) + b"\r\n"
    async with open_door(desk) as (port, delivered):
        declared = posting(path, b"", Content_Length="99999999999999999999")
        assert (await said(port, declared))[0] in {400, 413}
        assert (await said(port, posting(path, b"", Content_Length=str(LIMIT + 1))))[0] == 413
        with contextlib.suppress(ConnectionError):  # it may hang up before all was sent
            assert (await said(port, endless + chunk * 100))[0] in {0, 413}
        assert not delivered
        assert (await said(port, posting(path, b"<rss/>", **desk.sign(b"<rss/>"))))[0] == 202
        assert len(delivered) == 1


async def test_heads_are_bounded():
    async with open_door(Desk()) as (port, _):
        endless = b"GET / HTTP/1.1\r\nHost: here\r\n" + b"X-Filler: y\r\n" * 10_000
        with contextlib.suppress(ConnectionError):
            assert (await said(port, endless))[0] in {0, 400, 431}


@pytest.mark.parametrize("sent", [b"", b"G", b"GET / HTTP/1.1\r\nHost: here\r\n"])
async def test_who_does_not_say_what_it_wants_is_hung_up_on(sent, monkeypatch):
    monkeypatch.setattr(room, "HEAD_SECONDS", 0.2)
    async with open_door(Desk()) as (port, _):
        with contextlib.suppress(ConnectionError):
            assert (await said(port, sent))[0] == 0


async def test_a_body_that_does_not_come_ends_in_time(monkeypatch):
    monkeypatch.setattr(room, "BODY_SECONDS", 0.2)
    desk = await Desk().live()
    async with open_door(desk) as (port, _):
        status, head, _ = await said(port, posting(f"/{desk.token}", b"", Content_Length="100"))
    assert status == 503
    assert b"retry-after" in head


async def test_a_crowd_of_bodies_is_asked_to_come_again(monkeypatch):
    monkeypatch.setattr(room, "MOST_BODIES", 2)
    desk, gate = await Desk().live(), asyncio.Event()

    async def deliver(_push):
        await gate.wait()

    async with open_door(desk, deliver) as (port, _):
        sent = posting(f"/{desk.token}", b"<rss/>", **desk.sign(b"<rss/>"))
        crowd = [asyncio.create_task(said(port, sent, wait=20)) for _ in range(5)]
        done: set[asyncio.Task[tuple[int, bytes, bytes]]] = set()
        while len(done) < 3:
            some, _ = await asyncio.wait(crowd, timeout=0.05)
            done |= some
        assert {task.result()[0] for task in done} == {503}
        gate.set()
        assert sorted(status for status, _, _ in await asyncio.gather(*crowd)) == [202, 202, 503, 503, 503]


async def test_a_crowd_of_connections_costs_no_more_than_allowed(monkeypatch):
    monkeypatch.setattr(room, "MOST_CONNECTIONS", 5)
    async with open_door(Desk()) as (port, _):
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(5)]
        with contextlib.suppress(ConnectionError):
            assert (await said(port, getting("/")))[0] == 0
        for _, writer in idle:
            writer.close()
            await writer.wait_closed()
        async with asyncio.timeout(10):
            while True:
                with contextlib.suppress(ConnectionError):
                    if (await said(port, getting("/")))[0] == 404:
                        break


async def test_an_address_that_is_taken_is_told():
    async def deliver(_push):
        raise AssertionError

    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ListenError, match=f"cannot listen at {address}"):
            async with listening(address, Desk().subscriptions, deliver, LIMIT):
                pass
