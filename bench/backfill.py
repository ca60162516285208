"""A web archive through the line: speed, memory, and what kills do to it. Beside the readers of news-please and fundus.

    python bench/backfill.py DATA [--records 5000] [--kills 20] [--peers]
    python bench/backfill.py DATA --memory [--records 20000]

DATA holds pages/gold.jsonl and pages/html, real pages. They are repeated with edits until there are as many records as
asked for, each at an address of its own, and written as CC-NEWS is. Then:

- the program reads the archive undisturbed, on all cores and on one (Linux: taskset), its memory watched;
- it reads it again and is killed at random, as often as asked, and resumed: both must give the same articles, record
  for record;
- what all its processes spend on a page is set beside what its workers spend on extraction, in the same run. On the one
  side stands all CPU time of the program and its children, user and system; the start is measured by an archive of one
  record and taken off. On the other stands the CPU time of workers within the job that reads a page, without
  what it makes ready for the judges of near-duplicates and furniture, and without the way there and back. To see that
  this is no flattering measure, a plain loop without any of our processes reads pages of the same archive too,
  on all cores and on one, and its CPU time within `read_pages` is told. A table at the end sets each passage over
  these pages beside both, turn by turn;
- of each fifth of the undisturbed run it tells what the main process held at most, and what the largest of its children
  did; with --memory nothing else is done;
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
from base64 import b32encode
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha1
from itertools import islice, pairwise
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from scraper.dedup import prepare
from scraper.extraction.furniture import look

ROOT = Path(__file__).parent.parent
SOME_TEXTS = 100
_LOT = 64
CORE_PAGES, CORE_TURNS = 600, 2
"""How many records one core reads against all, and how often."""
RECORDS, RECORDS_OF_MEMORY = 5000, 20_000
FIFTHS = 5
_FOR_FUNDUS = "curl_cffi<0.13"
PEER_PAGES = 100
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


PLAIN = """
import asyncio, sys, time
from pathlib import Path
from scraper.extraction.article import read_pages
from scraper.model.backfill import Plan
from scraper.service.choosing import Chooser
from scraper.settings import ExtractSettings
from scraper.sources.warc import WarcFile
chooser, settings, spent, count = Chooser({}, Plan()), ExtractSettings(), 0.0, 0
for record in WarcFile(Path(sys.argv[1])).records():
    chosen = asyncio.run(chooser.choose(record.holds, "archive"))
    if isinstance(chosen, str):
        continue
    pending, outlet, page = chosen
    begun = time.process_time()
    read_pages([page], outlet, pending.entry, settings)
    # What the first page loads and compiles is the start's.
    spent, count = (spent + time.process_time() - begun if count else 0.0), count + 1
print(spent / max(1, count - 1))
"""
"""Extraction alone, page after page in one process, reading the archive not counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a page cost in one turn, in CPU seconds."""

    cores: str
    line: float
    """All processes of the program."""
    told: float
    """What its workers tell as extraction."""
    loop: float
    """A plain loop of extraction alone, on the same cores right before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One way through the archive."""

    seconds: float
    cpu: float
    main: tuple[int, ...]
    """Bytes that the main process held at most, for each fifth of the run."""
    child: tuple[int, ...]
    """The same of the largest of its children."""
    extraction: float
    """CPU seconds of its workers' jobs, by the run's own report: from a page to a draft, made ready for the judge of
    near-duplicates."""
    preparing: float
    """CPU seconds a page that making ready takes of them, measured after the run on articles of its own."""


def write_archive(data: Path, target: Path, records: int) -> None:
    rows = [json.loads(line) for line in (data / "pages" / "gold.jsonl").read_text("utf-8").splitlines()]
    bodies = [gzip.decompress((data / "pages" / row["file"]).read_bytes()) for row in rows]
    urls = [row["url"] for row in rows]
    with target.open("wb") as file, ThreadPoolExecutor(os.cpu_count()) as threads:
        # Compression lets go of the interpreter, so threads use all cores. In lots: all at once would fill memory.
        for lot in range(0, records, _LOT):
            numbers = range(lot, min(records, lot + _LOT))
            file.writelines(threads.map(lambda number: _packed(number, urls, bodies), numbers))


def _packed(number: int, urls: Sequence[str], bodies: Sequence[bytes]) -> bytes:
    edition, place = divmod(number, len(urls))
    body, url = bodies[place], urls[place]
    if edition:
        body = body.replace(b"</p>", f" Edition {edition}, figure {edition * 7919 + place}.</p>".encode())
        url += f"{'&' if '?' in url else '?'}edition={edition}"
    return gzip.compress(_record(url, body), 6, mtime=0)


def _record(url: str, body: bytes) -> bytes:
    """With the digests that CC-NEWS has: one of the peers passes over records without."""
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\nWARC-Date: 2026-03-01T05:00:00Z\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Record-ID: <urn:uuid:{uuid5(NAMESPACE_URL, url)}>\r\n"
        f"WARC-Block-Digest: sha1:{b32encode(sha1(http, usedforsecurity=False).digest()).decode()}\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def command(work: Path, name: str, *options: str) -> list[str]:
    return [
        sys.executable,
        "-m",
        "scraper",
        "backfill",
        "--data",
        str(work / name),
        "--json",
        *options,
    ]


def start(arguments: list[str], work: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCRAPER_LOG_LEVEL": "error"}
    return subprocess.Popen(arguments, cwd=work, env=environment, stdout=subprocess.PIPE, text=True)


def adopt_orphans() -> None:
    """Become the parent of workers whose own parent ends before them (Linux), so that their CPU is counted."""
    ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)


def preparing(data: Path) -> float:
    """CPU seconds that it takes to prepare an article for the judges, on some of those kept."""
    texts = [json.loads(line)["text"] for line in islice(articles(data), SOME_TEXTS)]
    begun = time.process_time()
    for text in texts:
        prepare(text)
        look(text)
    return (time.process_time() - begun) / max(1, len(texts))


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


def descendants(process: int) -> list[int]:
    """Its children and theirs."""
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [process]
    for one in found:
        found.extend(parents.get(one, ()))
    return found[1:]


def fifths(sizes: Sequence[int]) -> tuple[int, ...]:
    """The greatest of each fifth."""
    edges = [len(sizes) * part // FIFTHS for part in range(FIFTHS + 1)]
    return tuple(max(sizes[begin:end], default=0) for begin, end in pairwise(edges))


def read_quietly(arguments: list[str], work: Path) -> Passage:
    """Let the program run; its data directory stands behind `--data`."""
    data = Path(arguments[arguments.index("--data") + 1])
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    main: list[int] = []
    child: list[int] = []
    with start(arguments, work) as process:
        assert process.stdout is not None
        end: dict[str, Any] = {}
        for line in process.stdout:
            end = json.loads(line)
            main.append(resident(process.pid))
            child.append(max(map(resident, descendants(process.pid)), default=0))
    seconds = time.perf_counter() - began
    assert end.get("stage") == "done", end
    reap()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Passage(
        seconds=seconds,
        cpu=cpu,
        main=fifths(main),
        child=fifths(child),
        extraction=end["cpu_seconds"],
        preparing=preparing(data),
    )


def read_with_kills(work: Path, archive: Path, kills: int, typical: float) -> int:
    """How often it was killed before it came to its end."""
    chance = random.Random("kill")  # noqa: S311 - spreads the kills
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
    parts = sorted(
        data.glob("articles/date=*/part-*.jsonl"),
        key=lambda part: int(part.stem.split("-")[1]),
    )
    for part in parts:
        yield from part.read_text("utf-8").splitlines()


def extraction_alone(archive: Path, before: Sequence[str]) -> float:
    """CPU seconds a page of a plain loop."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    arguments = [*before, sys.executable, "-c", PLAIN, str(archive)]
    done = subprocess.run(arguments, env=environment, capture_output=True, check=True)
    return float(done.stdout)


def peers(work: Path, archive: Path, records: int) -> None:
    """Each of them over the first records of the archive, their starts counted."""
    home = work / "peers"
    if not home.exists():
        venv.create(home, with_pip=True)
        subprocess.run(
            [
                home / "bin" / "python",
                "-m",
                "pip",
                "install",
                "--quiet",
                *PEERS,
                _FOR_FUNDUS,
            ],
            check=True,
        )
    for name, program in PEERS.items():
        before, began = (
            resource.getrusage(resource.RUSAGE_CHILDREN),
            time.perf_counter(),
        )
        done = subprocess.run(
            [home / "bin" / "python", "-c", program, str(archive), str(records)],
            capture_output=True,
            text=True,
            check=False,
            timeout=3600,
        )
        seconds, after = (
            time.perf_counter() - began,
            resource.getrusage(resource.RUSAGE_CHILDREN),
        )
        if done.returncode or not done.stdout.split():
            say(f"  {name:14} failed: {done.stderr.strip().splitlines()[-1]}")
            continue
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        row(name, int(done.stdout.split()[-1]), seconds, cpu)


def row(name: str, pages: int, seconds: float, cpu: float) -> None:
    """One line of the table of readers."""
    each = cpu / max(pages, 1) * 1000
    say(f"  {name:14} {pages:6} {pages / seconds:8.1f} {each:12.1f} {os.getloadavg()[0]:6.1f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--records", type=int, default=None, help="5,000, or 20,000 with --memory")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument(
        "--work",
        type=Path,
        default=None,
        help="where the archive and the peers stay for a next time",
    )
    parser.add_argument("--memory", action="store_true", help="one undisturbed run, for its memory alone")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--peer-pages", type=int, default=PEER_PAGES, help="records that each of the peers reads")
    given = parser.parse_args()
    given.records = given.records or (RECORDS_OF_MEMORY if given.memory else RECORDS)
    with tempfile.TemporaryDirectory() as scratch:
        if given.work:
            given.work.mkdir(parents=True, exist_ok=True)
        run(given, Path(scratch), (given.work or Path(scratch)).absolute())


def run(given: argparse.Namespace, scratch: Path, work: Path) -> None:
    archive = made(given.data, work, given.records)
    adopt_orphans()
    say(f"{given.records} records, {archive.stat().st_size / 1e6:.0f} MB; load {os.getloadavg()[0]:.1f}")
    begin = read_quietly(command(scratch, "begin", "--warc", str(made(given.data, work, 1))), scratch)
    quiet = read_quietly(command(scratch, "quiet", "--warc", str(archive)), scratch)
    tell("all cores", quiet, begin, given.records)
    tell_memory(quiet)
    if given.memory:
        return
    few = min(given.records, CORE_PAGES)
    fewer = made(given.data, work, few)
    kills = read_with_kills(scratch, archive, given.kills, quiet.seconds)
    same = list(articles(scratch / "quiet")) == list(articles(scratch / "killed"))
    count = sum(1 for _ in articles(scratch / "quiet"))
    say(f"  killed {kills} times and resumed: {count} articles {'the same, record for record' if same else 'DIFFER'}")
    compare_cores(scratch, fewer, made(given.data, work, 1), few)
    if given.peers:
        say("  reader          pages  pages/s  ms CPU each   load   (one archive, starts counted)")
        row("scraper", given.records, quiet.seconds, quiet.cpu)
        peers(work, archive, min(given.records, given.peer_pages))


def made(data: Path, work: Path, records: int) -> Path:
    """The archive of so many records, written unless it is there."""
    archive = work / f"pages-{records}.warc.gz"
    if not archive.exists():
        write_archive(data, archive, records)
    return archive


def compare_cores(scratch: Path, archive: Path, first: Path, records: int) -> None:
    """One core against all, by turns: what else the machine does meanwhile, it does to both."""
    times: dict[str, list[float]] = {"one core": [], "all cores": []}
    costs: list[Cost] = []
    for turn in range(CORE_TURNS):
        for name, before in (("one core", ("taskset", "-c", "0")), ("all cores", ())):
            data = f"{name.split()[0]}-{turn}"
            loop = extraction_alone(archive, before)
            begin = read_quietly([*before, *command(scratch, f"{data}-begin", "--warc", str(first))], scratch)
            passage = read_quietly([*before, *command(scratch, data, "--warc", str(archive))], scratch)
            tell(name, passage, begin, records)
            times[name].append(passage.seconds - begin.seconds)
            line, told = cost_of(passage, begin, records)
            costs.append(Cost(cores=name, line=line, told=told, loop=loop))
    ratios = [one / every for one, every in zip(times["one core"], times["all cores"], strict=True)]
    say(f"  {os.cpu_count()} cores are {', '.join(f'{ratio:.2f}' for ratio in ratios)} x one core, the start apart")
    say(f"  {records} pages, ms CPU each: all processes, a plain loop of extraction alone, extraction as workers tell")
    say("                    all    loop    told    x loop  x told   beside what is told")
    for cost in sorted(costs, key=lambda cost: cost.cores):
        each = "".join(f"{part * 1000:8.1f}" for part in (cost.line, cost.loop, cost.told))
        beside = (cost.line - cost.told) * 1000
        say(f"  {cost.cores:14}{each}  {cost.line / cost.loop:8.3f}{cost.line / cost.told:8.3f}   {beside:.2f}")


def cost_of(passage: Passage, begin: Passage, records: int) -> tuple[float, float]:
    """CPU seconds a page: all of it, and the extraction that workers tell, without what they prepare for the judges."""
    page = (passage.cpu - begin.cpu) / records
    return page, (passage.extraction - begin.extraction) / records - passage.preparing


def tell(name: str, passage: Passage, begin: Passage, records: int) -> None:
    """What a passage took, a page."""
    page, alone = cost_of(passage, begin, records)
    say(
        f"  {name:14} {records / passage.seconds:6.1f} pages/s  {page * 1000:5.1f} ms CPU a page, extraction"
        f" {alone * 1000:5.1f}: {page / alone:.3f} x  {max(passage.main) / 1e6:4.0f} MB at most;"
        f" start {begin.seconds:.1f} s, {begin.cpu:.1f} s CPU"
    )


def tell_memory(passage: Passage) -> None:
    """What was held, fifth by fifth."""
    for name, sizes in (("main process", passage.main), ("largest child", passage.child)):
        say(f"  {name:14} at most, by fifths of the run: {', '.join(f'{size / 1e6:.0f}' for size in sizes)} MB")


def say(text: str) -> None:
    """Print it now: the whole takes long."""
    print(text, flush=True)


if __name__ == "__main__":
    main()
