"""What a backfill would do, without doing it: what its lists and files name, and how long the work will take."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, aclosing, suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice

from scraper.clock import Clock
from scraper.dedup import prepared
from scraper.engine.steps import Reader
from scraper.extraction import ArticleExtractor
from scraper.fetching import HttpFetcher
from scraper.model.backfill import Plan
from scraper.model.entry import Entry, Pending
from scraper.model.failures import StoreUnavailableError
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.outlets import OutletsByDomain
from scraper.service.choosing import Chooser, page_files
from scraper.service.hands import open_sandbox, workers
from scraper.service.listings import WALKS, Listings, Step
from scraper.settings import Settings
from scraper.sources import Unwalked
from scraper.sources.addresses import address_in
from scraper.sources.capture import PageFile, Record
from scraper.storage import Archive, open_archive
from scraper.urls import entry_key

_SAMPLE = 16
"""Pages that are read to learn how long one takes here."""
_BATCH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """How long pages at hand will take, by the first of them, which were read."""

    pages: int
    seconds: float


class Preview:
    """Lists what a backfill would take: what its lists and files name and the archive does not hold. Keeps nothing."""

    def __init__(self, settings: Settings, outlets: Sequence[Outlet], plan: Plan, clock: Clock) -> None:
        self._settings = settings
        self._outlets = {outlet.id: outlet for outlet in outlets}
        self._plan = plan
        self._clock = clock
        self._met: set[str] = set()

    async def look(self, lines: Iterable[str] | None = None) -> AsyncIterator[Step | Reckoned]:
        """Give every story, lists that were read or could not be, and at last what reading files will take.

        `lines` are those of a list of addresses, where one is asked for.
        """
        archive: Archive | None = None
        async with AsyncExitStack() as stack:
            with suppress(StoreUnavailableError):
                archive = stack.enter_context(open_archive(self._settings.store.data))
            async for step in await stack.enter_async_context(aclosing(self._steps(lines))):
                if isinstance(step, Entry):
                    if self._is_spent:
                        continue
                    if step.key in self._met or (archive is not None and archive.knows(step.key, self._plan.span)):
                        continue
                    self._met.add(step.key)
                yield step
                if self._is_spent and not (self._plan.warcs or self._plan.folders):
                    return

    @property
    def _is_spent(self) -> bool:
        return self._plan.limit is not None and len(self._met) >= self._plan.limit

    async def _steps(self, lines: Iterable[str] | None) -> AsyncGenerator[Step | Reckoned]:
        if self._plan.walks:
            async with aclosing(self._walked()) as steps:
                async for step in steps:
                    yield step
        for entry in self._addressed(lines or ()):
            yield entry
        if self._plan.folders or self._plan.warcs:
            async with aclosing(self._at_hand()) as pages:
                async for found in pages:
                    yield found

    async def _walked(self) -> AsyncGenerator[Step]:
        settings, plan = self._settings, self._plan
        wanted = [self._outlets[name] for name in plan.outlets if name in self._outlets]
        async with open_sandbox(settings.extract) as sandbox, HttpFetcher(settings.fetch, self._clock) as fetcher:
            listings = Listings(plan, settings.backfill, fetcher=fetcher, sandbox=sandbox, clock=self._clock)
            async with aclosing(side_by_side([listings.walk(outlet) for outlet in wanted])) as steps:
                async for step in steps:
                    yield step

    def _addressed(self, lines: Iterable[str]) -> Iterator[Entry]:
        known = OutletsByDomain(self._outlets.values())
        for line in lines:
            address = address_in(line)
            outlet = known.of(address) if address else None
            if address and outlet and (self._plan.every_outlet or outlet.id in self._plan.outlets):
                yield Entry(key=entry_key(outlet, address), url=address, outlet=outlet.id, source="list")

    async def _at_hand(self) -> AsyncGenerator[Step | Reckoned]:
        """The pages of files: all records are looked at, some pages are read."""
        settings, chooser, taken = self._settings, Chooser(self._outlets, self._plan), 0
        async with open_sandbox(settings.extract) as sandbox, HttpFetcher(settings.fetch, self._clock) as fetcher:
            sample = _Sample(
                Reader(
                    fetcher=fetcher,
                    extractor=ArticleExtractor(sandbox, settings.extract, finish=prepared),
                    settings=settings,
                    clock=self._clock,
                    span_of=lambda _: self._plan.span,
                )
            )
            async for record, source in self._records():
                if isinstance(record, Unwalked):
                    yield record
                    continue
                chosen = await chooser.choose(record.holds, source)
                if isinstance(chosen, str):
                    continue
                met = len(self._met)
                yield chosen[0].entry
                if len(self._met) > met:
                    taken += 1
                    await sample.read(*chosen)
        yield Reckoned(pages=taken, seconds=taken * sample.seconds / workers(settings.extract))

    async def _records(self) -> AsyncIterator[tuple[Record | Unwalked, str]]:
        for source in page_files(self._plan):
            records = source.records()
            while not self._is_spent and (batch := await self._next(records, source)):
                for record in batch:
                    if isinstance(record, Record) and record.is_torn:
                        yield Unwalked(url=source.name, detail=str(record.holds)), source.name
                    else:
                        yield record, source.name

    async def _next(self, records: Iterator[Record], source: PageFile) -> list[Record | Unwalked]:
        """Some records; a file that cannot be read ends with that."""
        try:
            return list(await asyncio.to_thread(partial(_some, records)))
        except OSError as error:
            return [Unwalked(url=source.name, detail=error.strerror or str(error))]


async def side_by_side(walks: Sequence[AsyncIterator[Step]]) -> AsyncGenerator[Step]:
    """The steps of several walks as they come, so that while one host is left in peace others are asked."""
    steps: asyncio.Queue[Step | None] = asyncio.Queue()
    places = asyncio.Semaphore(WALKS)

    async def walk(found: AsyncIterator[Step]) -> None:
        async with places:
            async for step in found:
                steps.put_nowait(step)

    walking = asyncio.gather(*map(walk, walks))
    walking.add_done_callback(lambda _: steps.put_nowait(None))
    try:
        while (step := await steps.get()) is not None:
            yield step
        await walking
    finally:
        walking.cancel()
        await asyncio.gather(walking, return_exceptions=True)


class _Sample:
    """Reads the first pages to learn how long one takes. The very first waits for the workers to start."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._times: list[float] = []

    async def read(self, pending: Pending, outlet: Outlet, page: Page) -> None:
        """Read a page, unless enough were."""
        if len(self._times) > _SAMPLE:
            return
        begun = asyncio.get_running_loop().time()
        await self._reader.read_given(page, pending, outlet)
        self._times.append(asyncio.get_running_loop().time() - begun)

    @property
    def seconds(self) -> float:
        """How long one page takes one worker."""
        measured = self._times[1:] or self._times
        return sum(measured) / max(1, len(measured))


def _some(records: Iterator[Record]) -> list[Record]:
    return list(islice(records, _BATCH))
