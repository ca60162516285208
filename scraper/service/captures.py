"""Pages at hand, from web archives and directories, on their way into the line.

They are read ahead, extracted side by side on all cores, and judged in the order in which they stand. Because the order
is that of the files, and the place of the latest record is committed with its verdict, a run that was killed goes on as
if nothing had been.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

import msgspec

from scraper.clock import Clock
from scraper.dedup import prepared
from scraper.engine.steps import Given, Reader, Reading, without_bodies
from scraper.extraction import ArticleExtractor
from scraper.model.backfill import Plan, Progress
from scraper.model.entry import Entry, Pending
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Dropped, Outcome
from scraper.service.choosing import Chooser, page_files
from scraper.service.hands import QUARANTINE, workers
from scraper.service.places import Places
from scraper.service.wiring import Line
from scraper.settings import Settings
from scraper.sources.capture import PageFile, Record
from scraper.storage import RunFiles

_AHEAD = 96
"""Pages that are extracted or wait for their turn to be judged, so that a slow one does not stop the others."""
_AHEAD_BYTES = 64_000_000
_BATCH = 16
"""Records that are read at a time."""
_LOT, _LOT_BYTES = 8, 4_000_000
"""Stories that go to a worker and come back together, so that this process wakes up for them once."""
_MARK_S = 5.0
"""How often the place is saved while no record on the way holds a story."""


@dataclass(slots=True, kw_only=True)
class _Waiting:
    """A record that is on its way."""

    file: int
    mark: str | None
    read: int
    taken: int
    """Stories counted against the limit up to this record."""
    passed_over: str | None = None
    """Why it holds no story that is wanted."""
    size: int = 0
    pending: Pending | None = None
    outlet: Outlet | None = None
    lot: "asyncio.Task[list[Reading | Dropped]] | None" = None
    """What reads it, together with others."""
    place: int = 0
    """Its place among them."""


class Captures:
    """Takes the pages of one run's files into the line."""

    def __init__(self, line: Line, settings: Settings, files: RunFiles, progress: Progress, clock: Clock) -> None:
        self._line = line
        self._run = files.run.number
        self._plan: Plan = files.run.plan
        self._files = files
        self._progress = progress
        # Memory of a page that is let go stays with the thread that took it: several would keep room for as many.
        self._hand = ThreadPoolExecutor(max_workers=1, thread_name_prefix="records")
        self._chooser = Chooser(line.outlets, self._plan, self._run)
        self._archived = settings.store.archive
        self._on_cluster = settings.cluster.address is not None
        self._extractor = ArticleExtractor(
            line.sandbox,
            settings.extract,
            settings.store.data / QUARANTINE,
            finish=prepared,
            furniture=lambda outlet: self._furniture.get(outlet, ()),
        )
        self._furniture: dict[str, tuple[int, ...]] = {}
        """Lines that are expected to be furniture, of the outlets whose pages were read last."""
        span = self._plan.span
        self._reader = Reader(
            fetcher=line.fetcher, extractor=self._extractor, settings=settings, clock=clock, span_of=lambda _: span
        )
        self._gathered: list[tuple[_Waiting, Given]] = []
        """Stories of the lot that is not on its way yet."""
        # No more than keep the workers busy: what the daemon fetched goes in between.
        self._room = asyncio.Semaphore(workers(settings.extract) + 2)
        self._wide, self._together = 1, _LOT
        if self._on_cluster:
            # There, what the daemon fetched need not wait for it, and many more are read at once.
            self._wide, self._together = line.shards, 1
            self._room = asyncio.Semaphore(self._wide * _AHEAD)
        self._places = Places(self._run)
        self._failed = False
        """The file that is read now could not be read to its end."""
        self._ahead: deque[_Waiting] = deque()
        self._ahead_bytes = 0
        self._keys: set[str] = set()
        self._committed: asyncio.Future[Outcome | None] | None = None
        self._saved_at = 0.0

    async def take_all(self) -> None:
        """Take in all that is wanted, file after file."""
        if not self._progress.captured.ended:
            await self._take_files()
            self._progress.captured.ended = not self._places.at.unread
            # Said before the place is forgotten: a kill in between must not have all files read and counted again.
            data = msgspec.json.encode(self._progress)
            await asyncio.to_thread(self._files.write, "progress.json", data)
        if self._progress.captured.ended:
            await self._line.ledger.run(partial(self._line.store.remember_all, self._places.forgotten()))

    async def _take_files(self) -> None:
        sources = await asyncio.to_thread(page_files, self._plan)
        if self._on_cluster:
            sources = _streamed(sources)
        sizes = await asyncio.to_thread(_sizes, sources)
        counted = self._places.take_up(await self._line.ledger.run(self._remembered))
        begin = self._places.at
        if begin.counted is None:
            self._progress.taken = max(self._progress.taken, begin.taken)
        self._progress.set_right(counted)
        ahead = {number: begin.mark if number == begin.file else None for number in range(begin.file, len(sources))}
        to_read = begin.unread | ahead
        self._progress.bytes_all, left = sum(sizes), sum(sizes[number] for number in to_read)
        with self._line.memories.exact(), self._line.runner.handing_in():
            try:
                for number, mark in to_read.items():
                    if not self._is_spent:
                        await self._take(number, sources[number], mark, self._progress.bytes_all - left)
                        left -= sizes[number]
                        self._progress.bytes_read = self._progress.bytes_all - left
                        await self._save(self._progress.captured.taken)
            finally:
                self._hand.shutdown(wait=False)
                for waiting in self._ahead:
                    if waiting.lot is not None:
                        waiting.lot.cancel()
                    if waiting.pending is not None:
                        self._progress.taken -= 1
                        self._progress.captured.taken -= 1

    def _remembered(self) -> dict[str, bytes | None]:
        return {name: self._line.store.memory(name) for name in self._places.names}

    async def _take(self, number: int, source: PageFile, mark: str | None, before: int) -> None:
        self._failed = False
        try:
            records = source.records(mark)
            batch = await self._read(records)
            while batch and not self._is_spent:
                following = self._read(records)
                try:
                    await self._take_batch(batch, number, before, source.name)
                finally:
                    batch = await following
        except OSError as error:
            self._progress.fail(source.name, error.strerror or str(error))
            self._failed = True
        self._send()
        while self._ahead:
            await self._hand_in()
        self._places.leave(number, failed=self._failed)
        if self._committed is not None:
            await self._committed

    def _read(self, records: Iterator[Record]) -> "asyncio.Future[list[Record]]":
        return asyncio.get_running_loop().run_in_executor(self._hand, _next, records)

    async def _take_batch(self, batch: list[Record], file: int, before: int, source: str) -> None:
        if batch[-1].is_torn:
            self._failed = True
            self._progress.fail(source, str(batch.pop().holds))
        pages = [await self._chooser.choose(record.holds, source) for record in batch]
        keys = [page[0].entry.key for page in pages if not isinstance(page, str)]
        outlets = {page[1].id for page in pages if not isinstance(page, str)}

        def ask() -> tuple[frozenset[str], dict[str, tuple[int, ...]]]:
            return self._line.store.wanted(keys), self._line.memories.furniture_of(outlets)

        wanted, self._furniture = await self._line.ledger.run(ask)
        for record, page in zip(batch, pages, strict=True):
            if self._is_spent:
                return
            taken = self._progress.captured.taken
            waiting = _Waiting(file=file, mark=record.mark, read=before + record.read, taken=taken)
            if isinstance(page, str):
                waiting.passed_over = page
            elif page[0].entry.key in wanted and page[0].entry.key not in self._keys:
                self._start(waiting, *page)
            self._ahead.append(waiting)
            while self._is_far_ahead:
                await self._hand_in()

    def _start(self, waiting: _Waiting, pending: Pending, outlet: Outlet, page: Page) -> None:
        # Room is taken at once, so that what is read ahead and what lists name do not exceed the limit together.
        self._progress.taken += 1
        self._progress.captured.taken += 1
        self._keys.add(pending.entry.key)
        waiting.taken = self._progress.captured.taken
        waiting.pending, waiting.outlet, waiting.size = pending, outlet, len(page.body)
        self._ahead_bytes += waiting.size
        self._gathered.append((waiting, Given(page=page, pending=pending, outlet=outlet)))
        if len(self._gathered) >= self._together or sum(one.size for one, _ in self._gathered) >= _LOT_BYTES:
            self._send()

    def _send(self) -> None:
        """Have the stories extracted that were gathered."""
        gathered, self._gathered = self._gathered, []
        if not gathered:
            return
        lot = self._extract([given for _, given in gathered])
        gathered[0][0].lot = asyncio.create_task(lot)
        for place, (waiting, _) in enumerate(gathered):
            waiting.lot, waiting.place = gathered[0][0].lot, place

    async def _extract(self, lot: list[Given]) -> list[Reading | Dropped]:
        async with self._room:
            if len(lot) == 1:
                only = lot[0]
                results = [await self._reader.read_given(only.page, only.pending, only.outlet)]
            else:
                results = await self._reader.read_each_given(lot, self._extractor.extract_each)
        if self._archived:
            return results
        # Many wait for their turn to be judged, and their pages are most of what they hold.
        lot.clear()
        return [without_bodies(result) if isinstance(result, Reading) else result for result in results]

    async def _hand_in(self) -> None:
        """Count the first of those that wait, and have it judged when it is a story."""
        waiting = self._ahead[0]
        if waiting.pending is not None and waiting.lot is None:
            self._send()
        result = None if waiting.lot is None else (await waiting.lot)[waiting.place]
        self._ahead.popleft()
        self._ahead_bytes -= waiting.size
        self._progress.bytes_read = waiting.read
        self._places.reach(waiting.file, waiting.mark)
        self._count(waiting)
        if result is None or waiting.pending is None or waiting.outlet is None:
            if asyncio.get_running_loop().time() - self._saved_at > _MARK_S:
                await self._save(waiting.taken)
            return
        remember = self._written(waiting.taken)
        self._committed = await self._line.runner.hand_in(waiting.pending, waiting.outlet, result, remember)
        self._committed.add_done_callback(partial(self._settled, waiting.pending.entry))

    def _count(self, waiting: _Waiting) -> None:
        progress, captured = self._progress, self._progress.captured
        progress.records += 1
        captured.records += 1
        if (why := waiting.passed_over) is not None:
            progress.passed_over[why] = progress.passed_over.get(why, 0) + 1
            captured.passed_over[why] = captured.passed_over.get(why, 0) + 1
        elif waiting.outlet is None:
            progress.known += 1
            captured.known += 1
        else:
            self._find(waiting.outlet.id, 1)

    def _find(self, outlet: str, number: int) -> None:
        captured = self._progress.captured
        self._progress.of(outlet).found += number
        captured.found[outlet] = captured.found.get(outlet, 0) + number
        self._places.find(outlet, number)

    def _written(self, taken: int) -> dict[str, bytes | None]:
        """What is remembered with the record that was counted last."""
        return self._places.written(replace(self._progress.captured, taken=taken))

    def _settled(self, entry: Entry, committed: "asyncio.Future[Outcome | None]") -> None:
        self._keys.discard(entry.key)
        if not committed.cancelled() and committed.result() is None:
            self._progress.known += 1
            self._progress.captured.known += 1
            self._find(entry.outlet, -1)

    async def _save(self, taken: int) -> None:
        """Save the place up to which everything is committed."""
        self._saved_at = asyncio.get_running_loop().time()
        if self._committed is not None:
            await self._committed
        await self._line.ledger.run(partial(self._line.store.remember_all, self._written(taken)))

    @property
    def _is_far_ahead(self) -> bool:
        return len(self._ahead) > self._wide * _AHEAD or self._ahead_bytes > self._wide * _AHEAD_BYTES

    @property
    def _is_spent(self) -> bool:
        return self._plan.limit is not None and self._progress.taken >= self._plan.limit


def _streamed(sources: list[PageFile]) -> list[PageFile]:
    """The same files, each unpacked in a task of its own."""
    from scraper.cluster import StreamedFile  # noqa: PLC0415 - an optional extra

    return [StreamedFile(source) for source in sources]


def _sizes(sources: list[PageFile]) -> list[int]:
    return [source.size for source in sources]


def _next(records: Iterator[Record]) -> list[Record]:
    return list(islice(records, _BATCH))
