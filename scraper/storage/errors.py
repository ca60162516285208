"""The one door through which errors of the system and of SQLite become ours."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scraper.model.failures import StoreDamagedError, StoreUnavailableError


class InDoubtError(StoreUnavailableError):
    """A commit failed in such a way that a crash right now might still bring it back.

    To callers it is what it is derived from; the store itself must then not write again where that commit wrote.
    """


_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_BUGS = (sqlite3.ProgrammingError, sqlite3.InterfaceError, sqlite3.IntegrityError, sqlite3.NotSupportedError)
_PRIMARY = 0xFF
"""The low byte of an extended SQLite code is its primary one."""


def from_sqlite(error: sqlite3.Error, path: Path) -> Exception:
    """What a SQLite error means; an error that only a mistake of ours can cause stays as it is."""
    if isinstance(error, _BUGS):
        return error
    # Errors of the Python module itself carry no code.
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & _PRIMARY
    if code in _DAMAGE:
        return StoreDamagedError(
            f"The state file {path} is damaged ({error}). Run `scraper repair` to rebuild it from the articles."
        )
    if code == sqlite3.SQLITE_ERROR:
        return error
    return StoreUnavailableError(f"Cannot use the state file {path}: {error}.")


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Raise what goes wrong inside as StoreUnavailableError or StoreDamagedError."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        raise StoreUnavailableError(f"Cannot use {where}: {error.strerror or error}.") from error
    except sqlite3.Error as error:
        meant = from_sqlite(error, path)
        if meant is error:
            raise
        raise meant from error
