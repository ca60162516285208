"""The store behind one thread: every call durable or waited for, never lost, never on the event loop."""

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from scraper.engine.events import Observer, WritingPaused, WritingResumed
from scraper.model.failures import StoreUnavailableError

T = TypeVar("T")

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0


class Ledger:
    """Runs calls on the store one after the other in a thread of their own.

    While the store cannot write, calls wait and are repeated; `writable` is cleared, so that the line takes on no new
    work. With `patience_s` given, a call that has waited that long raises StoreUnavailableError instead.
    """

    def __init__(self, observe: Observer, patience_s: float | None = None) -> None:
        self._observe = observe
        self._patience_s = patience_s
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._hurried = asyncio.Event()
        self._waiting = 0
        self.writable = asyncio.Event()
        self.writable.set()

    async def run_once(self, call: Callable[[], T]) -> T:
        """The call's value, or what it raises: for opening and closing, where waiting would help nobody."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)

    async def run(self, call: Callable[[], T]) -> T:
        """The call's value, once it went through. The call must be one that may be made again after it failed."""
        waited, pause, written = 0.0, FIRST_PAUSE_S, False
        try:
            while True:
                try:
                    value = await self.run_once(call)
                except StoreUnavailableError as error:
                    if not waited:
                        self._hold(error)
                    waited += pause
                    if self._patience_s is not None and waited > self._patience_s:
                        raise
                else:
                    written = True
                    return value
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._hurried.wait(), pause)
                pause = min(pause * 2, LONGEST_PAUSE_S)
        finally:
            if waited:
                self._let_go(resumed=written)

    def _hold(self, error: StoreUnavailableError) -> None:
        self._waiting += 1
        if self._waiting == 1:
            self.writable.clear()
            self._observe(WritingPaused(detail=str(error)))

    def _let_go(self, *, resumed: bool) -> None:
        self._waiting -= 1
        if self._waiting == 0:
            self.writable.set()
            if resumed:
                self._observe(WritingResumed())

    def hurry(self) -> None:
        """From now on a call that cannot be written is tried once more and then raises."""
        self._patience_s = 0.0
        self._hurried.set()

    def close(self) -> None:
        """Wait for the call under way and end the thread."""
        self._thread.shutdown(wait=True, cancel_futures=True)
