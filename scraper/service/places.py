"""How far a run has come in its files of pages, as it is remembered with each verdict."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import msgspec

from scraper.model.backfill import Captured

MOST_ALONG = 128
"""Outlets whose counts are written with each record. A web archive has tens of thousands: the others lie apart."""


class Place(msgspec.Struct, array_like=True, frozen=True):
    """How far a run has come in its files."""

    file: int = 0
    mark: str | None = None
    taken: int = 0
    """Only in places from before `counted` was kept."""
    counted: Captured | None = None
    """All records up to here and none that was read ahead, so that a run that goes on counts each of them once.

    Of what was found only the part since the table of it was written last.
    """
    unread: dict[int, str | None] = {}
    """Files before this place that could not be read, and how far they were; a run that goes on tries them again."""


class Places:
    """The places of one run, one after the other, and what is written of them.

    What `written` gives is to become durable in the order in which it was asked for.
    """

    def __init__(self, run: int) -> None:
        self._place, self._table = f"backfill:{run}", f"backfill:{run}:found"
        self.at = Place()
        """Up to here all is handed in."""
        self._since: Counter[str] = Counter()
        """What was found since the table was written last."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names under which they are remembered."""
        return self._place, self._table

    def take_up(self, remembered: Mapping[str, bytes | None]) -> Captured:
        """Begin at the place that is remembered, or at the first. Returns what was counted up to there."""
        place, table = (remembered[name] for name in self.names)
        if place is None:
            return Captured()
        self.at = msgspec.msgpack.decode(place, type=Place)
        counted = self.at.counted or Captured()
        self._since = Counter(counted.found)
        if table is None:
            return counted
        found = Counter(msgspec.msgpack.decode(table, type=dict[str, int]))
        found.update(counted.found)
        return replace(counted, found=dict(found))

    def find(self, outlet: str, number: int) -> None:
        """Count what was found of an outlet."""
        self._since[outlet] += number

    def reach(self, file: int, mark: str | None) -> None:
        """Be behind a record."""
        at = self.at
        if file < at.file:
            self.at = Place(at.file, at.mark, unread=at.unread | {file: mark})
        else:
            self.at = Place(file, mark, unread=at.unread)

    def leave(self, file: int, *, failed: bool) -> None:
        """Be behind a file that was read, or that failed and is left for another time."""
        at = self.at
        reached = at.unread.get(file) if file < at.file else at.mark if file == at.file else None
        unread = {other: mark for other, mark in at.unread.items() if other != file}
        if failed:
            unread[file] = reached
        self.at = Place(at.file, at.mark, unread=unread) if file < at.file else Place(file + 1, unread=unread)

    def written(self, counted: Captured) -> dict[str, bytes | None]:
        """What is to be remembered with the record that was counted last."""
        values: dict[str, bytes | None] = {}
        if len(self._since) > MOST_ALONG:
            values[self._table] = msgspec.msgpack.encode(counted.found)
            self._since.clear()
        place = msgspec.structs.replace(self.at, counted=replace(counted, found=dict(self._since)))
        values[self._place] = msgspec.msgpack.encode(place)
        return values

    def forgotten(self) -> dict[str, bytes | None]:
        """What is to be remembered when nothing is left to be read."""
        return dict.fromkeys(self.names)
