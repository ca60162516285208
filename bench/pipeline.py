"""What the whole line costs: pages a second and CPU a page, from feed to saved article, over real sockets.

    python bench/pipeline.py DATA_DIR [--rounds N]

DATA_DIR holds pages/gold.jsonl and the pages it names. They are served by a process of their own, an address an outlet,
and `scraper run --once` collects them with no spacing between requests. Its CPU, child processes included and start-up
taken off, is told beside that of plain trafilatura (text and metadata) on the same bytes in the same run.
"""

import argparse
import contextlib
import ctypes
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path

import trafilatura
from scoring import GoldPage, gold_pages

ROOT = Path(__file__).parent.parent
SETTLE_S = 0.3
"""Orphans of an ended process need this long to end themselves."""


class Pages(BaseHTTPRequestHandler):
    """Answers a feed at /feed.xml and the pages that it lists."""

    protocol_version = "HTTP/1.1"
    bodies: Mapping[tuple[str, str], bytes]

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        body = self.bodies.get((str(self.server.server_address[0]), self.path))
        self.send_response(404 if body is None else 200)
        self.send_header("Content-Type", "text/xml" if self.path.endswith(".xml") else "text/html")
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")


def serve(pages: Sequence[GoldPage], ready: Connection) -> None:
    """Serve the pages until killed; sends the addresses of the feeds."""
    by_publisher: dict[str, list[GoldPage]] = defaultdict(list)
    for page in pages:
        by_publisher[page.publisher].append(page)
    bodies: dict[tuple[str, str], bytes] = {}
    handler = type("Handler", (Pages,), {"bodies": bodies})
    feeds = []
    for number, (publisher, own) in enumerate(sorted(by_publisher.items())):
        host = f"127.78.{number // 200}.{1 + number % 200}"
        server = ThreadingHTTPServer((host, 0), handler)
        home = f"http://{host}:{server.server_address[1]}"
        items = "".join(
            f"<item><title>{escape(page.title)}</title><link>{home}/{page.id}</link></item>" for page in own
        )
        bodies[host, "/feed.xml"] = (
            f"<rss version='2.0'><channel><title>{escape(publisher)}</title>{items}</channel></rss>".encode()
        )
        bodies.update({(host, f"/{page.id}"): page.body for page in own})
        threading.Thread(target=server.serve_forever, daemon=True).start()
        feeds.append(f"{home}/feed.xml")
    ready.send(feeds)
    threading.Event().wait()


def adopt_orphans() -> None:
    """Become the parent of processes that outlive theirs (prctl PR_SET_CHILD_SUBREAPER), so that their CPU counts."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def children_cpu() -> float:
    """CPU seconds of all ended descendants so far."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One process of the daemon from start to end."""

    kept: int
    wall: float
    cpu: float
    """Child processes included."""


def collect(feeds: Sequence[str]) -> tuple[Round, Round]:
    """Two rounds of the daemon: one on an empty data directory, one that finds nothing new."""
    with tempfile.TemporaryDirectory() as directory:
        listed = Path(directory) / "feeds.txt"
        listed.write_text("\n".join(feeds), "utf-8")
        command = [sys.executable, "-m", "scraper", "run", "--once", "--json", "--feeds", str(listed)]
        command += ["--data", f"{directory}/data", "--allow-network", "127.0.0.0/8"]
        return run_round(command), run_round(command)


def run_round(command: Sequence[str]) -> Round:
    """Run the command and account for it."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCRAPER_FETCH_HOST_SPACING": "0 s"}
    before, begun = children_cpu(), time.perf_counter()
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    wall = time.perf_counter() - begun
    time.sleep(SETTLE_S)
    kept = json.loads(done.stdout.splitlines()[-1])["kept"]
    return Round(kept=kept, wall=wall, cpu=children_cpu() - before)


def plain(pages: Sequence[GoldPage]) -> float:
    """CPU seconds of trafilatura alone, text and metadata."""
    begun = time.process_time()
    for page in pages:
        trafilatura.bare_extraction(page.body, url=page.url, with_metadata=True)
    return time.process_time() - begun


def measure(data: Path, rounds: int) -> list[tuple[str, str]]:
    """The rows of the table."""
    pages = list(gold_pages(data / "pages"))
    adopt_orphans()
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(pages, there), daemon=True)
    server.start()
    feeds = here.recv()
    try:
        plain(pages[:10])
        runs = [(*collect(feeds), plain(pages)) for _ in range(rounds)]
    finally:
        server.kill()
        server.join()
    full, empty, alone = sorted(runs, key=lambda run: run[0].cpu / run[2])[len(runs) // 2]
    work = full.cpu - empty.cpu
    return [
        ("pages served, articles kept", f"{len(pages)}, {full.kept}"),
        ("whole process, start to end", f"{full.wall:.1f} s wall, {full.cpu:.1f} s CPU"),
        ("the same with nothing new", f"{empty.wall:.1f} s wall, {empty.cpu:.1f} s CPU"),
        ("pages a second", f"{len(pages) / (full.wall - empty.wall):.1f}"),
        ("CPU a page", f"{1000 * work / len(pages):.1f} ms"),
        ("plain trafilatura with metadata", f"{1000 * alone / len(pages):.1f} ms a page"),
        ("ratio, whole line to plain trafilatura", f"{work / alone:.2f}"),
    ]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    for name, value in measure(arguments.data, arguments.rounds):
        print(f"{name:42} {value}")


if __name__ == "__main__":
    main()
