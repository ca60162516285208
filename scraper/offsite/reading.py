"""An archive read straight from object storage: the catalog is brought here, articles are fetched as they are read."""

import contextlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

from scraper.offsite.bucket import Bucket, open_bucket
from scraper.offsite.catalogs import fetch_catalog, newest_manifest
from scraper.offsite.manifest import Manifest, Piece
from scraper.storage import Archive
from scraper.storage.errors import translated
from scraper.storage.layout import Layout, Part
from scraper.storage.lines import unpacked
from scraper.storage.segments import SegmentState


class OffsiteFiles:
    """The files of an archive in object storage. Implements `scraper.storage.lines.Files`."""

    def __init__(self, bucket: Bucket, manifest: Manifest) -> None:
        self._bucket = bucket
        self._pieces: Mapping[Part, Piece] = {deposited.part: deposited.piece for deposited in manifest.parts}

    def name(self, part: Part, _state: SegmentState) -> str:
        """The address of the object."""
        piece = self._pieces.get(part)
        return f"{self._bucket.url}/{piece.name}" if piece else f"{self._bucket.url}: {part.date}, part {part.number}"

    def open(self, part: Part, _state: SegmentState) -> tuple[IO[bytes], bool]:
        """The object, unpacked where it is packed, fetched as it is read."""
        piece = self._pieces.get(part)
        if piece is None:
            raise FileNotFoundError(str(part))
        return unpacked(self._bucket.open(piece.name), piece.name)


class OffsiteArchive(Archive):
    """An archive in object storage, as of its last whole push. Used like the one of a data directory."""

    def __init__(self, catalog: Path, files: OffsiteFiles, manifest: Manifest, done: contextlib.ExitStack) -> None:
        super().__init__(catalog, files)
        self.manifest = manifest
        self._done = done

    def close(self) -> None:
        """Let go of everything, the catalog's copy included where it was made for this reader alone."""
        super().close()
        self._done.close()


def open_offsite(url: str, cache: Path | None = None) -> OffsiteArchive:
    """Open the archive at an address for reading. Raises OffsiteError when there is none or it cannot be reached.

    The catalog, some hundred bytes an article, is fetched whole. With `cache`, a directory, it is kept there and
    fetched again only after another push; without, it is removed on closing.
    """
    bucket = open_bucket(url)
    name, manifest = newest_manifest(bucket)
    with contextlib.ExitStack() as stack:
        directory = stack.enter_context(_directory(cache, url, name))
        state = Layout(directory).state
        with translated(state):
            if not state.exists():
                fetch_catalog(bucket, manifest, state)
        return OffsiteArchive(directory, OffsiteFiles(bucket, manifest), manifest, stack.pop_all())


@contextmanager
def _directory(cache: Path | None, url: str, name: str) -> Iterator[Path]:
    if cache is None:
        with TemporaryDirectory(prefix="scraper-catalog-", ignore_cleanup_errors=True) as made:
            yield Path(made)
        return
    home = cache / sha256(url.encode()).hexdigest()[:16]
    directory = home / Path(name).stem
    with translated(directory):
        directory.mkdir(parents=True, exist_ok=True)
        for earlier in home.iterdir():
            if earlier != directory:
                _forget(earlier)
    yield directory


def _forget(directory: Path) -> None:
    """Remove the catalog of an earlier push; a reader that has it open keeps it."""
    with contextlib.suppress(OSError):
        for file in directory.iterdir():
            file.unlink()
        directory.rmdir()
