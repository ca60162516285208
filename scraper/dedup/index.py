"""Where earlier stories are found again: by exact text, and by shared postings of their sketches. In memory."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from scraper.dedup.fingerprint import POSTINGS, Fingerprint
from scraper.dedup.judge import Known

_SHARED = 2
_CROWD = 512
"""A shingle that this many stories have tells nothing: only its latest holders are looked at."""


class Index:
    """The stories that were judged so far."""

    def __init__(self) -> None:
        self._known: dict[str, Known] = {}
        self._postings: defaultdict[int, list[str]] = defaultdict(list)
        self._exact: defaultdict[int, list[str]] = defaultdict(list)

    def add(self, known: Known) -> None:
        """Remember a story; one of the same id is replaced."""
        if known.id in self._known:
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
        self._exact[known.print.exact].remove(story_id)
        for posting in known.print.postings:
            self._postings[posting].remove(story_id)

    def candidates(self, fingerprint: Fingerprint) -> Iterator[Known]:
        """Stories that share the exact text or at least two postings, the best first."""
        shared: Counter[str] = Counter()
        if not fingerprint.shingles:
            return
        for posting in fingerprint.postings:
            shared.update(self._postings.get(posting, ())[-_CROWD:])
        for story_id in self._exact.get(fingerprint.exact, ()):
            shared[story_id] += POSTINGS
        need = min(_SHARED, len(fingerprint.postings))
        for story_id, count in shared.most_common():
            if count < need:
                break
            yield self._known[story_id]
