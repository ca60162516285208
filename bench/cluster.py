"""What the store's process and the way to it can take: python bench/cluster.py [--stories 20000]

Made-up stories of 300 words, one in five a copy of an earlier one, go to the store as on a cluster: in groups of
64, pickled, through a process of its own under Ray, judged and committed there. Beside it the same in this process, and
what a page costs the shard, the task and the line beyond the reading itself. CPU seconds are those of all processes
concerned; the disk is this machine's.
"""

import argparse
import asyncio
import os
import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"

from scraper.clock import utc_now
from scraper.cluster import Limits, joined, keeping
from scraper.cluster.tasks import TaskSandbox
from scraper.engine.settling import Finished
from scraper.engine.steps import Reading
from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.service.books import books_away, books_here
from scraper.settings import Settings, StoreSettings

GROUP = 64
BEGINNINGS, ENDS = ("ka", "me", "pe", "ter", "ber", "di"), ("rah", "nak", "tan", "sal", "mun")
WORDS = [f"{a}{b}{c}" for a in BEGINNINGS for b in "aiueo" for c in ENDS]
NOW = datetime(2026, 11, 27, 6, tzinfo=UTC)


def outlets() -> tuple[Outlet, ...]:
    return tuple(Outlet(id=f"o{number}", name=f"o{number}", domains=(f"o{number}.example",)) for number in range(50))


def entries(count: int) -> list[Entry]:
    return [
        Entry(
            key=f"https://o{number % 50}.example/berita/{number}",
            url=f"https://o{number % 50}.example/berita/{number}",
            outlet=f"o{number % 50}",
            source=f"https://o{number % 50}.example/feed",
        )
        for number in range(count)
    ]


def draft(number: int, dice: random.Random) -> Draft:
    of = number if dice.random() > 0.2 else dice.randrange(number + 1)
    own = random.Random(of)  # noqa: S311 - invents stories
    text = "\n".join(" ".join(own.choices(WORDS, k=50)).capitalize() + "." for _ in range(6))
    return Draft(title=f"Judul {of}", text=text, language="id", published=NOW + timedelta(minutes=number % 600))


def groups(store: Any, count: int) -> Iterator[list[Finished]]:
    dice, by_id = random.Random(1), {outlet.id: outlet for outlet in outlets()}  # noqa: S311 - invents stories
    every = entries(count)
    for start in range(0, count, 2000):
        store.enqueue(every[start : start + 2000], NOW)
    number = 0
    waiting: list[Finished] = []
    while claimed := store.claim(NOW, 500, timedelta(hours=1)):
        for pending in claimed:
            reading = Reading(pending=pending, draft=draft(number, dice), pages=())
            waiting.append(Finished(pending=pending, outlet=by_id[pending.entry.outlet], result=reading))
            number += 1
            if len(waiting) == GROUP:
                yield waiting
                waiting = []
    if waiting:
        yield waiting


def told(name: str, stories: int, seconds: float, cpu: float | None) -> None:
    more = "" if cpu is None else f"   CPU {cpu / stories * 1e3:.3f} ms a story here"
    print(f"{name:34} {stories / seconds:8.0f} stories/s{more}")


def here(directory: Path, count: int) -> None:
    settings = Settings(store=StoreSettings(data=directory / "here"))
    books = books_here(settings, outlets(), utc_now)
    made = list(groups(books.store, count))
    began, cpu = time.perf_counter(), time.process_time()
    for group in made:
        books.commit(group, NOW, {})
    told("in this process", count, time.perf_counter() - began, time.process_time() - cpu)
    books.close()


async def away(directory: Path, count: int) -> None:
    settings = Settings(store=StoreSettings(data=directory / "away"))
    async with joined("local"):
        with keeping(partial(books_away, settings, outlets()), settings.store.data) as store:
            made = list(groups(store, count))
            began, cpu = time.perf_counter(), time.process_time()
            for group in made:
                store.commit_group(group, {})
            told("in a process of its own, Ray", count, time.perf_counter() - began, time.process_time() - cpu)
        await tasks(400)


async def tasks(count: int) -> None:
    limits = Limits(timeout=timedelta(seconds=10), memory=1_000_000_000, recycle_after=10_000)
    sandbox = TaskSandbox(limits)
    for size in (20_000, 100_000, 300_000):
        dice = random.Random(size)  # noqa: S311 - invents stories
        body = b"".join(f"<p>{' '.join(dice.choices(WORDS, k=40))}</p>".encode() for _ in range(size // 200))[:size]
        await asyncio.gather(*(sandbox.run(len, body) for _ in range(8)))
        began, cpu = time.perf_counter(), time.process_time()
        for _ in range(count // 8):
            await asyncio.gather(*(sandbox.run(len, body) for _ in range(8)))
        used = (time.process_time() - cpu) / count * 1e3
        print(
            f"an empty task with {size // 1000:4} KB of page  {count / (time.perf_counter() - began):8.0f} tasks/s"
            f"   CPU {used:.3f} ms a page in the shard"
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stories", type=int, default=20_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as made_here:
        here(Path(made_here), arguments.stories)
        asyncio.run(away(Path(made_here), arguments.stories))
