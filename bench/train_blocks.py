"""Grows the block model, and proves it on publishers that it never saw.

    python bench/train_blocks.py DATA_DIR [--validate ROUNDS] [--write]

DATA_DIR holds `gold.jsonl` and the pages. A block is part of the story when half of its runs of four words, or the
whole line, stand in the gold text. `--validate` splits the publishers into ten parts, ROUNDS times at random, and
scores each part with trees grown on the other nine, through the very code that the daemon runs, without outlet files.
`--write` grows the trees on all pages and writes `scraper/extraction/block_model.npz`.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parent.parent))

from boosting import Forest, Recipe, fit, joined
from scoring import GoldPage, Runs, gold_pages, key, report, runs, score, words

from scraper.extraction.features import Figures
from scraper.extraction.loading import decode, parse
from scraper.extraction.metadata import Metadata, read_metadata
from scraper.extraction.model import BlockModel
from scraper.extraction.text import Sighting, sight, tell
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page

PARTS = 10
GENERAL = Outlet(id="general", name="General", domains=("general.example",))
RECIPE = Recipe()
SEEDS = 3
WORST = 12
"""Pages that a validation names."""


@dataclass(slots=True, kw_only=True)
class Example:
    """A page ready for learning."""

    page: GoldPage
    figures: Figures
    truth: NDArray[np.float64]
    weights: NDArray[np.float64]
    write: Callable[[Figures], str]
    """The text that comes of the blocks' likelihoods."""


def examples(pages: Sequence[GoldPage]) -> list[Example]:
    return [example for page in pages if (example := _example(page)) is not None]


def _example(gold: GoldPage) -> Example | None:
    page = Page(url=gold.url, requested_url=gold.url, body=gold.body, fetched_at=datetime(2026, 11, 1, tzinfo=UTC))
    tree = parse(decode(page))
    if tree is None:
        return None
    entry = Entry(key=gold.url, url=gold.url, outlet=GENERAL.id, source="gold")
    metadata = read_metadata(tree, page, GENERAL, entry)
    sighting = sight(tree, metadata, GENERAL)
    blocks = sighting.seen.blocks
    wanted, lines = runs(gold.text), {key(line) for line in gold.text.split("\n")}
    sizes = np.array([len(words(block.text)) for block in blocks], np.float64)
    weights = np.sqrt(np.minimum(sizes, 150) + 3)
    return Example(
        page=gold,
        figures=sighting.seen.figures,
        truth=np.array([_belongs(block.text, wanted, lines) for block in blocks], np.float64),
        weights=weights / max(weights.sum(), 1.0) * np.sqrt(len(weights)),
        write=partial(_written, sighting, metadata),
    )


def _written(sighting: Sighting, metadata: Metadata, likely: Figures) -> str:
    return "\n".join(tell(sighting, likely, metadata, GENERAL).kept)


def _belongs(text: str, wanted: Runs, lines: set[str]) -> bool:
    if key(text) in lines:
        return True
    said = runs(text)
    return len(words(text)) >= 4 and (said & wanted).total() >= said.total() / 2


def grow(learned: Sequence[Example], seeds: int) -> Forest:
    learned = [example for example in learned if len(example.figures)]
    figures = np.concatenate([example.figures for example in learned])
    truth = np.concatenate([example.truth for example in learned])
    weights = np.concatenate([example.weights for example in learned])
    weights *= len(weights) / weights.sum()
    return joined([fit(figures, truth, weights, replace(RECIPE, seed=seed)) for seed in range(seeds)])


def model_of(forest: Forest) -> BlockModel:
    return BlockModel(
        columns=forest.columns, limits=forest.limits, leaves=forest.leaves, bias=forest.bias, width=forest.width
    )


def unseen(known: Sequence[Example], *, turn: int = 0, seeds: int = SEEDS) -> dict[str, str]:
    """Each page's text by trees that never saw its publisher; `turn` tells how the publishers are dealt out."""
    publishers = sorted({example.page.publisher for example in known})
    order = np.random.default_rng(turn).permutation(len(publishers))
    part = {publishers[at]: place % PARTS for place, at in enumerate(order)}
    texts: dict[str, str] = {}
    for number in range(PARTS):
        model = model_of(grow([example for example in known if part[example.page.publisher] != number], seeds))
        for example in known:
            if part[example.page.publisher] == number:
                figures = example.figures
                texts[example.page.id] = example.write(model.likely(figures) if len(figures) else figures)
    return texts


def validate(pages: Sequence[GoldPage], known: Sequence[Example], rounds: int, seeds: int) -> None:
    rows = []
    worst: dict[str, list[float]] = {}
    for turn in range(rounds):
        texts = unseen(known, turn=turn, seeds=seeds)
        total, home = report(pages, texts)
        rows.append((total.f1, total.precision, total.recall, total.under, home))
        for page in pages:
            worst.setdefault(page.id, []).append(score(page.text, texts.get(page.id, "")).f1)
    f1, precision, recall, under, home = np.mean(rows, axis=0)
    print(f"publishers never seen, {rounds} rounds of {PARTS} parts:")
    print(f"F1 {f1:.4f}  P {precision:.4f}  R {recall:.4f}  under 0.8 {under:.3f}  Indonesian {home:.4f}")
    for name, found in sorted(worst.items(), key=lambda item: np.mean(item[1]))[:WORST]:
        print(f"  {np.mean(found):.3f}  {name}")


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--validate", type=int, default=0, metavar="ROUNDS")
    arguments.add_argument("--seeds", type=int, default=SEEDS, help="forests that are averaged")
    arguments.add_argument("--write", action="store_true")
    given = arguments.parse_args()
    pages = list(gold_pages(given.data))
    known = examples(pages)
    blocks = sum(len(example.truth) for example in known)
    print(f"{len(pages)} pages, {blocks} blocks, {max(example.figures.shape[1] for example in known)} figures a block")
    if given.validate:
        validate(pages, known, given.validate, given.seeds)
    if given.write:
        forest = grow(known, given.seeds)
        target = Path(__file__).parent.parent / "scraper/extraction/block_model.npz"
        np.savez_compressed(
            target,
            columns=forest.columns,
            limits=forest.limits,
            leaves=forest.leaves.astype(np.float16),
            bias=forest.bias,
            width=forest.width,
        )
        print(f"wrote {target.name}, {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()
