"""The whole daemon with a real hub: subscribe, verify, push, forge, restart, leave."""

import asyncio
import contextlib
import dataclasses
import socket
import threading
from datetime import timedelta

import pytest
import trustme

from scraper.clock import utc_now
from scraper.engine.events import FeedAsked, FeedPushed, StorySettled, unobserved
from scraper.engine.ledger import Ledger
from scraper.model.feed import FeedMemory, FeedState, PollHints
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Kept
from scraper.service.daemon import run_daemon
from scraper.service.pushing import subscribing
from scraper.settings import ExtractSettings, FetchSettings, PollSettings, Settings, StoreSettings, WebSubSettings
from scraper.websub import SUBSCRIPTIONS, Subscriptions
from tests.fetching.web import reply, running, tls_pair
from tests.storage.samples import store_in
from tests.websub.hub import Hub, feed, stories

PATIENCE = 60


class Watch:
    """What the line has told, and waiting for what it will tell."""

    def __init__(self):
        self.events = []
        self.news = asyncio.Event()

    def observe(self, event):
        self.events.append(event)
        self.news.set()

    def kept(self):
        return [
            event.outcome.pending.entry.url.rpartition("/")[2]
            for event in self.events
            if isinstance(event, StorySettled) and isinstance(event.outcome.verdict, Kept)
        ]

    def count(self, kind):
        return sum(isinstance(event, kind) for event in self.events)

    async def until(self, condition):
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self.news.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self.news.wait(), 0.05)


def settings(tmp_path, **poll):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    return Settings(
        fetch=FetchSettings(allow_networks=("127.0.0.0/8",), host_spacing=timedelta(), respect_robots=False),
        poll=PollSettings(**{"floor": timedelta(hours=1), "initial": timedelta(hours=1), **poll}),
        websub=WebSubSettings(callback=f"http://127.0.0.1:{port}/websub", listen=f"127.0.0.1:{port}"),
        extract=ExtractSettings(workers=1, min_characters=100),
        store=StoreSettings(data=tmp_path / "data", commit_interval=timedelta(seconds=0.05)),
    )


@contextlib.asynccontextmanager
async def collecting(config, outlets, clock=utc_now):
    watch, stop = Watch(), asyncio.Event()
    daemon = asyncio.create_task(run_daemon(config, outlets, observe=watch.observe, clock=clock, stop=stop))
    try:
        yield watch
    finally:
        stop.set()
        await daemon


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """A server's TLS that the daemon trusts."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    server, _ = tls_pair("127.0.0.1", authority=authority)
    return server


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch):
    monkeypatch.setattr("scraper.service.pushing.EVERY", timedelta(seconds=0.1))


def outlet(*feeds):
    return Outlet(id="kabar", name="Kabar", domains=("127.0.0.1",), feeds=feeds)


async def test_a_pushed_story_is_saved_without_a_poll_and_all_of_it_outlives_a_restart(tmp_path, trusted):
    config = settings(tmp_path)
    async with running(stories("Alas", "Bumi", "Cakra", "Duri"), tls=trusted) as web:
        base, hub = web.url("", scheme="https"), Hub(web)
        topic = f"{base}/feed"
        web.routes |= {"/feed": reply(feed(base, ["Alas"], hub=f"{base}/hub")), "/hub": hub.answer}
        async with collecting(config, [outlet(topic)]) as watch:
            await watch.until(lambda: topic in hub.live and watch.kept() == ["Alas"])
            assert await hub.push(topic, feed(base, ["Duri"]), signed_with="guessed") == 202
            assert await hub.push(topic, feed(base, ["Bumi", "Alas"])) == 202
            await watch.until(lambda: len(watch.kept()) == 2)
            assert watch.kept() == ["Alas", "Bumi"]
            assert [event.found for event in watch.events if isinstance(event, FeedPushed)] == [1]
            assert watch.count(FeedAsked) == 1
        async with collecting(config, [outlet(topic)]) as watch:
            async with asyncio.timeout(PATIENCE):
                while True:
                    with contextlib.suppress(ConnectionError):
                        assert await hub.push(topic, feed(base, ["Cakra", "Bumi"])) == 202
                        break
                    await asyncio.sleep(0.05)
            await watch.until(lambda: watch.kept() == ["Cakra"])
        assert [form["hub.mode"] for form in hub.asked] == ["subscribe"]
        other = base + "/other"
        web.routes["/other"] = reply(feed(base, ["Alas"]))
        async with collecting(config, [outlet(other)]) as watch:
            await watch.until(lambda: not hub.live)
        assert [form["hub.mode"] for form in hub.asked] == ["subscribe", "unsubscribe"]


async def test_a_lease_is_renewed_before_it_ends_and_pushes_go_on(tmp_path, trusted):
    config, later = settings(tmp_path), timedelta()
    async with running(stories("Alas", "Bumi", "Cakra"), tls=trusted) as web:
        base, hub = web.url("", scheme="https"), Hub(web)
        topic = f"{base}/feed"
        web.routes |= {"/feed": reply(feed(base, ["Alas"], hub=f"{base}/hub")), "/hub": hub.answer}
        async with collecting(config, [outlet(topic)], lambda: utc_now() + later) as watch:
            await watch.until(lambda: topic in hub.live and watch.kept() == ["Alas"])
            assert await hub.push(topic, feed(base, ["Bumi", "Alas"])) == 202
            await watch.until(lambda: watch.kept() == ["Alas", "Bumi"])
            first = hub.live.pop(topic)
            later = config.websub.lease * 0.85
            await watch.until(lambda: topic in hub.live)
            assert hub.live[topic] == first, "the same callback and secret: that makes it a renewal"
            assert await hub.push(topic, feed(base, ["Cakra", "Bumi"])) == 202
            await watch.until(lambda: "Cakra" in watch.kept())
        assert [form["hub.mode"] for form in hub.asked] == ["subscribe", "subscribe"]


async def test_a_hub_named_in_a_link_header_alone_is_found(tmp_path, trusted):
    config = settings(tmp_path)
    async with running(stories("Alas"), tls=trusted) as web:
        base, hub = web.url("", scheme="https"), Hub(web)
        link = f'<{base}/topic>; title="a, b; c"; rel="self", <{base}/hub>; rel=hub'
        web.routes |= {"/feed": reply(feed(base, ["Alas"]), headers=[("Link", link)]), "/hub": hub.answer}
        async with collecting(config, [outlet(f"{base}/feed")]) as watch:
            await watch.until(lambda: f"{base}/topic" in hub.live)


async def test_content_that_nobody_signed_or_that_is_no_feed_only_makes_us_look_ourselves(tmp_path):
    config = settings(tmp_path, floor=timedelta(seconds=0.2))
    async with running(stories("Alas", "Bumi", "Cakra")) as web:
        base, hub = web.url(""), Hub(web)
        topic = f"{base}/feed"
        web.routes |= {"/feed": reply(feed(base, ["Alas"], hub=f"{base}/hub")), "/hub": hub.answer}
        async with collecting(config, [outlet(topic)]) as watch:
            await watch.until(lambda: topic in hub.live and watch.kept() == ["Alas"])
            asked = watch.count(FeedAsked)
            web.routes["/feed"] = reply(feed(base, ["Bumi"], hub=f"{base}/hub"))
            assert await hub.push(topic, feed(base, ["Cakra"])) == 202
            await watch.until(lambda: "Bumi" in watch.kept())
            assert watch.count(FeedAsked) > asked
            assert watch.kept() == ["Alas", "Bumi"]
            assert not watch.count(FeedPushed)


async def test_signed_rubbish_is_told_and_the_feed_is_asked_instead(tmp_path, trusted):
    config = settings(tmp_path, floor=timedelta(seconds=0.2))
    config = dataclasses.replace(config, fetch=dataclasses.replace(config.fetch, feed_wire_limit=100_000))
    async with running(stories("Alas", "Bumi"), tls=trusted) as web:
        base, hub = web.url("", scheme="https"), Hub(web)
        topic = f"{base}/feed"
        web.routes |= {"/feed": reply(feed(base, ["Alas"], hub=f"{base}/hub")), "/hub": hub.answer}
        async with collecting(config, [outlet(topic)]) as watch:
            await watch.until(lambda: topic in hub.live and watch.kept() == ["Alas"])
            with contextlib.suppress(ConnectionError):  # it may hang up before all was sent
                assert await hub.push(topic, b"x" * 200_000) == 413
            web.routes["/feed"] = reply(feed(base, ["Bumi"], hub=f"{base}/hub"))
            assert await hub.push(topic, b"<html><body>maintenance</body></html>") == 202
            await watch.until(lambda: "Bumi" in watch.kept())
            assert [event.failure for event in watch.events if isinstance(event, FeedPushed)] == [
                "not a feed: HTML page"
            ]


async def test_what_a_stop_kept_from_being_saved_is_saved_at_the_end(tmp_path):
    async def answer(request):
        return Page(url=request.url, requested_url=request.url, body=b"", fetched_at=utc_now(), status=202)

    subscriptions = Subscriptions(
        WebSubSettings(callback="https://us.example/hook"), key=bytes(32), outlets={}, fetch=answer, clock=utc_now
    )
    hints = PollHints(hub="https://hub.example/")
    subscriptions.saw(
        FeedState(url="https://harian.example/feed", outlet="a", next_due=utc_now(), memory=FeedMemory(hints=hints)), 0
    )
    ledger, store, over = Ledger(unobserved), store_in(tmp_path / "data"), threading.Event()
    busy = asyncio.create_task(ledger.run_once(over.wait))
    (chore,) = subscribing(subscriptions, ledger, store)
    saving = asyncio.ensure_future(chore.work())
    await asyncio.sleep(0.05)
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    over.set()
    await busy
    assert store.memory(SUBSCRIPTIONS) is None
    assert subscriptions.saved(at_once=True) is not None
    ledger.close()
    store.close()
