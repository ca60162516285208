"""Data directories for the tests of this room."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from scraper import open_archive
from scraper.model.article import Article
from scraper.model.page import Page
from scraper.storage import Store
from tests.storage.samples import LEASE, NOW, entry, kept, store_in

TOMORROW = NOW + timedelta(days=3)


def fill(data: Path, numbers: range, *, now: datetime = NOW, raw: bool = False, seal: bool = False) -> None:
    """Save some articles, and seal the files of days that are over at `now`."""
    store = store_in(data, now=now)
    try:
        store.enqueue([entry(number) for number in numbers], now)
        claimed = store.claim(now, len(numbers), LEASE)
        for start in range(0, len(claimed), 7):
            outcomes = [
                kept(pending, numbers[start + offset], text=f"Berita {numbers[start + offset]}.\n" + "isi " * 60)
                for offset, pending in enumerate(claimed[start : start + 7])
            ]
            if raw:
                outcomes = [_with_page(outcome) for outcome in outcomes]
            store.commit(outcomes, now)
        if seal:
            seal_all(store, now + timedelta(days=3))
    finally:
        store.close()


def _with_page(outcome):
    url = outcome.pending.entry.url
    page = Page(url=url, requested_url=url, body=f"<p>{url}</p>".encode(), fetched_at=NOW, content_type="text/html")
    return replace(outcome, pages=(page,))


def seal_all(store: Store, now: datetime) -> None:
    while store.maintain(now):
        pass


def records(where: str | Path) -> list[Article]:
    """All articles, in the order in which they were saved."""
    with open_archive(where) as archive:
        return list(archive.articles())
