"""A real cluster of several nodes on this machine that is shot at while it collects; run as a program.

python -m tests.cluster.scenario DIR [--kills 12] [--outlets 8] [--stories 9] [--every 1.5] [--shards 3] [--seed 1]

Collects a web whose stories appear one after the other, on the cluster, while nodes, tasks' processes, shards and the
store's process are killed at random, and then the same web in this process alone. Prints one JSON object.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_AUTH_MODE"] = "disabled"  # this cluster has no token, whether this machine keeps one or not
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # keeps Ray to 127.0.0.1 on every system

from ray.cluster_utils import Cluster

from scraper import open_archive
from scraper.clock import utc_now
from scraper.engine.events import Event, StepFailed, StorySettled, WritingPaused, WritingResumed
from scraper.model.article import Article
from scraper.model.verdict import Deferred
from scraper.service.daemon import run_daemon, run_once
from scraper.settings import ClusterSettings, FetchSettings, PollSettings, Settings, StoreSettings
from scraper.storage import verify
from tests.cluster.village import Village

SPACING = 1.0
NODE: dict[str, Any] = {
    "num_cpus": 1,
    "node_ip_address": "127.0.0.1",
    "object_store_memory": 80_000_000,
    "include_dashboard": False,
}
_NODE_TRIES = 4
KINDS = ("task", "shard", "store", "node")
NAMES = {"task": ("ray::perform", "ray::IDLE"), "shard": ("ray::ShardActor",), "store": ("ray::Keeper",)}


def settings(data: Path, address: str | None, shards: int) -> Settings:
    return Settings(
        fetch=FetchSettings(allow_networks=("127.0.0.0/8",), host_spacing=timedelta(seconds=SPACING)),
        poll=PollSettings(
            floor=timedelta(seconds=1), initial=timedelta(seconds=1), ceiling=timedelta(seconds=2), jitter=0.0
        ),
        store=StoreSettings(data=data),
        cluster=ClusterSettings(address=address, shards=shards),
        drain=timedelta(seconds=2),
    )


class Shooter:
    """Kills what was started by this program's own cluster, and nothing else."""

    def __init__(self, cluster: Cluster, dice: random.Random) -> None:
        self._cluster = cluster
        self._dice = dice
        self.shots: Counter[str] = Counter()

    def shoot(self, kind: str) -> bool:
        """Whether there was one of that kind to be shot."""
        if kind == "node":
            return self._shoot_node()
        prey = [pid for pid, name in self._processes() if name.startswith(NAMES[kind])]
        if not prey:
            return False
        try:
            os.kill(self._dice.choice(prey), signal.SIGKILL)
        except ProcessLookupError:
            return False
        self.shots[kind] += 1
        return True

    def _shoot_node(self) -> bool:
        others = list(self._cluster.worker_nodes)
        if others:
            self._cluster.remove_node(self._dice.choice(others), allow_graceful=False)
            self.shots["node"] += 1
        self._add_node()
        return bool(others)

    def _add_node(self) -> None:
        """Start a node, and another when it is not up within Ray's half minute, as on a machine with much to do."""
        for _ in range(_NODE_TRIES - 1):
            with suppress(Exception):
                self._cluster.add_node(**NODE)
                return
        self._cluster.add_node(**NODE)

    def _processes(self) -> Iterator[tuple[int, str]]:
        """Ray's workers below this process: their ids and what they call themselves."""
        parents, names = {}, {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                with suppress(OSError, ValueError, IndexError):
                    parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                    names[int(entry.name)] = (entry / "cmdline").read_bytes().split(b"\0")[0].decode()
        for pid, name in names.items():
            if not name.startswith("ray::"):
                continue
            above = pid
            while above > 1 and above != os.getpid():
                above = parents.get(above, 0)
            if above == os.getpid():
                yield pid, name


class Watch:
    def __init__(self) -> None:
        self.began = time.monotonic()
        self.settled: Counter[str] = Counter()
        self.defects: list[str] = []
        self.deferred: list[str] = []
        self.paused: list[str] = []

    def __call__(self, event: Event) -> None:
        if isinstance(event, StorySettled):
            verdict = event.outcome.verdict
            if isinstance(verdict, Deferred):
                self.deferred.append(verdict.detail)
            else:
                self.settled[event.outcome.pending.entry.url] += 1
        elif isinstance(event, StepFailed):
            self.defects.append(f"{event.subject}: {event.detail}")
        elif isinstance(event, WritingPaused | WritingResumed):
            self.paused.append(f"{type(event).__name__} at {time.monotonic() - self.began:.1f} s")


def waiting(data: Path) -> int:
    with open_archive(data) as archive:
        return sum(row.ready + row.claimed + row.deferred for row in archive.waiting())


def known(data: Path, links: set[str]) -> int:
    with open_archive(data) as archive:
        return sum(archive.explain(link) is not None for link in links)


async def on_cluster(arguments: argparse.Namespace, village: Village) -> dict[str, Any]:
    dice = random.Random(arguments.seed)  # noqa: S311 - chooses whom to shoot
    data = arguments.dir / "cluster"
    cluster = Cluster(initialize_head=True, head_node_args=NODE)
    for _ in range(arguments.nodes - 1):
        cluster.add_node(**NODE)
    watch, stop, shooter = Watch(), asyncio.Event(), Shooter(cluster, dice)
    running = asyncio.create_task(
        run_daemon(
            settings(data, cluster.address, arguments.shards),
            village.configured(),
            observe=watch,
            clock=utc_now,
            stop=stop,
        )
    )
    began = time.monotonic()
    try:
        while not running.done() and len(watch.settled) < arguments.outlets:  # noqa: ASYNC110 - or it has failed
            await asyncio.sleep(0.2)
        order = [KINDS[number % len(KINDS)] for number in range(arguments.kills)]
        dice.shuffle(order)
        for first in order:
            kind = first
            # Ray starts nodes in the main thread alone. Of what has just been shot there may be none yet.
            while not running.done() and not shooter.shoot(kind):
                kind = dice.choice(KINDS)
            await asyncio.sleep(dice.uniform(0.2, arguments.pause))
        links = village.all_links()
        while not running.done() and time.monotonic() - began < arguments.limit:
            await asyncio.sleep(0.5)
            if village.everything_is_out() and known(data, links) == len(links) and not waiting(data):
                break
        stop.set()
        await running
    finally:
        stop.set()
        with suppress(Exception):
            await running
        await asyncio.to_thread(cluster.shutdown)
    return {
        "shots": dict(shooter.shots),
        "defects": watch.defects,
        "deferred": watch.deferred,
        "paused": watch.paused,
        "seconds": round(time.monotonic() - began, 1),
        "settled twice": [url for url, times in watch.settled.items() if times > 1],
    }


def comparable(article: Article) -> dict[str, Any]:
    """All that does not depend on the clock."""
    record = asdict(article)
    for field in ("found_at", "fetched_at"):
        del record[field]
    return record


def records(data: Path) -> list[dict[str, Any]]:
    with open_archive(data) as archive:
        return sorted((comparable(article) for article in archive.articles()), key=lambda record: record["id"])


async def main(arguments: argparse.Namespace) -> dict[str, Any]:
    village = Village(outlets=arguments.outlets, stories=arguments.stories, every=arguments.every)
    with village.elsewhere():
        told = await on_cluster(arguments, village)
    told["impolite"] = village.impolite(SPACING / 3)
    told["requests"] = sum(map(len, village.asked.values()))
    again = Village(outlets=arguments.outlets, stories=arguments.stories, every=0.0, port=village.port)
    with again.open():
        here = arguments.dir / "here"
        quick = settings(here, None, 1)
        quick = replace(quick, fetch=replace(quick.fetch, host_spacing=timedelta(seconds=0.01)))
        await run_once(quick, village.configured(), observe=Watch(), clock=utc_now, stop=asyncio.Event())
    there, local = records(arguments.dir / "cluster"), records(arguments.dir / "here")
    ids = [record["id"] for record in there]
    told |= {
        "stories": len(village.all_links()),
        "local": len(local),
        "cluster": len(there),
        "lost": sorted({record["url"] for record in local} - {record["url"] for record in there}),
        "twice": [key for key, times in Counter(ids).items() if times > 1],
        "same": there == local,
        "problems": verify(arguments.dir / "cluster").problems,
    }
    return told


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("dir", type=Path)
    for name, kind, default in (
        ("kills", int, 12),
        ("outlets", int, 8),
        ("stories", int, 9),
        ("every", float, 1.5),
        ("shards", int, 3),
        ("nodes", int, 3),
        ("seed", int, 1),
        ("pause", float, 2.0),
        ("limit", float, 180.0),
    ):
        parser.add_argument(f"--{name}", type=kind, default=default)
    print(json.dumps(asyncio.run(main(parser.parse_args())), indent=1))  # noqa: T201 - what it is for
    sys.exit(0)
