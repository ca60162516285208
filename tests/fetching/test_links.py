"""Connections over sockets and within TLS."""

import asyncio
import contextlib
import socket
import ssl

import pytest
import trustme

from scraper.fetching.links import SocketLink, secured

AUTHORITY = trustme.CA()
TRUSTING = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
AUTHORITY.configure_trust(TRUSTING)
SERVING = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
AUTHORITY.issue_cert("kabar.example").configure_cert(SERVING)


@contextlib.asynccontextmanager
async def link_to(serve, tls=None):
    """A link to a server that does `serve(reader, writer)`; over TLS when it has a context."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server:
        sock = socket.socket()
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, server.sockets[0].getsockname())
        link = SocketLink(sock)
        try:
            yield await secured(link, TRUSTING, "kabar.example") if tls else link
        finally:
            link.close()


async def whole(link):
    data = b""
    while piece := await link.receive(65536):
        data += piece
    return data


@pytest.mark.parametrize("tls", [None, SERVING], ids=["plain", "tls"])
async def test_what_is_sent_comes_back_whole(tls):
    text = bytes(range(256)) * 4096

    async def echo(reader, writer):
        writer.write(await reader.readexactly(len(text)))
        writer.close()

    async with link_to(echo, tls) as link:
        await link.send(text)
        assert await whole(link) == text


@pytest.mark.parametrize("tls", [None, SERVING], ids=["plain", "tls"])
async def test_a_wait_that_is_given_up_again_and_again_loses_no_byte(tls):
    text = bytes(n % 251 for n in range(20_000))

    async def trickle(_reader, writer):
        for start in range(0, len(text), 100):
            writer.write(text[start : start + 100])
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    async with link_to(trickle, tls) as link:
        data = b""
        while True:
            try:
                async with asyncio.timeout(0.0005):
                    piece = await link.receive(64)
            except TimeoutError:
                continue
            if not piece:
                break
            data += piece
    assert data == text


@pytest.mark.parametrize("tls", [None, SERVING], ids=["plain", "tls"])
async def test_a_flood_leaves_others_their_turn(tls):
    async def flood(_reader, writer):
        with contextlib.suppress(ConnectionError):
            while True:
                writer.write(bytes(65536))
                await writer.drain()

    turns = 0

    async def others():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with link_to(flood, tls) as link:
        other = asyncio.create_task(others())
        size = 0
        while size < 20_000_000:
            size += len(await link.receive(65536))
        other.cancel()
    assert turns > 20


async def test_an_end_without_a_farewell_is_an_end():
    async def cut(_reader, writer):
        writer.write(b"kabar")
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    async with link_to(cut, SERVING) as link:
        assert await whole(link) == b"kabar"


async def test_a_certificate_for_another_name_is_refused():
    async def nothing(_reader, _writer):
        pass

    server = await asyncio.start_server(nothing, "127.0.0.1", 0, ssl=SERVING)
    async with server:
        sock = socket.socket()
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, server.sockets[0].getsockname())
        link = SocketLink(sock)
        with pytest.raises(ssl.SSLCertVerificationError):
            await secured(link, TRUSTING, "warta.example")
        link.close()


async def test_a_server_that_leaves_during_the_handshake_is_told_as_such():
    async def leave(_reader, writer):
        writer.close()

    async with link_to(leave) as link:
        with pytest.raises(OSError, match=r"TLS|reset"):
            await secured(link, TRUSTING, "kabar.example")
