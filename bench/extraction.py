"""Extracted text against known texts, side by side with other extractors: the same pages, the same run.

    python bench/extraction.py DATA_DIR [--config config] [--peers] [--quick] [--worst N] [--write OUT.jsonl]

DATA_DIR holds `gold.jsonl` (id, file, url, publisher, country, title, text) and the pages.

The first line is the honest figure: the text that comes of pages whose publisher the block model never saw, by trees
grown on the other publishers (`train_blocks.py`, ten parts, outlet files off). `--quick` leaves it out, for it takes
minutes. The two lines below it are the program as it ships, whose model has learned from these very pages: with all
outlet files off, and with those of `--config`.

Other extractors: trafilatura in three settings, in this process; with `--peers` also readability-lxml, resiliparse,
newspaper4k, goose3, news-please and fundus, each in an environment of its own that is built when it is not there, with
the network shut and 30 s a page (`peers.py`). fundus is scored on the pages whose publishers it knows; the known texts
were themselves made by rules for each publisher, so it is no rival but the ceiling.

CPU is milliseconds a page, all systems taking turns at each page after one page of warming up; the ratio is to
trafilatura with its metadata, which is what a program would call that wants text and metadata both.
"""

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from peers import REQUIREMENTS, Peer, built
from scoring import GoldPage, gold_pages, report, score
from train_blocks import examples, unseen

from scraper.extraction import read_pages
from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.outlets import load_outlets
from scraper.settings import ExtractSettings
from scraper.urls import host

System = Callable[[GoldPage], str]
REFERENCE = "trafilatura"
BARE = "ours, outlet files off"
OPEN_GATE = ExtractSettings(min_characters=0, keep_paywalled=True)
NOWHERE = Outlet(id="general", name="General", domains=("general.example",))


@dataclass(slots=True)
class Run:
    """One system on the pages that it reads."""

    texts: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    failed: int = 0
    unknown: set[str] = field(default_factory=set)


def ours(outlets: Mapping[str, Outlet]) -> System:
    def read(gold: GoldPage) -> str:
        name = host(gold.url) or ""
        outlet = next(
            (outlet for domain, outlet in outlets.items() if name == domain or name.endswith(f".{domain}")), NOWHERE
        )
        page = Page(url=gold.url, requested_url=gold.url, body=gold.body, fetched_at=datetime(2026, 11, 1, tzinfo=UTC))
        outlet = replace(outlet, languages=())
        entry = Entry(key=gold.url, url=gold.url, outlet=outlet.id, source="gold")
        answer = read_pages([page], outlet, entry, OPEN_GATE)
        return answer.text if isinstance(answer, Draft) else ""

    return read


def trafilatura(**options: bool) -> System:
    extract: Any = import_module("trafilatura").bare_extraction

    def read(gold: GoldPage) -> str:
        document = extract(gold.body, url=gold.url, **options)
        return (document.text or "") if document else ""

    return read


def systems(config: Path | None) -> dict[str, System]:
    """Those that are read in this process."""
    known = {domain: outlet for outlet in (load_outlets(config) if config else ()) for domain in outlet.domains}
    return {
        BARE: ours({}),
        **({"ours": ours(known)} if known else {}),
        REFERENCE: trafilatura(with_metadata=True),
        "  text alone": trafilatura(include_comments=False),
        "  favor_precision": trafilatura(include_comments=False, favor_precision=True),
        "  favor_recall": trafilatura(include_comments=False, favor_recall=True),
        "  fast": trafilatura(include_comments=False, fast=True),
    }


def timed(system: System, page: GoldPage, run: Run) -> None:
    start = time.process_time()
    try:
        run.texts[page.id] = system(page) or ""
    except Exception:  # noqa: BLE001 - what other extractors raise counts as an empty text
        run.failed += 1
    run.seconds += time.process_time() - start


def asked(peer: Peer, page: GoldPage, run: Run) -> None:
    answer = peer.read(page.path, page.url)
    run.seconds += answer.seconds
    run.failed += answer.failed
    if answer.unknown:
        run.unknown.add(page.id)
    else:
        run.texts[page.id] = answer.text


def measured(pages: Sequence[GoldPage], table: Mapping[str, System], peers: Sequence[Peer]) -> dict[str, Run]:
    """All systems on all pages, taking turns."""
    runs = {name: Run() for name in (*table, *(peer.name for peer in peers))}
    for system in table.values():
        timed(system, pages[0], Run())
    for peer in peers:
        asked(peer, pages[0], Run())
    for page in pages:
        for name, system in table.items():
            timed(system, page, runs[name])
        for peer in peers:
            asked(peer, page, runs[peer.name])
    return runs


def line(name: str, pages: Sequence[GoldPage], run: Run, base: float) -> str:
    read = [page for page in pages if page.id not in run.unknown]
    if not read:
        return f"{name:<28} knows none of the publishers"
    total, home = report(read, run.texts)
    milliseconds = 1000 * run.seconds / len(read)
    cost = f"{milliseconds:8.1f}   {milliseconds / base:5.2f}" if milliseconds else ""
    notes = [
        *([f"{run.failed} failed"] if run.failed else []),
        *([f"{len(read)} pages that it knows"] if run.unknown else []),
    ]
    return (
        f"{name:<28} {total.f1:.4f} {total.precision:.4f} {total.recall:.4f}   {total.under:.3f}     {home:.4f}"
        f"  {cost}  {', '.join(notes)}".rstrip()
    )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--config", type=Path, default=Path(__file__).parent.parent / "config")
    arguments.add_argument("--peers", action="store_true", help="measure the other extractors, too")
    arguments.add_argument("--quick", action="store_true", help="leave the publishers-never-seen line out")
    arguments.add_argument("--worst", type=int, default=0, help="name the worst pages of the first line")
    arguments.add_argument("--write", type=Path, metavar="OUT.jsonl", help="our texts, outlet files on")
    given = arguments.parse_args()
    logging.disable(logging.CRITICAL)
    pages = list(gold_pages(given.data))
    print(f"{len(pages)} pages\n{'system':<28}   F1      P      R   under .8  Indonesian  CPU ms   ratio", flush=True)
    headline = Run()
    if not given.quick:
        headline.texts = unseen(examples(pages))
        print(line("ours, publishers never seen", pages, headline, 1.0), flush=True)
    table = systems(given.config if given.config.is_dir() else None)
    with ExitStack() as stack:
        pythons = {name: built(name) for name in (REQUIREMENTS if given.peers else ())}
        peers = [stack.enter_context(Peer(name, python)) for name, python in pythons.items() if python]
        runs = measured(pages, table, peers)
        names = {peer.name: f"{peer.name} {peer.version}" for peer in peers}
    base = 1000 * runs[REFERENCE].seconds / len(pages)
    for name, run in runs.items():
        print(line(names.get(name, name), pages, run, base))
    shown = headline.texts or runs[BARE].texts
    for page in sorted(pages, key=lambda page: score(page.text, shown.get(page.id, "")).f1)[: given.worst]:
        found = score(page.text, shown.get(page.id, ""))
        print(f"  {found.f1:.3f}  P {found.precision or 0:.3f}  R {found.recall:.3f}  {page.id}")
    if given.write:
        texts = runs.get("ours", runs[BARE]).texts
        rows = (json.dumps({"id": page.id, "text": texts.get(page.id, "")}) for page in pages)
        given.write.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
