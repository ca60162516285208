"""What the parts have learnt and should not learn again after a restart, saved now and then and at the end."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from hashlib import sha256
from types import MappingProxyType

from scraper.engine.ledger import Ledger
from scraper.engine.ports import NOTHING, KnowingFetcher
from scraper.extraction import Furniture
from scraper.model.failures import StoreUnavailableError
from scraper.storage import Store

ROBOTS = "robots"
"""What hosts' robots.txt said."""
FURNITURE = "furniture"
"""Which lines recur across each outlet's articles. What was learnt since follows under the same name and a number."""


class FurnitureMemory:
    """The furniture that was learnt, and its way into the store. Used where the store is, by its thread."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.furniture = remembered_furniture(store)
        self._saved = sha256(self.furniture.to_bytes()).digest()
        self._parts = sum(1 for _ in _later_parts(store))

    def learned(self) -> Mapping[str, bytes | None]:
        """What was learnt since the last call, to be remembered with the commit; nothing unless it is logged."""
        log = self.furniture.take_log()
        if log is None:
            return NOTHING
        self._parts += 1
        return {_part(self._parts - 1): log}

    def save(self) -> None:
        """Save it whole if it changed since the last time."""
        furniture = self.furniture.to_bytes()
        digest = sha256(furniture).digest()
        if digest != self._saved or self._parts:
            parts = dict.fromkeys(map(_part, range(self._parts)))
            self._store.remember_all({FURNITURE: furniture, **parts})
            self._saved, self._parts = digest, 0


class Learnt:
    """What is to be saved of something that learns: nothing, unless it changed since the last time."""

    def __init__(self, pack: Callable[[], bytes], *, changed: bool = False) -> None:
        self._pack = pack
        self._changed = changed

    def has_changed(self) -> None:
        """Something was learnt, or could not be saved."""
        self._changed = True

    def to_save(self) -> bytes | None:
        """The bytes to remember; None when nothing was learnt since the last time."""
        if not self._changed:
            return None
        self._changed = False
        return self._pack()


class Memories:
    """Saves under the names above what changed since the last time."""

    def __init__(
        self,
        ledger: Ledger,
        store: Store,
        fetcher: KnowingFetcher,
        furniture: FurnitureMemory | None,
        learnt: Mapping[str, Learnt] = MappingProxyType({}),
    ) -> None:
        """What is `learnt` goes by the names under which it is remembered.

        `furniture` is None where it is kept in the store's own process, which is always exact.
        """
        self._ledger = ledger
        self._store = store
        self._fetcher = fetcher
        self._furniture = furniture
        self._learnt = learnt
        self._exact = 0

    async def save(self) -> None:
        """Save; while the store cannot write, nothing, and all of it the next time."""
        learnt = {name: saved for name, one in self._learnt.items() if (saved := one.to_save()) is not None}
        try:
            await self._ledger.run_once(partial(self._write, learnt))
        except StoreUnavailableError:
            self._have_changed(learnt)
        except asyncio.CancelledError:
            # Who stops this amid the write saves once more at the end, and must find what is to be written.
            self._have_changed(learnt)
            raise

    def _have_changed(self, names: Iterable[str]) -> None:
        for name in names:
            self._learnt[name].has_changed()

    @contextmanager
    def exact(self) -> Iterator[None]:
        """For as long as it lasts, what is learnt from a story becomes durable with its verdict, by `learned`.

        So what is read again after a kill is read with what was known then.
        """
        self._exact += 1
        self._log()
        try:
            yield
        finally:
            self._exact -= 1
            self._log()

    def _log(self) -> None:
        if self._furniture is not None:
            self._furniture.furniture.log(wanted=self._exact > 0)

    def learned(self) -> Mapping[str, bytes | None]:
        """What was learnt since the last call, to be remembered with the commit; nothing unless it is `exact`."""
        return NOTHING if self._furniture is None else self._furniture.learned()

    def furniture_of(self, outlets: Iterable[str]) -> dict[str, tuple[int, ...]]:
        """Which lines are expected to be furniture of each outlet. In the ledger's thread, where they are learnt."""
        if self._furniture is None:
            return {}
        return {outlet: self._furniture.furniture.lately(outlet) for outlet in outlets}

    def _write(self, learnt: Mapping[str, bytes]) -> None:
        """In the ledger's thread, where the furniture is learnt."""
        robots = self._fetcher.saved_robots()
        if robots is not None:
            self._store.remember(ROBOTS, robots)
        for name, saved in learnt.items():
            self._store.remember(name, saved)
        if self._furniture is not None:
            self._furniture.save()


def remembered_furniture(store: Store) -> Furniture:
    """The furniture that was learnt before; none when nothing was, or it cannot be read."""
    saved = store.memory(FURNITURE)
    furniture = Furniture()
    with suppress(ValueError):
        if saved is not None:
            furniture = Furniture.from_bytes(saved)
        for log in _later_parts(store):
            furniture.learn_again(log)
    return furniture


def _later_parts(store: Store) -> Iterator[bytes]:
    number = 0
    while (part := store.memory(_part(number))) is not None:
        yield part
        number += 1


def _part(number: int) -> str:
    return f"{FURNITURE}+{number}"
