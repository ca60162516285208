"""Extracted text against known texts, side by side with other extractors: the same pages, the same run.

    python bench/extraction.py DATA_DIR [--config config] [--worst N] [--write OUT.jsonl]

DATA_DIR holds `gold.jsonl` (id, file, url, publisher, country, title, text) and the pages. Ours is measured twice: with
the outlet files of `--config`, and with all of them off. Other extractors are measured where they can be imported:
trafilatura in three settings, readability-lxml, resiliparse, newspaper4k, goose3, news-please. CPU is that of this
process in milliseconds a page, all systems taking turns at each page after one page of warming up; the ratio is to
trafilatura with its metadata, which is what a program would call that wants text and metadata both.
"""

import argparse
import json
import logging
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from scoring import GoldPage, gold_pages, report, score

from scraper.extraction import read_pages
from scraper.extraction.data import lines_of
from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.outlets import load_outlets
from scraper.settings import ExtractSettings
from scraper.urls import host

System = Callable[[GoldPage], str]
REFERENCE = "trafilatura"
OPEN_GATE = ExtractSettings(min_characters=0, keep_paywalled=True)
NOWHERE = Outlet(id="general", name="General", domains=("general.example",))


@dataclass(slots=True)
class Run:
    """One system on all pages."""

    texts: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    failed: int = 0


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


def readability() -> System:
    module: Any = import_module("readability")
    return lambda gold: "\n".join(lines_of(module.Document(_decoded(gold)).summary()))


def resiliparse() -> System:
    extract: Any = import_module("resiliparse.extract.html2text").extract_plain_text
    return lambda gold: extract(_decoded(gold), main_content=True)


def newspaper() -> System:
    module: Any = import_module("newspaper")

    def read(gold: GoldPage) -> str:
        article = module.Article(gold.url)
        article.download(input_html=_decoded(gold))
        article.parse()
        return str(article.text)

    return read


def goose() -> System:
    reader: Any = import_module("goose3").Goose()
    return lambda gold: reader.extract(raw_html=_decoded(gold)).cleaned_text


def news_please() -> System:
    reader: Any = import_module("newsplease").NewsPlease
    return lambda gold: reader.from_html(_decoded(gold), url=gold.url).maintext or ""


def _decoded(gold: GoldPage) -> str:
    return gold.body.decode("utf-8", "replace")


OTHERS: dict[str, tuple[str, Callable[[], System]]] = {
    REFERENCE: ("trafilatura", lambda: trafilatura(with_metadata=True)),
    "  text alone": ("trafilatura", lambda: trafilatura(include_comments=False)),
    "  favor_precision": ("trafilatura", lambda: trafilatura(include_comments=False, favor_precision=True)),
    "readability-lxml": ("readability", readability),
    "resiliparse": ("resiliparse", resiliparse),
    "newspaper4k": ("newspaper", newspaper),
    "goose3": ("goose3", goose),
    "news-please": ("newsplease", news_please),
}


def systems(config: Path | None) -> dict[str, System]:
    known = {domain: outlet for outlet in (load_outlets(config) if config else ()) for domain in outlet.domains}
    found: dict[str, System] = {"ours, outlet files off": ours({})}
    if known:
        found["ours"] = ours(known)
    found.update({name: build() for name, (module, build) in OTHERS.items() if find_spec(module)})
    return found


def timed(system: System, page: GoldPage, run: Run) -> None:
    start = time.process_time()
    try:
        run.texts[page.id] = system(page) or ""
    except Exception:  # noqa: BLE001 - what other extractors raise counts as an empty text
        run.failed += 1
    run.seconds += time.process_time() - start


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--config", type=Path, default=Path(__file__).parent.parent / "config")
    arguments.add_argument("--worst", type=int, default=0)
    arguments.add_argument("--write", type=Path, metavar="OUT.jsonl", help="our texts, outlet files on")
    given = arguments.parse_args()
    logging.disable(logging.CRITICAL)
    pages = list(gold_pages(given.data))
    table = systems(given.config if given.config.is_dir() else None)
    runs = {name: Run() for name in table}
    for system in table.values():
        timed(system, pages[0], Run())
    for page in pages:
        for name, system in table.items():
            timed(system, page, runs[name])
    base = runs[REFERENCE].seconds
    print(f"{len(pages)} pages\n{'system':<24}   F1      P      R   under .8  Indonesian  CPU ms  ratio")
    for name, run in runs.items():
        total, home = report(pages, run.texts)
        print(
            f"{name:<24} {total.f1:.4f} {total.precision:.4f} {total.recall:.4f}   {total.under:.3f}     {home:.4f}"
            f"    {1000 * run.seconds / len(pages):6.1f}   {run.seconds / base:.2f}"
            + (f"  {run.failed} failed" if run.failed else "")
        )
    chosen = runs.get("ours", runs["ours, outlet files off"])
    for page in sorted(pages, key=lambda page: score(page.text, chosen.texts.get(page.id, "")).f1)[: given.worst]:
        found = score(page.text, chosen.texts.get(page.id, ""))
        print(f"  {found.f1:.3f}  P {found.precision or 0:.3f}  R {found.recall:.3f}  {page.id}")
    if given.write:
        rows = (json.dumps({"id": page.id, "text": chosen.texts.get(page.id, "")}) for page in pages)
        given.write.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    main()
