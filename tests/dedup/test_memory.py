"""What the judge holds of recent stories, and takes to freeze them: bounded, so that a long run is level."""

import gc
import random
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from scraper.dedup.entry import Entry
from scraper.dedup.fingerprint import Fingerprint, encode
from scraper.dedup.recent import Recent
from scraper.dedup.run import Run
from scraper.dedup.writing import FileSink, freeze
from tests.dedup.stories import NOON

STORIES = 1024
MOST_HELD = 1_250
"""Bytes of a recent story, its fingerprint of some 350 among them."""
MOST_TO_FREEZE, BESIDE = 600, 1_500_000
"""Bytes a story at the moment when freezing takes the most, and what the edges of a small run's buckets take."""


def entry(number: int, dice: random.Random) -> Entry:
    hashes = sorted(dice.sample(range(1 << 32), 32))
    name = f"{dice.getrandbits(64):016x}"
    fingerprint = Fingerprint(
        shingles=400,
        exact=dice.getrandbits(64),
        postings=tuple(hashes[:20]),
        sketch=tuple(value >> 8 for value in hashes),
        places=tuple(dice.randrange(16) for _ in hashes),
        signature=dice.randbytes(32),
        figures=tuple(dice.getrandbits(24) for _ in range(12)),
        names=tuple(dice.getrandbits(24) for _ in range(8)),
        lines=tuple(dice.getrandbits(24) for _ in range(12)),
    )
    return Entry(
        seq=number + 1,
        id=name,
        outlet=f"outlet-{number % 50}",
        group=None,
        time=NOON + timedelta(seconds=number),
        cluster=name,
        print=encode(fingerprint),
    )


def entries() -> list[Entry]:
    dice = random.Random(7)  # noqa: S311 - repeatable
    return [entry(number, dice) for number in range(STORIES)]


@contextmanager
def traced() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()


def test_a_recent_story_takes_little_more_than_its_fingerprint():
    with traced():
        recent = Recent()
        for one in entries():
            recent.add(one)
        gc.collect()
        held = tracemalloc.get_traced_memory()[0]
    assert len(recent) == STORIES
    assert held < STORIES * MOST_HELD


def test_generations_of_recent_stories_do_not_add_up():
    recent, full, sizes = Recent(), [], []
    with traced():
        for _ in range(3):
            generation = entries()[:256]
            for one in generation:
                recent.add(one)
            full.append(tracemalloc.get_traced_memory()[0])
            recent.remove(generation)
            del generation
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0])
    assert len(recent) == 0
    # Whatever else runs in this process allocates, too, but not a tenth of a generation.
    assert max(sizes[1:]) <= sizes[0] + (full[0] - sizes[0]) // 10


def test_freezing_takes_little_beside_what_is_frozen(tmp_path):
    kept = entries()
    with traced():
        with FileSink(tmp_path / "one.run") as sink:
            freeze(kept, sink)
        peak = tracemalloc.get_traced_memory()[1]
    assert peak < STORIES * MOST_TO_FREEZE + BESIDE
    run = Run.open(tmp_path / "one.run")
    assert [run.known(row).id for row in range(len(run))] == [one.id for one in kept]


@pytest.mark.parametrize("copies", [1, 70])
def test_all_stories_of_one_text_are_found_the_first_one_first(copies):
    dice, recent = random.Random(3), Recent()  # noqa: S311 - repeatable
    first = entry(0, dice)
    same = [
        Entry(
            seq=number,
            id=f"{number:016x}",
            outlet="o",
            group=None,
            time=NOON,
            cluster=first.id,
            print=first.print,
        )
        for number in range(copies)
    ]
    for one in same:
        recent.add(one)
        recent.add(entry(len(recent), dice))
    recent.remove(same[:1])
    exact = same[0].known().print.exact
    assert recent.same_text(exact) == same[1:]
    assert recent.same_text(exact ^ (1 << 40)) == []
