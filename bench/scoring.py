"""Pages with known texts, and how near an extracted text comes to them.

The measure is that of the public article extraction benchmark: precision and recall over the multiset of runs of four
words, averaged over pages; F1 is that of the averages. A Chinese, Japanese, Thai or Burmese character is a word.
"""

import gzip
import json
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

RUN = 4
_ALONE = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f\u1000-\u109f"
_WORD = re.compile(f"[{_ALONE}]|[^\\W{_ALONE}]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
Runs = Counter[tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoldPage:
    """One page of the data directory, and what a careful person takes from it."""

    id: str
    url: str
    publisher: str
    country: str
    title: str
    text: str
    body: bytes
    path: Path
    """The file that the body came from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How near one text comes."""

    precision: float | None
    """None where nothing was extracted."""
    recall: float
    f1: float


def gold_pages(directory: Path) -> Iterator[GoldPage]:
    """The pages of a directory with `gold.jsonl`, in its order."""
    with (directory / "gold.jsonl").open(encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            path = directory / row["file"]
            raw = path.read_bytes()
            yield GoldPage(
                id=row["id"],
                url=row["url"],
                publisher=row["publisher"],
                country=row["country"],
                title=row["title"] or "",
                text=row["text"],
                body=gzip.decompress(raw) if row["file"].endswith(".gz") else raw,
                path=path,
            )


def words(text: str) -> list[str]:
    return _WORD.findall(_INVISIBLE.sub("", unicodedata.normalize("NFC", text)))


def runs(text: str) -> Runs:
    said = words(text)
    return Counter(tuple(said[at : at + RUN]) for at in range(max(1, len(said) - RUN + 1)) if said)


def key(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).lower())


def score(gold: str, found: str) -> Score:
    wanted, had = runs(gold), runs(found)
    hits, wants, haves = (wanted & had).total(), wanted.total(), had.total()
    return Score(
        precision=hits / haves if haves else None,
        recall=hits / wants if wants else 1.0,
        f1=2 * hits / (wants + haves) if wants + haves else 1.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A set of pages in figures."""

    f1: float
    precision: float
    recall: float
    under: float
    """The share of pages with an F1 under 0.8."""


def summary(scores: Sequence[Score]) -> Summary:
    precision = statistics.mean(s.precision for s in scores if s.precision is not None)
    recall = statistics.mean(s.recall for s in scores)
    return Summary(
        f1=2 * precision * recall / (precision + recall),
        precision=precision,
        recall=recall,
        under=sum(s.f1 < 0.8 for s in scores) / len(scores),
    )


def report(pages: Sequence[GoldPage], texts: Mapping[str, str]) -> tuple[Summary, float]:
    """The summary over all pages, and the mean page F1 of the Indonesian ones."""
    scores = [score(page.text, texts.get(page.id, "")) for page in pages]
    home = [found.f1 for page, found in zip(pages, scores, strict=True) if page.country == "id"]
    return summary(scores), statistics.mean(home) if home else 0.0
