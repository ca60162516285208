"""A copy of the archive's finished days as Parquet, sorted by outlet: for questions over millions of articles.

It is derived. Running it again adds the days that are new, makes those anew whose articles have changed (a removal),
and removes those that are gone.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from scraper.storage.archive import Archive
from scraper.storage.disk import Disk
from scraper.storage.errors import translated
from scraper.storage.export.selection import Exported
from scraper.storage.export.tables import write_parquet
from scraper.storage.layout import day

_FILE_ARTICLES = 100_000
"""Articles in one file: they are sorted in memory, some 4 kB each."""
_STATE = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """What was done."""

    made: int
    """Days."""
    removed: int
    articles: int


def compact(data: Path, target: Path, now: datetime, progress: Callable[[str], None] = lambda _day: None) -> Compacted:
    """Bring `target` up to date: `date=YYYY-MM-DD/articles-N.parquet` for each UTC day before today.

    Works beside a running daemon. Needs the extra `parquet`: raises MissingLibraryError without it.
    """
    made = removed = articles = 0
    disk = Disk()
    with Archive(data) as archive, translated(target):
        states = {date: state for date, state in archive.days() if date < day(now.astimezone(UTC))}
        disk.make_directories(target.absolute())
        for directory in sorted(target.glob("date=*")):
            if directory.name.removeprefix("date=") not in states:
                _empty(directory, disk)
                directory.rmdir()
                removed += 1
        for date, state in states.items():
            directory = target / f"date={date}"
            if _state_of(directory) == state:
                continue
            progress(date)
            articles += _make(archive, date, state, directory, disk)
            made += 1
    return Compacted(made=made, removed=removed, articles=articles)


def _make(archive: Archive, date: str, state: str, directory: Path, disk: Disk) -> int:
    disk.make_directory(directory)
    _empty(directory, disk)
    count = 0
    for number, group in enumerate(_sorted_groups(archive, date), 1):
        with _finished(directory / f"articles-{number}.parquet", disk) as out:
            count += write_parquet(iter(group), out)
    # Last, so that a day that was interrupted is made anew.
    with _finished(directory / f".{_STATE}", disk) as out:
        out.write(state.encode())
    return count


def _sorted_groups(archive: Archive, date: str) -> Iterator[list[Exported]]:
    last = 0
    while numbered := archive.numbered_of_day(date, last, _FILE_ARTICLES):
        last = numbered[-1][0]
        articles = sorted((article for _, article in numbered), key=lambda each: (each.outlet, each.found_at))
        yield [Exported(article=article) for article in articles]


class _finished:  # noqa: N801 - used like a function
    """A file that has its name only when it is whole and on the disk."""

    def __init__(self, path: Path, disk: Disk) -> None:
        self._path = path
        self._disk = disk
        self._unfinished = path.with_name(f".{path.name}.unfinished")

    def __enter__(self) -> BinaryIO:
        self._file = self._unfinished.open("wb")
        return self._file

    def __exit__(self, kind: object, *_: object) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        if kind is None:
            self._disk.rename(self._unfinished, self._path)


def _empty(directory: Path, disk: Disk) -> None:
    # The state goes first: without it the rest is not taken for whole.
    for path in [directory / f".{_STATE}", *directory.glob("*.parquet"), *directory.glob(".*.unfinished")]:
        disk.remove(path)


def _state_of(directory: Path) -> str | None:
    try:
        return (directory / f".{_STATE}").read_text("utf-8")
    except FileNotFoundError:
        return None
