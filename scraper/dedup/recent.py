"""The stories judged last, in memory, until a run holds them."""

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from scraper.dedup.entry import Entry
from scraper.dedup.fingerprint import exact_hash, packed_postings
from scraper.dedup.lookup import Query

_CROWD = 64
"""A shingle that so many stories have tells little: only its latest holders are looked at."""
_ROOM = 1 << 12
_SHORT = 0xFFFFFFFF
"""Texts are found by the lower half of their hash, as a posting."""
_SPARE = 1024
"""Places of stories that are gone, on top of as many as there are stories, before the rest move together."""


class _Chains:
    """Which places hold a posting. Postings that end alike are chained from the latest to the earlier ones.

    A list for each posting would take ten times the memory: nearly all of them have one holder. Links are numbered
    from 1, so that 0 ends a chain.
    """

    __slots__ = ("_earlier", "_holders", "_latest", "_mask", "_postings")

    def __init__(self) -> None:
        self._postings = array("I", [0])
        self._holders = array("I", [0])
        self._earlier = array("I", [0])
        self._make_room(_ROOM)

    def _make_room(self, room: int) -> None:
        self._mask = room - 1
        self._latest = array("I", bytes(4 * room))
        for link in range(1, len(self._postings)):
            end = self._postings[link] & self._mask
            self._earlier[link] = self._latest[end]
            self._latest[end] = link

    def add(self, place: int, postings: Iterable[int]) -> None:
        if len(self._postings) > len(self._latest):
            self._make_room(4 * len(self._latest))
        latest, earlier, mask, link = self._latest, self._earlier, self._mask, len(self._postings)
        for posting in postings:
            end = posting & mask
            self._postings.append(posting)
            self._holders.append(place)
            earlier.append(latest[end])
            latest[end] = link
            link += 1

    def holders(self, posting: int, entries: Sequence[Entry | None], most: int = _CROWD) -> list[int]:
        """The latest places that hold the posting, of those where a story is, at most so many."""
        postings, earlier = self._postings, self._earlier
        link = self._latest[posting & self._mask]
        found: list[int] = []
        while link and len(found) < most:
            if postings[link] == posting and entries[place := self._holders[link]] is not None:
                found.append(place)
            link = earlier[link]
        return found


class Recent:
    """A small index that is written as easily as read: some 1,050 bytes a story."""

    def __init__(self) -> None:
        self._begin(())

    def _begin(self, entries: Iterable[Entry]) -> None:
        self._entries: list[Entry | None] = []
        self._places: dict[str, int] = {}
        self._texts = _Chains()
        self._chains = _Chains()
        for entry in entries:
            self._append(entry)

    def _append(self, entry: Entry) -> None:
        place = len(self._entries)
        self._entries.append(entry)
        self._places[entry.id] = place
        self._texts.add(place, (exact_hash(entry.print) & _SHORT,))
        self._chains.add(place, memoryview(packed_postings(entry.print)).cast("I"))

    def __contains__(self, story_id: str) -> bool:
        return story_id in self._places

    def __len__(self) -> int:
        return len(self._places)

    def get(self, story_id: str) -> Entry | None:
        """The story with this id, where it is here."""
        place = self._places.get(story_id)
        return None if place is None else self._entries[place]

    def add(self, entry: Entry) -> None:
        """Remember a story; one of the same id is replaced."""
        held = self.get(entry.id)
        if held is not None and held.print == entry.print:
            self._entries[self._places[entry.id]] = entry
            return
        if held is not None:
            self._take_out(held)
        if len(self._entries) > 2 * len(self._places) + _SPARE:
            self._begin([left for left in self._entries if left is not None])
        self._append(entry)

    def remove(self, entries: Sequence[Entry]) -> None:
        """Forget those of the stories that are here just so: one that was considered again since then stays."""
        for entry in entries:
            if self.get(entry.id) is entry:
                self._take_out(entry)
        self._begin([left for left in self._entries if left is not None])

    def _take_out(self, entry: Entry) -> None:
        place = self._places.pop(entry.id)
        self._entries[place] = None

    def candidates(self, postings: Sequence[int], query: Query) -> Iterator[tuple[int, Entry, int]]:
        """Stories that share enough postings within the query's time: place, story, how many they share."""
        holders, entries = self._chains.holders, self._entries
        shared = Counter(chain.from_iterable([holders(posting, entries) for posting in postings]))
        for place, count in shared.items():
            entry = entries[place]
            if count >= query.need and entry and query.since <= entry.time.timestamp() <= query.until:
                yield place, entry, count

    def same_text(self, exact: int) -> list[Entry]:
        """Stories with word for word the same text, the first one first."""
        places = self._texts.holders(exact & _SHORT, self._entries, most=len(self._entries))
        entries = (self._entries[place] for place in reversed(places))
        return [entry for entry in entries if entry is not None and exact_hash(entry.print) == exact]
