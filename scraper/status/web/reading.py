"""What the pages read: archives kept open, the whole collection as it stood a moment ago, the search index."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar

from scraper.clock import Clock
from scraper.model.article import Article
from scraper.model.failures import ScraperError
from scraper.status.overview import Overview, summarise
from scraper.status.troubles import Troubles
from scraper.status.web.machine import Machine, look
from scraper.storage import (
    Archive,
    CopiedStory,
    Heading,
    Hourly,
    Mishap,
    Tally,
    excerpt,
    open_archive,
    open_index_to_read,
    question_for,
)

HOURS = timedelta(hours=48)
DAYS = timedelta(days=30)
PAGE = 25
"""Articles on a page."""
MOST_COUNTED = 1000

_FRESH = timedelta(seconds=5)
_TOO_OLD = timedelta(minutes=1)
_IDLE_ARCHIVES = 4
_LOOKS = 8
"""Times that an index is asked for more when what it named is gone or was replaced."""
_AROUND = 150
_EXCERPT_TIME = timedelta(milliseconds=50)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The whole collection at one moment."""

    at: datetime
    overview: Overview
    hours: tuple[Hourly, ...]
    days: tuple[Tally, ...]
    newest: tuple[Heading, ...]
    copied: tuple[CopiedStory, ...]
    mishaps: tuple[Mishap, ...]
    machine: Machine


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which articles are asked for."""

    words: str = ""
    outlet: str | None = None
    language: str | None = None
    day: date | None = None
    before: int | None = None

    @property
    def narrows(self) -> bool:
        """Whether it leaves any out."""
        return bool(self.words or self.outlet or self.language or self.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of articles."""

    headings: tuple[Heading, ...]
    excerpts: dict[int, str]
    """By number; for those whose texts could be read in time."""
    more: int | None
    """What `before` must be to go on; None at the end."""
    count: int | None = None
    """How many there are, counted no further than MOST_COUNTED; None when not counted."""
    behind: int = 0
    """Articles that are not in the index yet."""


class Reading:
    """Reads one data directory for any number of threads."""

    def __init__(self, data: Path, clock: Clock) -> None:
        self.data = data
        self._clock = clock
        self._idle: list[tuple[tuple[int, int], Archive]] = []
        self._guard = threading.Lock()
        self._looking = threading.Lock()
        self._troubles = Troubles()
        self._snapshot: Snapshot | None = None
        self.stale = threading.Event()
        """Set when somebody was given a snapshot that should be taken anew."""
        self.index_trouble: str | None = None
        """Why the search index cannot be brought up to date, in a sentence."""

    @contextmanager
    def archive(self) -> Iterator[Archive]:
        """An open archive for this thread alone. Raises StoreUnavailableError when there is none."""
        archive = self._take()
        try:
            yield archive
        except BaseException:
            archive.close()
            raise
        self._give(archive)

    def _identity(self) -> tuple[int, int]:
        """What tells a state file from one that took its place."""
        with suppress(OSError):
            told = (self.data / "state.db").stat()
            return told.st_dev, told.st_ino
        return 0, 0

    def _take(self) -> Archive:
        wanted = self._identity()
        with self._guard:
            while self._idle:
                identity, archive = self._idle.pop()
                if identity == wanted:
                    return archive
                archive.close()
        return open_archive(self.data)

    def _give(self, archive: Archive) -> None:
        with self._guard:
            if len(self._idle) < _IDLE_ARCHIVES:
                self._idle.append((self._identity(), archive))
                return
        archive.close()

    def close(self) -> None:
        """Let go of the files."""
        with self._guard:
            while self._idle:
                self._idle.pop()[1].close()

    def snapshot(self) -> Snapshot:
        """The collection as it stood a moment ago.

        What is some seconds old is given out and found stale, so that it is looked at anew; what is a minute old is
        looked at now.
        """
        known = self._snapshot
        age = None if known is None else self._clock() - known.at
        if known is None or age is None or age >= _TOO_OLD:
            return self.refresh()
        if age >= _FRESH:
            self.stale.set()
        return known

    def refresh(self) -> Snapshot:
        """Look, unless somebody just did. Raises ScraperError when there is nothing to be seen."""
        with self._looking:
            known = self._snapshot
            if known is None or self._clock() - known.at >= _FRESH:
                known = self._snapshot = self._look()
        return known

    def _look(self) -> Snapshot:
        now = self._clock()
        with self.archive() as archive:
            overview = summarise(
                archive.feed_totals(),
                archive.totals(),
                archive.waiting(),
                archive.size(),
                now,
                troubles=self._troubles.look(archive, now),
            )
            return Snapshot(
                at=now,
                overview=overview,
                hours=tuple(archive.hours(now - HOURS, now)),
                days=tuple(archive.tallies((now - DAYS).date().isoformat())),
                newest=tuple(archive.headings(8)),
                copied=tuple(archive.copied_lately(30)),
                mishaps=tuple(archive.mishaps(12)),
                machine=look(self.data, archive.holder()),
            )

    def find(self, wish: Wish, page: int = PAGE) -> Found:
        """A page of the articles that are asked for, those saved last first."""
        with self.archive() as archive:
            if not wish.narrows:
                headings = archive.headings(page + 1, before=wish.before)
                return Found(headings=tuple(headings[:page]), excerpts={}, more=_more(headings, page))
            question = question_for(wish.words, outlet=wish.outlet, language=wish.language, day=wish.day)
            if not question:
                return Found(headings=(), excerpts={}, more=None, count=0)
            with open_index_to_read(self.data) as index:
                newest = next(iter(archive.headings(1)), None)
                last = newest.number if newest else 0
                if index is None:
                    return Found(headings=(), excerpts={}, more=None, count=0, behind=last)
                headings = _gather(archive, lambda before: index.newest(question, before, 2 * page), wish.before, page)
                return Found(
                    headings=tuple(headings[:page]),
                    excerpts=self._excerpts(archive, headings[:page], wish.words) if wish.words else {},
                    more=_more(headings, page),
                    count=index.count(question, MOST_COUNTED),
                    behind=max(0, last - index.last()),
                )

    def _excerpts(self, archive: Archive, headings: list[Heading], words: str) -> dict[int, str]:
        """Texts are read in the order in which they stand in their files, as long as time allows."""
        end = self._clock() + _EXCERPT_TIME
        found: dict[int, str] = {}
        for heading in sorted(headings, key=lambda heading: heading.number):
            if self._clock() > end:
                break
            article = archive.by_number(heading.number)
            if article is not None:
                found[heading.number] = excerpt(article.text, words, _AROUND)
        return found

    def text(self, archive: Archive, article_id: str, *, copy: bool) -> Article | None:
        """An article or, with `copy`, the kept text of a copy; None when it is not kept or cannot be read."""
        try:
            return archive.article(article_id, copy=copy)
        except ScraperError:
            return None


def _more(headings: list[Heading], page: int) -> int | None:
    return headings[page - 1].number if len(headings) > page else None


def _gather(archive: Archive, ask: Callable[[int | None], list[int]], before: int | None, page: int) -> list[Heading]:
    """Headings for the numbers that an index names, until a page and one more are there."""
    found: list[Heading] = []
    for _ in range(_LOOKS):
        numbers = ask(before)
        if not numbers:
            break
        found += archive.headings_of(numbers)
        before = numbers[-1]
        if len(found) > page:
            break
    return found
