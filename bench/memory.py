"""Memory of the whole service over a long run at full speed, and while the disk is slow.

    python bench/memory.py [--minutes N] [--sync SECONDS]

A server in a process of its own lists new stories at each poll, more than can be read; the daemon is a real process
with its children. --sync makes every sync of the disk take that much longer, so that commits crawl. Each line tells the
stories kept so far and the resident memory of the daemon and of all its processes together (shared pages counted once a
process); the last compares the second half of the run with the first, after a minute of warming up.
"""

import argparse
import itertools
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psutil

from scraper.model.failures import StoreUnavailableError
from scraper.storage import open_archive

OUTLETS = 40
LISTED = 50
LOOK_S = 5.0
WARM_S = 60.0
WORDS = ["".join(random.Random(number).choices("abdegiklmnprstu", k=3 + number % 7)) for number in range(4000)]  # noqa: S311
SLOW = (
    "import os, time\n"
    "def slowed(sync):\n"
    "    def slow(descriptor):\n"
    "        time.sleep({pause})\n"
    "        return sync(descriptor)\n"
    "    return slow\n"
    "os.fsync, os.fdatasync = slowed(os.fsync), slowed(os.fdatasync)\n"
    "from scraper.__main__ import main\n"
    "main()\n"
)


class Pages(BaseHTTPRequestHandler):
    """Feeds that list new stories each time, and those stories."""

    protocol_version = "HTTP/1.1"
    numbers = itertools.count(1)

    def do_GET(self) -> None:
        if self.path == "/robots.txt":
            self.answer(404, "text/plain", "")
        elif self.path == "/feed.xml":
            host = self.headers["host"]
            items = "".join(
                f"<item><title>Berita {number}</title><link>http://{host}/berita/{number}</link></item>"
                for number in itertools.islice(self.numbers, LISTED)
            )
            self.answer(
                200, "application/rss+xml", f"<rss version='2.0'><channel><title>t</title>{items}</channel></rss>"
            )
        else:
            self.answer(200, "text/html; charset=utf-8", story(self.path))

    def answer(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def story(path: str) -> str:
    """A page of some 30 kB with an article of eight paragraphs."""
    chosen = random.Random(path)  # noqa: S311 - invented words
    paragraphs = "".join(f"<p>{' '.join(chosen.choices(WORDS, k=60)).capitalize()}.</p>" for _ in range(8))
    links = "".join(
        f"<li><a href='/berita/{number}'>{' '.join(chosen.choices(WORDS, k=6))}</a></li>" for number in range(200)
    )
    title = " ".join(chosen.choices(WORDS, k=8)).capitalize()
    head = f"<title>{title}</title><meta property='og:type' content='article'>"
    body = f"<h1>{title}</h1><article>{paragraphs}</article><ul>{links}</ul>"
    return f"<html lang='id'><head>{head}</head><body>{body}</body></html>"


def serve() -> None:
    server = ThreadingHTTPServer(("0.0.0.0", 0), Pages)  # noqa: S104 - each outlet has a loopback address of its own
    print(server.server_address[1], flush=True)
    server.serve_forever()


@contextmanager
def process(*words: str, **options: object) -> Iterator["subprocess.Popen[str]"]:
    started = subprocess.Popen(words, text=True, **options)  # type: ignore[call-overload]
    try:
        yield started
    finally:
        started.terminate()
        started.wait(120)


@dataclass(frozen=True, slots=True)
class Look:
    """The service at one moment."""

    second: float
    kept: int
    daemon_mb: float
    all_mb: float


def look(daemon: psutil.Process, data: Path, begun: float) -> Look:
    sizes = [daemon.memory_info().rss]
    for child in daemon.children(recursive=True):
        try:
            sizes.append(child.memory_info().rss)
        except psutil.Error:
            continue
    try:
        with open_archive(data) as archive:
            kept = archive.size().articles
    except StoreUnavailableError:
        kept = 0
    return Look(time.monotonic() - begun, kept, sizes[0] / 1e6, sum(sizes) / 1e6)


def measure(port: int, directory: Path, seconds: float, pause: float) -> list[Look]:
    feeds = directory / "feeds.txt"
    feeds.write_text("".join(f"http://127.0.1.{number}:{port}/feed.xml\n" for number in range(1, OUTLETS + 1)))
    settings = directory / "scraper.toml"
    settings.write_text(
        "[fetch]\nallow_networks = ['127.0.0.0/8']\nhost_spacing = '0 s'\n[poll]\nfloor = '5 s'\nceiling = '10 s'\n"
    )
    data = directory / "data"
    words = ["run", "--config", str(directory), "--feeds", str(feeds), "--data", str(data)]
    looks: list[Look] = []
    with (
        (directory / "log").open("w") as log,
        process(sys.executable, "-c", SLOW.format(pause=pause), *words, stderr=log, stdout=log) as daemon,
    ):
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < seconds:
            time.sleep(LOOK_S)
            looks.append(look(psutil.Process(daemon.pid), data, begun))
            if len(looks) % 6 == 0:
                one = looks[-1]
                print(
                    f"{passed:>6.0f} s {one.kept:>8,} kept  daemon {one.daemon_mb:>5.0f} MB  all {one.all_mb:>5.0f} MB",
                    flush=True,
                )
    return looks


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--sync", type=float, default=0.0, metavar="SECONDS")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve()
        return
    with (
        tempfile.TemporaryDirectory(prefix="memory-bench-") as directory,
        process(sys.executable, __file__, "--serve", stdout=subprocess.PIPE) as server,
    ):
        assert server.stdout is not None
        port = int(server.stdout.readline())
        looks = measure(port, Path(directory), options.minutes * 60, options.sync)
    warm = [one for one in looks if one.second >= min(WARM_S, options.minutes * 20)]
    first, second = warm[: len(warm) // 2], warm[len(warm) // 2 :]
    for name, of in (("daemon", lambda one: one.daemon_mb), ("all", lambda one: one.all_mb)):
        early, late = (statistics.median(map(of, half)) for half in (first, second))
        print(
            f"{name}: median {early:.0f} MB in the first half, {late:.0f} MB in the second, "
            f"peak {max(map(of, warm)):.0f} MB"
        )
    print(f"kept {looks[-1].kept:,} stories")


if __name__ == "__main__":
    main()
