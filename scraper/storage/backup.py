"""A copy of a data directory, made while the daemon writes: as of one moment, whole, and ready to be used."""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import zstandard

from scraper.model.failures import ScraperError, StoreDamagedError
from scraper.storage.database import connect_to_read
from scraper.storage.disk import Disk
from scraper.storage.errors import translated
from scraper.storage.layout import Layout, Part, Stream
from scraper.storage.lines import standing_file
from scraper.storage.runs import copy_runs
from scraper.storage.segments import SegmentState

_PIECE = 1 << 20


class BackupRefusedError(ScraperError):
    """The target is not a place for a backup; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackedUp:
    """What a backup holds."""

    articles: int
    files: int
    bytes: int


def backup(data: Path, target: Path, progress: Callable[[int, int], None] = lambda _done, _all: None) -> BackedUp:
    """Copy a data directory to `target`, which must be empty or new. `progress` is told files done and in all.

    The state file comes last: a target without it is an unfinished backup. Raises BackupRefusedError for a target
    that holds something, StoreUnavailableError when it cannot be written.
    """
    layout, copy, disk = Layout(data), Layout(target.absolute()), Disk()
    with closing(connect_to_read(layout.state)) as source, translated(target):
        if target.exists() and next(target.iterdir(), None) is not None:
            raise BackupRefusedError(f"{target} is not empty; a backup goes to a new directory.")
        disk.make_directories(copy.root)
        # Backfills before the catalog: a list that counts as read names nothing that the catalog does not know.
        copy_runs(layout.root, copy.root)
        unfinished = copy.root / ".state.unfinished"
        # The catalog first, at one moment. Whatever it refers to only ever grows, so the files can be copied after.
        with closing(sqlite3.connect(unfinished)) as catalog:
            source.backup(catalog, pages=2000)
            catalog.execute("PRAGMA journal_mode=DELETE")
            rows = catalog.execute(
                "SELECT stream, date, part, state, bytes, lines FROM segments "
                "WHERE bytes > 0 AND state < 3 ORDER BY number"
            ).fetchall()
        size = 0
        for done, (stream, date, number, state, length, _) in enumerate(rows):
            progress(done, len(rows))
            part = Part(stream=Stream(stream), date=date, number=number)
            size += _copy_part(layout, copy, part, SegmentState(state), length)
        if layout.removed.exists():
            shutil.copyfile(layout.removed, copy.removed)
        _sync_all(copy.root, disk)
        disk.rename(unfinished, copy.state)
        progress(len(rows), len(rows))
    articles = sum(row[5] for row in rows if row[0] == Stream.ARTICLES)
    return BackedUp(articles=articles, files=len(rows), bytes=size + copy.state.stat().st_size)


def _copy_part(layout: Layout, copy: Layout, part: Part, state: SegmentState, length: int) -> int:
    source = standing_file(layout, part, state)
    is_open = state is SegmentState.OPEN
    target = copy.open_file(part) if is_open else copy.sealed_file(part)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not source.exists():
        raise StoreDamagedError(f"The file {source} is missing. Run `scraper verify` to see what is lost.")
    if not is_open:
        shutil.copyfile(source, target)
    else:
        _copy_beginning(source, target, length)
    return target.stat().st_size


def _copy_beginning(source: Path, target: Path, length: int) -> None:
    """The committed bytes of an open part, which may have been sealed a moment ago."""
    with source.open("rb") as file, target.open("wb") as out:
        packed = source.suffix == ".zst"
        reader = zstandard.ZstdDecompressor().stream_reader(file) if packed else file
        left = length
        while left and (piece := reader.read(min(left, _PIECE))):
            out.write(piece)
            left -= len(piece)
    if left:
        raise StoreDamagedError(f"The file {source} lacks {left} bytes. Run `scraper verify` to see what is lost.")


def _sync_all(root: Path, disk: Disk) -> None:
    for directory, _, names in os.walk(root):
        for name in names:
            descriptor = disk.open(Path(directory, name))
            try:
                disk.sync(descriptor, Path(directory, name))
            finally:
                os.close(descriptor)
        disk.sync_directory(Path(directory))
