"""Notes how long each feed's articles are, for the finding that they shrink."""

from collections.abc import Iterable

from scraper.clock import Clock
from scraper.engine.events import Event, Observer, StorySettled
from scraper.model.verdict import Kept, Outcome
from scraper.polling import Lengths, packed, unpacked, with_article


class ArticleLengths:
    """An observer of the line. Used on the event loop alone."""

    def __init__(self, saved: bytes | None, feeds: Iterable[str], clock: Clock) -> None:
        self._clock = clock
        self._feeds = frozenset(feeds)
        # What was taken out of the configuration is forgotten.
        self._known = {feed: known for feed, known in unpacked(saved).items() if feed in self._feeds}
        self._changed = False

    def noting(self, observe: Observer) -> Observer:
        """The observer that notes and passes on."""

        def note(event: Event) -> None:
            if isinstance(event, StorySettled):
                self._note(event.outcome)
            observe(event)

        return note

    def _note(self, outcome: Outcome) -> None:
        verdict, source = outcome.verdict, outcome.pending.entry.source
        if isinstance(verdict, Kept) and outcome.pending.revision_of is None and source in self._feeds:
            known = self._known.get(source, Lengths())
            self._known[source] = with_article(known, len(verdict.article.text), self._clock())
            self._changed = True

    def to_save(self) -> bytes | None:
        """The bytes to remember; None when nothing was learnt since the last time."""
        if not self._changed:
            return None
        self._changed = False
        return packed(self._known)
