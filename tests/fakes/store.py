from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from scraper.model.entry import Entry, Pending
from scraper.model.failures import StoreUnavailableError
from scraper.model.feed import FeedState
from scraper.model.span import Span
from scraper.model.verdict import Deferred, Outcome


class FakeStore:
    """The store's promises kept in memory. `broken` makes every writing call fail, as a full disk does."""

    def __init__(self) -> None:
        self.states: dict[str, FeedState] = {}
        self.pending: dict[str, Pending] = {}
        self.free_at: dict[str, datetime] = {}
        self.known: set[str] = set()
        self.decided: dict[str, datetime] = {}
        self.outcomes: list[Outcome] = []
        self.groups: list[int] = []
        self.released: list[str] = []
        self.remembered: dict[str, bytes | None] = {}
        self.broken = False

    def _write(self) -> None:
        if self.broken:
            raise StoreUnavailableError("no space left on data/")

    def register(self, feeds: Iterable[FeedState]) -> None:
        self._write()
        self.states = {state.url: self.states.get(state.url, state) for state in feeds}

    def due(self, now: datetime, limit: int) -> list[FeedState]:
        return sorted((s for s in self.states.values() if s.next_due <= now), key=lambda s: s.next_due)[:limit]

    def feeds(self) -> list[FeedState]:
        return list(self.states.values())

    def record_poll(self, state: FeedState, entries: Sequence[Entry], now: datetime) -> int:
        self._write()
        self.states[state.url] = state
        return self.enqueue(entries, now)

    def add(self, entries: Sequence[Entry], now: datetime) -> int:
        return self.enqueue(entries, now)

    def enqueue(
        self,
        entries: Sequence[Entry],
        now: datetime,
        limit: int | None = None,
        span: Span | None = None,  # noqa: ARG002 - the port gives it
    ) -> int:
        self._write()
        fresh = [entry for entry in entries if entry.key not in self.known][:limit]
        for entry in fresh:
            self.known.add(entry.key)
            self.pending[entry.key] = Pending(entry=entry, found_at=now)
            self.free_at[entry.key] = now
        return len(fresh)

    def judged_before(self, keys: Sequence[str], moment: datetime) -> int:
        return sum(key in self.decided and self.decided[key] < moment for key in set(keys))

    def wanted(self, keys: Sequence[str]) -> frozenset[str]:
        return frozenset(keys) - self.known

    def claim(
        self,
        now: datetime,
        limit: int,
        lease: timedelta,
        skip_outlets: frozenset[str] = frozenset(),
        each: int | None = None,
    ) -> list[Pending]:
        self._write()
        claimed: list[Pending] = []
        taken_of: Counter[str] = Counter()
        for key, pending in list(self.pending.items()):
            if len(claimed) == limit:
                break
            outlet = pending.entry.outlet
            if each is not None and taken_of[outlet] == each:
                continue
            if self.free_at[key] <= now and outlet not in skip_outlets:
                taken_of[outlet] += 1
                taken = Pending(entry=pending.entry, found_at=pending.found_at, attempts=pending.attempts + 1)
                self.pending[key] = taken
                self.free_at[key] = now + lease
                claimed.append(taken)
        return claimed

    def release(self, keys: Sequence[str]) -> None:
        self._write()
        self.released.extend(keys)

    def commit(
        self,
        outcomes: Sequence[Outcome],
        now: datetime,
        remember: Mapping[str, bytes | None] = MappingProxyType({}),
    ) -> None:
        self._write()
        self.remembered.update(remember)
        self.groups.append(len(outcomes))
        for outcome in outcomes:
            key = outcome.pending.entry.key
            self.outcomes.append(outcome)
            self.known.update((key, *outcome.aliases))
            if isinstance(outcome.verdict, Deferred):
                self.free_at[key] = outcome.verdict.until
            else:
                self.pending.pop(key, None)
                self.decided[key] = now

    def maintain(self, now: datetime) -> bool:  # noqa: ARG002 - the port gives it
        self._write()
        return False
