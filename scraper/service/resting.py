"""Whether shards of an earlier run may still ask servers: a start waits for them only when that run was killed."""

from contextlib import suppress
from functools import partial

from scraper.engine.ledger import Ledger
from scraper.model.failures import StoreUnavailableError
from scraper.storage import Store

SHARDS = "shards"
"""Stands in the store from before shards may ask servers until all of them have said that they will not any more."""


class Rest:
    """What the store remembers of shards."""

    def __init__(self, ledger: Ledger, store: Store) -> None:
        self._ledger = ledger
        self._store = store

    async def ends(self) -> bool:
        """Note that shards are about to be started; whether none of an earlier run may be left."""
        left = await self._ledger.run_once(partial(self._store.memory, SHARDS))
        await self._ledger.run_once(partial(self._store.remember, SHARDS, b"\1"))
        return left is None

    async def begins(self) -> None:
        """Note that no shard asks servers any more."""
        with suppress(StoreUnavailableError):
            await self._ledger.run_once(partial(self._store.remember_all, {SHARDS: None}))
