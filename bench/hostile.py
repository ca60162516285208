"""What hostile servers cost: memory for bombs of 1 GiB, and how late the event loop runs while all of them answer.

    python bench/hostile.py [bombs] [lag] [line]

The servers are those of the test suite, in a process of their own. Peak memory is counted above that of the warm
fetcher, each bomb in a fresh process (Linux). Lag is how much later than asked for a sleep of 5 ms ends; that part of
it for which the machine let other processes run is stated beside it, and, whatever else the machine does, the CPU time
of the loop's single callbacks: nobody waits longer for the loop than the longest of them takes. `lag` asks with the
fetcher alone, `line` runs the whole daemon: polls, pages, reading children, store.
"""
# ruff: noqa: E402 - the suite's servers stand beside this directory, not in the installed package

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from scraper.clock import utc_now
from scraper.fetching import HttpFetcher
from scraper.model.feed import PollFailed
from scraper.model.outlet import Outlet
from scraper.model.page import FetchFailed, Page, Request, RequestKind
from scraper.service.daemon import run_daemon
from scraper.settings import FetchSettings, PollSettings, Settings, StoreSettings
from tests.e2e import test_hostile_line
from tests.fetching import hostile
from tests.fetching.web import reply, running

CODINGS = ("gzip", "br", "zstd")
OUTLET = Outlet(id="bench", name="Bench", domains=("bench.example",))
DEADLINE = 10.0
SETTINGS = FetchSettings(
    allow_networks=("127.0.0.0/8",),
    host_spacing=timedelta(0),
    respect_robots=False,
    concurrency=64,
    page_deadline=timedelta(seconds=DEADLINE),
)
LURE = "127.0.0.2"
LINE = Settings(
    fetch=replace(SETTINGS, allow_networks=("127.0.0.0/16",), concurrency=32),
    poll=PollSettings(floor=timedelta(hours=1)),
)
ROUNDS = 3
TICK = 0.005


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("topics", nargs="*", choices=["bombs", "lag", "line", []])
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--take", nargs=2, metavar=("CODING", "URL"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        asyncio.run(serve())
    elif arguments.take:
        asyncio.run(take(*arguments.take))
    else:
        for topic in arguments.topics or ("bombs", "lag", "line"):
            {"bombs": bombs, "lag": lag, "line": line}[topic]()


async def serve() -> None:
    """All hostile answers at /0, /1, ..., the bombs at /CODING, an honest page at /good; tells its address.

    The scene of the whole line stands at other hosts of the same port.
    """
    bombs = {f"/{coding}": hostile.bomb(coding) for coding in CODINGS}
    answers = {f"/{number}": answer for number, (answer, _) in enumerate(hostile.ANSWERS.values())}
    async with running(bombs | answers | {"/good": reply(b"kabar" * 1000)}) as web:
        routes, outlets = test_hostile_line.scene(web.port)
        web.routes |= routes | {f"{LURE}/feed": reply(test_hostile_line.lure(web, outlets))}
        print(web.port, *(len(bomb) for bomb in bombs.values()), flush=True)
        await asyncio.Event().wait()


@contextlib.contextmanager
def server() -> Iterator[tuple[int, list[int]]]:
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port, *sizes = (int(word) for word in process.stdout.readline().split())
            yield port, sizes
        finally:
            process.terminate()


def bombs() -> None:
    print("\n1 GiB of zeros, packed       bytes sent   peak MB    CPU ms   outcome", flush=True)
    with server() as (port, sizes):
        for coding, size in zip(CODINGS, sizes, strict=True):
            print(f"{coding:26} {size:12}", end="", flush=True)
            subprocess.run(
                [sys.executable, __file__, "--take", coding, f"http://127.0.0.1:{port}"], check=True, cwd=ROOT
            )


async def take(coding: str, url: str) -> None:
    async with HttpFetcher(SETTINGS, utc_now) as fetcher:
        good = await fetcher.fetch(Request(url=f"{url}/good", kind=RequestKind.PAGE, outlet=OUTLET))
        assert isinstance(good, Page)
        before, start = peak(reset=True), time.process_time()
        outcome = await fetcher.fetch(Request(url=f"{url}/{coding}", kind=RequestKind.PAGE, outlet=OUTLET))
        spent = time.process_time() - start
    assert isinstance(outcome, FetchFailed)
    print(f"  {peak() - before:8.1f}  {spent * 1e3:8.0f}   {outcome.reason}", flush=True)


def peak(*, reset: bool = False) -> float:
    """Peak resident megabytes since the last reset."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024


def lag() -> None:
    with server() as (port, _):
        asyncio.run(measure_lag(port))


async def measure_lag(port: int) -> None:
    lags: list[float] = []
    waits: list[float] = []
    endings: list[tuple[str, float]] = []
    print(f"\nload of the machine {os.getloadavg()[0]:.1f}", end="")
    async with HttpFetcher(SETTINGS, utc_now) as fetcher:

        async def attack(path: str, host: int) -> None:
            for _ in range(ROUNDS):
                start = time.monotonic()
                url = f"http://127.0.1.{host}:{port}{path}"
                outcome = await fetcher.fetch(Request(url=url, kind=RequestKind.PAGE, outlet=OUTLET))
                assert isinstance(outcome, FetchFailed), outcome
                endings.append((outcome.reason, time.monotonic() - start))

        watching, spent = asyncio.create_task(watch(lags, waits)), callbacks()
        paths = [f"/{number}" for number in range(len(hostile.ANSWERS))] + [f"/{coding}" for coding in CODINGS]
        await asyncio.gather(*(attack(path, host + 1) for host, path in enumerate(paths)))
    watching.cancel()
    print(f" to {os.getloadavg()[0]:.1f}; all hostile servers at once: the event loop is")
    tell(lags, waits, spent)
    print(f"{len(endings)} exchanges, the longest {max(took for _, took in endings):.1f} s of {DEADLINE:g} s allowed")


async def watch(lags: list[float], waits: list[float]) -> None:
    """Note how late each tick is, and for how much of that this thread was ready and did not get a processor."""
    loop = asyncio.get_running_loop()
    while True:
        due, before = loop.time() + TICK, kept_waiting()
        await asyncio.sleep(TICK)
        lags.append(max(0.0, loop.time() - due))
        waits.append(min(lags[-1], kept_waiting() - before))


def callbacks() -> list[float]:
    """From now on, the CPU seconds that each callback of event loops takes of its thread."""
    spent: list[float] = []
    run = asyncio.Handle._run  # type: ignore[attr-defined]  # noqa: SLF001 - the loop has no public place for this

    def timed(handle: asyncio.Handle) -> None:
        begun = time.thread_time_ns()
        run(handle)
        spent.append((time.thread_time_ns() - begun) / 1e9)

    asyncio.Handle._run = timed  # type: ignore[attr-defined]  # noqa: SLF001 - as above
    return spent


def kept_waiting() -> float:
    """Seconds for which the main thread has been ready to run and did not run."""
    return int(Path("/proc/self/schedstat").read_text(encoding="ascii").split()[1]) / 1e9


def tell(lags: list[float], waits: list[float], spent: list[float]) -> None:
    own = [lag - wait for lag, wait in zip(lags, waits, strict=True)]
    for name, values in (
        ("late by", sorted(lags)),
        ("of that our own", sorted(own)),
        ("CPU a callback", sorted(spent)),
    ):
        p50, p99 = (values[min(int(len(values) * part), len(values) - 1)] for part in (0.5, 0.99))
        print(f"{name:16} p50 {p50 * 1e3:.1f} ms   p99 {p99 * 1e3:.1f} ms   worst {values[-1] * 1e3:.1f} ms")


def line() -> None:
    with server() as (port, _):
        asyncio.run(measure_line(port))


async def measure_line(port: int) -> None:
    """Let the daemon poll every hostile feed and fetch every hostile page once, and tell how it went."""
    _, outlets = test_hostile_line.scene(port)
    pages = test_hostile_line.pages(port, outlets)
    lured = Outlet(
        id="lure",
        name="Lure",
        domains=tuple(one.domains[0] for one in outlets.values()),
        feeds=(f"http://{LURE}:{port}/feed",),
    )
    watched, stop = test_hostile_line.Watch(), asyncio.Event()
    lags: list[float] = []
    waits: list[float] = []
    with tempfile.TemporaryDirectory() as directory:
        settings = replace(
            LINE, store=StoreSettings(data=Path(directory) / "data", commit_interval=timedelta(seconds=0.2))
        )
        print(f"\nload of the machine {os.getloadavg()[0]:.1f}", end="")
        ticking, spent = asyncio.create_task(watch(lags, waits)), callbacks()
        daemon = asyncio.create_task(
            run_daemon(settings, [lured, *outlets.values()], observe=watched.observe, clock=utc_now, stop=stop)
        )
        start = time.monotonic()
        await watched.until(lambda: watched.polls.keys() >= {*outlets, "lure"} and watched.verdicts.keys() >= {*pages})
        took = time.monotonic() - start
        ticking.cancel()
        stop.set()
        await daemon
    failed = sum(isinstance(event.poll, PollFailed) for event in watched.polls.values())
    print(f" to {os.getloadavg()[0]:.1f}; the whole daemon: {len(outlets)} hostile feeds, {failed} of them failures")
    print(f"{len(pages)} hostile pages; all of it in {took:.1f} s; the event loop is")
    tell(lags, waits, spent)


if __name__ == "__main__":
    main()
