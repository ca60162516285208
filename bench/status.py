"""How fast the status page is over a large archive: each page cold and warm, over a real socket.

    python bench/status.py [ARTICLES] [--keep DIR]

Fills a data directory with invented articles of 97 outlets over 90 days, a tenth of them copies, seals its parts, makes
the search index, serves it in a process of its own, and asks for each page. First is the first page that a process
is asked for, some seconds after its start; then is the median of nine more, for the overview with stale figures each.
CPU is that of the whole process for one of these. --keep leaves the directory, and takes one that is there already.
"""

import argparse
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil

from scraper.engine.settling import article_of
from scraper.engine.steps import Reading
from scraper.model.article import Draft
from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedMemory, FeedState
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Dropped, DropReason, Judged, Judgement, Kept, Outcome, Relation
from scraper.polling.rhythm import first_rhythm
from scraper.settings import StoreSettings
from scraper.status.web.listening import Address, bind, url_of
from scraper.storage import open_archive, open_index, open_store
from scraper.urls import article_id

OUTLETS = 97
GROUP = 2048
LAST = datetime.now(UTC)  # noqa: TID251 - what is collected must look recent
SPAN = timedelta(days=90)
GOAL_MS = 200
TURNS = 9
STALE_S = 5.2
SETTLE_S = 4.0

_words = random.Random(7)  # noqa: S311 - invented words
VOCABULARY = ["".join(_words.choices("abdegiklmnprstu", k=_words.randint(3, 9))) for _ in range(20_000)]
WEIGHTS = list(itertools.accumulate(1 / (rank + 10) for rank in range(len(VOCABULARY))))


def entry(number: int) -> Entry:
    outlet = f"outlet-{number * 31 % OUTLETS}"
    url = f"https://www.{outlet}.example/news/{number * 7919 % 10**9}/a-headline-of-middling-length-in-words"
    return Entry(key=url, url=url, outlet=outlet, source=f"https://www.{outlet}.example/feed.xml")


def outcome(pending: Pending, number: int, text: str, now: datetime) -> Outcome:
    listed = pending.entry
    identity = article_id(listed.key)
    is_copy = number % 10 == 9
    original = article_id(entry(number - number % 10 - 5).key) if number > 20 else identity
    draft = Draft(
        text=text,
        title=text[:70].title(),
        published=now - timedelta(minutes=number % 200),
        language="id" if number % 3 else "en",
    )
    outlet = Outlet(id=listed.outlet, name=listed.outlet, domains=())
    page = Page(url=listed.url, requested_url=listed.url, body=b"", fetched_at=now)
    reading = Reading(pending=pending, draft=draft, pages=(page,))
    article = article_of(reading, outlet, identity, original if is_copy else identity)
    if not is_copy or original == identity:
        judged = Judged(judgement=Judgement(relation=Relation.NEW, cluster=identity), fingerprint=os.urandom(300))
        return Outcome(pending=pending, verdict=Kept(article=article, judged=judged))
    judgement = Judgement(relation=Relation.COPY, cluster=original, of=original, similarity=0.9, why="copy")
    judged = Judged(judgement=judgement, fingerprint=os.urandom(300))
    return Outcome(
        pending=pending,
        verdict=Dropped(reason=DropReason.DUPLICATE, detail="copy", article=article, judged=judged),
    )


def feeds() -> Iterator[FeedState]:
    times = [LAST - timedelta(hours=hours) for hours in range(0, 24 * 14, 2)]
    for number in range(OUTLETS):
        yield FeedState(
            url=f"https://www.outlet-{number}.example/feed.xml",
            outlet=f"outlet-{number}",
            next_due=LAST + timedelta(minutes=number),
            memory=FeedMemory(rhythm=first_rhythm(times, LAST).pack()),
        )


def fill(data: Path, count: int) -> None:
    store = open_store(StoreSettings(data=data), lambda: LAST, keep_duplicates=True)
    store.register(feeds())
    chosen = random.Random(11)  # noqa: S311 - invented words
    for start in range(0, count, GROUP):
        numbers = range(start, min(start + GROUP, count))
        now = LAST - SPAN * (1 - numbers[-1] / count)
        store.enqueue([entry(number) for number in numbers], now)
        store.claim(now, len(numbers), timedelta(minutes=10))
        waiting = [(number, Pending(entry=entry(number), found_at=now, attempts=1)) for number in numbers]
        texts = (" ".join(chosen.choices(VOCABULARY, cum_weights=WEIGHTS, k=60)) for _ in numbers)
        store.commit([outcome(one, number, text, now) for (number, one), text in zip(waiting, texts, strict=True)], now)
        show(f"filled {numbers[-1] + 1:,}")
    while store.maintain(LAST):
        pass
    store.close()
    with open_archive(data) as archive, open_index(data) as index:
        index.update(archive, progress=lambda done: show(f"indexed {done:,}"))
    show("")


def show(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text:40}", end="", file=sys.stderr)


@contextmanager
def served(data: Path) -> Iterator[tuple[str, psutil.Process]]:
    with bind(Address("127.0.0.1", 0)) as listener:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "scraper.status.web"], stdin=subprocess.PIPE, pass_fds=[listener.fileno()]
        )
        assert process.stdin is not None
        order = {"descriptor": listener.fileno(), "data": str(data), "look": {}}
        process.stdin.write(json.dumps(order).encode() + b"\n")
        process.stdin.flush()
        url = url_of(listener).rstrip("/")
        httpx.get(f"{url}/entrance", timeout=60)
        time.sleep(SETTLE_S)
        yield url, psutil.Process(process.pid)
        process.stdin.close()
        process.wait(30)


def asked(client: httpx.Client, url: str) -> float:
    began = time.perf_counter()
    answer = client.get(url)
    took = (time.perf_counter() - began) * 1000
    assert answer.status_code == 200, (url, answer.status_code)
    return took


def measure(data: Path) -> None:
    common, rare = VOCABULARY[0], VOCABULARY[-1]
    with open_archive(data) as archive:
        newest = archive.headings(1)[0].id
        oldest = archive.headings(1, before=2)[0].id
        story = archive.copied_lately(1)[0].cluster
        count = archive.size().articles
        middle = next(archive.headings(1, before=count // 2).__iter__()).number
    pages = {
        "overview": "/",
        "outlets": "/outlets",
        "one outlet": "/outlets/outlet-3",
        "articles, newest": "/articles",
        "articles, half way down": f"/articles?before={middle}",
        "search, a common word": f"/articles?q={common}",
        "search, a rare word": f"/articles?q={rare}",
        "search, two words of one outlet": f"/articles?q={common}+{VOCABULARY[40]}&outlet=outlet-3",
        "search, nothing found": f"/articles?q={common}+tiadatiada",
        "an article, the newest": f"/articles/{newest}",
        "an article, the oldest": f"/articles/{oldest}",
        "shared stories": "/stories",
        "a story, two texts": f"/stories/{story}",
        "what became of an address": f"/why?story={entry(count // 3).url}",
    }
    print(f"{count:,} articles, {sum(p.stat().st_size for p in data.rglob('*') if p.is_file()) / 1e9:.1f} GB")
    print(f"{'page':<36}{'first ms':>9}{'then ms':>9}{'CPU ms':>9}   goal {GOAL_MS}")
    for name, path in pages.items():
        with served(data) as (url, process), httpx.Client(timeout=120) as client:
            cold = asked(client, url + path)
            before = sum(process.cpu_times()[:2])
            warm = []
            for _ in range(TURNS):
                time.sleep(STALE_S if name == "overview" else 0.05)
                warm.append(asked(client, url + path))
            cpu = (sum(process.cpu_times()[:2]) - before) * 1000 / TURNS
            verdict = "" if max(cold, statistics.median(warm)) <= GOAL_MS else "above"
        print(f"{name:<36}{cold:>9.0f}{statistics.median(warm):>9.0f}{cpu:>9.0f}   {verdict}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("articles", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--keep", type=Path)
    arguments = parser.parse_args()
    data = arguments.keep or Path(tempfile.mkdtemp(prefix="status-bench-"))
    try:
        if not (data / "state.db").exists():
            fill(data, arguments.articles)
        open_store(StoreSettings(data=data), lambda: LAST).close()  # an earlier version's is brought up to date
        measure(data)
    finally:
        if arguments.keep is None:
            shutil.rmtree(data)


if __name__ == "__main__":
    main()
