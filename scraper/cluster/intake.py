"""How much one shard takes on: it has more stories in hand than it fetches, so that pages can travel in large lots."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from scraper.engine.ports import Fetcher
from scraper.model.page import Fetched, Page, Request

IN_HAND = 4
"""Times `fetch.concurrency` stories: some are fetched, the others wait to travel or are being read."""
MOST_BYTES = 64_000_000
"""While pages of so many bytes are not read yet, no further story is begun."""


class Intake:
    """Has a fetcher make so many exchanges `at_once`. For one event loop. Implements `scraper.engine.ports.Fetcher`."""

    def __init__(self, fetcher: Fetcher, at_once: int) -> None:
        self._fetcher = fetcher
        self._places = asyncio.Semaphore(at_once)
        self._held = 0
        self._has_room = asyncio.Event()
        self._has_room.set()

    async def fetch(self, request: Request) -> Fetched:
        """Make one exchange once there is a place for it."""
        async with self._places:
            return await self._fetcher.fetch(request)

    @contextmanager
    def story(self) -> Iterator[Fetcher]:
        """A fetcher for one story, whose pages count as held until the context ends."""
        story = _Story(self)
        try:
            yield story
        finally:
            self.hold(-story.held)

    async def begin(self, request: Request) -> Fetched:
        """Make one exchange once there is room for another story's pages and a place."""
        while True:
            await self._has_room.wait()
            async with self._places:
                # Those that had places before may have filled the room.
                if self._has_room.is_set():
                    return await self._fetcher.fetch(request)

    def hold(self, size: int) -> None:
        """Count so many bytes more as held."""
        self._held += size
        if self._held < MOST_BYTES:
            self._has_room.set()
        else:
            self._has_room.clear()


class _Story:
    """Counts what one story holds. One that holds pages already waits for no room: others may be waiting for it."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self.held = 0

    async def fetch(self, request: Request) -> Fetched:
        answer = await (self._intake.fetch(request) if self.held else self._intake.begin(request))
        if isinstance(answer, Page):
            self.held += len(answer.body)
            self._intake.hold(len(answer.body))
        return answer
