"""The store and all that judges beside it: what one process alone may have open, this one or one of its own."""

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import count
from typing import cast

from scraper.clock import Clock, utc_now
from scraper.dedup import NearDuplicates
from scraper.engine.ledger import Ledger
from scraper.engine.ports import Deduplicator
from scraper.engine.settling import CommitElsewhere, Committed, Finished, Remember, Settler, commit_group
from scraper.model.failures import StoreUnavailableError
from scraper.model.outlet import Outlet
from scraper.service.memories import FurnitureMemory
from scraper.service.metering import MeteredDeduplicator
from scraper.service.metrics import Metrics
from scraper.service.preference import preference
from scraper.settings import Settings
from scraper.storage import Store, open_archive, open_store

INDEX = "index"
"""The directory beside the articles with the index of near-duplicates, which is made anew when it is deleted."""
_SAVE_EVERY = 256
"""Groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """Open for writing. Used by one thread at a time; close them when done."""

    store: Store
    settler: Settler
    memory: FurnitureMemory
    done: ExitStack
    groups: "count[int]" = field(default_factory=lambda: count(1))

    def commit(self, group: Sequence[Finished], now: datetime, remember: Remember) -> Committed:
        """Settle a group and make it durable, with what is to be remembered and what was learnt from it."""
        committed = commit_group(self.settler, self.store, group, now, lambda: {**remember, **self.memory.learned()})
        if next(self.groups) % _SAVE_EVERY == 0:
            self._save()
        return committed

    def _save(self) -> None:
        with suppress(StoreUnavailableError):
            self.memory.save()

    def close(self) -> None:
        """Save what was learnt, and let go of the files and the lock."""
        self._save()
        self.done.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenBooks:
    """The books as the line has them."""

    store: Store
    settler: Settler | None = None
    memory: FurnitureMemory | None = None
    commit_elsewhere: CommitElsewhere | None = None
    """Set where they are open in another process."""


@asynccontextmanager
async def open_books(
    settings: Settings, outlets: Sequence[Outlet], clock: Clock, ledger: Ledger, metrics: Metrics | None = None
) -> AsyncIterator[OpenBooks]:
    """Open the books here, or on a cluster in a process of their own.

    Raises StoreBusyError, StoreDamagedError or StoreUnavailableError when the data directory cannot be had.
    """
    if settings.cluster.address is None:
        books = await ledger.run_once(partial(books_here, settings, outlets, clock, metrics))
        try:
            yield OpenBooks(store=books.store, settler=books.settler, memory=books.memory)
        finally:
            await ledger.run_once(books.done.close)
        return
    from scraper.cluster import keeping  # noqa: PLC0415 - an optional extra

    there = replace(settings, store=replace(settings.store, data=settings.store.data.absolute()))
    away = keeping(partial(books_away, there, outlets), settings.store.data)
    store = await ledger.run_once(away.__enter__)
    try:
        yield OpenBooks(store=cast("Store", store), commit_elsewhere=store.commit_group)
    finally:
        await ledger.run_once(partial(away.__exit__, None, None, None))


def books_away(settings: Settings, outlets: Sequence[Outlet]) -> Books:
    """The books in a process of their own: what is learnt from a story becomes durable with its verdict."""
    books = books_here(settings, outlets, utc_now)
    books.memory.furniture.log(wanted=True)
    return books


def books_here(settings: Settings, outlets: Sequence[Outlet], clock: Clock, metrics: Metrics | None = None) -> Books:
    """Open or create the data directory for writing, with what it remembers for the judges."""
    with ExitStack() as stack:
        store = open_settings_store(settings, outlets, clock)
        stack.callback(store.close)
        archive = open_archive(settings.store.data)
        stack.callback(archive.close)
        memory = FurnitureMemory(store)
        deduplicator: Deduplicator = load_deduplicator(settings, store, outlets)
        if metrics is not None:
            deduplicator = MeteredDeduplicator(deduplicator, metrics)
        settler = Settler(
            deduplicator=deduplicator,
            junk=memory.furniture,
            previous=archive.article,
            kept_version=archive.kept_version,
            prefers=preference(settings.dedup.keep, {outlet.id: outlet for outlet in outlets}),
            settings=settings,
        )
        return Books(store=store, settler=settler, memory=memory, done=stack.pop_all())


def open_settings_store(settings: Settings, outlets: Sequence[Outlet], clock: Clock) -> Store:
    """The store of these settings, with the days that each outlet's articles are kept."""
    days = {outlet.id: outlet.policy.keep_days for outlet in outlets if outlet.policy.keep_days is not None}
    return open_store(settings.store, clock, keep_duplicates=settings.dedup.keep_duplicates, keep_days=days)


def load_deduplicator(settings: Settings, store: Store, outlets: Sequence[Outlet]) -> NearDuplicates:
    """The near-duplicate judge with all that the store remembers for it."""
    deduplicator = NearDuplicates(settings.dedup, settings.store.data / INDEX)
    catalog = partial(store.remembered, groups={outlet.id: outlet.group for outlet in outlets})
    deduplicator.follow(catalog, store.is_removed)
    return deduplicator
