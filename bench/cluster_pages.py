"""What a page costs on a cluster beyond one machine, from end to end: the part `pages` of bench/cluster.py.

The same pages are collected by the line here and by the line on a cluster of this machine, in turns, each time by a
process of its own with an empty data directory. Their stories are enqueued at once, as a backfill does it, and served
on loopback by a further process that counts nowhere. Workers are up and warm before it begins.

CPU is that of all processes: the line, shards, tasks and their children, the store and Ray's own, those that ended
among them. What they take when there is nothing to do is measured first, told by itself, and taken off. Reading a page
is the same work on both sides and many times as much as what is looked for; so the difference is told without the
children that read, too. For that the line here has its texts prepared for the judge in the children, as a cluster
does, though by itself it would do that afterwards: it is the same work, and it shall stand in the same place. SHARDS
in the environment is the number of shards, else there are as many as suit the machine.
"""

import asyncio
import contextlib
import gzip
import json
import multiprocessing
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from scoring import gold_pages

from scraper.clock import utc_now
from scraper.dedup import prepared
from scraper.extraction import ArticleExtractor
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.service import hands
from scraper.service.warming import warm_up_to_prepare
from scraper.service.wiring import open_line
from scraper.settings import ClusterSettings, FetchSettings, Settings, StoreSettings

HERE = "here"
ON_CLUSTER = "cluster"
READING = "reading"
SIZES = (20_000, 64_000, 100_000, 300_000)
WARM = 120
HOSTS = 64
IDLE_S = 6.0
SHARDS = int(os.environ["SHARDS"]) if "SHARDS" in os.environ else None
WORDS = [
    a + b + c for a in ("ka", "me", "pe", "ter", "ber", "di") for b in "aiueo" for c in ("rah", "nak", "tan", "wi")
]
NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
TICK = os.sysconf("SC_CLK_TCK")
_RAY = {"ray::ShardActor": "shards", "ray::Keeper": "store", "ray::perform": "tasks", "ray::IDLE": "tasks"}


class Pages(asyncio.Protocol):
    """Answers with the page whose number the address ends with; takes as little CPU as it can."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self._answers = answers
        self._asked = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport if isinstance(transport, asyncio.Transport) else None

    def data_received(self, data: bytes) -> None:
        *heads, self._asked = (self._asked + data).split(b"\r\n\r\n")
        for head in heads:
            name = head.split(b" ", 2)[1].rpartition(b"/")[2]
            answer = self._answers[int(name) % len(self._answers)] if name.isdigit() else NOT_FOUND
            if self._transport is not None:
                self._transport.write(answer)


def made_up(size: int, number: int) -> bytes:
    """A page of about so many bytes with 250 words of its own; the rest is a script and links."""
    dice = random.Random(number)  # noqa: S311 - invents stories
    text = "".join(f"<p>{' '.join(dice.choices(WORDS, k=50)).capitalize()}.</p>" for _ in range(5))
    title = " ".join(dice.choices(WORDS, k=6)).capitalize()
    page = f'<html lang="id"><head><title>{title}</title></head><body><article><h1>{title}</h1>{text}</article>'
    links = "".join(f'<li><a href="/{dice.choice(WORDS)}">{dice.choice(WORDS)}</a></li>' for _ in range(100))
    script = json.dumps([dice.choices(WORDS, k=9) for _ in range(size // 90)])
    rest = max(0, size - len(page) - len(links) - 40)
    return f"{page}<ul>{links}</ul><script>{script[:rest]}</script></body></html>".encode()


def serve(data: Path | None, size: int, ready: Connection) -> None:
    """Serve pages at each of the hosts until killed: those of the data directory, or made up ones of that size."""
    if data is not None:
        bodies = [gzip.compress(page.body, 6) for page in gold_pages(data / "pages")]
    else:
        bodies = [made_up(size, number) for number in range(1000)]
    coding = "Content-Encoding: gzip\r\n" if data is not None else ""
    kind = f"Content-Type: text/html; charset=utf-8\r\n{coding}"
    answers = [f"HTTP/1.1 200 OK\r\n{kind}Content-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]
    asyncio.run(_serve(answers, ready))


async def _serve(answers: Sequence[bytes], ready: Connection) -> None:
    port = 0
    for number in range(HOSTS):
        listening = await asyncio.get_running_loop().create_server(
            lambda: Pages(answers), f"127.79.0.{number + 1}", port
        )
        port = listening.sockets[0].getsockname()[1]
    ready.send(port)
    await asyncio.Event().wait()


@contextlib.contextmanager
def served(data: Path | None, size: int) -> Iterator[int]:
    """The port at which the pages are to be had."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(data, size, there), daemon=True)
    server.start()
    try:
        yield here.recv()
    finally:
        server.kill()
        server.join()


def used() -> Counter[str]:
    """CPU seconds of this process and all below it, by what they do; who waited for one that ended has its time."""
    parents, ticks, names = {}, {}, {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with contextlib.suppress(OSError, ValueError, IndexError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                pid = int(entry.name)
                names[pid] = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
                parents[pid], ticks[pid] = int(fields[1]), sum(map(int, fields[11:15]))
    total: Counter[str] = Counter()
    for pid, own in ticks.items():
        above = pid
        while above > 1 and above != os.getpid():
            above = parents.get(above, 0)
        if above == os.getpid():
            total[_role(pid, names, parents)] += own
    return Counter({role: number / TICK for role, number in total.items()})


def _role(pid: int, names: Mapping[int, str], parents: Mapping[int, int]) -> str:
    name = names[pid]
    if pid == os.getpid():
        return "line"
    if "scraper.sandbox.nursery" in name:
        return READING
    for beginning, role in _RAY.items():
        if name.startswith(beginning):
            return role
    return "ray" if "ray" in name or "ray" in names.get(parents[pid], "") else "others"


async def collect(where: str, port: int, pages: int, directory: Path) -> dict[str, object]:
    """Collect so many pages; what each kind of process took for them, and in a second without any."""
    outlets = [
        Outlet(id=f"o{number}", name=f"O {number}", domains=(f"127.79.0.{number + 1}",)) for number in range(HOSTS)
    ]
    settings = Settings(
        fetch=FetchSettings(allow_networks=("127.0.0.0/8",), host_spacing=timedelta()),
        store=StoreSettings(data=directory),
        cluster=ClusterSettings(address="local" if where == ON_CLUSTER else None, shards=SHARDS),
    )
    if where == HERE:
        hands.ArticleExtractor = partial(ArticleExtractor, finish=prepared)  # type: ignore[misc,assignment]
    stop = asyncio.Event()
    began = time.perf_counter()
    async with open_line(settings, outlets, observe=lambda _: None, clock=utc_now, warm_up=warm_up_to_prepare) as line:
        up = time.perf_counter() - began

        async def take(first: int, count: int) -> None:
            entries = [
                Entry(
                    key=f"k{number}",
                    url=f"http://127.79.0.{number % HOSTS + 1}:{port}/berita/{number}",
                    outlet=f"o{number % HOSTS}",
                    source="bench",
                )
                for number in range(first, first + count)
            ]
            await line.ledger.run(lambda: line.store.enqueue(entries, utc_now()))
            await line.runner.run_round(stop)

        await take(pages, WARM)
        await asyncio.sleep(1.0)
        before, at = used(), time.perf_counter()
        await asyncio.sleep(IDLE_S)
        idle, idled = used() - before, time.perf_counter() - at
        before, at, wall = used(), time.perf_counter(), time.perf_counter()
        await take(0, pages)
        wall = time.perf_counter() - wall
        await asyncio.sleep(0.5)
        spent, seconds = used() - before, time.perf_counter() - at
        settled = await line.ledger.run(lambda: sum(1 for _ in line.archive.articles()))
    per_s = {role: used / idled for role, used in idle.items()}
    each = {role: 1e3 * (used - per_s.get(role, 0.0) * seconds) / pages for role, used in spent.items()}
    return {"each": each, "idle": per_s, "wall": wall, "up": up, "kept": settled}


def one(where: str, port: int, pages: int) -> None:
    """The one run of this process; prints what it took."""
    with tempfile.TemporaryDirectory() as directory:
        print(json.dumps(asyncio.run(collect(where, port, pages, Path(directory)))))


def run(where: str, port: int, pages: int) -> dict[str, dict[str, float]]:
    """The same in a process of its own."""
    command = [sys.executable, str(Path(__file__)), where, str(port), str(pages)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, dict[str, float]] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(name: str, port: int, pages: int, rounds: int) -> None:
    """Collect here and there in turns, and tell the differences, each round's and their median."""
    order = (HERE, ON_CLUSTER)
    found: dict[str, list[dict[str, dict[str, float]]]] = {HERE: [], ON_CLUSTER: []}
    for number in range(rounds):
        for where in order if number % 2 == 0 else reversed(order):
            found[where].append(run(where, port, pages))
    roles = sorted({role for runs in found.values() for each in runs for role in each["each"]})

    def median(where: str, kind: str, role: str) -> float:
        return statistics.median(one[kind].get(role, 0.0) for one in found[where])

    print(f"{name}, {pages} pages, {rounds} rounds; ms of CPU a page (a second with nothing to do)")
    for role in roles:
        figures = (f"{median(w, 'each', role):8.2f} ({1e3 * median(w, 'idle', role):4.1f})" for w in order)
        print(f"  {role:10} here {next(figures)}   cluster {next(figures)}")
    for told, without in (("all", frozenset[str]()), ("all but reading", frozenset((READING,)))):
        sums = {
            where: [sum(ms for role, ms in each["each"].items() if role not in without) for each in found[where]]
            for where in order
        }
        beyond = [there - here for here, there in zip(sums[HERE], sums[ON_CLUSTER], strict=True)]
        each = ", ".join(f"{ms:.2f}" for ms in beyond)
        here, there = (statistics.median(sums[where]) for where in order)
        print(f"  {told}: here {here:.2f}, cluster {there:.2f}, beyond {statistics.median(beyond):.2f} ({each})")
    wall = (statistics.median(float(each["wall"]) for each in found[where]) for where in order)  # type: ignore[arg-type]
    up = (statistics.median(float(each["up"]) for each in found[where]) for where in order)  # type: ignore[arg-type]
    print(
        f"  seconds: here {next(wall):.1f}, cluster {next(wall):.1f}; to start: {next(up):.1f}, {next(up):.1f}",
        flush=True,
    )


def compare_all(data: Path | None, pages: int, rounds: int, sizes: Sequence[int] = SIZES) -> None:
    """The pages of the data directory, where one is given, and made up ones of several sizes."""
    if data is not None:
        with served(data, 0) as port:
            compare("real pages", port, pages, rounds)
    for size in sizes:
        with served(None, size) as port:
            compare(f"{size // 1000} KB", port, pages, rounds)


if __name__ == "__main__":
    one(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
