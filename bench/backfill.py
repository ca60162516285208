"""A web archive through the line: speed, memory, and what kills do to it. Beside the readers of news-please and fundus.

    python bench/backfill.py DATA [--records 5000] [--kills 20] [--peers]

DATA holds pages/gold.jsonl and pages/html, real pages. They are repeated with edits until there are as many records as
asked for, each at an address of its own, and written as CC-NEWS is. Then:

- the program reads the archive undisturbed, on all cores and on one (Linux: taskset), its memory watched;
- it reads it again and is killed at random, as often as asked, and resumed: both must give the same articles, record
  for record;
- what all its processes spend on a page is set beside what its workers spend on extraction, in the same run. The
  start is measured by an archive of one record and counted apart;
- with --peers, news-please and fundus are installed into a virtual environment beside the archive and read it too.
"""

import argparse
import ctypes
import gzip
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PEER_PAGES = 400
"""The peers read so many records at most: one of them takes half a second for each."""
PEERS = {
    "news-please": """
import sys
from warcio.archiveiterator import ArchiveIterator
from newsplease import NewsPlease
count = 0
with open(sys.argv[1], "rb") as file:
    for record in ArchiveIterator(file):
        if record.rec_type != "response":
            continue
        try:
            NewsPlease.from_warc(record, fetch_images=False)
        except Exception:
            pass
        count += 1
        if count == int(sys.argv[2]):
            break
print(count)
""",
    "fundus": """
import sys, threading, functools, http.server, os
from fundus import PublisherCollection
from fundus.scraping.html import CCNewsSource
from fundus.scraping.scraper import CCNewsScraper
path, most = os.path.abspath(sys.argv[1]), int(sys.argv[2])
handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=os.path.dirname(path))
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
address = f"http://127.0.0.1:{server.server_port}/{os.path.basename(path)}"
source = CCNewsSource(*PublisherCollection, warc_path=address)
count = 0
for article in CCNewsScraper(source).scrape(error_handling="suppress"):
    count += 1
    if count == most:
        break
print(count)
""",
}
"""What each does with an archive, by its own reader and its own extraction. fundus takes only its own publishers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One way through the archive."""

    seconds: float
    cpu: float
    peak: int
    """Bytes of the main process at most."""
    early: int
    """The same over the first fifth."""
    extraction: float
    """CPU seconds that its workers spent on extraction, by the run's own report: from a page's bytes to a draft's."""


def write_archive(data: Path, target: Path, records: int) -> None:
    rows = [json.loads(line) for line in (data / "pages" / "gold.jsonl").read_text("utf-8").splitlines()]
    bodies = [gzip.decompress((data / "pages" / row["file"]).read_bytes()) for row in rows]
    with target.open("wb") as file:
        for number in range(records):
            edition, place = divmod(number, len(rows))
            body, url = bodies[place], rows[place]["url"]
            if edition:
                body = body.replace(b"</p>", f" Edition {edition}, figure {edition * 7919 + place}.</p>".encode())
                url += f"{'&' if '?' in url else '?'}edition={edition}"
            file.write(gzip.compress(_record(url, body), 6, mtime=0))


def _record(url: str, body: bytes) -> bytes:
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2026-03-01T05:00:00Z\r\nWARC-Target-URI: {url}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def command(work: Path, name: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "scraper", "backfill", "--data", str(work / name), "--json", *options]


def start(arguments: list[str], work: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCRAPER_LOG_LEVEL": "error"}
    return subprocess.Popen(arguments, cwd=work, env=environment, stdout=subprocess.PIPE, text=True)


def adopt_orphans() -> None:
    """Become the parent of workers whose own parent ends before them (Linux), so that their CPU is counted."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def reap() -> None:
    """Wait for all of them."""
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass


def resident(process: int) -> int:
    try:
        fields = Path(f"/proc/{process}/statm").read_text("ascii").split()
    except OSError:
        return 0
    return int(fields[1]) * resource.getpagesize()


def read_quietly(arguments: list[str], work: Path) -> Passage:
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    sizes: list[int] = []
    with start(arguments, work) as process:
        assert process.stdout is not None
        end: dict[str, Any] = {}
        for line in process.stdout:
            end = json.loads(line)
            sizes.append(resident(process.pid))
    seconds = time.perf_counter() - began
    assert end.get("stage") == "done", end
    reap()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    early = max(sizes[: max(1, len(sizes) // 5)])
    return Passage(seconds=seconds, cpu=cpu, peak=max(sizes), early=early, extraction=end["cpu_seconds"])


def read_with_kills(work: Path, archive: Path, kills: int, typical: float) -> int:
    chance = random.Random("kill")  # noqa: S311 - spreads the kills
    """How often it was killed: after its start, and far enough from the last time that it comes to its end."""
    done, arguments = 0, command(work, "killed", "--warc", str(archive))
    while done < kills:
        with start(arguments, work) as process:
            try:
                process.wait(3 + chance.uniform(0, typical / kills))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                done += 1
            else:
                return done
        arguments = command(work, "killed", "--resume")
    read_quietly(arguments, work)
    return done


def articles(data: Path) -> Iterator[str]:
    parts = sorted(data.glob("articles/date=*/part-*.jsonl"), key=lambda part: int(part.stem.split("-")[1]))
    for part in parts:
        yield from part.read_text("utf-8").splitlines()


def peers(work: Path, archive: Path, records: int) -> None:
    home = work / "peers"
    if not home.exists():
        venv.create(home, with_pip=True)
        subprocess.run([home / "bin" / "pip", "install", "--quiet", *PEERS], check=True)
    for name, program in PEERS.items():
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        done = subprocess.run(
            [home / "bin" / "python", "-c", program, str(archive), str(records)],
            capture_output=True,
            text=True,
            check=False,
            timeout=3600,
        )
        seconds, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode or not done.stdout.split():
            print(f"  {name:14} failed: {done.stderr.strip().splitlines()[-1]}")
            continue
        count, cpu = int(done.stdout.split()[-1]), after.ru_utime - before.ru_utime
        print(
            f"  {name:14} {count:6} pages  {count / seconds:6.1f} pages/s  {cpu / max(count, 1) * 1000:6.1f} ms a page"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--records", type=int, default=5000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--work", type=Path, default=None, help="where the archive and the peers stay for a next time")
    parser.add_argument("--peers", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if given.work:
            given.work.mkdir(parents=True, exist_ok=True)
        run(given, Path(scratch), (given.work or Path(scratch)).absolute())


def run(given: argparse.Namespace, scratch: Path, work: Path) -> None:
    archive = work / f"pages-{given.records}.warc.gz"
    if not archive.exists():
        write_archive(given.data, archive, given.records)
    warc = ("--warc", str(archive))
    adopt_orphans()
    print(f"{given.records} records, {archive.stat().st_size / 1e6:.0f} MB")
    single = scratch / "single.warc.gz"
    write_archive(given.data, single, 1)
    begin = read_quietly(command(scratch, "begin", "--warc", str(single)), scratch)
    quiet = read_quietly(command(scratch, "quiet", *warc), scratch)
    one = read_quietly(["taskset", "-c", "0", *command(scratch, "one", *warc)], scratch)
    for name, passage in (("all cores", quiet), ("one core", one)):
        print(
            f"  {name:14} {given.records / passage.seconds:6.1f} pages/s  {passage.cpu / given.records * 1000:6.1f} ms"
            f" CPU a page  {passage.peak / 1e6:4.0f} MB at most, {passage.early / 1e6:.0f} MB in the first fifth"
        )
    print(f"  {os.cpu_count()} cores are {one.seconds / quiet.seconds:.2f} x one core")
    for name, passage in (("all cores", quiet), ("one core", one)):
        page, alone = (passage.cpu - begin.cpu) / given.records, passage.extraction / given.records
        print(
            f"  {name:14} extraction {alone * 1000:.1f} ms CPU a page, all of the line {page * 1000:.1f}:"
            f" {page / alone:.3f} x; the start {begin.cpu:.1f} s in all"
        )
    kills = read_with_kills(scratch, archive, given.kills, quiet.seconds)
    same = list(articles(scratch / "quiet")) == list(articles(scratch / "killed"))
    count = sum(1 for _ in articles(scratch / "quiet"))
    print(f"  killed {kills} times and resumed: {count} articles {'the same, record for record' if same else 'DIFFER'}")
    print(f"  {timedelta(seconds=round(quiet.seconds))} undisturbed")
    if given.peers:
        peers(work, archive, min(given.records, PEER_PAGES))


if __name__ == "__main__":
    main()
