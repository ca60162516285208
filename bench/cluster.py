"""What the store's process and the ways to it can take: python bench/cluster.py [DATA] [--part store|ways|pages]

Stories go to the store as on a cluster: in groups of 256, pickled, through a process of its own under Ray, judged and
committed there, with what the judge needs of their texts worked out beforehand as the tasks do it. DATA is a directory
that holds dedup/syndication.jsonl.gz (see bench/dedup.py), whose texts are then used; without it they are made up, 300
words each, one in five a copy of an earlier one. Beside it the same in this process, and what a page costs on its way
from the line to a shard, from there to a task and back, as one of four shards sends it. CPU seconds there are those of
all processes: this one, shards, tasks and Ray's own, without the reading itself and without what they take when they
have nothing to do, which is told first. The disk is this machine's.

`--part pages` tells what a page costs on a cluster beyond one machine from end to end: see bench/cluster_pages.py. DATA
then holds pages/gold.jsonl and the pages it names, which are collected beside made up ones of several sizes.
"""

import argparse
import asyncio
import gzip
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"

import ray
from cluster_pages import compare_all

from scraper.clock import utc_now
from scraper.cluster import Limits, joined, keeping
from scraper.cluster.actors import ShardWay
from scraper.cluster.carried import packed, unpacked
from scraper.cluster.exchange import Channel, Desk
from scraper.cluster.tasks import TaskSandbox
from scraper.dedup import prepared
from scraper.engine.settling import Finished
from scraper.engine.steps import Reading
from scraper.extraction import look
from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.sandbox import Sandbox
from scraper.service.books import books_away, books_here
from scraper.settings import Settings, StoreSettings

GROUP = 256
BEGINNINGS, ENDS = ("ka", "me", "pe", "ter", "ber", "di", "se", "ma"), ("rah", "nak", "tan", "sal", "mun", "wi", "")
WORDS = [f"{a}{b}{c}{d}" for a in BEGINNINGS for b in "aiueo" for c in ENDS for d in ("", *BEGINNINGS, *ENDS)]
NOW = datetime(2026, 11, 27, 6, tzinfo=UTC)
TICK = os.sysconf("SC_CLK_TCK")


def made_up(count: int) -> Iterator[Draft]:
    dice = random.Random(1)  # noqa: S311 - invents stories
    for number in range(count):
        of = number if dice.random() > 0.2 else dice.randrange(number + 1)
        own = random.Random(of)  # noqa: S311 - invents stories
        often = [WORDS[int(len(WORDS) * own.random() ** 3)] for _ in range(300)]
        text = "\n".join(" ".join(often[at : at + 50]).capitalize() + "." for at in range(0, 300, 50))
        yield Draft(title=f"Judul {of}", text=text, language="id", published=NOW + timedelta(minutes=number % 600))


def real(path: Path, count: int) -> Iterator[Draft]:
    with gzip.open(path, "rt") as lines:
        for number, line in enumerate(map(json.loads, lines)):
            if number == count:
                return
            published = NOW + timedelta(seconds=line["t"])
            yield Draft(title=line["title"], text=line["text"], language=line["lang"], published=published)


def groups(store: Any, drafts: Sequence[Draft]) -> Iterator[list[Finished]]:
    outlets = {outlet.id: outlet for outlet in OUTLETS}
    every = [
        Entry(
            key=f"https://o{number % 50}.example/berita/{number}",
            url=f"https://o{number % 50}.example/berita/{number}",
            outlet=f"o{number % 50}",
            source=f"https://o{number % 50}.example/feed",
        )
        for number in range(len(drafts))
    ]
    for start in range(0, len(drafts), 2000):
        store.enqueue(every[start : start + 2000], NOW)
    waiting: list[Finished] = []
    left = iter(drafts)
    while claimed := store.claim(NOW, 500, timedelta(hours=1)):
        for pending in claimed:
            reading = Reading(pending=pending, draft=next(left), pages=())
            waiting.append(Finished(pending=pending, outlet=outlets[pending.entry.outlet], result=reading))
            if len(waiting) == GROUP:
                yield waiting
                waiting = []
    if waiting:
        yield waiting


OUTLETS = tuple(Outlet(id=f"o{number}", name=f"o{number}", domains=(f"o{number}.example",)) for number in range(50))


def cpu_below(pid: int, name: bytes = b"") -> float:
    """CPU seconds of a process and of all that it started, as far as they live; of those alone that are called so."""
    parents: dict[int, int] = {}
    used: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, ValueError, IndexError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                parents[int(entry.name)] = int(fields[1])
                used[int(entry.name)] = int(fields[11]) + int(fields[12])
    total = 0
    for one, ticks in used.items():
        above = one
        while above > 1 and above != pid:
            above = parents.get(above, 0)
        if above == pid and (not name or _is_called(one, name)):
            total += ticks
    return total / TICK


def _is_called(pid: int, name: bytes) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().startswith(name)
    return False


def told(name: str, stories: int, seconds: float, cpu: float) -> None:
    print(f"{name:46} {stories / seconds:8.0f}/s   CPU {cpu / stories * 1e3:.2f} ms each", flush=True)


def here(directory: Path, drafts: Sequence[Draft], name: str) -> None:
    settings = Settings(store=StoreSettings(data=directory / "here"))
    books = books_here(settings, OUTLETS, utc_now)
    made = list(groups(books.store, drafts))
    began, cpu = time.perf_counter(), time.process_time()
    for group in made:
        books.commit(group, NOW, {})
    told(name, len(drafts), time.perf_counter() - began, time.process_time() - cpu)
    books.close()


def away(directory: Path, drafts: Sequence[Draft]) -> None:
    settings = Settings(store=StoreSettings(data=directory / "away"))
    with keeping(partial(books_away, settings, OUTLETS), settings.store.data) as store:
        made = list(groups(store, drafts))
        began, cpu, own = time.perf_counter(), cpu_below(os.getpid(), b"ray::Keeper"), time.process_time()
        for group in made:
            store.commit_group(group, {})
        seconds, own = time.perf_counter() - began, time.process_time() - own
        told("store: in a process of its own", len(drafts), seconds, cpu_below(os.getpid(), b"ray::Keeper") - cpu)
        told("store: the line, for that", len(drafts), seconds, own)


class Echo:
    """A shard that answers at once."""

    def __init__(self) -> None:
        self._desk: Desk | None = None

    async def _answer(self, _method: str, _args: tuple[Any, ...]) -> bytes:
        return b"x" * 5000

    async def take(self, questions: bytes) -> str:
        self._desk = self._desk or Desk(self._answer)
        return self._desk.take(unpacked(questions))

    async def collect(self, known: Sequence[int], questions: bytes) -> bytes:
        self._desk = self._desk or Desk(self._answer)
        return packed(await self._desk.collect(known, unpacked(questions)))


async def idling(seconds: float = 5.0) -> float:
    """The share of a processor that all take who have nothing to do."""
    began, cpu = time.perf_counter(), cpu_below(os.getpid())
    await asyncio.sleep(seconds)
    return (cpu_below(os.getpid()) - cpu) / (time.perf_counter() - began)


async def measured(name: str, count: int, at_once: int, do: Any, idle: float) -> None:
    places = asyncio.Semaphore(at_once)

    async def one() -> None:
        async with places:
            await do()

    await asyncio.gather(*(one() for _ in range(at_once)))
    began, cpu = time.perf_counter(), cpu_below(os.getpid())
    await asyncio.gather(*(one() for _ in range(count)))
    seconds = time.perf_counter() - began
    told(name, count, seconds, cpu_below(os.getpid()) - cpu - idle * seconds)


async def ways(count: int) -> None:
    echo = ray.remote(num_cpus=0, max_concurrency=1000)(Echo).remote()
    async with Channel(ShardWay(echo)) as channel:
        await channel.ask("x", b"")
        idle = await idling()
        print(f"idling: {idle:.3f} of a processor", flush=True)
        for at_once in (1, 32, 128):
            name = f"line to shard, {at_once} at once"
            asked = count if at_once > 1 else count // 20
            await measured(name, asked, at_once, lambda: channel.ask("x", b"x" * 1000), idle)
    limits = Limits(timeout=timedelta(seconds=10), memory=1_000_000_000, recycle_after=100_000)
    tasks = TaskSandbox(limits, share=4)
    async with Sandbox(workers=2, timeout=limits.timeout, memory=limits.memory, recycle_after=100_000) as box:
        for size in (20_000, 100_000, 300_000):
            dice = random.Random(size)  # noqa: S311 - invents stories
            body = b"".join(f"<p>{' '.join(dice.choices(WORDS, k=40))}</p>".encode() for _ in range(size // 200))[:size]
            await measured(f"{size // 1000} KB to a child of this process", count, 32, partial(box.run, len, body), 0.0)
            await measured(f"{size // 1000} KB to a task", count, 32, partial(tasks.run, len, body), idle)


async def main(arguments: argparse.Namespace, directory: Path) -> None:
    source = real(arguments.data / "dedup/syndication.jsonl.gz", arguments.stories) if arguments.data else None
    drafts = list(source or made_up(arguments.stories))
    if arguments.part != "ways":
        here(directory / "1", drafts, "store: in this process")
        drafts = [replace(prepared(draft), looks=look(draft.text)) for draft in drafts]
        here(directory / "2", drafts, "store: in this process, prepared")
    async with joined("local"):
        if arguments.part != "ways":
            away(directory, drafts)
        if arguments.part != "store":
            await ways(arguments.pages)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?")
    parser.add_argument("--stories", type=int, default=10_000)
    parser.add_argument("--pages", type=int, default=3_000)
    parser.add_argument("--part", choices=("store", "ways", "pages"))
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    if given.part == "pages":
        compare_all(given.data, given.pages, given.rounds)
        sys.exit(0)
    with tempfile.TemporaryDirectory() as made_here:
        asyncio.run(main(given, Path(made_here)))
