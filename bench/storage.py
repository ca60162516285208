"""What storage costs: durable articles a second, bytes an article at rest and written, seconds to restart.

    python bench/storage.py DATA_DIR [--articles N] [--large N]

DATA_DIR holds dedup/syndication.jsonl.gz; one story of each of its clusters is used, cut so that texts have
2,400 bytes in the mean. Speed is told beside that of one file an article with fsync, measured in the same run.
"""

import argparse
import gzip
import itertools
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from scraper.engine.settling import article_of
from scraper.engine.steps import Reading
from scraper.model.article import Dateline, Draft
from scraper.model.entry import Entry, Pending
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Judged, Judgement, Kept, Outcome, Relation
from scraper.settings import StoreSettings
from scraper.storage import Store, open_archive, open_store
from scraper.storage.disk import Disk
from scraper.storage.layout import Layout
from scraper.storage.records import encode
from scraper.urls import article_id

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
GROUP = 64
MEAN_BYTES = 2400
FINGERPRINT = 276
"""Bytes that the near-duplicate judge remembers of a text of this length; told apart where sizes are told."""


def stories(data: Path) -> list[tuple[str, str, str]]:
    """Language, title and text of one story a cluster."""
    by_cluster: dict[int, dict[str, str]] = {}
    with gzip.open(data / "dedup" / "syndication.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            story = json.loads(line)
            by_cluster.setdefault(story["cluster"], story)
    chosen = list(by_cluster.values())
    cut = next(
        size
        for size in itertools.count(1000, 100)
        if sum(len(story["text"][:size].encode()) for story in chosen) >= MEAN_BYTES * len(chosen)
    )
    return [(story["lang"], story["title"], story["text"][:cut]) for story in chosen]


def entry(number: int) -> Entry:
    outlet = f"outlet-{number % 97}"
    url = f"https://www.{outlet}.example/news/2026/11/23/{number * 7919 % 10**9}/a-headline-of-middling-length-in-words"
    return Entry(
        key=url,
        url=url,
        outlet=outlet,
        source=f"https://www.{outlet}.example/feed.xml",
        title=f"A headline of middling length, number {number}, as listed",
        published=NOW - timedelta(minutes=number % 600),
        guid=url + "/",
    )


def outcome(pending: Pending, number: int, language: str, title: str, text: str) -> Outcome:
    listed = pending.entry
    identity = article_id(listed.key)
    fetched_at = pending.found_at + timedelta(seconds=number % 50, microseconds=number % 999_983)
    draft = Draft(
        text=text,
        title=title,
        published=listed.published,
        language=language,
        canonical_url=listed.url,
        authors=(f"Author {number % 311}",),
        dateline=Dateline(verbatim="Jakarta - ", place="Jakarta"),
        section="nasional",
        tags=("banjir", f"tema {number % 53}"),
        origins={"title": "h1", "published": "json-ld", "text": "trafilatura"},
    )
    outlet = Outlet(id=listed.outlet, name=listed.outlet, domains=())
    page = Page(url=listed.url, requested_url=listed.url, body=b"", fetched_at=fetched_at)
    article = article_of(Reading(pending=pending, draft=draft, pages=(page,)), outlet, identity, identity)
    judged = Judged(judgement=Judgement(relation=Relation.NEW, cluster=identity), fingerprint=os.urandom(FINGERPRINT))
    # On real pages the final or canonical address is another key than the listed one for 5 stories of 134.
    aliases = (listed.url.replace("www.", "amp."),) if number % 10 == 0 else ()
    return Outcome(pending=pending, verdict=Kept(article=article, judged=judged), aliases=aliases)


def groups(start: int, count: int, size: int) -> Iterator[list[int]]:
    for first in range(start, start + count, size):
        yield list(range(first, min(first + size, start + count)))


def fill(store: Store, texts: Sequence[tuple[str, str, str]], start: int, count: int, size: int) -> float:
    """Seconds spent in commits; finding and claiming are not counted."""
    seconds = 0.0
    for numbers in groups(start, count, size):
        store.enqueue([entry(number) for number in numbers], NOW)
        store.claim(NOW, len(numbers), timedelta(minutes=10))
        outcomes = [
            outcome(Pending(entry=entry(number), found_at=NOW, attempts=1), number, *texts[number % len(texts)])
            for number in numbers
        ]
        began = time.perf_counter()
        store.commit(outcomes, NOW)
        seconds += time.perf_counter() - began
    return seconds


def one_file_each(directory: Path, texts: Sequence[tuple[str, str, str]], count: int) -> float:
    """Seconds for the same articles as a file each: encode, write, fsync, rename, fsync of the directory."""
    disk = Disk()
    directory.mkdir()
    seconds = 0.0
    for number in range(count):
        done = outcome(Pending(entry=entry(number), found_at=NOW, attempts=1), number, *texts[number % len(texts)])
        assert isinstance(done.verdict, Kept)
        began = time.perf_counter()
        line = encode(done.verdict.article)
        unfinished = directory / f".{number}.unfinished"
        descriptor = disk.open(unfinished)
        disk.write(descriptor, line, 0, unfinished)
        disk.sync(descriptor, unfinished)
        os.close(descriptor)
        disk.rename(unfinished, directory / f"{number}.json")
        seconds += time.perf_counter() - began
    return seconds


def written() -> int:
    """Bytes that this process has caused to be written to the disk so far."""
    for line in Path("/proc/self/io").read_text().splitlines():
        name, _, value = line.partition(": ")
        if name == "write_bytes":
            return int(value)
    raise AssertionError("Linux tells write_bytes")


def size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def fresh(root: Path, name: str, **settings: object) -> tuple[Path, StoreSettings]:
    data = root / name
    return data, StoreSettings(data=data, **settings)  # type: ignore[arg-type]


def row(what: str, figure: str, aim: str) -> None:
    print(f"{what:<58} {figure:>16}   {aim}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--articles", type=int, default=20_000)
    parser.add_argument("--large", type=int, default=0)
    arguments = parser.parse_args()
    texts = stories(arguments.data)
    root = Path(tempfile.mkdtemp(prefix="storage-bench-"))
    try:
        measure(root, texts, arguments.articles, arguments.large)
    finally:
        shutil.rmtree(root)


def seal(settings: StoreSettings) -> float:
    """Seal everything, as the daemon does when a day is over. Returns the longest step in seconds."""
    later = NOW + timedelta(days=9)
    store = open_store(settings, lambda: later)
    longest, more = 0.0, True
    while more:
        began = time.perf_counter()
        more = store.maintain(later)
        longest = max(longest, time.perf_counter() - began)
    store.close()
    return longest


def measure(root: Path, texts: Sequence[tuple[str, str, str]], count: int, large: int) -> None:
    data, settings = fresh(root, "groups")
    store = open_store(settings, lambda: NOW)
    grouped = single = 0.0
    unsealed, singles, rounds = 0, 100, 10
    share = count // rounds
    # By turns, because other work on the machine slows a disk down for seconds at a time.
    for turn in range(rounds):
        single += one_file_each(root / f"singles-{turn}", texts, singles)
        before = written()
        grouped += fill(store, texts, turn * share, share, GROUP)
        unsealed += written() - before
    before = written()
    store.close()
    unsealed += written() - before
    count = share * rounds
    rate, single = count / grouped, singles * rounds / single
    row(f"durable articles a second, groups of {GROUP}", f"{rate:,.0f}", ">= 1,800")
    row("one file an article, with fsync, by turns with the groups", f"{single:,.0f}", "")
    row("ratio", f"{rate / single:.1f} x", ">= 8 x")
    layout = Layout(data)
    tell_catalog(layout, count)
    row("bytes of an open line", f"{sum(size(p) for p in data.rglob('part-*.jsonl')) / count:,.0f}", "")
    before = written()
    longest = seal(settings)
    os.sync()
    sealing = written() - before
    row("bytes written an article, polls and claims included", f"{(unsealed + sealing) / count:,.0f}", "<= 10,000")
    row("longest step of sealing", f"{longest * 1000:,.0f} ms", "")
    measure_sealed(root, texts)
    if large:
        measure_large(root, texts, large)


def measure_sealed(root: Path, texts: Sequence[tuple[str, str, str]]) -> None:
    """Each text once: the same one twice would flatter the compression."""
    data, settings = fresh(root, "sealed")
    store = open_store(settings, lambda: NOW)
    fill(store, texts, 0, len(texts), GROUP)
    store.close()
    seal(settings)
    stored = sum(size(path) for path in data.rglob("part-*.zst"))
    row(f"bytes of a sealed article ({len(texts):,} different ones)", f"{stored / len(texts):,.0f}", "<= 950")
    with open_archive(data) as archive:
        began = time.perf_counter()
        chosen = range(0, len(texts), 97)
        for number in chosen:
            assert archive.article(article_id(entry(number).key)) is not None
        seconds = (time.perf_counter() - began) / len(chosen)
        row("one article out of a sealed file of 10 MB, in any order", f"{seconds * 1000:.1f} ms", "")


def tell_catalog(layout: Layout, count: int) -> None:
    each = size(layout.state) / count
    row("bytes of catalog and index an article, fingerprint apart", f"{each - FINGERPRINT:,.0f}", "<= 600")
    row("bytes of the fingerprint", f"{FINGERPRINT}", "")


def measure_large(root: Path, texts: Sequence[tuple[str, str, str]], count: int) -> None:
    """A catalog that has grown large with short texts, then whole texts until all names have been sorted in once.

    It ends by a kill in the middle of a group, with a full log.
    """
    data, settings = fresh(root, "large")
    short = [(language, title, text[:200]) for language, title, text in texts]
    more = count // 7
    pid = os.fork()
    if pid == 0:
        store = open_store(settings, lambda: NOW)
        fill(store, short, 0, count, 4096)
        before = written()
        seconds = fill(store, texts, count, more, GROUP)
        row(f"durable articles a second at {count:,}", f"{more / seconds:,.0f}", ">= 1,800")
        while store.maintain(NOW):
            pass
        row(f"bytes written an article at {count:,}", f"{(written() - before) / more:,.0f}", "<= 10,000")
        sys.stdout.flush()
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(pid, 0)
    part = max(data.rglob("part-*.jsonl"), key=lambda path: int(path.stem.partition("-")[2]))
    with part.open("ab") as file:
        file.write(b"x" * 200_000)
    began = time.perf_counter()
    other = open_store(settings, lambda: NOW)
    assert other.enqueue([entry(1)], NOW) == 0
    assert other.claim(NOW, 1, timedelta(minutes=10)) == []
    seconds = time.perf_counter() - began
    assert any("Cut 200000 bytes" in sentence for sentence in other.recovered)
    other.close()
    row(f"restart after a kill at {count:,}", f"{seconds:.3f} s", "<= 0.3 s")
    tell_catalog(Layout(data), count + more)


if __name__ == "__main__":
    main()
