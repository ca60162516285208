"""A backfill: what was asked for, and how far it has come."""

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from scraper.model.span import Span


class Source(StrEnum):
    """Where a backfill finds an outlet's stories on the network."""

    SITEMAP = "sitemap"
    NEWS = "news"
    """News sitemaps, which hold the last days."""
    INDEX = "index"
    """Dated lists."""
    FEED = "feed"
    """The older pages of feeds."""
    WAYBACK = "wayback"
    """The captures of a web archive that answers CDX queries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a backfill is to do."""

    outlets: tuple[str, ...] = ()
    """Ids of the outlets wanted."""
    every_outlet: bool = True
    """Stories of outlets that nobody configured are wanted too, where files name them."""
    sources: tuple[Source, ...] = ()
    """Empty: those that each outlet has."""
    sitemaps: tuple[str, ...] = ()
    """Walked instead of those in the outlet's file."""
    urls: str | None = None
    """A file of addresses, one a line, in the run's own directory."""
    folders: tuple[str, ...] = ()
    """Directories of saved pages."""
    warcs: tuple[str, ...] = ()
    """Web archives, in the order in which they are read."""
    span: Span = field(default_factory=Span)
    limit: int | None = None
    """Most stories that are taken."""

    @property
    def at_hand(self) -> bool:
        """Whether files are named that hold pages."""
        return bool(self.folders or self.warcs)

    @property
    def walks(self) -> bool:
        """Whether outlets are walked on the network: unless only files are named."""
        return bool(self.sources or self.sitemaps) or not (self.urls or self.folders or self.warcs)


class Stage(StrEnum):
    """How a backfill stands."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    INTERRUPTED = "interrupted"
    """Was stopped, or its process ended; it can be resumed."""
    FAILED = "failed"
    """Could not go on; it can be resumed."""


@dataclass(slots=True, kw_only=True)
class Count:
    """What became of the stories of one outlet."""

    found: int = 0
    """New ones that were listed, or read from files."""
    fetched: int = 0
    """Those whose pages were had."""
    kept: int = 0
    duplicates: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    """Reasons of those dropped otherwise."""
    deferred: dict[str, int] = field(default_factory=dict)
    """Reasons of those that are tried again later."""

    def add(self, other: "Count") -> None:
        """Take in another count."""
        self.found += other.found
        self.fetched += other.fetched
        self.kept += other.kept
        self.duplicates += other.duplicates
        for into, more in ((self.dropped, other.dropped), (self.deferred, other.deferred)):
            for reason, number in more.items():
                into[reason] = into.get(reason, 0) + number

    @property
    def settled(self) -> int:
        """How many have an outcome."""
        return self.kept + self.duplicates + sum(self.dropped.values()) + sum(self.deferred.values())


@dataclass(slots=True, kw_only=True)
class Captured:
    """The part of a run's counts that comes from web archives and directories of pages."""

    records: int = 0
    taken: int = 0
    known: int = 0
    found: dict[str, int] = field(default_factory=dict)
    """By outlet."""
    passed_over: dict[str, int] = field(default_factory=dict)
    ended: bool = False
    """All files were read to their ends, or to the limit; none is left that could not be read."""


@dataclass(slots=True, kw_only=True)
class Progress:
    """How far a backfill has come, all its sessions together."""

    stage: Stage = Stage.WAITING
    detail: str = ""
    """Why it failed, or whom it waits for."""
    seconds: float = 0.0
    """Time that was worked on it."""
    cpu_seconds: float = 0.0
    """CPU time that this machine's workers spent on reading pages and lists meanwhile, a daemon's own included."""
    taken: int = 0
    """Stories counted against the limit."""
    outlets: dict[str, Count] = field(default_factory=dict)
    lists: int = 0
    """Documents that listed stories and were read to their end."""
    records: int = 0
    """Records of web archives and files of folders that were looked at."""
    known: int = 0
    """Stories that were listed and are here already."""
    passed_over: dict[str, int] = field(default_factory=dict)
    """Why records and links were not taken for stories: counts by reason."""
    bytes_read: int = 0
    bytes_all: int = 0
    """Of the files named."""
    failures: dict[str, str] = field(default_factory=dict)
    """Documents and files that could not be read when they were last tried, and why; the latest hundred."""
    failed: int = 0
    captured: Captured = field(default_factory=Captured)
    """What of these counts comes from files of pages, so that it can be set right after a kill."""

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to do: what failed is tried again by a run that goes on, though it was done."""
        return self.stage is Stage.DONE and not self.failed

    @property
    def total(self) -> Count:
        """The sum over all outlets."""
        total = Count()
        for count in self.outlets.values():
            total.add(count)
        return total

    def of(self, outlet: str) -> Count:
        """The count of one outlet."""
        return self.outlets.setdefault(outlet, Count())

    def pass_over(self, reasons: Mapping[str, int]) -> None:
        """Count what was not taken for a story."""
        self.passed_over = dict(Counter(self.passed_over) + Counter(reasons))

    def set_right(self, durable: Captured) -> None:
        """Have the counts say of files of pages what is durable, instead of what was counted when they were saved."""
        said, self.captured = self.captured, durable
        self.records += durable.records - said.records
        self.taken += durable.taken - said.taken
        self.known += durable.known - said.known
        self.passed_over = _moved(self.passed_over, said.passed_over, durable.passed_over)
        for outlet in said.found.keys() | durable.found.keys():
            self.of(outlet).found += durable.found.get(outlet, 0) - said.found.get(outlet, 0)

    def fail(self, what: str, why: str) -> None:
        """Note a document that could not be read."""
        self.failed += what not in self.failures
        self.failures.pop(what, None)
        self.failures[what] = why
        while len(self.failures) > _MOST_FAILURES:
            del self.failures[next(iter(self.failures))]

    def try_again(self, but: Container[str] = ()) -> None:
        """Forget what failed, for a run that goes on tries it again, but for what it does not."""
        self.failures = {what: why for what, why in self.failures.items() if what in but}
        self.failed = len(self.failures)


_MOST_FAILURES = 100


def _moved(counts: Mapping[str, int], less: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    moved = Counter(counts)
    moved.subtract(less)
    moved.update(more)
    return {name: number for name, number in moved.items() if number}


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One backfill."""

    number: int
    plan: Plan
    created: datetime
