"""Notes how long each feed's articles are, for the finding that they shrink."""

from collections.abc import Iterable

from scraper.clock import Clock
from scraper.model.verdict import Kept, Outcome
from scraper.polling import Lengths, packed, unpacked, with_article
from scraper.service.memories import Learnt


class ArticleLengths:
    """Hears of settled stories, on the event loop alone."""

    def __init__(self, saved: bytes | None, feeds: Iterable[str], clock: Clock) -> None:
        self._clock = clock
        self._feeds = frozenset(feeds)
        # What was taken out of the configuration is forgotten.
        self._known = {feed: known for feed, known in unpacked(saved).items() if feed in self._feeds}
        self.learnt = Learnt(lambda: packed(self._known))

    def hear(self, outcome: Outcome) -> None:
        """Learn from a settled story."""
        verdict, source = outcome.verdict, outcome.pending.entry.source
        if isinstance(verdict, Kept) and outcome.pending.revision_of is None and source in self._feeds:
            known = self._known.get(source, Lengths())
            self._known[source] = with_article(known, len(verdict.article.text), self._clock())
            self.learnt.has_changed()
