"""Texts that come again and again, held as numbers."""

import sqlite3

from scraper.storage.characters import storable


class Words:
    """Numbers for texts. What is remembered here must be forgotten when a transaction is rolled back."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}

    def number(self, connection: sqlite3.Connection, text: str) -> int:
        """The text's number; within a transaction, because a new text gets one."""
        known = self._numbers.get(text)
        if known is None:
            text = storable(text)
            connection.execute("INSERT INTO words (text) VALUES (?) ON CONFLICT DO NOTHING", (text,))
            known = int(connection.execute("SELECT number FROM words WHERE text = ?", (text,)).fetchone()[0])
            self._numbers[text] = known
        return known

    def forget(self) -> None:
        """Ask the catalog again from now on."""
        self._numbers.clear()
