"""Epochs of writing: whoever takes over a data directory shuts out every writer before it, dead or only thought so.

The lock of the directory keeps two writers apart on one machine. An epoch does so where a lock cannot be relied upon,
as on some network file systems, and for a writer that lost its lock without noticing.
"""

import sqlite3

from scraper.model.failures import StoreFencedError
from scraper.storage.database import Database

EPOCH = "epoch"
"""What the number of the epoch is remembered as."""


def begin_epoch(database: Database) -> int:
    """Shut out all earlier writers; from now on their transactions raise StoreFencedError. Returns the epoch."""
    with database.transaction() as connection:
        epoch = _current(connection) + 1
        connection.execute("INSERT OR REPLACE INTO memories VALUES (?, ?)", (EPOCH, str(epoch).encode()))

    def guard(connection: sqlite3.Connection) -> None:
        if _current(connection) != epoch:
            raise StoreFencedError(
                "Another process has taken over the data directory; this one, of an earlier epoch, writes no more."
            )

    database.guard = guard
    return epoch


def _current(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM memories WHERE name = ?", (EPOCH,)).fetchone()
    return 0 if row is None else int(bytes(row[0]))
