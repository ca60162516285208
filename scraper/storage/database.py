"""The SQLite file: one connection that writes, any number that only read."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.model.failures import StoreDamagedError, StoreUnavailableError
from scraper.storage.disk import Disk
from scraper.storage.errors import InDoubtError, from_sqlite, translated
from scraper.storage.schema import VERSION, create, migrate

_PAGE_BYTES = 1024
"""Names arrive in random order, so each new one rewrites a page: small pages keep the bytes written down."""
_WAL_PAGES = 32_000
"""The log is folded into the file at 32 MB: rarely enough that a page which changes often is written once."""
_CACHE_KIB = 8_192


class Database:
    """The writing connection. Every change is made inside `transaction`.

    Where there must be a catalog already (not `may_create`), a file without one raises StoreDamagedError.
    """

    def __init__(self, path: Path, disk: Disk, *, may_create: bool = True) -> None:
        self._path = path
        self._disk = disk
        self._may_create = may_create
        self.guard: Callable[[sqlite3.Connection], None] = lambda _: None
        """Called at the start of each transaction, and may raise to forbid it."""
        with translated(path):
            self.connection = self._open()

    def _open(self) -> sqlite3.Connection:
        self._disk.before("open-state", self._path)
        is_new = not self._path.exists()
        if is_new and not self._may_create:
            raise StoreDamagedError(_orphaned(self._path, "missing"))
        # The store is used by one thread at a time, though not by the one that opened it.
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=5, check_same_thread=False)
        try:
            self._prepare(connection, is_new=is_new)
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection, *, is_new: bool) -> None:
        if is_new:
            connection.execute(f"PRAGMA page_size={_PAGE_BYTES}")
        version = schema_version(connection, self._path)
        if version == 0:
            self._refuse_to_create(connection)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute(f"PRAGMA wal_autocheckpoint={_WAL_PAGES}")
        connection.execute(f"PRAGMA journal_size_limit={_WAL_PAGES * _PAGE_BYTES}")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        if version == 0:
            create(connection)
            self._disk.sync_directory(self._path.parent)
        elif version < VERSION:
            migrate(connection, version)

    def _refuse_to_create(self, connection: sqlite3.Connection) -> None:
        # A start that ended before it could make the tables leaves an empty file; any other is not ours.
        if connection.execute("SELECT 1 FROM sqlite_schema").fetchone() is not None:
            raise StoreDamagedError(
                f"The state file {self._path} is not one of this program; nothing was changed. "
                "Run `scraper repair` to build one from the articles."
            )
        if not self._may_create:
            raise StoreDamagedError(_orphaned(self._path, "empty"))

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing, durable on leaving. Raises StoreUnavailableError when nothing happened.

        Raises InDoubtError, a StoreUnavailableError, when the commit itself failed.
        """
        with translated(self._path):
            self._disk.before("begin", self._path)
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                self.guard(self.connection)
                yield self.connection
            except BaseException:
                self._roll_back()
                raise
            self._commit()
            self._disk.before("committed", self._path)

    def _commit(self) -> None:
        try:
            self._disk.before("commit", self._path)
            self.connection.execute("COMMIT")
        except BaseException as error:
            self._roll_back()
            meant = from_sqlite(error, self._path) if isinstance(error, sqlite3.Error) else error
            if isinstance(meant, StoreUnavailableError):
                raise InDoubtError(*meant.args) from error
            raise

    def _roll_back(self) -> None:
        if self.connection.in_transaction:
            # The failure that led here is the one to be told; SQLite may have rolled back by itself.
            with contextlib.suppress(sqlite3.Error):
                self.connection.execute("ROLLBACK")

    def close(self) -> None:
        """Fold the log into the file and let go of it. What cannot be folded now is folded at the next start."""
        with contextlib.suppress(sqlite3.Error):
            self.connection.close()


def schema_version(connection: sqlite3.Connection, path: Path) -> int:
    """The version that the file was written with; raises StoreDamagedError when it is newer than this program."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise StoreDamagedError(
            f"The state file {path} has version {version}, which is newer than this program (version {VERSION}). "
            "Nothing was changed. Use the newer scraper that wrote it."
        )
    return version


def _orphaned(path: Path, lack: str) -> str:
    return (
        f"There are articles in {path.parent} but {path.name} is {lack}. Run `scraper repair` to rebuild it from them."
    )


def connect_to_read(path: Path) -> sqlite3.Connection:
    """A connection that can change nothing and stands beside a running writer."""
    if not path.is_file():
        raise StoreUnavailableError(
            f"There is no archive in {path.parent}: {path.name} is missing. "
            "`scraper run` makes one; --data names another."
        )
    with translated(path):
        connection = sqlite3.connect(read_address(path), uri=True, isolation_level=None, check_same_thread=False)
        try:
            _refuse_other_versions(schema_version(connection, path), path)
            connection.execute("SELECT 1 FROM sqlite_schema").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection


def _refuse_other_versions(version: int, path: Path) -> None:
    """A reader changes nothing, and an earlier version's tables do not answer its questions."""
    if version == 0:
        raise StoreDamagedError(
            f"The state file {path} holds no catalog. "
            "Run `scraper repair` to build one from the articles, if there are any."
        )
    if version < VERSION:
        raise StoreUnavailableError(
            f"The archive in {path.parent} was written by an earlier version of this program. "
            "Start `scraper run` on it once: that brings it up to date."
        )


def read_address(path: Path) -> str:
    """What to connect to so that nothing is changed, in a directory that we may not write to either."""
    address = path.absolute().as_uri()
    # In a directory that we may not write to, SQLite cannot keep its reader's marks; without a log there is no
    # writer either, and the file can be taken as it is.
    probe = sqlite3.connect(f"{address}?mode=ro", uri=True)
    try:
        probe.execute("SELECT 1 FROM sqlite_schema").fetchone()
    except sqlite3.OperationalError:
        if not path.with_name(path.name + "-wal").exists():
            return f"{address}?mode=ro&immutable=1"
    finally:
        probe.close()
    return f"{address}?mode=ro"
