"""Reading feed documents: our fast reader and feedparser side by side, on real documents and on a changed feed.

    python bench/feeds.py DATA_DIR

DATA_DIR/feeds holds feed documents, gzipped or not. CPU is that of this process; every reader sees the same
documents in the same run. "lost" counts entries that feedparser finds and the reader does not.
"""

import gzip
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from scraper.model.feed import Listing
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.sources.document import read_document
from scraper.sources.feed import parse_thoroughly
from scraper.sources.listing import list_entries
from scraper.sources.quick import parse_quickly
from scraper.sources.raw import RawEntry, to_entries

NOW = datetime(2026, 11, 23, tzinfo=UTC)
OUTLET = Outlet(id="bench", name="Bench", domains=(), zone="Asia/Jakarta")
BASE = "https://feeds.example/rss"
ROUNDS = 5


def main() -> None:
    bodies = [_body(path) for path in sorted(Path(sys.argv[1], "feeds").iterdir())]
    texts = [document.text for body in bodies if not isinstance(document := read_document(body, None), str)]
    keys = [_keys(parse_thoroughly(text)[1]) for text in texts]
    print(f"{len(bodies)} documents, {sum(map(len, bodies)) / 1e6:.1f} MB, {sum(map(len, keys))} entries")
    print(f"{'reader':24} {'answers':>8} {'lost':>6} {'median ms':>10} {'worst ms':>9}")
    for name, read in (("fast", parse_quickly), ("feedparser", parse_thoroughly)):
        found = [read(text) for text in texts]
        lost = sum(len(ours - _keys(parsed[1])) for ours, parsed in zip(keys, found, strict=True) if parsed)
        times = [_milliseconds(lambda text=text, read=read: read(text)) for text in texts]  # type: ignore[misc]
        answers = sum(parsed is not None for parsed in found)
        print(f"{name:24} {answers:8} {lost:6} {median(times):10.2f} {max(times):9.1f}")
    page = _page(_changed_feed(100))
    result = list_entries(page, OUTLET)
    assert isinstance(result, Listing)
    assert len(result.entries) == 100
    print(f"{'whole listing, 100 items':24} {'':8} {'':6} {_milliseconds(lambda: list_entries(page, OUTLET)):10.2f}")


def _keys(raws: list[RawEntry]) -> set[str]:
    entries, _ = to_entries(raws, OUTLET, BASE, BASE, fetched_at=NOW)
    return {entry.key for entry in entries}


def _milliseconds(run: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times) * 1000


def _body(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def _page(body: bytes) -> Page:
    return Page(url=BASE, requested_url=BASE, body=body, fetched_at=NOW, content_type="application/rss+xml")


def _changed_feed(count: int) -> bytes:
    items = "".join(
        f"<item><title>Berita nomor {number} &amp; lainnya</title>"
        f"<link>https://www.harian.example/nasional/read/{5_000_000 + number}/nomor-{number}?utm_source=rss</link>"
        f"<guid isPermaLink='false'>{number}</guid><dc:creator>Siti Aminah</dc:creator>"
        f"<pubDate>{NOW - timedelta(minutes=7 * number):%a, %d %b %Y %H:%M:%S +0000}</pubDate>"
        f"<description><![CDATA[<p>{'Ringkasan berita yang cukup panjang. ' * 12}</p>]]></description></item>"
        for number in range(count)
    )
    head = "<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><title>Harian</title>"
    return f"<?xml version='1.0' encoding='UTF-8'?>{head}{items}</channel></rss>".encode()


if __name__ == "__main__":
    main()
