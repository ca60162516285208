"""The whole daemon among hostile servers: each ends as a recorded failure, nobody inside is asked, no place is lost."""

import asyncio
from datetime import timedelta

from scraper.clock import utc_now
from scraper.engine.events import FeedAsked, StepFailed, StorySettled
from scraper.model.feed import Listed, PollFailed
from scraper.model.outlet import Outlet, Policy
from scraper.model.verdict import Deferred, Dropped, Kept
from scraper.service.daemon import run_daemon
from scraper.settings import ExtractSettings, FetchSettings, PollSettings, Settings, StoreSettings, WebSubSettings
from tests.fetching.hostile import ANSWERS, bomb
from tests.fetching.web import moved, reply, running, tls_pair
from tests.sources.hostile import CANARY, documents
from tests.websub.hub import feed, stories

PLACES = 8
PATIENCE = 100.0
BOMB_MIB = 64
DEADLINE = timedelta(seconds=1)
READABLE = {"a billion laughs", "one long entity many times", "entities from outside", "long dates"} | {
    "2 MB of attributes in many tags",
    "100,000 items",
    "100,000 addresses in a sitemap",
    "characters of no alphabet",
    "characters of another alphabet than declared",
}
"""Documents in which a bounded list of stories, or none, may be found all the same."""


def scene(port):
    """Routes of the hostile web, and its outlets by their id: a feed each, at an address each."""
    canary = f"http://{CANARY}:{port}"
    answers = {f"server: {name}": answer for name, (answer, _) in ANSWERS.items()}
    answers |= {f"document: {name}": reply(body) for name, body in documents(canary).items()}
    answers |= {
        f"server: bomb of {coding}": bomb(coding, BOMB_MIB)
        for coding in ("gzip", "br", "zstd", "gzip, gzip", "zstd, br")
    }
    answers |= {
        "server: redirect to a refused address of ours": moved(302, f"{canary}/"),
        "server: hub inside": reply(feed("http://127.0.0.1", [], hub=f"{canary}/hub")),
    }
    routes, outlets = {}, {}
    for number, (name, answer) in enumerate(answers.items()):
        host = f"127.0.1.{1 + number}"
        routes[f"{host}/*" if name.startswith("server: ") else f"{host}/feed"] = answer
        outlets[name] = Outlet(id=name, name=name, domains=(host,), feeds=(f"http://{host}:{port}/feed",))
    return routes, outlets


def pages(port, outlets):
    """The hostile servers' pages."""
    return [f"http://{one.domains[0]}:{port}/page" for name, one in outlets.items() if name.startswith("server: ")]


def lure(web, outlets):
    """A feed that lists them all."""
    items = (f"<item><title>t</title><link>{url}</link></item>" for url in pages(web.port, outlets))
    return f"<rss version='2.0'><channel>{''.join(items)}</channel></rss>".encode()


class Watch:
    """The first poll of each outlet, the verdict on each page."""

    def __init__(self):
        self.polls, self.verdicts, self.defects = {}, {}, []
        self.found = 0
        self.news = asyncio.Event()

    async def until(self, condition):
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.news.clear()
                await self.news.wait()

    def observe(self, event):
        self.news.set()
        match event:
            case FeedAsked():
                self.polls.setdefault(event.state.outlet, event)
                self.found += event.found
            case StorySettled():
                entry = event.outcome.pending.entry
                self.verdicts[entry.url] = event.outcome.verdict
            case StepFailed():
                self.defects.append(event)


def settings(tmp_path):
    return Settings(
        fetch=FetchSettings(
            allow_networks=("127.0.0.0/16",),
            host_spacing=timedelta(),
            respect_robots=False,
            feed_deadline=DEADLINE,
            page_deadline=DEADLINE,
            concurrency=PLACES,
            host_concurrency=PLACES,
        ),
        poll=PollSettings(floor=timedelta(seconds=1), initial=timedelta(hours=1)),
        extract=ExtractSettings(workers=2, page_timeout=timedelta(seconds=1.5), min_characters=100),
        websub=WebSubSettings(callback="http://127.0.0.1/", listen="127.0.0.1:0"),
        store=StoreSettings(data=tmp_path / "data", commit_interval=timedelta(seconds=0.1)),
    )


async def test_the_whole_daemon_among_hostile_servers(tmp_path, monkeypatch):
    monkeypatch.setattr("scraper.service.pushing.EVERY", timedelta(seconds=0.2))
    async with running() as web, running(tls=tls_pair("127.0.0.1")[0]) as stranger:
        web.routes, outlets = scene(web.port)
        base, watch, stop = web.url(""), Watch(), asyncio.Event()
        attacks = set(pages(web.port, outlets))
        names = ("Alas", "Bumi", "Cakra")
        honest_pages = [f"{base}/{name}" for name in names]
        web.routes |= {f"127.0.0.1{path}": story for path, story in stories(*names).items()} | {
            "127.0.0.1/feed": reply(feed(base, names)),
            "127.0.0.2/feed": reply(lure(web, outlets)),
        }
        honest = Outlet(
            id="honest",
            name="Honest",
            domains=("127.0.0.1", *(f"127.0.0.{10 + n}" for n in range(PLACES))),
            feeds=(f"{base}/feed",),
            policy=Policy(poll_ceiling=timedelta(seconds=1)),
        )
        lured = Outlet(
            id="lure",
            name="Lure",
            domains=tuple(one.domains[0] for one in outlets.values()),
            feeds=(web.url("/feed", "127.0.0.2"),),
        )
        tls = {
            "TLS: plain": Outlet(id="TLS: plain", name="P", domains=(), feeds=(web.url("/feed", scheme="https"),)),
            "TLS: unknown": Outlet(id="TLS: unknown", name="U", domains=(), feeds=(stranger.url(scheme="https"),)),
        }
        daemon = asyncio.create_task(
            run_daemon(
                settings(tmp_path),
                [honest, lured, *outlets.values(), *tls.values()],
                observe=watch.observe,
                clock=utc_now,
                stop=stop,
            )
        )
        try:
            await watch.until(lambda: watch.polls.keys() >= {*outlets, *tls, "honest", "lure"})
            await watch.until(lambda: watch.verdicts.keys() >= attacks)
            # A busy machine answers late, and a host that answers late is asked later: put off, and kept in the end.
            await watch.until(lambda: all(isinstance(watch.verdicts.get(url), Kept) for url in honest_pages))
            await watch.until(lambda: watch.found == len(watch.verdicts))
            await _all_places_are_free(web, watch)
        finally:
            stop.set()
            await daemon
    _each_ended_as_it_should(watch, [*outlets, *tls], attacks)
    assert CANARY not in web.met


async def _all_places_are_free(web, watch):
    """As many pages as there are places, each of which is answered only once all of them are asked for."""
    barrier = asyncio.Barrier(PLACES)
    (story,) = stories("Duri").values()

    async def answer(_asked, _reader, writer):
        await barrier.wait()
        writer.write(story)

    urls = [web.url(f"/{n}", f"127.0.0.{10 + n}") for n in range(PLACES)]
    web.routes |= {f"127.0.0.{10 + n}/*": answer for n in range(PLACES)}
    items = "".join(f"<item><title>t{n}</title><link>{url}</link></item>" for n, url in enumerate(urls))
    web.routes["127.0.0.1/feed"] = reply(f"<rss version='2.0'><channel>{items}</channel></rss>".encode())
    await watch.until(lambda: watch.verdicts.keys() >= set(urls))
    assert not [watch.verdicts[url] for url in urls if isinstance(watch.verdicts[url], Deferred)]


def _each_ended_as_it_should(watch, names, attacks):
    assert not watch.defects
    for name in names:
        poll = watch.polls[name].poll
        if isinstance(poll, Listed):
            assert name.removeprefix("document: ") in READABLE | {"server: hub inside"}, name
            assert len(poll.listing.entries) <= 10_000
        else:
            assert isinstance(poll, PollFailed), name
            assert poll.detail
    for url in attacks:
        verdict = watch.verdicts[url]
        assert isinstance(verdict, Dropped | Deferred), verdict
        assert verdict.detail
