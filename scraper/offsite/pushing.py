"""Bringing an archive to object storage: only what is not there yet, each object once, each read back.

It may be killed at any moment. What was put stays and is not put again; without a manifest that names it nothing
counts, and the manifest comes last.
"""

import contextlib
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec
import zstandard

from scraper.clock import utc_now
from scraper.model.failures import ScraperError, StoreBusyError, StoreUnavailableError
from scraper.offsite.bucket import Bucket
from scraper.offsite.failures import CorruptedError, OffsiteError
from scraper.offsite.manifest import (
    CONTENTS,
    IDENTITY,
    MANIFESTS,
    VERSION,
    Deposited,
    Manifest,
    Piece,
    catalog_name,
    decode,
    manifest_name,
    removed_name,
    sealed_name,
    tail_name,
)
from scraper.storage.errors import translated
from scraper.storage.layout import Layout, Stream
from scraper.storage.lock import Lock
from scraper.storage.snapshot import Snapshot, Standing, beginning, sealed_bytes, sealed_parts, snapshot

IDENTITY_FILE = "archive-id"
"""Beside the articles: which archive this is, so that two never mix in one place."""
_LOCK = ".push.lock"
_SCRATCH = ".push.catalog"
_CATALOG_PIECE = 16 << 20
_LEVEL = 3
_SNAPSHOTS = 3

Progress = Callable[[str], None]


class _RewrittenError(Exception):
    """A file that the snapshot refers to was written anew since, without articles that were removed."""


class Stopped(ScraperError):  # noqa: N818 - nothing went wrong
    """The push was asked to end; what was put stays put."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a push goes about it."""

    keep: int = 7
    """So many manifests stay; what only older ones name is removed."""
    verify: bool = False
    """Read everything back that is there, and not only what is put."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a push did."""

    objects: int
    """That were put."""
    bytes: int
    """Of these."""
    removed: int
    """Objects that no manifest names any more."""
    mended: tuple[str, ...] = ()
    """Objects that did not hold what they should, and do again."""
    articles: int | None = None
    """How many the archive has there; None when sealed files alone were pushed."""


class Mirror:
    """Pushes one data directory to one place, again and again; remembers what it has seen to be there.

    Used by one thread at a time. `ask` is called between objects and may raise Stopped.
    """

    def __init__(
        self, data: Path, bucket: Bucket, rules: Rules | None = None, ask: Callable[[], None] = lambda: None
    ) -> None:
        self._data = data
        self._bucket = bucket
        self._rules = rules or Rules()
        self._ask = ask
        self._known: dict[tuple[str, str, int, int], Piece] = {}
        self._archive = ""
        self._work = _Work()

    def last_push(self) -> datetime | None:
        """When the whole archive was pushed the last time, by whomever; None when it never was."""
        newest = max(self._bucket.names(MANIFESTS), default=None)
        if newest is None:
            return None
        try:
            return decode(self._bucket.read(newest)).at
        except (ValueError, FileNotFoundError):
            return None

    def push_sealed(self, progress: Progress = lambda _name: None) -> Pushed:
        """Push the files that never change again; cheap when there are none that are new."""
        parts = [standing for standing in sealed_parts(self._data) if _key(standing) not in self._known]
        if not parts and self._archive:
            return Pushed(objects=0, bytes=0, removed=0)
        with self._alone():
            self._begin(progress)
            for standing in parts:
                self._sealed(standing)
        return self._work.told()

    def push(self, now: datetime, progress: Progress = lambda _name: None) -> Pushed:
        """Push the whole archive as of now: sealed files, what open ones hold, the catalog, and the manifest.

        Raises OffsiteError when the place cannot be used or holds another archive, StoreDamagedError when a file of
        ours is not whole.
        """
        with self._alone():
            self._begin(progress)
            manifest = self._manifest(now)
            data = manifest.encoded()
            self._deposit(manifest_name(now, data), data)
            self._prune(manifest)
        return self._work.told(articles=manifest.articles)

    def _manifest(self, now: datetime) -> Manifest:
        for _ in range(_SNAPSHOTS):
            with contextlib.suppress(_RewrittenError), snapshot(self._data, self._data / _SCRATCH) as taken:
                return Manifest(
                    version=VERSION,
                    archive=self._archive,
                    at=now,
                    schema=taken.version,
                    articles=taken.articles,
                    parts=tuple(self._part(taken, standing) for standing in taken.parts),
                    catalog=tuple(self._catalog(taken.catalog)),
                    # After the catalog: a removal that it knows has its line there before.
                    removed=self._removed(taken.layout),
                )
        raise OffsiteError(f"Articles are being removed from {self._data} all the while; push again later.")

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One push at a time: what one puts, another must not take for something that nobody names."""
        with translated(self._data):
            Layout(self._data).state.stat()
            lock = Lock(self._data / _LOCK)
            try:
                lock.take(utc_now())
            except StoreBusyError:
                raise OffsiteError(f"Another push of {self._data} is under way; wait for it to end.") from None
        try:
            yield
        finally:
            lock.release()

    def _begin(self, progress: Progress) -> None:
        self._work = _Work(progress=progress)
        present = self._bucket.names()
        self._work.present = {name: size for name, size in present.items() if name.startswith(CONTENTS)}
        if not self._archive:
            self._archive = self._claim(taken=IDENTITY in present)
        newest = max((name for name in present if name.startswith(MANIFESTS)), default=None)
        if newest is not None:
            self._recall(newest)

    def _claim(self, *, taken: bool) -> str:
        """The archive's identity, and its name on the place, which must not hold another one."""
        own = self._identity()
        note = msgspec.json.encode({"archive": own, "version": VERSION}) + b"\n"
        if not taken:
            self._bucket.put(IDENTITY, note)
        there = self._bucket.read(IDENTITY)
        if there != note:
            raise OffsiteError(
                f"{self._bucket.url} holds the archive of another data directory than {self._data}; "
                "choose an address of its own."
            )
        return own

    def _identity(self) -> str:
        path = self._data / IDENTITY_FILE
        with translated(path):
            with contextlib.suppress(FileExistsError):
                descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
                try:
                    os.write(descriptor, f"{secrets.token_hex(16)}\n".encode())
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
            return path.read_text("ascii").strip()

    def _recall(self, newest: str) -> None:
        """Know again what the newest manifest says was read back once."""
        try:
            manifest = decode(self._bucket.read(newest))
        except (ValueError, FileNotFoundError):
            return
        for deposited in manifest.parts:
            if deposited.sealed and self._work.present.get(deposited.piece.name) == deposited.piece.size:
                part = deposited.part
                self._known[part.stream, part.date, part.number, deposited.opened_at] = deposited.piece
        self._work.trusted = {piece.name: piece for piece in manifest.catalog}

    def _part(self, taken: Snapshot, standing: Standing) -> Deposited:
        if standing.sealed:
            piece = self._sealed(standing)
            if piece is None:
                raise _RewrittenError
        else:
            data = _packed(taken.layout, standing)
            piece = self._deposit(tail_name(standing.part, data), data)
        return Deposited(
            part=standing.part,
            sealed=standing.sealed,
            bytes=standing.bytes,
            opened_at=standing.opened_at,
            piece=piece,
        )

    def _sealed(self, standing: Standing) -> Piece | None:
        """The object of a sealed part; None when the part has been removed meanwhile."""
        known = self._known.get(_key(standing))
        if known is not None and self._is_there(known):
            return known
        data = sealed_bytes(Layout(self._data), standing)
        if data is None:
            return None
        piece = self._deposit(sealed_name(standing.part, data), data)
        self._known[_key(standing)] = piece
        return piece

    def _is_there(self, piece: Piece) -> bool:
        """Whether an object that was read back once is there still and, if that is asked, holds what it did."""
        if self._work.present.get(piece.name) != piece.size:
            return False
        if not self._rules.verify:
            return True
        try:
            self._bucket.checked(piece)
        except CorruptedError:
            self._work.mended.append(piece.name)
            return False
        return True

    def _catalog(self, path: Path) -> Iterator[Piece]:
        packer = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
        with path.open("rb") as file:
            while raw := file.read(_CATALOG_PIECE):
                data = packer.compress(raw)
                name = catalog_name(data)
                known = self._work.trusted.get(name)
                yield known if known and self._is_there(known) else self._deposit(name, data)

    def _removed(self, layout: Layout) -> Piece | None:
        """What tells which stories were removed, whatever becomes of the catalog."""
        try:
            with translated(layout.removed):
                data = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(layout.removed.read_bytes())
        except StoreUnavailableError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            raise
        return self._deposit(removed_name(data), data)

    def _deposit(self, name: str, data: bytes) -> Piece:
        self._ask()
        self._work.progress(name)
        fresh = name not in self._work.present
        piece = self._bucket.deposit(name, data)
        self._work.present[name] = piece.size
        self._work.objects += fresh
        self._work.bytes += piece.size if fresh else 0
        return piece

    def _prune(self, manifest: Manifest) -> None:
        """Remove old manifests, and then what none of the others names."""
        names = sorted(self._bucket.names(MANIFESTS))
        for name in names[: -self._rules.keep]:
            self._bucket.delete(name)
        wanted = {piece.name for piece in manifest.pieces}
        for name in names[-self._rules.keep :]:
            try:
                wanted.update(piece.name for piece in decode(self._bucket.read(name)).pieces)
            except ValueError:
                return  # not ours to judge: what it names must stay
        for name in self._work.present.keys() - wanted - set(names):
            self._ask()
            self._bucket.delete(name)
            self._work.removed += 1


class _Work:
    """What one push has done so far."""

    def __init__(self, progress: Progress = lambda _name: None) -> None:
        self.progress = progress
        self.present: dict[str, int] = {}
        self.trusted: dict[str, Piece] = {}
        self.objects = 0
        self.bytes = 0
        self.removed = 0
        self.mended: list[str] = []

    def told(self, articles: int | None = None) -> Pushed:
        return Pushed(
            objects=self.objects,
            bytes=self.bytes,
            removed=self.removed,
            mended=tuple(self.mended),
            articles=articles,
        )


def _key(standing: Standing) -> tuple[str, str, int, int]:
    part = standing.part
    return part.stream, part.date, part.number, standing.opened_at


def _packed(layout: Layout, standing: Standing) -> bytes:
    """What counts of an open part, compressed unless it is already."""
    pieces = beginning(layout, standing)
    if standing.part.stream is Stream.RAW:
        return b"".join(pieces)
    packer = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compressobj()
    return b"".join([packer.compress(piece) for piece in pieces]) + packer.flush()
