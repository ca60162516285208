"""Opening a connection to one of several checked addresses, directly or through a proxy, with TLS where it is due."""

import asyncio
import base64
import contextlib
import socket
import ssl

import h11
import httpx

from scraper.fetching.links import Link, SocketLink, secured

STAGGER = 0.25
"""Seconds after which the next address is tried beside the ones under way (RFC 8305 section 5)."""


async def dial(addresses: tuple[str, ...], url: httpx.URL, proxy: httpx.URL | None, tls: ssl.SSLContext) -> Link:
    """Connect to the first address that answers; the certificate is checked against the name in the URL.

    Raises OSError (ssl.SSLError among them) or httpx.ProxyError.
    """
    peer = proxy or url
    link: Link = SocketLink(await _first_socket(addresses, peer.port or (443 if peer.scheme == "https" else 80)))
    try:
        if peer.scheme == "https":
            link = await secured(link, tls, _name(peer))
        if proxy is not None and url.scheme == "https":
            await _tunnel(link, url, proxy)
            link = await secured(link, tls, _name(url))
    except BaseException:
        link.close()
        raise
    return link


def _name(url: httpx.URL) -> str:
    return url.raw_host.decode("ascii").removesuffix(".")


async def _first_socket(addresses: tuple[str, ...], port: int) -> socket.socket:
    """Race the addresses, each started a little after the one before it or as soon as that one fails."""
    if len(addresses) == 1:
        return await _socket(addresses[0], port)
    errors: list[OSError] = []
    running: set[asyncio.Task[socket.socket]] = set()
    waiting = list(addresses)
    try:
        while waiting or running:
            if waiting:
                running.add(asyncio.create_task(_socket(waiting.pop(0), port)))
            done, running = await asyncio.wait(
                running, timeout=STAGGER if waiting else None, return_when=asyncio.FIRST_COMPLETED
            )
            won = [task for task in done if _outcome(task, errors)]
            if won:
                for spare in won[1:]:
                    spare.result().close()
                return won[0].result()
        raise errors[0]
    finally:
        for task in running:
            task.cancel()
            task.add_done_callback(_close_result)


def _outcome(task: asyncio.Task[socket.socket], errors: list[OSError]) -> bool:
    error = task.exception()
    if isinstance(error, OSError):
        errors.append(error)
    elif error is not None:
        raise error
    return error is None


def _close_result(task: asyncio.Task[socket.socket]) -> None:
    with contextlib.suppress(asyncio.CancelledError, OSError):
        task.result().close()


async def _socket(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, (address, port))
    except BaseException:
        sock.close()
        raise
    return sock


async def _tunnel(link: Link, url: httpx.URL, proxy: httpx.URL) -> None:
    """Ask the proxy for a way through to the server (RFC 9110 section 9.3.6)."""
    authority = b"%s:%d" % (url.netloc.partition(b":")[0] if b"[" not in url.netloc else url.netloc, url.port or 443)
    headers = [(b"host", authority), *proxy_authorization(proxy)]
    wire = h11.Connection(h11.CLIENT)
    await link.send(wire.send(h11.Request(method=b"CONNECT", target=authority, headers=headers)) or b"")
    while True:
        event = wire.next_event()
        if event is h11.NEED_DATA:
            wire.receive_data(await link.receive(4096))
        elif isinstance(event, h11.Response):
            break
    if not 200 <= event.status_code < 300:  # noqa: PLR2004 - the class of success
        raise httpx.ProxyError(f"the proxy answered {event.status_code} to CONNECT")
    if wire.trailing_data[0]:
        raise httpx.ProxyError("the proxy sent bytes ahead of the tunnel")


def proxy_authorization(proxy: httpx.URL) -> list[tuple[bytes, bytes]]:
    """Return the header that carries the user name and password of the proxy's URL, where it has them."""
    if not proxy.userinfo:
        return []
    token = base64.b64encode(f"{proxy.username}:{proxy.password}".encode())
    return [(b"proxy-authorization", b"Basic " + token)]
