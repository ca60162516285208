"""A layout that changes under a selector: told by status and alert over restarts, and taken back when it is mended."""

import asyncio
import json
import random
from datetime import timedelta

import pytest

from scraper.clock import utc_now
from scraper.engine.events import AlertSent, StorySettled
from scraper.model.outlet import Outlet, Selectors
from scraper.model.verdict import Kept
from scraper.polling import Trouble
from scraper.service.daemon import run_daemon
from scraper.settings import AlertSettings, ExtractSettings, FetchSettings, PollSettings, Settings, StoreSettings
from scraper.status import overview
from scraper.storage import open_archive
from tests.fetching.web import reply, running

PATIENCE = 100
OLD, NEW = '<div class="isi">{}</div>', '<main class="naskah">{}</main>'


class Site:
    """An outlet on loopback whose stories are said to stand in `div.isi`."""

    def __init__(self, web):
        self.web = web
        self.stories = []
        self.outlet = Outlet(
            id="koran",
            name="Koran",
            domains=("127.0.0.1",),
            feeds=(web.url("/feed"),),
            selectors=Selectors(body=("div.isi",)),
        )

    def publish(self, count, layout):
        for number in range(len(self.stories), len(self.stories) + count):
            body = "".join(f"<p>{line}</p>" for line in story(number))
            page = f"<html><body><h1>Berita {number}</h1>{layout.format(body)}</body></html>"
            self.web.routes[f"/berita/{number}"] = reply(page.encode(), headers=(("Content-Type", "text/html"),))
            self.stories.append(self.web.url(f"/berita/{number}"))
        items = "".join(f"<item><title>Berita</title><link>{url}</link></item>" for url in self.stories)
        self.web.routes["/feed"] = reply(f"<rss version='2.0'><channel>{items}</channel></rss>".encode())
        return set(self.stories[-count:])


def story(number):
    dice = random.Random(number)  # noqa: S311 - the same story for the same number
    words = ["".join(dice.choices("abdegiklmnoprstu", k=6)) for _ in range(100)]
    return [f"{' '.join(words[at : at + 25])}.".capitalize() for at in range(0, 100, 25)]


@pytest.fixture
def told(tmp_path):
    return tmp_path / "told.jsonl"


@pytest.fixture
def settings(tmp_path, told):
    second = timedelta(seconds=1)
    return Settings(
        fetch=FetchSettings(
            allow_networks=("127.0.0.0/8",), host_spacing=timedelta(), host_concurrency=4, respect_robots=False
        ),
        poll=PollSettings(floor=second, initial=second, ceiling=second, tick=timedelta(seconds=0.1)),
        extract=ExtractSettings(workers=1, min_characters=100),
        store=StoreSettings(data=tmp_path / "data", commit_interval=timedelta(seconds=0.1)),
        alerts=AlertSettings(
            after=timedelta(), command=("/bin/sh", "-c", f"cat >> {told}; echo >> {told}"), disk_low=1
        ),
    )


async def collect(settings, site, stories, *, alerts=0):
    """Run a daemon until these stories are kept and so many notices are out."""
    kept, sent, done, stop = set(), [], asyncio.Event(), asyncio.Event()

    def observe(event):
        if isinstance(event, StorySettled) and isinstance(event.outcome.verdict, Kept):
            kept.add(event.outcome.pending.entry.url)
        elif isinstance(event, AlertSent):
            sent.append(event)
        if kept >= stories and len(sent) >= alerts:
            done.set()

    daemon = asyncio.create_task(run_daemon(settings, [site.outlet], observe=observe, clock=utc_now, stop=stop))
    try:
        async with asyncio.timeout(PATIENCE):
            await done.wait()
    finally:
        stop.set()
        await daemon


def findings(settings):
    with open_archive(settings.store.data) as archive:
        return [one.finding for one in overview(archive, utc_now()).troubles]


def notices(told):
    return [notice for line in told.read_text().splitlines() for notice in json.loads(line)["notices"]]


async def test_a_layout_that_changes_under_a_selector_is_told_and_taken_back(settings, told):
    async with running() as web:
        site = Site(web)
        await collect(settings, site, site.publish(30, OLD))
        assert findings(settings) == []
        changed = utc_now()
        await collect(settings, site, site.publish(30, NEW))
        (finding,) = findings(settings)
        assert finding.trouble is Trouble.UNMATCHED
        assert finding.since >= changed
        assert "selectors.body (div.isi) matched nothing on the last 30 pages" in finding.detail
        await collect(settings, site, site.publish(20, OLD), alerts=1)
        assert findings(settings) == []
        await collect(settings, site, set(), alerts=1)
    raised, recovered = notices(told)
    assert (raised["turn"], raised["kind"], raised["subject"]) == ("raised", "outlet-degraded", "koran")
    assert "selectors.body (div.isi)" in raised["detail"]
    assert "scraper outlets check koran" in raised["advice"]
    assert (recovered["turn"], recovered["kind"]) == ("recovered", "outlet-degraded")
