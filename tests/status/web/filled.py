"""A data directory with everything that the status page shows, hostile pages among it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread

import httpx

from scraper.clock import Clock
from scraper.model.entry import Pending
from scraper.model.feed import FeedMemory, FeedState
from scraper.model.verdict import Dropped, DropReason, Judged, Judgement, Kept, Outcome, Relation
from scraper.polling import SELECTORS, Hint, hints_packed, with_page
from scraper.polling.rhythm import first_rhythm
from scraper.status.web.app import Look
from scraper.status.web.listening import Address, bind, url_of
from scraper.status.web.serving import Server
from scraper.storage import Store
from scraper.urls import article_id
from tests.storage.samples import (
    LEASE,
    NOW,
    article,
    deferred,
    dropped,
    entry,
    feed,
    kept,
    store_in,
)

BIDI = "\u202egnp.exe\u202c"
HOSTILE_TITLE = f'</h1><script>window.hacked = 1</script>" onmouseover="window.hacked = 2 {BIDI}'
HOSTILE_TEXT = "\n".join(
    (
        "<script>window.hacked = 3</script><img src=x onerror='window.hacked = 4'>",
        "{{ 7 * 7 }} ${7*7} <style>body{display:none}</style> </p></main></body>",
        "<svg onload=window.hacked=5><a href='javascript:window.hacked=6'>klik</a>",
        f"Teks {BIDI} berbalik \u2066tersembunyi\u2069 di sini.",
    )
)
HOSTILE_URL = "javascript:window.hacked=7//https://kabar.example/"
STORY = (
    "Banjir merendam tiga kampung di tepi sungai sejak malam.\n"
    "Warga mengungsi ke balai desa dengan membawa barang seadanya.\n"
    "Hujan diperkirakan reda pada akhir pekan."
)
COPY = (
    "Banjir merendam lima kampung di tepi sungai sejak malam.\n"
    "Warga mengungsi ke balai desa dengan membawa barang seadanya.\n"
    "Bantuan datang dari kota."
)


def identity(number: int, outlet: str) -> str:
    """The id of the article of a sample entry."""
    return article_id(entry(number, outlet).key)


ORIGINAL, COPIED, LOST = identity(900, "kabar"), identity(901, "warta"), identity(960, "pos")
HOSTILE = f"{950:016x}"


def settle(store: Store, number: int, outlet: str, now: datetime, outcome: Callable[..., Outcome]) -> None:
    """Find, claim and decide one story."""
    store.enqueue([entry(number, outlet)], now)
    (claimed,) = store.claim(now, 1, LEASE)
    store.commit([outcome(claimed)], now)


def habitual(outlet: str, **changes: object) -> FeedState:
    """A feed that has been watched for two weeks."""
    times = [NOW - timedelta(hours=hours) for hours in range(0, 24 * 14, 3)]
    rhythm = replace(first_rhythm(times, NOW), since=first_rhythm(times, NOW).updated - 24 * 14)
    values = {
        "interval": timedelta(minutes=20),
        "new_at": NOW - timedelta(minutes=30),
        "succeeded_at": NOW - timedelta(minutes=2),
        "polls": 500,
        "memory": FeedMemory(rhythm=rhythm.pack()),
        "next_due": NOW + timedelta(minutes=7),
    }
    return feed(outlet, **{**values, **changes})


def collect_everything(data: Path, articles: int = 60) -> None:
    """Fill a directory: two days of articles of three outlets, a shared story, failures, a hostile page."""
    store = store_in(data, keep_duplicates=True)
    failing = {
        "failures": 9,
        "failing_since": NOW - timedelta(hours=20),
        "last_failure": "status 503 <b>\u202e",
        "polls": 40,
    }
    store.register([habitual("kabar"), feed("warta", **failing), feed("pos")])
    for state in (habitual("kabar"), feed("warta", **failing)):
        store.record_poll(state, [], NOW)
    for number in range(1, articles + 1):
        now = NOW - timedelta(minutes=47 * (articles - number))
        outlet = ("kabar", "warta", "pos")[number % 3]
        settle(store, number, outlet, now, lambda claimed, n=number, at=now: kept(claimed, n, published=at - LEASE))
    _share(store)
    settle(store, 970, "warta", NOW, lambda claimed: dropped(claimed, DropReason.FETCH_FAILED, "status 500 <i>"))
    settle(store, 971, "warta", NOW, dropped)
    settle(store, 972, "pos", NOW, lambda claimed: deferred(claimed, NOW + timedelta(hours=1)))
    hostile = {
        "title": HOSTILE_TITLE,
        "text": HOSTILE_TEXT,
        "url": HOSTILE_URL,
        "authors": ("<b>Orang</b>",),
        "section": "<i>x</i>",
        "language": '"><script>',
        "dropped_lines": ("<script>window.hacked = 8</script>",),
        "tags": ("<u>",),
    }
    settle(store, 950, "kabar", NOW, lambda claimed: kept(claimed, 950, **hostile))
    store.remember(SELECTORS, hints_packed({"warta": {"selectors.body": _degraded()}}))
    store.close()


def _degraded() -> Hint:
    known = Hint(selectors=('div[class="<b>"]',))
    for _ in range(30):
        known = with_page(known, NOW - timedelta(hours=3), matched=False)
    return known


def _share(store: Store) -> None:
    """A story, a copy of it whose text is kept, and one whose text is not."""
    first = NOW - timedelta(hours=5)
    opening = {"id": ORIGINAL, "cluster": ORIGINAL, "title": "Banjir di tepi sungai", "text": STORY, "published": first}
    story = article(900, "kabar", **opening)
    judged = Judged(judgement=Judgement(relation=Relation.NEW, cluster=ORIGINAL), fingerprint=b"print")
    settle(
        store,
        900,
        "kabar",
        NOW,
        lambda claimed: Outcome(pending=claimed, verdict=Kept(article=story, judged=judged)),
    )
    settle(store, 901, "warta", NOW, lambda claimed: copied(claimed, 901, COPIED, first + timedelta(hours=2)))


def copied(pending: Pending, number: int, identity: str, published: datetime) -> Outcome:
    """A copy of the shared story."""
    outlet = pending.entry.outlet
    values = {"id": identity, "cluster": ORIGINAL, "title": "Tiga kampung terendam", "text": COPY}
    judgement = Judgement(
        relation=Relation.COPY,
        cluster=ORIGINAL,
        of=ORIGINAL,
        similarity=0.97,
        containment=0.97,
        resemblance=0.5,
        why="97% of its text stands in the earlier story.",
    )
    verdict = Dropped(
        reason=DropReason.DUPLICATE,
        detail="copy of kabar",
        article=article(number, outlet, published=published, **values),
        judged=Judged(judgement=judgement, fingerprint=b"print"),
    )
    return Outcome(pending=pending, verdict=verdict)


def share_without_text(data: Path) -> None:
    """One more copy, of which only the judgement is kept."""
    store = store_in(data)
    settle(store, 960, "pos", NOW, lambda claimed: copied(claimed, 960, LOST, NOW))
    store.close()


@contextmanager
def served(data: Path, look: Look | None = None, clock: Clock = lambda: NOW) -> Iterator[str]:
    """The page of a directory on a port of the system's choice; its address without the last slash."""
    listener = bind(Address("127.0.0.1", 0))
    server = Server(data, look or Look(), clock)
    thread = Thread(target=server.run, args=(listener,), daemon=True)
    thread.start()
    try:
        yield url_of(listener).rstrip("/")
    finally:
        server.stop()
        thread.join(30)
        listener.close()
        assert not thread.is_alive()


def until_indexed(url: str) -> None:
    """Wait until every article can be found."""
    end = time.monotonic() + 60
    while "1 article" not in httpx.get(f"{url}/articles?q=klik").text:
        assert time.monotonic() < end, "the index is made within a minute"
        time.sleep(0.05)
