"""The ports of the line with a watch in hand: each does what the one beneath it does, and tells how long it took."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

from scraper.engine.ports import Deduplicator, Extractor, Fetcher, Lister
from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.feed import Listing, Unlisted
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, Page, Request
from scraper.model.verdict import Deferred, Dropped, Judged, Story
from scraper.service.metrics import Metrics

_LAG_SAMPLE_S = 0.05


@dataclass(frozen=True, slots=True)
class MeteredFetcher:
    """Implements `engine.ports.Fetcher`."""

    inner: Fetcher
    metrics: Metrics

    async def fetch(self, request: Request) -> Fetched:
        """Make one exchange."""
        begun = time.perf_counter()
        answer = await self.inner.fetch(request)
        self.metrics.meter_fetch(request.kind, answer, time.perf_counter() - begun)
        return answer


@dataclass(frozen=True, slots=True)
class MeteredLister:
    """Implements `engine.ports.Lister`."""

    inner: Lister
    metrics: Metrics

    async def list(self, page: Page, outlet: Outlet) -> Listing | Unlisted:
        """Read one document."""
        with self.metrics.list_seconds.time():
            return await self.inner.list(page, outlet)


@dataclass(frozen=True, slots=True)
class MeteredExtractor:
    """Implements `engine.ports.Extractor`."""

    inner: Extractor
    metrics: Metrics

    async def extract(self, pages: Sequence[Page], outlet: Outlet, entry: Entry) -> Draft | Dropped | Deferred:
        """Read one story."""
        with self.metrics.extract_seconds.time():
            return await self.inner.extract(pages, outlet, entry)


@dataclass(frozen=True, slots=True)
class MeteredDeduplicator:
    """Implements `engine.ports.Deduplicator`."""

    inner: Deduplicator
    metrics: Metrics

    def consider(self, story: Story) -> Judged:
        """Judge one story."""
        with self.metrics.dedup_seconds.time():
            return self.inner.consider(story)


async def meter_loop(metrics: Metrics) -> None:
    """Measure once how much later than asked the event loop comes back."""
    begun = time.perf_counter()
    await asyncio.sleep(_LAG_SAMPLE_S)
    metrics.loop_lag.observe(max(0.0, time.perf_counter() - begun - _LAG_SAMPLE_S))
