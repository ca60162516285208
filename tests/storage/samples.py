"""Values for the tests of this room."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from scraper.model.article import Article, Dateline, Image
from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedState
from scraper.model.verdict import (
    Deferred,
    Dropped,
    DropReason,
    Judged,
    Judgement,
    Kept,
    Outcome,
    Relation,
)
from scraper.settings import StoreSettings
from scraper.storage import Store, open_store
from scraper.storage.disk import Disk

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
JAKARTA = timezone(timedelta(hours=7))
LEASE = timedelta(minutes=10)


def store_in(data: Path, *, now: datetime = NOW, disk: Disk | None = None, **settings: Any) -> Store:
    keep_duplicates = settings.pop("keep_duplicates", False)
    return open_store(StoreSettings(data=data, **settings), lambda: now, keep_duplicates=keep_duplicates, disk=disk)


def entry(number: int, outlet: str = "kabar", **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "key": f"https://{outlet}.example/berita/{number}",
        "url": f"https://{outlet}.example/berita/{number}",
        "outlet": outlet,
        "source": f"https://{outlet}.example/feed",
        "title": f"Berita {number}",
        "published": datetime(2026, 11, 23, 14, 30, tzinfo=JAKARTA),
    }
    return Entry(**{**values, **changes})


def article(number: int, outlet: str = "kabar", **changes: Any) -> Article:
    identity = f"{number:016x}"
    values: dict[str, Any] = {
        "id": identity,
        "revision": 0,
        "outlet": outlet,
        "url": f"https://{outlet}.example/berita/{number}",
        "canonical_url": f"https://{outlet}.example/berita/{number}",
        "title": f"Berita {number}: “hujan” — deras",
        "text": f"Jakarta basah, kata warga {number}.\nBanjir surut pada malam hari.",
        "published": datetime(2026, 11, 23, 14, 30, tzinfo=JAKARTA),
        "modified": None,
        "found_at": NOW,
        "fetched_at": NOW + timedelta(seconds=3),
        "language": "id",
        "authors": ("Sri Wahyuni",),
        "editors": (),
        "dateline": Dateline(verbatim="Jakarta - ", place="Jakarta"),
        "agencies": ("ANTARA",),
        "section": "nasional",
        "tags": ("banjir", "cuaca"),
        "image": Image(url="https://kabar.example/a.jpg"),
        "paywalled": False,
        "from_feed": False,
        "pages": (f"https://{outlet}.example/berita/{number}",),
        "source": f"https://{outlet}.example/feed",
        "cluster": identity,
        "dropped_lines": ("Baca juga: cuaca besok",),
        "origins": {"title": "h1", "published": "json-ld"},
    }
    return Article(**{**values, **changes})


def new(number: int) -> Judged:
    return Judged(
        judgement=Judgement(relation=Relation.NEW, cluster=f"{number:016x}"), fingerprint=b"print %d" % number
    )


def copy_of(number: int, of: int) -> Judged:
    return Judged(
        judgement=Judgement(
            relation=Relation.COPY,
            cluster=f"{of:016x}",
            of=f"{of:016x}",
            similarity=0.97,
            containment=0.97,
            resemblance=0.5,
            why="97% of its text stands in the earlier story.",
        ),
        fingerprint=b"print %d" % number,
    )


def kept(pending: Pending, number: int, **changes: Any) -> Outcome:
    aliases: Sequence[str] = changes.pop("aliases", ())
    story = article(number, pending.entry.outlet, **changes)
    return Outcome(pending=pending, verdict=Kept(article=story, judged=new(number)), aliases=tuple(aliases))


def dropped(pending: Pending, reason: DropReason = DropReason.TOO_SHORT, detail: str = "41 characters") -> Outcome:
    return Outcome(pending=pending, verdict=Dropped(reason=reason, detail=detail))


def duplicate(pending: Pending, number: int, of: int) -> Outcome:
    story = article(number, pending.entry.outlet, cluster=f"{of:016x}")
    verdict = Dropped(
        reason=DropReason.DUPLICATE, detail="copy of an earlier story", article=story, judged=copy_of(number, of)
    )
    return Outcome(pending=pending, verdict=verdict)


def deferred(pending: Pending, until: datetime) -> Outcome:
    return Outcome(pending=pending, verdict=Deferred(reason=DropReason.FETCH_FAILED, detail="status 503", until=until))


def feed(outlet: str = "kabar", **changes: Any) -> FeedState:
    values: dict[str, Any] = {"url": f"https://{outlet}.example/feed", "outlet": outlet, "next_due": NOW}
    return FeedState(**{**values, **changes})


def collect(store: Store, numbers: Sequence[int], outlet: str = "kabar", now: datetime = NOW) -> None:
    """Find, claim and keep stories."""
    store.enqueue([entry(number, outlet) for number in numbers], now)
    claimed = store.claim(now, len(numbers), LEASE)
    store.commit([kept(pending, int(pending.entry.url.rsplit("/", 1)[1])) for pending in claimed], now)


def lines(data: Path, stream: str = "articles") -> list[bytes]:
    """All lines of the open files of a stream."""
    files = sorted((data / stream).glob("date=*/part-*.jsonl"))
    return [line for file in files for line in file.read_bytes().splitlines()]
