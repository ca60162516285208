"""Title, authors and dates over pages with known answers, and what reading them costs.

    python bench/metadata.py DATA_DIR [--misses] [--bare] [--json OUT]

DATA_DIR holds `gold.jsonl` (id, file, url, title, authors, date) and the pages. Titles and names are compared without
case and punctuation, dates to the minute. `--bare` takes all scripts and meta elements away first, so that only what is
printed is left. The time is CPU milliseconds a page, parsing not counted.
"""

import argparse
import gzip
import json
import re
import statistics
import sys
import time
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import lxml.html

sys.path.insert(0, str(Path(__file__).parent.parent))

from scraper.extraction.metadata import Metadata, read_metadata
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page


@dataclass(slots=True)
class Tally:
    """Hits of one field, and what was missed."""

    name: str
    hits: list[bool] = field(default_factory=list)
    misses: list[str] = field(default_factory=list)

    def add(self, page: str, *, hit: bool, want: object, have: object, origin: str | None) -> None:
        self.hits.append(hit)
        if not hit:
            self.misses.append(f"  {page}\n    want {want!r}\n    have {have!r}  from {origin}")

    def line(self) -> str:
        return f"{self.name:<20} {sum(self.hits) / max(1, len(self.hits)):.3f}  of {len(self.hits)}"


def _key(text: str | None) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text or "").lower())


def _moment(value: object) -> datetime | None:
    if not value:
        return None
    at = datetime.fromisoformat(str(value))
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _strip(tree: lxml.html.HtmlElement) -> None:
    for element in list(tree.iter("script", "meta")):
        element.drop_tree()


def _read(directory: Path, row: dict[str, Any], fetched_at: datetime, *, bare: bool) -> tuple[Metadata, float]:
    path = next(p for p in (directory / row["file"], directory / "html" / row["file"]) if p.exists())
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    tree = lxml.html.document_fromstring(body, parser=lxml.html.HTMLParser(encoding="utf-8"))
    if bare:
        _strip(tree)
    host = urlsplit(row["url"]).hostname or ""
    page = Page(url=row["url"], requested_url=row["url"], body=body, fetched_at=fetched_at)
    outlet = Outlet(id=host, name=host, domains=(host,))
    entry = Entry(key=row["url"], url=row["url"], outlet=host, source="bench")
    start = time.process_time()
    found = read_metadata(tree, page, outlet, entry)
    return found, (time.process_time() - start) * 1000


def main() -> None:
    """Print the table."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--misses", action="store_true")
    arguments.add_argument("--bare", action="store_true")
    arguments.add_argument("--json", type=Path)
    options = arguments.parse_args()
    rows = [json.loads(line) for line in (options.data / "gold.jsonl").read_text().splitlines()]
    fetched_at = datetime(2026, 12, 1, tzinfo=UTC)
    title, authors, day, minute = (Tally(n) for n in ("title exact", "author set", "date, day", "date, minute"))
    costs, lines = [], []
    for row in rows:
        found, cost = _read(options.data, row, fetched_at, bare=options.bare)
        costs.append(cost)
        lines.append(_line(row, found))
        origin = found.origins.get
        if row.get("title"):
            hit = _key(row["title"]) == _key(found.title)
            title.add(row["id"], hit=hit, want=row["title"], have=found.title, origin=origin("title"))
        if row.get("authors"):
            hit = {_key(name) for name in row["authors"]} == {_key(name) for name in found.authors}
            authors.add(row["id"], hit=hit, want=row["authors"], have=found.authors, origin=origin("authors"))
        if want := _moment(row.get("date")):
            off = abs((found.published - want).total_seconds()) if found.published else float("inf")
            have = str(found.published)
            day.add(row["id"], hit=off < 86400, want=str(want), have=have, origin=origin("published"))
            minute.add(row["id"], hit=off < 60, want=str(want), have=have, origin=origin("published"))
    for tally in (title, authors, day, minute):
        print(tally.line())
        if options.misses and tally is not day:
            print("\n".join(tally.misses))
    print(f"CPU ms a page: median {statistics.median(costs):.2f}  mean {statistics.mean(costs):.2f}", end="  ")
    print(f"95th percentile {statistics.quantiles(costs, n=20)[-1]:.2f}  worst {max(costs):.2f}")
    if options.json:
        options.json.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))


def _line(row: dict[str, Any], found: Metadata) -> dict[str, object]:
    published = found.published.isoformat() if found.published else None
    return {
        "id": row["id"],
        "text": "",
        "title": found.title,
        "authors": found.authors,
        "published": published,
        "language": found.language,
        "section": found.section,
        "tags": found.tags,
        "editors": found.editors,
        "origins": dict(found.origins),
    }


if __name__ == "__main__":
    main()
