"""The past: walks sitemaps and hands what they list to the same line that the daemon runs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from zoneinfo import ZoneInfo

from scraper.clock import Clock
from scraper.engine.events import Observer
from scraper.engine.ports import Fetcher
from scraper.fetching import HttpFetcher
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.span import Span
from scraper.sandbox import Sandbox
from scraper.service.daemon import ROUND_PATIENCE_S
from scraper.service.hands import open_sandbox
from scraper.service.wiring import Line, open_line
from scraper.settings import Settings
from scraper.sources import IndexWalk, SitemapWalk, Unwalked, Walked

WALKS = 8
"""Outlets whose sitemaps are walked at the same time."""
LOT = 200
"""Entries that are remembered in one transaction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enqueued:
    """Entries of one outlet that were handed to the line."""

    outlet: str
    listed: int
    found: int
    """Those that were new."""


Progress = Callable[[Enqueued | Walked | Unwalked], None]


class Allowance:
    """How many entries may still be taken, over all outlets; `left` is None when there is no limit."""

    def __init__(self, limit: int | None) -> None:
        self.left = limit

    @property
    def spent(self) -> bool:
        """Whether nothing more may be taken."""
        return self.left is not None and self.left <= 0

    def use(self, count: int) -> None:
        """Use up part of it."""
        if self.left is not None:
            self.left -= count


async def run_backfill(
    settings: Settings,
    outlets: Iterable[Outlet],
    *,
    span: Span,
    limit: int | None,
    observe: Observer,
    progress: Progress,
    clock: Clock,
    stop: asyncio.Event,
) -> None:
    """Walk the outlets' sitemaps and dated lists, and save every story published in the span that is not here yet.

    What was enqueued when it is interrupted stays pending and is worked by the next backfill or daemon.
    """
    chosen = tuple(outlets)
    async with open_line(
        settings, chosen, observe=observe, clock=clock, span=span, patience_s=ROUND_PATIENCE_S
    ) as line:
        walk = partial(_walk, line.fetcher, line.sandbox, span, clock)
        hands = _Hands(walk=walk, line=line, allowance=Allowance(limit), progress=progress, clock=clock)
        walking = asyncio.create_task(hands.walk_all(chosen))
        walking.add_done_callback(lambda _: line.runner.wake())
        try:
            await line.runner.run_round(stop, more=lambda: not walking.done())
        finally:
            walking.cancel()
            await asyncio.gather(walking, return_exceptions=True)
        if not walking.cancelled():
            walking.result()


async def list_backfill(
    settings: Settings, outlets: Iterable[Outlet], *, span: Span, limit: int | None, clock: Clock
) -> AsyncIterator[Entry | Walked | Unwalked]:
    """What a backfill would look at, without fetching a page or keeping anything."""
    allowance = Allowance(limit)
    async with open_sandbox(settings.extract) as sandbox, HttpFetcher(settings.fetch, clock) as fetcher:
        for outlet in outlets:
            async for step in _walk(fetcher, sandbox, span, clock, outlet):
                if isinstance(step, Entry):
                    if allowance.spent:
                        return
                    allowance.use(1)
                yield step


async def _walk(
    fetcher: Fetcher, sandbox: Sandbox, span: Span, clock: Clock, outlet: Outlet
) -> AsyncIterator[Entry | Walked | Unwalked]:
    """One outlet's sitemaps, then its dated lists. An outlet that names lists alone is not asked for sitemaps."""
    if outlet.sitemaps or not outlet.index_pages or span.since is None:
        async for step in SitemapWalk(fetcher, sandbox, span).walk(outlet):
            yield step
    async for step in IndexWalk(fetcher, sandbox, span, clock().astimezone(ZoneInfo(outlet.zone)).date()).walk(outlet):
        yield step


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hands:
    """What hands entries from the sitemaps and lists to the line."""

    walk: Callable[[Outlet], AsyncIterator[Entry | Walked | Unwalked]]
    line: Line
    allowance: Allowance
    progress: Progress
    clock: Clock
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def walk_all(self, outlets: Sequence[Outlet]) -> None:
        """Walk the sitemaps of all outlets, a few outlets at a time."""
        places = asyncio.Semaphore(WALKS)

        async def one(outlet: Outlet) -> None:
            async with places:
                await self._walk_one(outlet)

        async with asyncio.TaskGroup() as group:
            for outlet in outlets:
                group.create_task(one(outlet))

    async def _walk_one(self, outlet: Outlet) -> None:
        lot: list[Entry] = []
        async for step in self.walk(outlet):
            if not isinstance(step, Entry):
                self.progress(step)
                continue
            lot.append(step)
            if len(lot) >= LOT:
                await self._hand_on(outlet, lot)
                lot = []
            if self.allowance.spent:
                return
        await self._hand_on(outlet, lot)

    async def _hand_on(self, outlet: Outlet, lot: Sequence[Entry]) -> None:
        """Remember the new ones among the entries as pending, as far as the limit allows, and wake the line."""
        async with self.turn:
            # What is left is read and used up with nobody in between.
            enqueue = partial(self.line.store.enqueue, lot, self.clock(), self.allowance.left)
            found = await self.line.ledger.run(enqueue) if lot else 0
            self.allowance.use(found)
        self.line.runner.wake()
        self.progress(Enqueued(outlet=outlet.id, listed=len(lot), found=found))
