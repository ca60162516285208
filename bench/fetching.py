"""What asking costs: CPU per request by transport, whole quiet polls with their state, a changed feed.

    python bench/fetching.py [transports] [quiet]

Without a name both are measured. Servers run in a process of their own on loopback, TLS certificates are made on
the spot, every request opens its own connection (a feed is asked minutes apart) and goes to a host of its own. CPU is
that of the asking process alone. `transports` compares the transport in use with others where they are installed
(aiohttp, httpx2): they speak to the same servers in the same run.
"""

import argparse
import asyncio
import contextlib
import os
import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import trustme

from scraper import polling
from scraper.clock import utc_now
from scraper.engine import steps
from scraper.engine.ledger import Ledger
from scraper.fetching import HttpFetcher
from scraper.fetching.transport import PinnedTransport, Route
from scraper.model.feed import FeedState, Listed, NotModified
from scraper.model.outlet import Outlet
from scraper.model.page import Request, RequestKind, Unchanged
from scraper.sandbox import Sandbox
from scraper.settings import FetchSettings, PollSettings, StoreSettings
from scraper.sources import FeedLister
from scraper.storage import open_store

PLAIN, SECURE = 0, 1
QUIET_PATH, CHANGED, STORY_PATH = "/feed.xml", "/changed.xml", "/story.html"
SETTINGS = FetchSettings(
    allow_networks=("127.0.0.0/8",), host_spacing=timedelta(0), respect_robots=False, concurrency=64
)
OUTLET = Outlet(id="bench", name="Bench", domains=("bench.example",))
ETAG = b'"0123456789abcdef"'
HEADERS = (
    b"Date: Mon, 23 Nov 2026 08:00:00 GMT\r\nServer: nginx\r\nETag: " + ETAG + b"\r\n"
    b"Last-Modified: Mon, 23 Nov 2026 07:00:00 GMT\r\nCache-Control: max-age=300\r\nVary: Accept-Encoding\r\n"
    b"X-Frame-Options: SAMEORIGIN\r\nStrict-Transport-Security: max-age=31536000\r\nConnection: close\r\n"
)
QUIET = b"HTTP/1.1 304 Not Modified\r\n" + HEADERS + b"\r\n"
TURNS = 5
"""How often each transport gets its turn; the median counts, so that no moment of the machine favours one."""
PAGE_BYTES = 40_000
"""A story's page as it travels, packed: what packs no further stands for it."""
STORY = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n" % PAGE_BYTES + HEADERS + b"\r\n" + bytes(range(250)) * 160


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topics", nargs="*", choices=["transports", "quiet", []])
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        asyncio.run(serve(arguments.serve))
        return
    measures = {"transports": transports, "quiet": quiet}
    for topic in arguments.topics or measures:
        measures[topic]()


# --- the servers ---------------------------------------------------------------------------------------------------


async def serve(directory: Path) -> None:
    """Answer on a plain and a TLS port; tell both on standard output."""
    secure = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    secure.load_cert_chain(directory / "server.pem")
    servers = [
        await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context, backlog=1024) for context in (None, secure)
    ]
    print(*(server.sockets[0].getsockname()[1] for server in servers), flush=True)
    await asyncio.Event().wait()


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError, EOFError):
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ")[1].decode()
        writer.write(changed(head) if path == CHANGED else STORY if path == STORY_PATH else QUIET)
        await writer.drain()
    writer.close()


LOOKS: Counter[str] = Counter()


def changed(head: bytes) -> bytes:
    """A feed of 100 items of which one is new each time; each host has its own."""
    host = head.lower().partition(b"host: ")[2].partition(b":")[0].decode()
    LOOKS[host] += 1
    newest = LOOKS[host]
    items = "".join(
        f"<item><title>Kabar nomor {n} dari kota</title><link>https://{host}/news/{n}/kabar-dari-kota</link>"
        f"<guid>https://bench.example/?p={n}</guid><pubDate>Mon, 23 Nov 2026 07:{n % 60:02}:00 GMT</pubDate>"
        f"<description>{'Warga kota menyambut kabar itu dengan gembira. ' * 4}</description></item>"
        for n in range(newest + 100, newest, -1)
    )
    body = f"<?xml version='1.0'?><rss version='2.0'><channel><title>Kabar</title>{items}</channel></rss>".encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n" % len(body) + HEADERS + b"\r\n" + body


@contextlib.contextmanager
def servers() -> Iterator[tuple[list[int], ssl.SSLContext]]:
    """Ports of the two servers, and a TLS context that trusts the second."""
    authority = trustme.CA()
    client = ssl.create_default_context()
    authority.configure_trust(client)
    with tempfile.TemporaryDirectory() as directory:
        authority.issue_cert("*.bench.example").private_key_and_cert_chain_pem.write_to_path(f"{directory}/server.pem")
        command = [sys.executable, __file__, "--serve", directory]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield [int(port) for port in process.stdout.readline().split()], client
            finally:
                process.terminate()


def address(ports: list[int], kind: int, number: int, path: str = QUIET_PATH) -> str:
    return f"http{'s' if kind == SECURE else ''}://h{number}.bench.example:{ports[kind]}{path}"


async def spread(count: int, one: Callable[[int], Awaitable[None]], at_once: int = 8) -> float:
    """CPU seconds of one request, measured over `count` of them after some to warm up."""
    for number in range(8):
        await one(count + number)
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:
            await one(number)

    start = time.process_time()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return (time.process_time() - start) / count


# --- transports ----------------------------------------------------------------------------------------------------

ASKED = [
    (b"User-Agent", b"scraper/0.1"),
    (b"Accept", b"*/*"),
    (b"Accept-Encoding", b"gzip, deflate, br, zstd"),
    (b"If-None-Match", ETAG),
    (b"Connection", b"close"),
]
Ask = Callable[[str], Awaitable[int]]


@contextlib.asynccontextmanager
async def in_use(tls: ssl.SSLContext) -> AsyncIterator[Ask]:
    transport = PinnedTransport(tls=tls, connect_timeout=10, least_rate=100, at_once=64)

    async def ask(url: str) -> int:
        headers = [(b"Host", httpx.URL(url).netloc), *ASKED]
        extensions = {"route": Route(addresses=("127.0.0.1",))}
        response = await transport.handle_async_request(
            httpx.Request("GET", url, headers=headers, extensions=extensions)
        )
        await drain(response)
        return response.status_code

    yield ask


async def drain(response: httpx.Response) -> None:
    assert isinstance(response.stream, httpx.AsyncByteStream)
    async for _ in response.stream:
        pass
    await response.stream.aclose()


@contextlib.asynccontextmanager
async def with_client(module: Any, tls: ssl.SSLContext) -> AsyncIterator[Ask]:
    """httpx or httpx2 as they come, without keep-alive; names are pinned by the loop's resolver below."""
    transport = module.AsyncHTTPTransport(verify=tls, limits=module.Limits(max_keepalive_connections=0))
    async with module.AsyncClient(transport=transport) as client:

        async def ask(url: str) -> int:
            async with client.stream("GET", url, headers=ASKED) as response:
                async for _ in response.aiter_raw():
                    pass
                return int(response.status_code)

        yield ask


@contextlib.asynccontextmanager
async def over_aiohttp(tls: ssl.SSLContext) -> AsyncIterator[Ask]:
    """aiohttp beneath httpx's values."""
    import aiohttp  # noqa: PLC0415 - only where it is installed

    connector = aiohttp.TCPConnector(limit=0, force_close=True, ssl=tls, use_dns_cache=False)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False, cookie_jar=jar) as session:
        headers = [(name.decode(), value.decode()) for name, value in ASKED[:-1]]

        async def ask(url: str) -> int:
            request = httpx.Request("GET", url)
            async with session.get(str(request.url), headers=headers, allow_redirects=False) as response:
                async for _ in response.content.iter_any():
                    pass
                return httpx.Response(response.status, headers=response.raw_headers).status_code

        yield ask


def transports() -> None:
    choices: dict[str, Callable[[ssl.SSLContext], Any]] = {
        "in use: asyncio + h11": in_use,
        "httpx": partial(with_client, httpx),
    }
    for name in ("httpx2", "aiohttp"):
        with contextlib.suppress(ImportError):
            module = __import__(name)
            choices[name] = over_aiohttp if name == "aiohttp" else partial(with_client, module)
    cases = [(path, kind) for path in (QUIET_PATH, STORY_PATH) for kind in (PLAIN, SECURE)]
    print("\nCPU ms a request, one connection each     304 plain       TLS   40 KB plain       TLS")
    with servers() as (ports, tls):
        found: dict[tuple[str, int], list[float]] = defaultdict(list)
        for _ in range(TURNS):
            for name, choice in choices.items():
                for number, case in enumerate(cases):
                    found[name, number].append(asyncio.run(_per_request(choice, ports, tls, *case)) * 1e3)
    for name in choices:
        figures = [median(found[name, number]) for number in range(len(cases))]
        print(f"{name:40} {figures[0]:10.2f}{figures[1]:10.2f}{figures[2]:14.2f}{figures[3]:10.2f}", flush=True)


async def _per_request(
    choice: Callable[[ssl.SSLContext], Any], ports: list[int], tls: ssl.SSLContext, path: str, kind: int
) -> float:
    loop = asyncio.get_running_loop()
    found = [(2, 1, 6, "", ("127.0.0.1", ports[kind]))]
    loop.getaddrinfo = lambda *_, **__: _answered(found)  # type: ignore[method-assign]
    async with choice(tls) as ask:

        async def one(number: int) -> None:
            assert await ask(address(ports, kind, number, path)) == (304 if path == QUIET_PATH else 200)

        return await spread(120, one)


async def _answered(found: list[Any]) -> list[Any]:
    return found


# --- quiet polls ---------------------------------------------------------------------------------------------------


def quiet() -> None:
    print("\nwhole polls: ask, schedule, remember             plain       TLS")
    with servers() as (ports, tls):
        alone = [asyncio.run(_asked(ports, tls, kind)) for kind in (PLAIN, SECURE)]
        print(f"{'asking alone, feeds/s/core':46} {1 / alone[PLAIN]:8.0f}  {1 / alone[SECURE]:8.0f}", flush=True)
        whole = [asyncio.run(_polled(ports, tls, kind, QUIET_PATH, 3000))[0] for kind in (PLAIN, SECURE)]
        print(f"{'quiet (304), feeds/s/core':46} {1 / whole[PLAIN]:8.0f}  {1 / whole[SECURE]:8.0f}", flush=True)
        news = [asyncio.run(_polled(ports, tls, kind, CHANGED, 400)) for kind in (PLAIN, SECURE)]
        print(f"{'changed feed of 100 items, CPU ms':46} {news[PLAIN][0] * 1e3:8.1f}  {news[SECURE][0] * 1e3:8.1f}")
        print(f"{'  of it in the parsing child':46} {news[PLAIN][1] * 1e3:8.1f}  {news[SECURE][1] * 1e3:8.1f}")


def fetcher(tls: ssl.SSLContext) -> HttpFetcher:
    return HttpFetcher(SETTINGS, utc_now, tls=tls, lookup=lambda _: ["127.0.0.1"])


async def _asked(ports: list[int], tls: ssl.SSLContext, kind: int) -> float:
    async with fetcher(tls) as asking:

        async def one(number: int) -> None:
            request = Request(url=address(ports, kind, number), kind=RequestKind.FEED, outlet=OUTLET, etag=ETAG)
            assert isinstance(await asking.fetch(request), Unchanged)

        return await spread(1500, one)


async def _polled(ports: list[int], tls: ssl.SSLContext, kind: int, path: str, count: int) -> tuple[float, float]:
    """CPU seconds of one poll with its state: together, and of the parsing child alone."""
    feeds = [
        FeedState(url=address(ports, kind, number, path), outlet=OUTLET.id, next_due=utc_now(), etag=ETAG)
        for number in range(count)
    ]
    with tempfile.TemporaryDirectory() as directory:
        store = open_store(StoreSettings(data=Path(directory)), utc_now)
        store.register(feeds)
        ledger = Ledger(lambda _: None)
        sandbox = Sandbox(workers=1, timeout=timedelta(seconds=10), memory=1_000_000_000, recycle_after=100_000)
        async with sandbox, fetcher(tls) as asking:
            lister = FeedLister(sandbox)

            async def poll(state: FeedState) -> FeedState:
                answer = await steps.ask(state, polling.request_for(state, OUTLET, utc_now()), asking, lister)
                assert isinstance(answer, Listed if path == CHANGED else NotModified), answer
                after = polling.after_poll(state, answer, PollSettings(), 0.0, utc_now())
                entries = answer.listing.entries if isinstance(answer, Listed) else ()
                await ledger.run(partial(store.record_poll, after, entries, utc_now()))
                return after

            # What is measured is a feed's life, not its birth: each one has been listed before.
            known = [await poll(state) for state in (feeds if path == CHANGED else feeds[:3])]
            feeds = known if path == CHANGED else feeds[3:]
            children = _children_cpu()
            start = time.process_time()
            numbers = iter(feeds)

            async def work() -> None:
                for state in numbers:
                    await poll(state)

            await asyncio.gather(*(work() for _ in range(32)))
            spent = (time.process_time() - start, _children_cpu() - children)
        ledger.close()
        store.close()
    return sum(spent) / len(feeds), spent[1] / len(feeds)


def _children_cpu() -> float:
    """CPU seconds of all living descendants, where the system tells (Linux)."""
    ticks = os.sysconf("SC_CLK_TCK")
    parents: dict[int, tuple[int, float]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError):
            fields = stat.read_text().rpartition(")")[2].split()
            parents[int(stat.parent.name)] = (int(fields[1]), (int(fields[11]) + int(fields[12])) / ticks)
    mine = {os.getpid()}
    total = 0.0
    for _ in range(4):
        found = {pid for pid, (parent, _) in parents.items() if parent in mine and pid not in mine}
        total += sum(parents[pid][1] for pid in found if "--serve" not in _command(pid))
        mine |= found
    return total


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text()
    return ""


if __name__ == "__main__":
    main()
