"""A small life of a store, written so that it may end anywhere and be begun again.

Every acknowledged step is noted outside the data directory. Whatever happened, `examine` then knows what must be
there, and `live` again leads to the same end: each story decided once.
"""

import gzip
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import zstandard

from scraper.model.entry import Pending
from scraper.model.failures import StoreUnavailableError
from scraper.model.page import Page
from scraper.model.verdict import Outcome
from scraper.storage import Standing, Store, naming, open_archive, verify
from scraper.storage.disk import Disk
from tests.storage.samples import deferred, dropped, duplicate, entry, feed, kept, store_in

# A small life has few names, and they too are to be sorted in while it is interrupted.
vars(naming).update(_FEWEST=24, _STEP=9)

START = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)
ROUNDS = 6
GROUP = 8
STORIES = ROUNDS * GROUP
TO_REMOVE = (0, 1, 17, 20, 21)
PERIOD = timedelta(hours=5)
T = TypeVar("T")
Note = Callable[[str], None]


class Once:
    """Makes each call once: what fails ends the life."""

    def __call__(self, call: Callable[[], T]) -> T:
        return call()


class Again:
    """Makes each call until it goes through, as the daemon does, and counts the pauses. A bug still ends the life."""

    def __init__(self, between: Callable[[], None] = lambda: None) -> None:
        self.said: list[str] = []
        self._between = between

    def __call__(self, call: Callable[[], T]) -> T:
        while True:
            try:
                return call()
            except StoreUnavailableError as error:
                self.said.append(str(error))
                assert len(self.said) < 1000
                self._between()


ONCE = Once()


def fate(number: int) -> str:
    return {3: "dropped", 5: "duplicate"}.get(number % GROUP, "kept")


def _outcome(pending: Pending, now: datetime) -> Outcome:
    number = int(pending.entry.url.rsplit("/", 1)[1])
    if number % GROUP == 6 and pending.attempts == 1:
        return deferred(pending, now + timedelta(minutes=1))
    match fate(number):
        case "dropped":
            return dropped(pending)
        case "duplicate":
            return duplicate(pending, number, of=number - 1)
        case _:
            outcome = kept(pending, number, aliases=(f"https://m.kabar.example/{number}",))
            return replace(outcome, pages=(_page(number, now),)) if number % 2 else outcome


def _page(number: int, now: datetime) -> Page:
    url = entry(number).url
    return Page(url=url, requested_url=url, body=b"<p>%d</p>" % number * 40, fetched_at=now)


def _work_off(store: Store, now: datetime, note: Note, attempt: Once | Again) -> None:
    while claimed := attempt(partial(store.claim, now, GROUP, timedelta(minutes=10))):
        outcomes = [_outcome(pending, now) for pending in claimed]
        attempt(partial(store.commit, outcomes, now))
        for outcome in outcomes:
            note(f"{type(outcome.verdict).__name__} {outcome.pending.entry.url.rsplit('/', 1)[1]}")


def live(data: Path, disk: Disk, note: Note, start: datetime = START, attempt: Once | Again = ONCE) -> None:
    """Find, claim and settle all stories, seal files on the way."""
    store = attempt(partial(store_in, data, now=start, disk=disk, seal_bytes=8_000, keep_duplicates=True))
    try:
        now = start
        for turn in range(ROUNDS):
            entries = [entry(number) for number in range(turn * GROUP, (turn + 1) * GROUP)]
            attempt(partial(store.record_poll, feed(polls=turn, etag=b"%d" % turn), entries, now))
            note(f"Found {turn}")
            _work_off(store, now, note, attempt)
            now += PERIOD
            while attempt(partial(store.maintain, now)):
                pass
        _work_off(store, now + timedelta(minutes=2), note, attempt)
        note("Removing")
        attempt(partial(store.remove, [entry(number).key for number in TO_REMOVE], "it was asked for", now))
        while attempt(partial(store.maintain, now)):
            pass
        attempt(partial(store.remember, "life", b"lived"))
    finally:
        store.close()


def examine(data: Path, notes: list[str]) -> list[str]:
    """What is wrong after a start: nothing acknowledged may be missing, nothing may be there twice."""
    found = verify(data)
    wrong = [*found.problems, *found.notes]
    with open_archive(data) as archive:
        articles = list(archive.articles(revisions=True))
        ids = [article.id for article in articles]
        wrong += [f"{identity} is there twice" for identity in set(ids) if ids.count(identity) > 1]
        for note in notes:
            what, _, number = note.partition(" ")
            if what == "Found":
                numbers = range(int(number) * GROUP, (int(number) + 1) * GROUP)
                wrong += [
                    f"{each} was found and is lost" for each in numbers if archive.explain(entry(each).key) is None
                ]
            elif (
                what == "Kept"
                and f"{int(number):016x}" not in ids
                and not (int(number) in TO_REMOVE and "Removing" in notes)
            ):
                wrong.append(f"{number} was kept and is lost")
            elif what == "Dropped":
                told = archive.explain(entry(int(number)).key)
                if told is None or told.standing not in _ends(int(number)):
                    wrong.append(f"{number} was dropped and that is forgotten")
        wrong += [
            f"{article.id} says something else"
            for article in articles
            if f"warga {int(article.id, 16)}." not in article.text
        ]
    return wrong


def _ends(number: int) -> set[Standing]:
    return {Standing.DROPPED, Standing.REMOVED} if number in TO_REMOVE else {Standing.DROPPED}


def expected_at_the_end(data: Path) -> list[str]:
    """What is wrong when a life came to its end."""
    wrong = examine(data, [f"Found {turn}" for turn in range(ROUNDS)])
    with open_archive(data) as archive:
        ids = sorted(int(article.id, 16) for article in archive.articles(revisions=True))
        copies = sorted(int(article.id, 16) for article in archive.articles(copies=True))
        pages = {number: [page.body[:3] for page in archive.raw_pages(f"{number:016x}")] for number in ids}
        wrong += [f"the page of {number} is lost" for number in ids if number % 2 and pages[number] != [b"<p>"]]
        if archive.waiting():
            wrong.append("stories still wait")
        counted = sum(tally.stories for tally in archive.tallies())
        if counted != STORIES:
            wrong.append(f"{counted} verdicts were counted for {STORIES} stories")
        for number in TO_REMOVE:
            told = archive.explain(entry(number).key)
            if told is None or told.standing is not Standing.REMOVED:
                wrong.append(f"{number} has no tombstone")
        text = b"".join(unpacked(path) for path in data.rglob("part-*"))
        wrong += [f"bytes of {number} are left" for number in TO_REMOVE if f'/berita/{number}"'.encode() in text]
    if ids != [number for number in range(STORIES) if fate(number) == "kept" and number not in TO_REMOVE]:
        wrong.append(f"kept: {ids}")
    if copies != [number for number in range(STORIES) if fate(number) == "duplicate" and number not in TO_REMOVE]:
        wrong.append(f"copies: {copies}")
    return wrong


def unpacked(path: Path) -> bytes:
    if path.suffix == ".zst":
        return zstandard.ZstdDecompressor().decompress(path.read_bytes())
    return gzip.decompress(path.read_bytes()) if "warc" in path.name else path.read_bytes()


class Counting(Disk):
    """Counts steps."""

    def __init__(self) -> None:
        self.steps: list[str] = []

    def before(self, step: str, path: Path) -> None:
        del path
        self.steps.append(step)


class Journal:
    """Notes that survive the writer's death."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)

    def __call__(self, text: str) -> None:
        os.write(self._descriptor, f"{text}\n".encode())

    def notes(self) -> list[str]:
        return self._path.read_text().splitlines()

    def close(self) -> None:
        os.close(self._descriptor)
