"""The store in a process of its own: one at a time, on the node that owns the disk, and back again when it is lost.

A call that is lost with its process raises StoreUnavailableError: nothing of it is known to have happened, and every
call may be made again. The line then stands still, as with a full disk, until the next process has the books open.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from scraper.engine.settling import Committed, Finished, Remember
from scraper.model.failures import ScraperError, StoreBusyError, StoreUnavailableError


class Books(Protocol):
    """The store and the judges beside it."""

    @property
    def store(self) -> Any:
        """A `scraper.storage.Store`."""
        ...

    def commit(self, group: Sequence[Finished], now: datetime, remember: Remember) -> Committed:
        """Settle a group and make it durable, with what is to be remembered."""
        ...

    def close(self) -> None:
        """Save what was learnt, and let go of the files and the lock."""
        ...


class NewEpochError(Exception):
    """The caller speaks to a process that has been replaced; `args[0]` is the epoch of the one in its place."""


class Keeper:
    """Keeps the books open and answers calls about them, one after the other."""

    def __init__(self, build: Callable[[], Books], clock: Callable[[], datetime]) -> None:
        self._build = build
        self._clock = clock
        self._books: Books | None = None
        self._epoch = 0

    def open(self, known: int) -> tuple[int, tuple[str, ...]]:
        """Open the books, unless they are open. Gives the epoch, and what an unclean end had left to mend.

        `known` is the epoch that the caller knew, 0 for none. Raises what opening the store raises.
        """
        if self._books is None:
            try:
                books = self._build()
            except StoreBusyError as error:
                if known:
                    # Our own earlier life may not quite be over.
                    raise StoreUnavailableError(str(error)) from error
                raise
            try:
                self._epoch = books.store.begin_epoch()
            except BaseException:
                books.close()
                raise
            self._books = books
        return self._epoch, self._books.store.recovered

    def call(self, epoch: int, method: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a method of the store. Raises NewEpochError when the caller's epoch is over."""
        return getattr(self._of(epoch).store, method)(*args, **kwargs)

    def commit(self, epoch: int, group: Sequence[Finished], remember: Remember) -> Committed:
        """Settle a group and make it durable. Raises NewEpochError when the caller's epoch is over."""
        return self._of(epoch).commit(group, self._clock(), remember)

    def _of(self, epoch: int) -> Books:
        current, _ = self.open(epoch)
        if epoch != current or self._books is None:
            raise NewEpochError(current)
        return self._books

    def close(self) -> None:
        """Close the books; they are opened again by the next call."""
        books, self._books = self._books, None
        if books is not None:
            books.close()


class Wire(Protocol):
    """The way to the keeper's process."""

    def send(self, method: str, *args: Any) -> Any:
        """The value of a keeper's method, or what it raises; StoreUnavailableError when the process is lost."""
        ...


class RemoteStore:
    """A `scraper.storage.Store` in another process. Used by one thread at a time."""

    def __init__(self, wire: Wire, data: Path) -> None:
        self._wire = wire
        self._data = data
        self._epoch = 0
        self.recovered: tuple[str, ...] = ()

    def open(self) -> None:
        """Have the books opened. Raises what opening the store raises."""
        self._epoch, self.recovered = self._wire.send("open", 0)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A method of the store."""
        if name.startswith("_"):
            raise AttributeError(name)

        def method(*args: Any, **kwargs: Any) -> Any:
            return self._send("call", name, args, kwargs)

        return method

    def commit_group(self, group: Sequence[Finished], remember: Remember) -> Committed:
        """Have a group settled and made durable."""
        committed: Committed = self._send("commit", tuple(group), dict(remember))
        return committed

    def _send(self, method: str, *args: Any) -> Any:
        while True:
            try:
                return self._wire.send(method, self._epoch, *args)
            except NewEpochError as news:
                # The claims of the old epoch are free again; those of ours that are held are passed over when claimed.
                (self._epoch,) = news.args

    def close(self) -> None:
        """Have the books closed; if their process is gone, they are."""
        with suppress(ScraperError):
            self._wire.send("close")
