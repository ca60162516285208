"""An outlet's own proxy and headers."""

import asyncio
import base64
import contextlib
import dataclasses

import pytest

from scraper.model.page import FetchFailed, FetchReason, Page
from tests.fetching.web import QUICK, fetch, moved, outlet, reply, running, tls_pair

BODY = b"kabar" * 100


def never(name):
    raise AssertionError(f"{name} is for the proxy to look up")


def tunnel(port):
    """A proxy that leads every tunnel to one local port."""

    async def answer(_asked, reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
        back = asyncio.create_task(_pump(far_reader, writer))
        try:
            await _pump(reader, far_writer)
        finally:
            back.cancel()
            far_writer.close()

    return answer


async def _pump(reader, writer):
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


async def test_a_proxy_gets_the_whole_address_and_looks_the_name_up_itself():
    async with running({"http://kabar.example/feed?a=1": reply(BODY)}) as proxy:
        one = outlet(proxy=f"http://me:se%20cret@127.0.0.1:{proxy.port}")
        page = await fetch("http://kabar.example/feed?a=1", lookup=_proxy_alone, outlet=one)
    assert isinstance(page, Page), page
    assert page.body == BODY
    assert proxy.asked[0].line == "GET http://kabar.example/feed?a=1 HTTP/1.1"
    assert proxy.asked[0].header("host") == b"kabar.example"
    token = base64.b64encode(b"me:se cret").decode()
    assert proxy.asked[0].header("proxy-authorization") == f"Basic {token}".encode()


def _proxy_alone(name):
    return [name] if name == "127.0.0.1" else never(name)


@pytest.mark.parametrize("named", ["kabar.example", "other.example"])
async def test_tls_goes_through_the_tunnel_to_the_server_and_its_name_is_verified_there(named):
    server, client = tls_pair("kabar.example")
    async with running({"/feed": reply(BODY)}, tls=server) as web, running() as proxy:
        proxy.routes = {f"{named}:443": tunnel(web.port)}
        settings = dataclasses.replace(QUICK, proxy=f"http://me:pass@127.0.0.1:{proxy.port}")
        answer = await fetch(f"https://{named}/feed", settings, tls=client, lookup=_proxy_alone)
    assert proxy.asked[0].line == f"CONNECT {named}:443 HTTP/1.1"
    assert proxy.asked[0].header("proxy-authorization") == b"Basic " + base64.b64encode(b"me:pass")
    if named == "kabar.example":
        assert isinstance(answer, Page), answer
        assert web.asked[0].header("proxy-authorization") is None
    else:
        assert isinstance(answer, FetchFailed)
        assert answer.reason is FetchReason.TLS


async def test_names_inside_the_proxys_network_are_refused_unless_a_network_is_allowed():
    async with running({"http://localhost/feed": reply(BODY)}) as proxy:
        strict = dataclasses.replace(QUICK, allow_networks=(), proxy=f"http://127.0.0.1:{proxy.port}")
        refused = await fetch("http://localhost/feed", strict, lookup=_proxy_alone)
        assert not proxy.asked
        page = await fetch("http://localhost/feed", dataclasses.replace(QUICK, proxy=strict.proxy), lookup=_proxy_alone)
    assert isinstance(refused, FetchFailed)
    assert refused.reason is FetchReason.REFUSED_ADDRESS
    assert isinstance(page, Page)


@pytest.mark.parametrize(
    ("host", "network", "asked"),
    [
        ("localhost", "10.0.0.0/8", False),
        ("berita.localhost", "10.0.0.0/8", False),
        ("metadata.google.internal", "10.0.0.0/8", False),
        ("berita.internal", "10.0.0.0/8", True),
        ("berita.internal", "10.0.0.0/24", False),
        ("known-to-the-proxy-alone.internal", "10.0.0.0/8", True),
    ],
)
async def test_an_allowed_network_opens_no_other_one_behind_a_proxy(host, network, asked):
    known = {"metadata.google.internal": ["169.254.169.254"], "berita.internal": ["10.1.2.3"]}

    def lookup(name):
        if name == "known-to-the-proxy-alone.internal":
            raise OSError("no such name")
        return known[name] if name in known else _proxy_alone(name)

    async with running({f"http://{host}/": reply(BODY)}) as proxy:
        settings = dataclasses.replace(QUICK, allow_networks=(network,), proxy=f"http://127.0.0.1:{proxy.port}")
        answer = await fetch(f"http://{host}/", settings, lookup=lookup)
        assert bool(proxy.asked) is asked
    assert isinstance(answer, Page) is asked, answer


async def test_numeric_hosts_are_guarded_behind_a_proxy_too():
    async with running({"http://kabar.example/": moved(302, "http://169.254.169.254/meta")}) as proxy:
        settings = dataclasses.replace(QUICK, proxy=f"http://127.0.0.1:{proxy.port}")
        answer = await fetch("http://kabar.example/", settings, lookup=_proxy_alone)
    assert isinstance(answer, FetchFailed)
    assert answer.reason is FetchReason.REFUSED_ADDRESS
    assert len(proxy.asked) == 1


@pytest.mark.parametrize("answer", [reply(status=407), b"", b"HTTP/1.1 200 OK\r\n\r\nsurprise", b"SSH-2.0\r\n\r\n"])
async def test_a_proxy_that_leads_nowhere_is_a_failure(answer):
    async with running({"kabar.example:443": answer}) as proxy:
        settings = dataclasses.replace(QUICK, proxy=f"http://127.0.0.1:{proxy.port}")
        failed = await fetch("https://kabar.example/", settings, lookup=_proxy_alone)
    assert isinstance(failed, FetchFailed)
    assert failed.reason in {FetchReason.UNREACHABLE, FetchReason.PROTOCOL, FetchReason.INTERRUPTED}


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "127.0.0.1:8080", "http://", "http://127.0.0.1:9"])
async def test_a_proxy_that_is_none_is_a_failure(proxy):
    failed = await fetch("http://kabar.example/", dataclasses.replace(QUICK, proxy=proxy), lookup=_proxy_alone)
    assert isinstance(failed, FetchFailed)
    assert failed.reason is FetchReason.UNREACHABLE


async def test_an_outlets_headers_are_sent_but_cannot_break_the_exchange():
    headers = {"Accept-Language": "id", "Cookie": "a=é", "User-Agent": "Kabar/1", "Accept-Encoding": "rot13"}
    headers |= {"Connection": "keep-alive", "Host": "other.example", "Content-Length": "5"}
    async with running({"/": reply(BODY)}) as web:
        page = await fetch(web.url(), outlet=outlet(headers=tuple(headers.items())))
    assert isinstance(page, Page)
    asked = web.asked[0]
    assert asked.header("accept-language") == b"id"
    assert asked.header("cookie") == "a=é".encode()
    assert asked.header("user-agent") == b"Kabar/1"
    assert asked.header("accept-encoding") == b"gzip, deflate, br, zstd"
    assert asked.header("host") == f"127.0.0.1:{web.port}".encode()
    assert asked.header("content-length") is None


async def test_a_header_that_is_none_is_a_failure():
    async with running({"/": reply(BODY)}) as web:
        failed = await fetch(web.url(), outlet=outlet(headers=(("X-A", "a\r\nX-B: b"),)))
    assert isinstance(failed, FetchFailed)
    assert failed.reason is FetchReason.PROTOCOL
    assert not web.asked
