"""Notes on which pages each outlet's selectors match, for the finding that one has ceased to."""

from collections.abc import Iterable
from dataclasses import fields

from scraper.clock import Clock
from scraper.engine.decisions import is_polled
from scraper.model.outlet import Outlet, Selectors
from scraper.model.verdict import Deferred, Outcome
from scraper.polling import Hint, hints_packed, hints_unpacked, with_page
from scraper.service.memories import Learnt


class SelectorHints:
    """Hears of settled stories, on the event loop alone."""

    def __init__(self, saved: bytes | None, outlets: Iterable[Outlet], clock: Clock) -> None:
        self._clock = clock
        self._outlets = {outlet.id: outlet for outlet in outlets}
        before = hints_unpacked(saved)
        self._known = {
            outlet.id: hints
            for outlet in self._outlets.values()
            if (hints := _hints(outlet, before.get(outlet.id, {})))
        }
        # What was taken out of the configuration or mended there is forgotten, and nobody shall be told of it any more.
        self.learnt = Learnt(lambda: hints_packed(self._known), changed=self._known != before)

    def hear(self, outcome: Outcome) -> None:
        """Learn from a settled story."""
        hints = self._known.get(outcome.pending.entry.outlet)
        if hints is None or not self._tells(outcome):
            return
        now = self._clock()
        for key, known in hints.items():
            hints[key] = with_page(known, now, matched=key not in outcome.degraded)
        self.learnt.has_changed()

    def _tells(self, outcome: Outcome) -> bool:
        """Whether a story was read from a page of today's layout: a backfill's may be years old."""
        verdict, entry = outcome.verdict, outcome.pending.entry
        article = None if isinstance(verdict, Deferred) else verdict.article
        return article is not None and not article.from_feed and is_polled(entry, self._outlets[entry.outlet])


def _hints(outlet: Outlet, before: dict[str, Hint]) -> dict[str, Hint]:
    """Those that extraction tells of, as they are known: `drop` need not match on any page."""
    found: dict[str, Hint] = {}
    for one in fields(Selectors):
        given: tuple[str, ...] = getattr(outlet.selectors, one.name)
        if given and one.name != "drop":
            key, new = f"selectors.{one.name}", Hint(selectors=given)
            known = before.get(key, new)
            found[key] = known if known.selectors == given else new
    return found
