"""Backfills on the disk: what was asked for, how far it came, what was listed. One directory each.

    backfill/3/run.json        what was asked for; never changes
    backfill/3/progress.json   how far it came; replaced as a whole
    backfill/3/listed          addresses of lists that need not be read again, one a line, appended to; those that
                               lead on to others, after a `+`, need not be counted again
    backfill/3/documents/      lists as they were fetched, so that none is fetched twice
    backfill/3/asked           locked by the command that wants it worked

A list counts as read only when all that it names is durable elsewhere, so losing the end of a file loses no story.
"""

import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import zstandard

from scraper.model.backfill import Plan, Progress, Run, Stage
from scraper.model.failures import ScraperError
from scraper.storage.disk import Disk
from scraper.storage.errors import translated

DIRECTORY = "backfill"
KEPT_DONE = timedelta(days=90)
"""So long what a backfill did can be looked up after it was done; a later backfill then removes its directory."""
_HIGHEST = 1_000_000
_FLAGS = ("asked", "served", "yields", "wanted")


class NoSuchRunError(ScraperError):
    """There is no backfill of this number."""


class Flag:
    """A file that a process holds locked to say something for as long as it lives. Its presence means nothing."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def hoist(self) -> bool:
        """Say it; False when another process does already. Raises StoreUnavailableError."""
        if self._descriptor is not None:
            return True
        with translated(self._path):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if not _locks(descriptor, fcntl.LOCK_EX):
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def strike(self) -> None:
        """Say it no longer."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    @property
    def flies(self) -> bool:
        """Whether any process says it now."""
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            return not _locks(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)


def _locks(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class RunFiles:
    """The files of one backfill."""

    def __init__(self, directory: Path, run: Run, disk: Disk) -> None:
        self.run = run
        self.directory = directory
        self.asked = Flag(directory / "asked")
        """Flies while a command waits for it to be worked."""
        self._disk = disk
        self._documents = directory / "documents"
        self._listed = directory / "listed"

    @property
    def progress(self) -> Progress:
        """How far it came, as far as that was saved."""
        try:
            return msgspec.json.decode((self.directory / "progress.json").read_bytes(), type=Progress)
        except (OSError, msgspec.MsgspecError):
            return Progress()

    @property
    def are_there(self) -> bool:
        """Whether nobody has deleted them since."""
        return self.directory.is_dir()

    def check(self) -> None:
        """Raise NoSuchRunError when they are not there any more."""
        if not self.are_there:
            raise NoSuchRunError(
                f"Backfill {self.run.number} was deleted while it ran: {self.directory} is not there any more."
            )

    def save(self, progress: Progress) -> None:
        """Replace what is saved of its progress. Raises StoreUnavailableError."""
        self.write("progress.json", msgspec.json.format(msgspec.json.encode(progress)))

    def write(self, name: str, data: bytes) -> None:
        """Write a file beside it, whole or not at all, whoever else writes it now. Raises StoreUnavailableError."""
        path = self.directory / name
        with translated(path), (self.directory / "run.json").open("rb") as turn:
            # The command that watches a run and the process that works it both write, and so do threads of one.
            fcntl.flock(turn, fcntl.LOCK_EX)
            self._disk.replace(path, data)

    def read_lists(self) -> frozenset[str]:
        """The addresses of lists that were read to their ends."""
        try:
            text = self._listed.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return frozenset()
        # What follows the last line feed was torn.
        return frozenset(text.split("\n")[:-1])

    def list_is_read(self, address: str) -> None:
        """Remember that all that a list names is durable. Raises StoreUnavailableError."""
        if "\n" in address:
            return
        with translated(self._listed):
            descriptor = self._disk.open(self._listed)
            try:
                data = address.encode("utf-8", "replace") + b"\n"
                self._disk.write(descriptor, data, _whole(descriptor), self._listed)
                self._disk.sync(descriptor, self._listed)
            finally:
                os.close(descriptor)

    def document(self, address: str) -> bytes | None:
        """A list as it was kept."""
        with suppress(OSError, zstandard.ZstdError):
            return zstandard.ZstdDecompressor().decompress(self._document(address).read_bytes())
        return None

    def keep_document(self, address: str, document: bytes) -> None:
        """Keep a list, so that it need not be fetched again. Raises StoreUnavailableError."""
        with translated(self._documents):
            self._disk.make_directory(self._documents)
            self._disk.replace(self._document(address), zstandard.ZstdCompressor(level=3).compress(document))

    def forget_document(self, address: str) -> None:
        """Take away a list that was read to its end."""
        with suppress(OSError):
            self._document(address).unlink(missing_ok=True)

    def forget_documents(self) -> None:
        """Take away what is of use only to an unfinished run."""
        with suppress(OSError):
            for path in self._documents.glob("*"):
                path.unlink(missing_ok=True)
            self._documents.rmdir()

    def _document(self, address: str) -> Path:
        return self._documents / hashlib.sha256(address.encode("utf-8", "replace")).hexdigest()[:32]


class Runs:
    """All backfills of one data directory."""

    def __init__(self, data: Path, disk: Disk | None = None) -> None:
        self._directory = data / DIRECTORY
        self._disk = disk or Disk()
        self.served = Flag(self._directory / "served")
        """Flies while a process that has the archive open works backfills that are asked for."""
        self.yields = Flag(self._directory / "yields")
        """Flies while the process that has the archive open is a backfill, which lets go of it when it is wanted."""
        self.wanted = Flag(self._directory / "wanted")
        """Flies while a daemon waits for the process that serves to let it have the archive."""

    def prepare(self) -> None:
        """Make the directory. Raises StoreUnavailableError."""
        with translated(self._directory):
            self._disk.make_directories(self._directory.absolute())

    def create(self, plan: Plan, now: datetime, urls: Iterable[str] | None = None) -> RunFiles:
        """A new backfill under the next free number; it keeps a copy of the list of addresses, where there is one.

        Raises StoreUnavailableError.
        """
        self.prepare()
        number = max(self._numbers(), default=0) + 1
        with translated(self._directory):
            while not _made(self._directory / str(number)):
                number += 1
        directory = self._directory / str(number)
        if urls is not None:
            plan = replace(plan, urls="urls.txt")
            with translated(directory), (directory / "urls.txt").open("w", encoding="utf-8", errors="replace") as file:
                file.writelines(urls)
        run = Run(number=number, plan=plan, created=now)
        with translated(directory):
            self._disk.replace(directory / "run.json", msgspec.json.format(msgspec.json.encode(run)))
        self._clear(now)
        return RunFiles(directory, run, self._disk)

    def _clear(self, now: datetime) -> None:
        """Remove backfills that are long done. Those that can be resumed stay."""
        for files in self.every():
            with suppress(OSError):
                ended = (files.directory / "progress.json").stat().st_mtime
                aged = now.timestamp() - ended > KEPT_DONE.total_seconds()
                if aged and files.progress.stage is Stage.DONE and not files.asked.flies:
                    shutil.rmtree(files.directory)

    def open(self, number: int) -> RunFiles:
        """The backfill of this number. Raises NoSuchRunError."""
        directory = self._directory / str(number)
        try:
            run = msgspec.json.decode((directory / "run.json").read_bytes(), type=Run)
        except OSError:
            raise NoSuchRunError(
                f"There is no backfill {number} in {self._directory.parent}; see `scraper backfill list`."
            ) from None
        except msgspec.MsgspecError as error:
            raise NoSuchRunError(f"Backfill {number} cannot be read: {directory / 'run.json'}: {error}.") from error
        return RunFiles(directory, run, self._disk)

    def every(self) -> Iterator[RunFiles]:
        """All that can be read, the first one first."""
        for number in sorted(self._numbers()):
            with suppress(NoSuchRunError):
                yield self.open(number)

    def asked(self) -> Iterator[RunFiles]:
        """Those that a command waits for, the first one first."""
        for path in sorted(self._directory.glob("*/asked")):
            if Flag(path).flies:
                with suppress(NoSuchRunError, ValueError):
                    yield self.open(int(path.parent.name))

    def standing(self, files: RunFiles) -> Stage:
        """How a backfill stands: one whose process is gone was interrupted, whatever it said last."""
        stage = files.progress.stage
        working = stage in {Stage.WAITING, Stage.RUNNING}
        return Stage.INTERRUPTED if working and not files.asked.flies else stage

    def _numbers(self) -> list[int]:
        with suppress(FileNotFoundError):
            names = [path.name for path in self._directory.iterdir()]
            return [int(name) for name in names if name.isascii() and name.isdigit() and int(name) < _HIGHEST]
        return []


def copy_runs(data: Path, target: Path) -> None:
    """Copy what is known of backfills to another data directory, so that they can be looked up and resumed there.

    Those at work go on meanwhile: their files are replaced whole or grow, and lists that were read to the end go.
    """
    source = data / DIRECTORY
    for directory, _, names in os.walk(source):
        place = target / DIRECTORY / Path(directory).relative_to(source)
        place.mkdir(parents=True, exist_ok=True)
        for name in sorted(set(names) - set(_FLAGS)):
            if not name.endswith(".unfinished"):
                with suppress(FileNotFoundError):
                    shutil.copyfile(Path(directory, name), place / name)


def _made(directory: Path) -> bool:
    try:
        directory.mkdir()
    except FileExistsError:
        return False
    return True


def _whole(descriptor: int) -> int:
    """Where the last whole line ends."""
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, 65_536, max(0, size - 65_536))
    return size - len(tail) + tail.rfind(b"\n") + 1
