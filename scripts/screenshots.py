"""Draws the pictures of the status page in docs/images from the demo's outlets: `make screenshots`.

A month of invented stories is written into a fresh directory first, so that the charts have something to show; then the
demo's daemon collects the demo's web as `scraper demo` does, and while it runs a Chromium without a window looks at the
page.
"""

import asyncio
import math
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from scraper.clock import utc_now
from scraper.dedup.fingerprint import encode, take_fingerprint
from scraper.demo import SITES, DemoWeb
from scraper.engine.settling import article_of
from scraper.engine.steps import Reading
from scraper.engine.stopping import unless
from scraper.logs import open_log
from scraper.model.article import Article, Draft
from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedMemory, FeedState
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Dropped, DropReason, Judged, Judgement, Kept, Outcome, Relation, Verdict
from scraper.polling.rhythm import Rhythm, first_rhythm, observed
from scraper.service.daemon import run_daemon
from scraper.service.demonstration import demo_settings
from scraper.service.statuspage import order_for, status_page
from scraper.settings import LogSettings, Settings, StatusSettings, StoreSettings
from scraper.status.web.listening import Address, bind, url_of
from scraper.storage import Store, open_archive, open_store
from scraper.urls import article_id

IMAGES = Path(__file__).parent.parent / "docs" / "images"
ZONE = "Asia/Jakarta"
DAYS = 30
A_DAY = {
    "cakrawala": 34,
    "samudra": 22,
    "lensatimur": 19,
    "kabarnusantara": 15,
    "archipelagopost": 9,
    "coastandharbour": 5,
}
"""Stories that each outlet prints on a weekday."""
SILENT = Outlet(
    id="harianutara",
    name="Harian Utara",
    domains=("127.77.0.9",),
    feeds=("http://127.77.0.9:9/feed.xml",),
)
"""An outlet whose server is down: what an operator must be told."""
CHROMIUM = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
WHAT = ("Harga cabai", "Jembatan gantung", "Pasar apung", "Kapal ikan", "Sekolah terapung", "Panen garam", "Jalan desa")
DID = ("naik lagi", "selesai diperbaiki", "dibuka kembali", "menunggu cuaca", "menarik pengunjung", "dibahas warga")
WHERE = ("Selat Marang", "Pulau Kedondong", "Teluk Anggrek", "Tanjung Biru", "Kota Marang", "Pulau Serindit")

chance = random.Random(2026)  # noqa: S311 - invented stories


def moments(outlet: str, now: datetime) -> Iterator[datetime]:
    """When an outlet printed: by day more than by night, at the weekend less."""
    start = now - timedelta(days=DAYS)
    for hour in range(DAYS * 24):
        moment = start + timedelta(hours=hour)
        local = (moment.hour + 7) % 24
        shape = 0.12 + max(0.0, math.sin((local - 4.5) / 18 * math.pi)) + 0.5 * math.exp(-((local - 17) ** 2) / 6)
        weekend = 0.55 if moment.weekday() >= 5 else 1.0
        expected = A_DAY[outlet] / 19 * shape * weekend
        for _ in range(int(expected + chance.random())):
            yield moment + timedelta(seconds=chance.randrange(3600))


def story(outlet: str, number: int, published: datetime, found: datetime) -> tuple[Entry, Article]:
    """An invented story."""
    url = f"http://127.77.0.1/{outlet}/read/{number}"
    title = f"{chance.choice(WHAT)} {chance.choice(WHERE)} {chance.choice(DID)}"
    identity = article_id(url)
    entry = Entry(
        key=url,
        url=url,
        outlet=outlet,
        source=f"http://127.77.0.1/{outlet}/feed.xml",
        title=title,
        published=published,
    )
    text = f"{title}, kata warga pada {published:%d %B}.\nBerita lengkap menyusul."
    reading = Reading(
        pending=Pending(entry=entry, found_at=found, attempts=1),
        draft=Draft(text=text, title=title, published=published, language="id"),
        pages=(Page(url=url, requested_url=url, body=b"", fetched_at=found),),
    )
    printer = Outlet(id=outlet, name=outlet, domains=())
    return entry, article_of(reading, printer, identity, identity)


def print_of(article: Article) -> bytes:
    """What the near-duplicate judge remembers of a story."""
    return encode(take_fingerprint(article.text.splitlines(), ()))


def verdict_on(article: Article, earlier: Sequence[Article]) -> Verdict:
    """Most are kept; some are copies, too short, or could not be fetched."""
    fate = chance.random()
    if fate < 0.02:
        return Dropped(reason=DropReason.FETCH_FAILED, detail="status 503 five times")
    if fate < 0.08:
        return Dropped(reason=DropReason.TOO_SHORT, detail="141 characters")
    others = [one for one in earlier[-40:] if one.outlet != article.outlet]
    if fate < 0.24 and others:
        first = chance.choice(others)
        judgement = Judgement(
            relation=Relation.COPY, cluster=first.id, of=first.id, similarity=0.93, containment=0.93, why="copy"
        )
        copy = replace(article, cluster=first.id, title=first.title)
        judged = Judged(judgement=judgement, fingerprint=print_of(copy))
        return Dropped(reason=DropReason.DUPLICATE, detail=f"copy of {first.id}", article=copy, judged=judged)
    return Kept(
        article=article,
        judged=Judged(judgement=Judgement(relation=Relation.NEW, cluster=article.id), fingerprint=print_of(article)),
    )


def write_past(store: Store, now: datetime) -> None:
    """A month of stories, in the order in which they were found."""
    printed = sorted((moment, outlet) for outlet in A_DAY for moment in moments(outlet, now))
    earlier: list[Article] = []
    for number, (published, outlet) in enumerate(printed):
        found = published + timedelta(seconds=chance.lognormvariate(5.6, 1.0))
        if found > now - timedelta(minutes=2):
            continue
        entry, article = story(outlet, number, published, found)
        verdict = verdict_on(article, earlier)
        if isinstance(verdict, Kept):
            earlier.append(article)
        store.enqueue([entry], found)
        store.claim(found, 1, timedelta(minutes=10))
        store.commit([Outcome(pending=Pending(entry=entry, found_at=found, attempts=1), verdict=verdict)], found)


def habits(outlets: Sequence[Outlet], now: datetime) -> list[FeedState]:
    """What the daemon would have learnt of the feeds by now."""
    states = []
    for outlet in outlets:
        for url in outlet.feeds:
            known = FeedState(url=url, outlet=outlet.id, next_due=now)
            if outlet is SILENT:
                known = replace(
                    known,
                    failures=41,
                    failing_since=now - timedelta(hours=19),
                    last_failure="no connection: refused",
                    interval=timedelta(minutes=30),
                    next_due=now + timedelta(minutes=11),
                    polls=1403,
                )
            else:
                known = replace(known, memory=FeedMemory(rhythm=rhythm_of(outlet.id, now).pack()), polls=2100)
            states.append(known)
    return states


def rhythm_of(outlet: str, now: datetime) -> Rhythm:
    """Four weeks of looks, one an hour."""
    times = sorted(moments(outlet, now))
    rhythm = first_rhythm([], now - timedelta(days=DAYS))
    for hour in range(DAYS * 24):
        end = now - timedelta(days=DAYS) + timedelta(hours=hour + 1)
        rhythm = observed(rhythm, [time for time in times if end - timedelta(hours=1) < time <= end], end)
    return rhythm


async def draw(browser: Browser, url: str, data: Path) -> None:
    """All pictures."""
    with open_archive(data) as archive:
        shared = next(one for one in archive.copied_lately(50) if (one.title or "").startswith("Petani garam"))
    views = {
        "overview": ("/", "light", 1440),
        "overview-dark": ("/", "dark", 1440),
        "story": (f"/stories/{shared.cluster}", "light", 1000),
        "outlet": ("/outlets/cakrawala", "light", 1080),
    }
    for name, (path, scheme, height) in views.items():
        context = await browser.new_context(
            viewport={"width": 1200, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page = await context.new_page()
        await page.goto(url + path)
        if name == "outlet":
            await page.locator("#habit").scroll_into_view_if_needed()
            await page.evaluate("document.querySelector('#habit').scrollIntoView()")
        await page.screenshot(path=IMAGES / f"{name}.png")
        await context.close()
        print(IMAGES / f"{name}.png")


async def main(program: str) -> None:
    """Fill, run, look."""
    now = datetime.now(UTC)  # noqa: TID251 - the pictures show today
    directory = Path(tempfile.mkdtemp(prefix="scraper-screenshots-"))
    settings = demo_settings(Settings(), directory)
    IMAGES.mkdir(parents=True, exist_ok=True)
    names = {site.id: site.name for site in SITES} | {SILENT.id: SILENT.name}
    with DemoWeb(now) as web:
        outlets = (*web.outlets, SILENT)
        store = open_store(StoreSettings(data=directory), lambda: now, keep_duplicates=True)
        write_past(store, now)
        states = habits(outlets, now)
        store.register(states)
        for state in states:
            store.record_poll(state, [], now)
        store.close()
        stop = asyncio.Event()
        running = asyncio.create_task(run_daemon(settings, outlets, observe=lambda _: None, clock=utc_now, stop=stop))
        for _ in range(web.rounds):
            await unless(stop, asyncio.sleep(6))
            web.advance()
        listener = bind(Address("127.0.0.1", 0))
        order = order_for(listener, directory, StatusSettings(time_zone=ZONE), names)
        log = open_log(LogSettings(level="warning"))
        async with status_page(listener, order, log), async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=program, args=list(CHROMIUM))
            await asyncio.sleep(5)
            await draw(browser, url_of(listener).rstrip("/"), directory)
            await browser.close()
        stop.set()
        await running


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "/usr/bin/chromium"))
