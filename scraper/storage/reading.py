"""Single articles and raw pages, found by their places."""

import sqlite3
from datetime import datetime
from typing import Any

from scraper.model.article import Article
from scraper.model.failures import StoreDamagedError
from scraper.model.page import Page
from scraper.storage import records, warc
from scraper.storage.errors import translated
from scraper.storage.layout import Layout
from scraper.storage.lines import Files, Lines
from scraper.storage.moments import to_micros
from scraper.storage.segments import Place


class Reader:
    """Reads what stands at a place; places in rising order cost one pass through each file."""

    def __init__(self, connection: sqlite3.Connection, layout: Layout, files: Files | None = None) -> None:
        self._connection = connection
        self._layout = layout
        self.lines = Lines(connection, layout, files)

    def close(self) -> None:
        """Let go of the file."""
        self.lines.close()

    def row(self, number: int, place: Place) -> Article | None:
        """The article of a row; None when it has been removed since the row was read."""
        try:
            return self.article(place)
        except StoreDamagedError:
            # Its file may have been written anew without articles that were removed.
            with translated(self._layout.state):
                row = self._connection.execute(
                    "SELECT segment, offset, length FROM articles WHERE number = ? AND copy < 2", (number,)
                ).fetchone()
            if row is None:
                return None
            now = place_of(row)
            if now == place:
                raise
            return self.article(now)

    def article(self, place: Place) -> Article:
        """The article that stands there. Raises StoreDamagedError when none does."""
        with translated(self._layout.root):
            line = self.lines.read(place)
        try:
            return records.decode(line)
        except ValueError as error:
            raise StoreDamagedError(
                f"The line at {place.offset} of {self.lines.name(place.segment)} is not an article ({error})."
            ) from error

    def page(self, place: Place) -> Page:
        """The raw page that stands there. Raises StoreDamagedError when none does."""
        with translated(self._layout.root):
            record = self.lines.read(place)
        try:
            return warc.decode(record)
        except (ValueError, KeyError) as error:
            raise StoreDamagedError(
                f"The record at {place.offset} of {self.lines.name(place.segment)} is not a page ({error})."
            ) from error


def place_of(row: tuple[int, int, int]) -> Place:
    """The place that a row of segment, offset and length tells."""
    return Place(segment=row[0], offset=row[1], length=row[2])


def selection(
    since: datetime | None,
    until: datetime | None,
    outlet: str | None,
    language: str | None,
    *,
    copies: bool,
    revisions: bool,
) -> tuple[str, dict[str, Any]]:
    """The rows that are asked for, as SQL that can be narrowed further, and its values."""
    newest = (
        ""
        if revisions
        else " AND NOT EXISTS (SELECT 1 FROM articles b WHERE b.entry = a.entry AND b.id = a.id "
        "AND b.copy = a.copy AND b.revision > a.revision)"
    )
    sql = (
        "SELECT a.number, a.segment, a.offset, a.length FROM articles a JOIN entries e ON e.number = a.entry "  # noqa: S608 - the pieces are ours
        "WHERE a.copy = :copies AND a.time >= :since AND a.time < :until "
        "AND (:outlet IS NULL OR e.outlet = (SELECT number FROM words WHERE text = :outlet)) "
        f"AND (:language IS NULL OR a.language = (SELECT number FROM words WHERE text = :language)){newest}"
    )
    values = {
        "copies": int(copies),
        "since": -(1 << 62) if since is None else to_micros(since),
        "until": 1 << 62 if until is None else to_micros(until),
        "outlet": outlet,
        "language": language,
    }
    return sql, values
