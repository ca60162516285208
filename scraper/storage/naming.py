"""Which entry goes by a name: the recent names in the order in which they came, all others sorted.

Names come in random order, and each one that is put among a million others costs the disk a page of its own. So they
are appended, held in memory, and moved among the sorted ones when they are many: in their order, so that each page is
written once for all that belong on it.
"""

import sqlite3
from collections.abc import Iterator, Sequence

from scraper.storage import rows
from scraper.storage.database import Database

_FEWEST = 1 << 14
_MOST = 1 << 18
_SHARE = 8
"""Recent names are moved when they are an eighth of all, within these bounds: half a second of work, in steps."""
_LOOKUPS = 100
"""So many names are looked up by one statement."""
_STEP = 4096
"""Names moved in one transaction: some 10 ms."""


class Names:
    """Answers from memory and from the sorted table. What a transaction that was rolled back added must be forgotten.

    `refresh` comes first in each transaction, and before each question of one who only reads. The first `walks`
    questions are answered by a walk through the recent names instead of loading them, which is dear for one who asks
    little. `alone` says that nobody else adds names, so that none can have come since.
    """

    def __init__(self, *, walks: int = 0, alone: bool = False) -> None:
        self._walks = walks
        self._alone = alone
        self._knows_all = False
        self._recent: dict[int, int] = {}
        self._read_to = 0

    def refresh(self, connection: sqlite3.Connection) -> None:
        """Take in the names that came since."""
        if self._walks > 0:
            self._walks -= 1
        elif not self._knows_all:
            self._load(connection)
            self._knows_all = self._alone

    def _load(self, connection: sqlite3.Connection) -> None:
        (last,) = connection.execute("SELECT coalesce(max(number), 0) FROM recent_names").fetchone()
        if last > self._read_to:
            self._recent.update(
                connection.execute(
                    "SELECT hash, entry FROM recent_names WHERE number > ? AND number <= ?", (self._read_to, last)
                )
            )
            self._read_to = last

    @property
    def _holds_recent(self) -> bool:
        """Whether the recent names are in memory; the table of them has no index by hash."""
        return self._knows_all or self._read_to > 0

    def entry(self, connection: sqlite3.Connection, value: int) -> int | None:
        """The entry that goes by this name."""
        recent = self._recent.get(value)
        if recent is not None:
            return recent
        sql = "SELECT entry FROM names WHERE hash = ?1"
        if not self._holds_recent:
            sql += " UNION ALL SELECT entry FROM recent_names WHERE hash = ?1 LIMIT 1"
        row = connection.execute(sql, (value,)).fetchone()
        return None if row is None else int(row[0])

    def entries(self, connection: sqlite3.Connection, values: Sequence[int]) -> dict[int, int]:
        """The entries that go by these names, as far as there are any."""
        found = {value: self._recent[value] for value in values if value in self._recent}
        sought = [value for value in values if value not in found]
        for start in range(0, len(sought), _LOOKUPS):
            some = sought[start : start + _LOOKUPS]
            marks = ", ".join("?" * len(some))
            tables = ("names",) if self._holds_recent else ("names", "recent_names")
            for table in tables:
                found.update(connection.execute(f"SELECT hash, entry FROM {table} WHERE hash IN ({marks})", some))  # noqa: S608 - table and marks are ours
        return found

    def add(self, connection: sqlite3.Connection, names: Sequence[tuple[int, int]]) -> None:
        """Let entries go by further names; one that leads somewhere already stays as it is."""
        first = dict(reversed(names))
        known = self.entries(connection, tuple(first))
        self.append(connection, [(value, entry) for value, entry in reversed(first.items()) if value not in known])

    def append(self, connection: sqlite3.Connection, names: Sequence[tuple[int, int]]) -> None:
        """Let entries go by names that are known to lead nowhere yet."""
        rows.insert(connection, "INSERT INTO recent_names (hash, entry)", names)
        self._recent.update(names)

    def forget(self) -> None:
        """Ask the catalog again from now on."""
        self._recent.clear()
        self._read_to = 0
        self._knows_all = False

    def are_many(self, connection: sqlite3.Connection) -> bool:
        """Whether it is worth to sort the recent ones in."""
        if len(self._recent) < _FEWEST:
            return False
        (entries,) = connection.execute("SELECT coalesce(max(number), 0) FROM entries").fetchone()
        return len(self._recent) >= min(_MOST, int(entries) // _SHARE)

    def sort_in(self, database: Database) -> Iterator[None]:
        """Move the recent names among the sorted ones, step by step; what is interrupted begins anew."""
        with database.transaction() as connection:
            self._load(connection)
        last = self._read_to
        recent = sorted(self._recent.items())
        for start in range(0, len(recent), _STEP):
            with database.transaction() as connection:
                rows.insert(connection, "INSERT OR IGNORE INTO names", recent[start : start + _STEP])
            yield
        with database.transaction() as connection:
            connection.execute("DELETE FROM recent_names WHERE number <= ?", (last,))
        self.forget()
        self.refresh(database.connection)
