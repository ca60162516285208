"""The runs in use, oldest first, and the directory that holds them.

A manifest names the runs and the furniture file that belong together; it is replaced in one step, after everything it
names is durable, so that at any instant a restart finds one whole state. What the manifest does not name is deleted.
A run that is missing or damaged is given up together with all later ones: `last_seq` then tells the catalog from where
to load them again.
"""

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from scraper.dedup.entry import Entry
from scraper.dedup.fingerprint import KIND
from scraper.dedup.run import DamagedRunError, Run
from scraper.dedup.writing import FileSink, MemorySink, freeze, merge
from scraper.heap import give_back
from scraper.model.failures import StoreUnavailableError

_RATIO = 2
"""A run is at least so many times as large as all later ones together; one that is not is merged with them."""
_MOST_STORIES = 1 << 21
"""A run does not grow beyond this, so that old ones stay apart from the window that lookups are about."""
_MANIFEST = "manifest.json"
_OURS = frozenset({".run", ".furniture", ".new"})


class Shelf:
    """Runs in order of seq. Without a directory they stay in memory."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._merging: Iterator[None] | None = None
        self._furniture_file = ""
        self._writing = ""
        self.runs: list[Run] = []
        self.furniture = b""
        """The furniture's saved form that belongs to the runs."""
        self.damage: str | None = None
        """What was wrong with the files, where something was."""
        if directory is not None:
            try:
                directory.mkdir(parents=True, exist_ok=True)
                self._open(directory)
            except OSError as error:
                raise StoreUnavailableError(f"{directory}: cannot open the index: {error.strerror}") from error

    @property
    def last_seq(self) -> int:
        """The greatest seq in the runs; 0 when there are none."""
        return self.runs[-1].header.last_seq if self.runs else 0

    def add(self, entries: Sequence[Entry], furniture: bytes) -> None:
        """Freeze entries, later than all on the shelf and in order of seq, as a further run.

        Raises StoreUnavailableError when the directory cannot be written; the shelf is as it was.
        """
        if self._directory is None:
            memory = MemorySink()
            freeze(entries, memory)
            self.runs.append(Run(memory.close()))
            return
        try:
            self._write(self._directory, entries, furniture)
        except OSError as error:
            raise StoreUnavailableError(f"{self._directory}: cannot write the index: {error.strerror}") from error
        give_back()

    def _write(self, directory: Path, entries: Sequence[Entry], furniture: bytes) -> None:
        path = directory / _name(entries[0].seq, entries[-1].seq)
        with FileSink(path) as file:
            freeze(entries, file)
        furniture_file = f"{entries[-1].seq:012d}.furniture"
        _write_durably(directory / furniture_file, furniture)
        self._commit(directory, [*self.runs, Run.open(path)], furniture_file)

    def tend(self) -> None:
        """Do one slice of merging, some milliseconds of work, where any is to be done.

        A merge that cannot be written is dropped and begun anew later; nothing depends on it.
        """
        if self._merging is None:
            group = _mergeable([len(run) for run in self.runs])
            if group is None:
                return
            self._merging = self._merge(group)
        try:
            ended = next(self._merging, self) is self
        except OSError:
            ended = True
        if ended:
            self._merging = None
            give_back()

    def release(self) -> None:
        """Let go of the pages that lookups have brought into memory."""
        for run in self.runs:
            run.release()

    def _merge(self, group: slice) -> Iterator[None]:
        runs = self.runs[group]
        if self._directory is None:
            memory = MemorySink()
            yield from merge(runs, memory)
            self.runs[group] = [Run(memory.close())]
            return
        path = self._directory / _name(runs[0].header.first_seq, runs[-1].header.last_seq)
        self._writing = path.name
        with FileSink(path) as file:
            yield from merge(runs, file)
        merged = list(self.runs)
        merged[group] = [Run.open(path)]
        self._commit(self._directory, merged, self._furniture_file)

    def _open(self, directory: Path) -> None:
        if not (directory / _MANIFEST).exists():
            self._delete_unnamed(directory)
            return
        try:
            manifest = json.loads((directory / _MANIFEST).read_bytes())
            _check_kind(manifest["kind"])
            self.furniture = (directory / manifest["furniture"]).read_bytes()
            self._furniture_file = manifest["furniture"]
            for name in manifest["runs"]:
                self.runs.append(Run.open(directory / name))
        except (OSError, ValueError, KeyError, TypeError, DamagedRunError) as error:
            self.damage = str(error)
        self._delete_unnamed(directory)

    def give_up(self, why: str) -> None:
        """Forget all runs: they are made anew from the catalog."""
        self.damage = why
        self.runs.clear()
        self._merging = None

    def _commit(self, directory: Path, runs: list[Run], furniture_file: str) -> None:
        names = [_name(run.header.first_seq, run.header.last_seq) for run in runs]
        manifest = {"kind": KIND, "runs": names, "furniture": furniture_file}
        _sync(directory)
        _write_durably(directory / _MANIFEST, json.dumps(manifest, indent=1).encode())
        self.runs = runs
        self._furniture_file = furniture_file
        self._delete_unnamed(directory)

    def _delete_unnamed(self, directory: Path) -> None:
        keep = {_name(run.header.first_seq, run.header.last_seq) for run in self.runs} | {
            self._furniture_file,
            self._writing,
        }
        for path in directory.iterdir():
            if path.suffix in _OURS and path.name not in keep:
                path.unlink()


def _check_kind(kind: object) -> None:
    if kind != KIND:
        raise DamagedRunError(f"the index is of kind {kind}, this version writes kind {KIND}")


def _name(first_seq: int, last_seq: int) -> str:
    return f"{first_seq:012d}-{last_seq:012d}.run"


def _mergeable(sizes: Sequence[int]) -> slice | None:
    """The latest runs, as far back as one of them is too small for what came after it."""
    first = None
    later = sizes[-1] if sizes else 0
    for at in range(len(sizes) - 2, -1, -1):
        if later + sizes[at] > _MOST_STORIES:
            break
        if sizes[at] < _RATIO * later:
            first = at
        later += sizes[at]
    return None if first is None else slice(first, len(sizes))


def _write_durably(path: Path, data: bytes) -> None:
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    _sync(path.parent)


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
