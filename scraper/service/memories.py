"""What the parts have learnt and should not learn again after a restart, saved now and then and at the end."""

from contextlib import suppress
from functools import partial
from hashlib import sha256

from scraper.engine.ledger import Ledger
from scraper.engine.ports import KnowingFetcher
from scraper.extraction import Furniture
from scraper.model.failures import StoreUnavailableError
from scraper.storage import Store

ROBOTS = "robots"
"""What hosts' robots.txt said."""
FURNITURE = "furniture"
"""Which lines recur across each outlet's articles."""


class Memories:
    """Saves under the names above what changed since the last time."""

    def __init__(self, ledger: Ledger, store: Store, fetcher: KnowingFetcher, furniture: Furniture) -> None:
        self._ledger = ledger
        self._store = store
        self._fetcher = fetcher
        self._furniture = furniture
        self._saved_furniture = sha256(furniture.to_bytes()).digest()

    async def save(self) -> None:
        """Save; while the store cannot write, nothing, for all of it can be learnt again."""
        robots = self._fetcher.saved_robots()
        with suppress(StoreUnavailableError):
            await self._ledger.run_once(partial(self._write, robots))

    def _write(self, robots: bytes | None) -> None:
        """In the ledger's thread, where the furniture is learnt."""
        if robots is not None:
            self._store.remember(ROBOTS, robots)
        furniture = self._furniture.to_bytes()
        digest = sha256(furniture).digest()
        if digest != self._saved_furniture:
            self._store.remember(FURNITURE, furniture)
            self._saved_furniture = digest


def remembered_furniture(store: Store) -> Furniture:
    """The furniture that was learnt before; none when nothing was, or it cannot be read."""
    saved = store.memory(FURNITURE)
    if saved is not None:
        with suppress(ValueError):
            return Furniture.from_bytes(saved)
    return Furniture()
