"""Bringing an archive back from object storage: a data directory as it was at its last whole push."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import zstandard

from scraper.offsite.bucket import Bucket
from scraper.offsite.catalogs import fetch_catalog, newest_manifest
from scraper.offsite.failures import OffsiteError
from scraper.offsite.manifest import Deposited, Piece
from scraper.offsite.pushing import IDENTITY_FILE
from scraper.storage.disk import Disk
from scraper.storage.errors import translated
from scraper.storage.layout import Layout, Stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What was brought back."""

    articles: int
    files: int
    """Of these, those that were fetched now; the others were there already."""
    fetched: int


def pull(bucket: Bucket, target: Path, progress: Callable[[int, int], None] = lambda _done, _all: None) -> Pulled:
    """Make `target` a data directory with what was pushed last. Every file is checked.

    Interrupted, it goes on when it is called again. The state file comes last: a directory without it is unfinished.
    Raises OffsiteError when there is an archive in `target` already.
    """
    layout, disk = Layout(target), Disk()
    _, manifest = newest_manifest(bucket)
    with translated(target):
        if layout.state.exists():
            raise OffsiteError(f"There is an archive in {target} already; an archive is brought to a new directory.")
        disk.make_directories(target.absolute())
        fetched = 0
        for done, deposited in enumerate(manifest.parts):
            progress(done, len(manifest.parts))
            fetched += _bring(bucket, layout, deposited, disk)
        if manifest.removed is not None:
            disk.replace(layout.removed, _fetched(bucket, manifest.removed, packed=True))
        disk.replace(target / IDENTITY_FILE, f"{manifest.archive}\n".encode())
        fetch_catalog(bucket, manifest, layout.state)
        disk.sync_directory(target)
        progress(len(manifest.parts), len(manifest.parts))
    return Pulled(articles=manifest.articles, files=len(manifest.parts), fetched=fetched)


def _bring(bucket: Bucket, layout: Layout, deposited: Deposited, disk: Disk) -> bool:
    part, piece = deposited.part, deposited.piece
    path = layout.sealed_file(part) if deposited.sealed else layout.open_file(part)
    as_it_is = deposited.sealed or part.stream is Stream.RAW
    if path.exists() and (piece.fits(path.read_bytes()) if as_it_is else path.stat().st_size == deposited.bytes):
        return False
    data = _fetched(bucket, piece, packed=not as_it_is)
    disk.make_directories(path.parent.absolute())
    disk.replace(path, data)
    return True


def _fetched(bucket: Bucket, piece: Piece, *, packed: bool) -> bytes:
    try:
        data = bucket.checked(piece)
    except FileNotFoundError as error:
        raise OffsiteError(f"{bucket.url}/{piece.name} is missing; push the archive again.") from error
    return zstandard.ZstdDecompressor().decompressobj().decompress(data) if packed else data
