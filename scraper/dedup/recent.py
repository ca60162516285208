"""The stories judged last, in memory, until a run holds them."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import chain

from scraper.dedup.judge import Known
from scraper.dedup.run import Query

_CROWD = 64
"""A shingle that so many stories have tells little: only its latest holders are looked at."""


class Recent:
    """A small index that is written as easily as read."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._postings: defaultdict[int, list[str]] = defaultdict(list)
        self._exact: defaultdict[int, list[str]] = defaultdict(list)

    def __contains__(self, story_id: str) -> bool:
        return story_id in self._known

    def __len__(self) -> int:
        return len(self._known)

    def get(self, story_id: str) -> Known | None:
        """The story with this id, where it is here."""
        return self._known.get(story_id)

    def add(self, known: Known) -> None:
        """Remember a story; one of the same id is replaced."""
        self.remove(known.id)
        self._known[known.id] = known
        self._exact[known.print.exact].append(known.id)
        for posting in known.print.postings:
            self._postings[posting].append(known.id)

    def remove(self, story_id: str) -> None:
        """Forget a story, where it is known."""
        known = self._known.pop(story_id, None)
        if known is None:
            return
        _take_out(self._exact, known.print.exact, story_id)
        for posting in known.print.postings:
            _take_out(self._postings, posting, story_id)

    def candidates(self, postings: tuple[int, ...], query: Query) -> Iterator[tuple[Known, int]]:
        """Stories that share enough postings within the query's time, with how many they share."""
        holders = [self._postings[posting][-_CROWD:] for posting in postings if posting in self._postings]
        shared = Counter(chain.from_iterable(holders))
        for story_id, count in shared.items():
            if count >= query.need:
                known = self._known[story_id]
                if query.since <= known.time.timestamp() <= query.until:
                    yield known, count

    def same_text(self, exact: int) -> list[Known]:
        """Stories with word for word the same text, the first one first."""
        return [self._known[story_id] for story_id in self._exact.get(exact, ())]


def _take_out(lists: defaultdict[int, list[str]], key: int, story_id: str) -> None:
    lists[key].remove(story_id)
    if not lists[key]:
        del lists[key]
