"""Connecting to one of several addresses."""

import asyncio
import contextlib
import socket
import ssl

import httpx
import pytest

from scraper.fetching.dialling import dial

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
            assert await dialled.reader.read() == b"kabar"
            dialled.close()


async def test_an_address_that_fails_is_followed_at_once_by_the_next():
    async with greeting("127.0.0.7") as port:
        loop = asyncio.get_running_loop()
        began = loop.time()
        dialled = await dial(("127.0.0.8", "127.0.0.9", "127.0.0.7"), url(port), None, TLS)
        assert loop.time() - began < 0.25
        assert await dialled.reader.read() == b"kabar"
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
