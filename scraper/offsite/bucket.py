"""One place in object storage, as few operations on whole objects that are put once and never changed."""

import json
import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, cast
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, ObjectStore, from_url

from scraper.offsite.failures import CorruptedError, OffsiteError, translated
from scraper.offsite.manifest import Piece
from scraper.settings import OBJECT_STORAGE

_BUFFER = 1 << 20
_TRIES = 3
_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT", "AZURE_STORAGE_ENDPOINT", "AZURE_ENDPOINT")
_KEY_FILES = ("GOOGLE_SERVICE_ACCOUNT", "GOOGLE_SERVICE_ACCOUNT_PATH", "GOOGLE_APPLICATION_CREDENTIALS")
_CLIENT = {"timeout": "60s", "connect_timeout": "5s"}
_RETRIES: Any = {"max_retries": 4}


class Bucket:
    """The objects below one address. Every failure is an OffsiteError; a missing object is FileNotFoundError."""

    def __init__(self, url: str, store: ObjectStore) -> None:
        self.url = url
        self._store = store

    def names(self, prefix: str = "") -> dict[str, int]:
        """All objects below a prefix, with their sizes."""
        with translated(self.url):
            listed = obstore.list(self._store, prefix=prefix or None)
            return {item["path"]: item["size"] for chunk in listed for item in chunk}

    def read(self, name: str) -> bytes:
        """An object whole."""
        with translated(self.url):
            return bytes(obstore.get(self._store, name).bytes())

    def open(self, name: str) -> IO[bytes]:
        """An object as a file that is fetched as it is read, and in which one can seek."""
        with translated(self.url):
            return cast("IO[bytes]", _Remote(self.url, obstore.open_reader(self._store, name, buffer_size=_BUFFER)))

    def checked(self, piece: Piece) -> bytes:
        """An object whole. Raises CorruptedError when it is not what the piece says."""
        data = self.read(piece.name)
        if not piece.fits(data):
            raise CorruptedError(
                f"{self.url}/{piece.name} does not hold what was put there; run `scraper push --verify` where the "
                "data directory is."
            )
        return data

    def put(self, name: str, data: bytes) -> bool:
        """Put an object that is not there yet, whole or not at all. False when there is one of that name."""
        with translated(self.url):
            try:
                obstore.put(self._store, name, data, mode="create", use_multipart=False)
            except AlreadyExistsError:
                return False
            return True

    def deposit(self, name: str, data: bytes) -> Piece:
        """Put an object and read it back; one that was there already is kept when it is the same.

        Raises CorruptedError when what is read back is something else, each of several times.
        """
        piece = Piece(name=name, size=len(data), sha256=sha256(data).hexdigest())
        for _ in range(_TRIES):
            self.put(name, data)
            if piece.fits(self.read(name)):
                return piece
            self.delete(name)
        raise CorruptedError(
            f"What was put to {self.url}/{name} came back changed {_TRIES} times; nothing was kept of it."
        )

    def delete(self, name: str) -> None:
        """Remove an object; nothing happens when it is gone."""
        with translated(self.url):
            try:
                obstore.delete(self._store, name)
            except FileNotFoundError:
                return


class _Remote:
    """What zstandard and the archive need of a file, with errors of ours."""

    def __init__(self, url: str, file: Any) -> None:
        self._url = url
        self._file = file

    def read(self, size: int = -1) -> bytes:
        with translated(self._url):
            return bytes(self._file.read() if size < 0 else self._file.read(size))

    def seek(self, offset: int) -> int:
        with translated(self._url):
            return int(self._file.seek(offset))

    def close(self) -> None:
        self._file.close()


def open_bucket(url: str, environ: Mapping[str, str] = os.environ) -> Bucket:
    """The place that an address names: `s3://bucket/prefix`, `gs://…`, `az://…` or `file:///directory`.

    Credentials come from the environment, as the providers' own tools take them. Asks nobody yet. Raises
    OffsiteError for an address of no use.
    """
    address = url.rstrip("/") if url != "file:///" else url
    faults = _faults(address)
    if faults:
        raise OffsiteError(faults)
    with translated(address):
        return Bucket(address, _store(address, environ))


def _store(url: str, environ: Mapping[str, str]) -> ObjectStore:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return LocalStore(unquote(parts.path), mkdir=True)
    plain = _own_google(environ) if parts.scheme == "gs" else any(map(_is_plain, map(environ.get, _ENDPOINTS)))
    try:
        client: Any = {**_CLIENT, "allow_http": plain}
        return from_url(url, client_options=client, retry_config=_RETRIES)
    except ValueError as error:
        raise OffsiteError(f"Cannot use {url}: {error}.") from error


def _is_plain(endpoint: str | None) -> bool:
    """Whether a server of one's own is spoken to without encryption."""
    return endpoint is not None and endpoint.startswith("http://")


def _own_google(environ: Mapping[str, str]) -> bool:
    """The same of the server that a key file names in Google's place."""
    try:
        key = json.loads(Path(next(environ[name] for name in _KEY_FILES if name in environ)).read_bytes())
        return _is_plain(key["gcs_base_url"])
    except (StopIteration, OSError, ValueError, LookupError, TypeError, AttributeError):
        return False


def _faults(url: str) -> str | None:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in OBJECT_STORAGE:
        return f"{url!r} is no address of object storage; expected s3://, gs://, az:// or file://."
    if parts.scheme == "file":
        return (
            None if parts.path.startswith("/") and not parts.netloc else f"{url!r} wants a path: file:///backups/news."
        )
    return None if parts.netloc else f"{url!r} names no bucket; expected {parts.scheme}://BUCKET/PREFIX."
