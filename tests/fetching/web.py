"""A server over real sockets that answers exactly the bytes that a test wants."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import trustme

from scraper.fetching import HttpFetcher
from scraper.model.outlet import Outlet, Policy
from scraper.model.page import Fetched, Request, RequestKind
from scraper.settings import FetchSettings

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
QUICK = FetchSettings(
    allow_networks=("127.0.0.0/8",),
    host_spacing=timedelta(0),
    respect_robots=False,
    feed_deadline=timedelta(seconds=10),
    page_deadline=timedelta(seconds=10),
)


TRUSTS_NONE = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Reading the trusted authorities takes longer than most of these tests."""


def clock():
    return NOW


@dataclass
class Asked:
    """One request as it came."""

    line: str
    headers: list[tuple[str, bytes]]
    host: str
    """The address that it came to."""
    at: float

    @property
    def path(self):
        return self.line.split(" ")[1]

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)


Answer = Callable[[Asked, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Web:
    """Routes by path (`/feed`), by address and path (`127.0.0.2/feed`), or with `/*` for any; all asked is kept."""

    routes: dict[str, bytes | Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    open: int = 0
    most_open: int = 0
    met: set[str] = field(default_factory=set)
    """The addresses that somebody connected to, be it without a word."""
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def url(self, path="/", host="127.0.0.1", scheme="http"):
        return f"{scheme}://{host}:{self.port}{path}"

    def paths(self, host=None):
        return [one.path for one in self.asked if host in {None, one.host}]

    async def serve(self, reader, writer):
        task = asyncio.current_task()
        assert task is not None
        self.tasks.add(task)
        self.met.add(writer.get_extra_info("sockname")[0])
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            await self._answer(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self.open -= 1
            self.tasks.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")
        fields = [line.partition(b":") for line in head[1:-2]]
        asked = Asked(
            line=head[0].decode("latin-1"),
            headers=[(name.decode(), value.strip()) for name, _, value in fields],
            host=writer.get_extra_info("sockname")[0],
            at=asyncio.get_running_loop().time(),
        )
        self.asked.append(asked)
        names = asked.host + asked.path, asked.path, f"{asked.host}/*", "/*"
        answer = next((self.routes[name] for name in names if name in self.routes), reply(b"not here", status=404))
        if callable(answer):
            await answer(asked, reader, writer)
        else:
            writer.write(answer)
            await writer.drain()


def reply(body=b"", status=200, headers=()):
    """An honest answer."""
    head = [f"HTTP/1.1 {status} Word".encode(), b"Content-Length: %d" % len(body)]
    head += [f"{name}: ".encode() + (value if isinstance(value, bytes) else value.encode()) for name, value in headers]
    return b"\r\n".join([*head, b"Connection: close", b"", body])


def moved(status, where):
    return reply(status=status, headers=[("Location", where)])


@contextlib.asynccontextmanager
async def running(routes=None, tls=None) -> AsyncIterator[Web]:
    """Serve the routes on every loopback address at one port."""
    web = Web(routes=routes or {})
    server = await asyncio.start_server(web.serve, "0.0.0.0", 0, ssl=tls, backlog=1024)  # noqa: S104 - loopback hosts
    web.port = server.sockets[0].getsockname()[1]
    try:
        yield web
    finally:
        server.close()
        await asyncio.sleep(0.01)  # connections that were just accepted become tasks
        for task in web.tasks:
            task.cancel()
        await asyncio.gather(*web.tasks)
        await server.wait_closed()


def tls_pair(*names, authority=None):
    """Contexts of a server with those names and of a client that trusts it."""
    authority = authority or trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(server)
    client = ssl.create_default_context()
    authority.configure_trust(client)
    return server, client


def outlet(**policy):
    return Outlet(id="kabar", name="Kabar", domains=("kabar.example",), policy=Policy(**policy))


def asking(url, kind=RequestKind.FEED, **more):
    more.setdefault("outlet", outlet())
    return Request(url=url, kind=kind, **more)


async def fetch(url, settings=QUICK, kind=RequestKind.FEED, *, tls=None, lookup=None, **more) -> Fetched:
    """Ask once, with a fetcher of its own."""
    extra = {"lookup": lookup} if lookup else {}
    async with HttpFetcher(settings, clock, tls=tls or TRUSTS_NONE, **extra) as fetcher:
        return await fetcher.fetch(asking(url, kind, **more))
