"""Names to addresses: a cache, a negative cache, one lookup a name at a time, and no good name waits for dead ones.

The system's resolver blocks its thread for as long as it likes, so each lookup takes a thread for itself. At most
`_FRESH` lookups are young at once; one that has not answered after `_YOUTH` seconds counts as stuck and lets the next
one start, up to `_MOST` threads in all.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from queue import SimpleQueue

from scraper.fetching.guard import Address

Lookup = Callable[[str], Sequence[str]]
"""Blocking; returns the addresses of a name or raises OSError."""

KEEP = 300.0
"""Seconds an answer is used for; the system's resolver does not tell its time to live."""
KEEP_NEGATIVE = 60.0
"""Seconds a failure is used for."""
PATIENCE = 10.0
"""Seconds after which a name counts as without address, though its thread may still wait."""
_FRESH = 32
_YOUTH = 0.5
_MOST = 512
_CACHE_SIZE = 100_000


def system_lookup(name: str) -> list[str]:
    """Ask the system, hosts file included; raises OSError (socket.gaierror) when there is no answer."""
    found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A name that led to no address."""

    detail: str


_Answered = asyncio.Future[tuple[Address, ...] | Unknown | Exception]
"""An exception that is no OSError or ValueError is a bug of the lookup and raised where it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Remembered:
    answer: tuple[Address, ...] | Unknown
    until: float


class Resolver:
    """Looks names up for one event loop."""

    def __init__(self, lookup: Lookup = system_lookup) -> None:
        self._lookup = lookup
        self._cache: dict[str, _Remembered] = {}
        self._running: dict[str, _Answered] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._fresh = asyncio.Semaphore(_FRESH)
        self._all = asyncio.Semaphore(_MOST)
        self._jobs: SimpleQueue[tuple[str, _Answered] | None] = SimpleQueue()
        self._idle = 0
        """Threads that wait for a job and have none promised. Counted in the loop alone."""
        self._closed = False

    async def addresses(self, name: str) -> tuple[Address, ...] | Unknown:
        """All addresses of the name in the system's order of preference."""
        now = asyncio.get_running_loop().time()
        known = self._cache.get(name)
        if known is not None and known.until > now:
            return known.answer
        running = self._running.get(name)
        if running is None:
            running = self._running[name] = asyncio.get_running_loop().create_future()
            task = asyncio.create_task(self._resolve(name, running))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        answer = await asyncio.shield(running)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def aclose(self) -> None:
        """Stop waiting for lookups; their threads end by themselves and hold nothing up."""
        self._closed = True
        for _ in range(self._idle):
            self._jobs.put(None)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _resolve(self, name: str, result: _Answered) -> None:
        try:
            answer = await self._ask(name)
            if not isinstance(answer, Exception):
                keep = KEEP_NEGATIVE if isinstance(answer, Unknown) else KEEP
                self._remember(name, _Remembered(answer=answer, until=asyncio.get_running_loop().time() + keep))
            result.set_result(answer)
        finally:
            del self._running[name]
            result.cancel()

    async def _ask(self, name: str) -> tuple[Address, ...] | Unknown | Exception:
        answered: _Answered = asyncio.get_running_loop().create_future()
        await self._all.acquire()  # given back when the thread has answered, however late
        async with self._fresh:
            self._jobs.put((name, answered))
            if self._idle:
                self._idle -= 1
            else:
                loop = asyncio.get_running_loop()
                threading.Thread(target=self._work, args=(loop,), name="name lookups", daemon=True).start()
            await asyncio.wait([answered], timeout=_YOUTH)
        await asyncio.wait([answered], timeout=PATIENCE - _YOUTH)
        return answered.result() if answered.done() else Unknown(detail=f"no answer within {PATIENCE:g} s")

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look names up, one after the other, in a thread that is free for the next as soon as it has answered."""
        while (job := self._jobs.get()) is not None:
            name, answered = job
            answer: tuple[Address, ...] | Unknown | Exception
            try:
                answer = tuple(ip_address(text) for text in self._lookup(name)) or Unknown(detail="no address")
            except (OSError, ValueError) as error:
                answer = Unknown(detail=(getattr(error, "strerror", None) or str(error)).lower())
            except Exception as error:  # noqa: BLE001 - raised again in the loop
                answer = error
            try:
                loop.call_soon_threadsafe(self._settle, answered, answer)
            except RuntimeError:
                return  # the loop is closed: nobody waits any more

    def _settle(self, answered: _Answered, answer: tuple[Address, ...] | Unknown | Exception) -> None:
        """Back in the loop: the thread that answered is free."""
        if self._closed:
            self._jobs.put(None)
        self._idle += 1
        self._all.release()
        if not answered.done():
            answered.set_result(answer)

    def _remember(self, name: str, what: _Remembered) -> None:
        if len(self._cache) >= _CACHE_SIZE:
            now = asyncio.get_running_loop().time()
            self._cache = {key: value for key, value in self._cache.items() if value.until > now}
        if len(self._cache) >= _CACHE_SIZE:
            self._cache.clear()
        self._cache[name] = what
