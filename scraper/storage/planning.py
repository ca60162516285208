"""What a group of verdicts needs written: which of them count, and the lines of those that have one."""

from collections.abc import Sequence
from sqlite3 import Connection

from scraper.model.article import Article
from scraper.model.verdict import Deferred, Dropped, DropReason, Kept, Outcome
from scraper.storage import pending, records
from scraper.storage.catalog import Catalog, Settled
from scraper.storage.layout import Stream
from scraper.storage.names import name, name_of_id
from scraper.storage.naming import Names

_COPY_REASONS = frozenset({DropReason.DUPLICATE, DropReason.UPDATE, DropReason.SAME_TEXT})


class Planner:
    """Passes over what was decided before, so that the same group may be given again."""

    def __init__(self, names: Names, catalog: Catalog, *, keep_duplicates: bool) -> None:
        self._names = names
        self._catalog = catalog
        self._keep_duplicates = keep_duplicates

    def plan(self, connection: Connection, outcomes: Sequence[Outcome]) -> list[Settled]:
        """What counts of a group, in its order."""
        # Of two verdicts on one entry the first counts.
        first = {name(outcome.pending.entry.key): outcome for outcome in reversed(outcomes)}
        known = dict.fromkeys(first, 0) | self._names.entries(connection, tuple(first))
        waits = pending.waiting(connection, tuple(known.values()))
        return [
            self._with_line(connection, Settled(outcome, value, known[value]))
            for value, outcome in reversed(first.items())
            if not known[value] or known[value] in waits or not self._stands(connection, outcome, known[value])
        ]

    def _with_line(self, connection: Connection, settled: Settled) -> Settled:
        match settled.outcome.verdict:
            case Kept(article=article):
                if not self._is_saved(connection, settled, article):
                    settled.stream, settled.line = Stream.ARTICLES, records.encode(article)
            case Dropped(reason=reason, article=article) if article is not None and reason in _COPY_REASONS:
                if self._keep_duplicates:
                    settled.stream, settled.line = Stream.DUPLICATES, records.encode(article)
            case Dropped() | Deferred():
                pass
        return settled

    def _stands(self, connection: Connection, outcome: Outcome, number: int) -> bool:
        """Whether the verdict that an entry has already stands against this outcome."""
        if outcome.pending.at_hand and pending.lacks_page(connection, number):
            return False
        return not self._is_further_revision(connection, outcome)

    def _is_further_revision(self, connection: Connection, outcome: Outcome) -> bool:
        """Whether a story that waits for nothing brings a revision all the same, as when it was read again here."""
        verdict = outcome.verdict
        if outcome.pending.revision_of is None or not isinstance(verdict, Kept):
            return False
        return not self._catalog.has(connection, verdict.article)

    def _is_saved(self, connection: Connection, settled: Settled, article: Article) -> bool:
        # The first line of an entry that waits cannot be there yet, unless another entry claims the same id.
        first = settled.outcome.pending.revision_of is None and name_of_id(article.id) == settled.name
        return not first and self._catalog.has(connection, article)
