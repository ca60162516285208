"""The newest manifest of a place, and the catalog that it names as a file."""

import os
from pathlib import Path

import zstandard

from scraper.model.failures import StoreDamagedError
from scraper.offsite.bucket import Bucket
from scraper.offsite.failures import OffsiteError
from scraper.offsite.manifest import MANIFESTS, VERSION, Manifest, decode


def newest_manifest(bucket: Bucket) -> tuple[str, Manifest]:
    """The last push that was finished, and its name. Raises OffsiteError when there is none or it is not to be read."""
    name = max(bucket.names(MANIFESTS), default=None)
    if name is None:
        raise OffsiteError(f"There is no archive at {bucket.url}; `scraper push --to {bucket.url}` brings one there.")
    try:
        manifest = decode(bucket.read(name))
    except ValueError as error:
        raise OffsiteError(f"{bucket.url}/{name} cannot be read as a list of an archive's files ({error}).") from error
    if manifest.version > VERSION:
        raise OffsiteError(f"The archive at {bucket.url} was pushed by a newer scraper; use that one.")
    return name, manifest


def fetch_catalog(bucket: Bucket, manifest: Manifest, target: Path) -> None:
    """Write the catalog to `target`, each piece checked; the name appears when the file is whole."""
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.unfinished")
    unpacker = zstandard.ZstdDecompressor()
    try:
        with unfinished.open("wb") as file:
            for piece in manifest.catalog:
                try:
                    data = bucket.checked(piece)
                except FileNotFoundError as error:
                    raise OffsiteError(f"{bucket.url}/{piece.name} is missing; push the archive again.") from error
                file.write(_unpacked(unpacker, data, piece.name))
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)


def _unpacked(unpacker: zstandard.ZstdDecompressor, data: bytes, name: str) -> bytes:
    try:
        return unpacker.decompress(data)
    except zstandard.ZstdError as error:
        raise StoreDamagedError(f"{name} cannot be unpacked ({error}).") from error
