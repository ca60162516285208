"""One backfill at work on an open line: lists are walked, what they name is enqueued, what becomes of it is counted."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import islice
from pathlib import Path

import msgspec

from scraper.clock import Clock
from scraper.engine.events import StorySettled
from scraper.model.backfill import Count, Stage
from scraper.model.entry import Entry
from scraper.model.failures import ScraperError, StoreUnavailableError
from scraper.model.outlet import Outlet
from scraper.model.verdict import Deferred, Dropped, DropReason, Kept
from scraper.outlets import OutletsByDomain
from scraper.service.captures import Captures
from scraper.service.listings import WALKS, KeptDocuments, Listings, Step
from scraper.service.wiring import Line
from scraper.settings import Settings
from scraper.sources import Unwalked, Walked
from scraper.sources.addresses import read_addresses
from scraper.storage import RunFiles
from scraper.urls import entry_key

LOT = 25
"""Entries that are remembered in one transaction."""
BACKLOG = 50
"""Entries of one outlet that wait at once, so that what the daemon finds today need not wait for long."""
SAVE_S = 1.0
"""How often the progress is saved."""
_LOOK_S = 0.5
_LINES_TOLD = 5
_LEADS_ON = "+"
"""Stands before the address of an index among the lists that were read: it is counted once, and looked at again."""
_UNFETCHED = frozenset(
    {
        DropReason.ROBOTS,
        DropReason.GONE,
        DropReason.REFUSED_ADDRESS,
        DropReason.FETCH_FAILED,
        DropReason.TOO_LARGE,
        DropReason.NOT_AN_ARTICLE,
    }
)
_COPIES = frozenset({DropReason.DUPLICATE, DropReason.UPDATE, DropReason.SAME_TEXT})

Told = Callable[[Step], None]
"""Hears of each list that was read, or could not be."""


class Pulse:
    """Wakes all who wait for it, each time it beats."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def beat(self) -> None:
        """Wake them."""
        self._event.set()
        self._event.clear()

    async def wait(self) -> None:
        """Sleep until the next beat."""
        await self._event.wait()


class Job:
    """Works one run until it is done. Cancelling it interrupts the run; what is durable stays so."""

    def __init__(self, line: Line, settings: Settings, files: RunFiles, clock: Clock, told: Told) -> None:
        self._line = line
        self._settings = settings
        self._files = files
        self._plan = files.run.plan
        self._clock = clock
        self._told = told
        self._waiting: Counter[str] = Counter()
        self._settled = Pulse()
        self._turn = asyncio.Lock()
        self._read_before: frozenset[str] = frozenset()
        """Lists that an earlier session read and counted."""
        self.number = files.run.number
        self.progress = files.progress

    async def work(self) -> None:
        """Do all of it. Expected failures end it as failed; a bug raises."""
        self.progress.stage, self.progress.detail = Stage.RUNNING, ""
        watch, over = self._watch(), asyncio.Event()
        saving = asyncio.create_task(self._save_now_and_then(watch, over))
        try:
            await self._work()
            self.progress.stage = Stage.DONE
            if self.progress.is_whole:
                self._files.forget_documents()
        except* (ScraperError, OSError) as failures:
            self._fail(str(_first(failures)))
        except* Exception as defects:
            error = _first(defects)
            self._fail(f"a defect in scraper: {type(error).__name__}: {error}")
            raise
        finally:
            over.set()
            # Written to its end, so that nothing older is written after what is saved below.
            await asyncio.gather(saving, return_exceptions=True)
            if self.progress.stage is Stage.RUNNING:
                self.progress.stage = Stage.INTERRUPTED
            watch()
            self.save()

    def _fail(self, why: str) -> None:
        self.progress.stage, self.progress.detail = Stage.FAILED, why

    def save(self) -> None:
        """Save how far it has come, if that can be written."""
        with suppress(StoreUnavailableError):
            self._files.save(self.progress)

    def observe(self, event: StorySettled) -> None:
        """Count what became of a story."""
        entry = event.outcome.pending.entry
        if entry.run != self.number:
            return
        count(self.progress.of(entry.outlet), event)
        self._waiting[entry.outlet] -= 1
        self._settled.beat()

    async def _work(self) -> None:
        # What had ended before places of failed files were kept is not read again.
        self.progress.try_again(but=(*self._plan.folders, *self._plan.warcs) if self.progress.captured.ended else ())
        async with asyncio.TaskGroup() as group:
            if self._plan.walks:
                group.create_task(self._walk_all())
            if self._plan.urls:
                group.create_task(self._take_addresses(self._files.directory / self._plan.urls))
            if self._plan.at_hand:
                captures = Captures(self._line, self._settings, self._files, self.progress, self._clock)
                group.create_task(captures.take_all())
        await self._until_settled()

    async def _walk_all(self) -> None:
        outlets = [self._line.outlets[name] for name in self._plan.outlets if name in self._line.outlets]
        for name in set(self._plan.outlets) - self._line.outlets.keys():
            self.progress.fail(
                name,
                "the process that works here knows no such outlet; `scraper reload` has it read files written later",
            )
        fetcher = KeptDocuments(self._line.fetcher, self._files)
        listings = Listings(
            self._plan,
            self._settings.backfill,
            fetcher=fetcher,
            sandbox=self._line.sandbox,
            clock=self._clock,
        )
        done = self._read_before = self._files.read_lists()
        places = asyncio.Semaphore(WALKS)

        async def walk(outlet: Outlet) -> None:
            async with places:
                await self._take(outlet, listings.walk(outlet, done))

        async with asyncio.TaskGroup() as group:
            for outlet in outlets:
                group.create_task(walk(outlet))

    async def _take_addresses(self, path: Path) -> None:
        """Take in the addresses of a list, those of each outlet in their order."""
        known = OutletsByDomain(self._line.outlets.values())
        wanted = None if self._plan.every_outlet else frozenset(self._plan.outlets)
        lots: dict[str, list[Entry]] = {}
        outlets: dict[str, Outlet] = {}
        lines = read_addresses(path)
        bare: list[int] = []
        while addresses := await asyncio.to_thread(lambda: list(islice(lines, 10 * LOT))):
            for number, address in addresses:
                if address is None:
                    bare.append(number)
                    continue
                outlet = known.of(address)
                if wanted is not None and outlet.id not in wanted:
                    self.progress.pass_over({"another outlet's": 1})
                    continue
                outlets[outlet.id] = outlet
                key = entry_key(outlet, address)
                lots.setdefault(outlet.id, []).append(Entry(key=key, url=address, outlet=outlet.id, source=str(path)))
            for name in [name for name, lot in lots.items() if len(lot) >= LOT]:
                await self._hand_on(outlets[name], lots.pop(name))
        for name, lot in lots.items():
            await self._hand_on(outlets[name], lot)
        if bare:
            # Said once, however often the list is read again by a run that goes on.
            self.progress.passed_over[f"no web address in {_lines(bare)}"] = len(bare)

    async def _take(self, outlet: Outlet, steps: AsyncIterator[Step]) -> None:
        lot: list[Entry] = []
        async for step in steps:
            if self._is_spent:
                return
            if isinstance(step, Entry):
                lot.append(step)
            if lot and (len(lot) >= LOT or not isinstance(step, Entry)):
                await self._hand_on(outlet, lot)
                lot = []
            if not isinstance(step, Entry) and not self._is_spent:
                await self._note(step)
        if lot:
            await self._hand_on(outlet, lot)

    async def _note(self, step: Walked | Unwalked) -> None:
        """Note that a list was read to its end, all that it names being durable; or that it could not be."""
        self._told(step)
        if isinstance(step, Unwalked):
            self.progress.fail(step.url, step.detail)
            # What cannot be read as it was fetched is fetched anew by a run that goes on.
            self._files.forget_document(step.url)
            return
        name = step.url if step.is_page or not step.leads_on else f"{_LEADS_ON}{step.url}"
        if name in self._read_before:
            return
        self.progress.lists += 1
        if step.passed_over:
            self.progress.pass_over({"outside the range, or no story": step.passed_over})
        await asyncio.to_thread(self._files.list_is_read, name)
        for address in (step.url, *step.further) if not step.leads_on else ():
            self._files.forget_document(address)

    @property
    def _is_spent(self) -> bool:
        return self._plan.limit is not None and self.progress.taken >= self._plan.limit

    async def _hand_on(self, outlet: Outlet, lot: Sequence[Entry]) -> None:
        """Remember the new ones among the entries as pending, as far as the limit allows, once there is room."""
        while self._waiting[outlet.id] >= BACKLOG:
            await self._settled.wait()
        async with self._turn:
            # What is left is read and used up with nobody in between.
            entries = [replace(entry, run=self.number) for entry in lot]
            room = None if self._plan.limit is None else self._plan.limit - self.progress.taken
            if room is not None:
                # A kill right after the enqueuing must not let the next session take as many again.
                self.progress.taken += min(room, len(lot))
                await asyncio.to_thread(self.save)
            enqueue = partial(self._line.store.enqueue, entries, self._clock(), room, self._plan.span)
            found = await self._line.ledger.run(enqueue)
            if room is not None:
                self.progress.taken += found - min(room, len(lot))
        self._waiting[outlet.id] += found
        self.progress.of(outlet.id).found += found
        # What this run found itself, before it was interrupted or in another list, is no story that was known.
        known = partial(self._line.store.judged_before, [entry.key for entry in entries], self._files.run.created)
        self.progress.known += await self._line.ledger.run(known)
        self._line.runner.wake()

    async def _until_settled(self) -> None:
        """Wait until everything that this run enqueued was tried, in this session or an earlier one."""
        self._line.runner.wake()
        waiting = partial(self._line.store.waiting, self.number)
        while await self._line.ledger.run(waiting):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._settled.wait(), _LOOK_S)

    def _watch(self) -> Callable[[], None]:
        """What notes how long this session and those before it have worked, on the clock and on the processor."""
        clock, sandbox, progress = asyncio.get_running_loop().time, self._line.sandbox, self.progress
        seconds, cpu_seconds = progress.seconds - clock(), progress.cpu_seconds - sandbox.cpu_seconds

        def look() -> None:
            progress.seconds = round(seconds + clock(), 1)
            progress.cpu_seconds = round(cpu_seconds + sandbox.cpu_seconds, 3)

        return look

    async def _save_now_and_then(self, watch: Callable[[], None], over: asyncio.Event) -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), SAVE_S)
                return
            watch()
            data = msgspec.json.encode(self.progress)
            with suppress(StoreUnavailableError):
                await asyncio.to_thread(self._files.write, "progress.json", data)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    first = group.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _lines(numbers: Sequence[int]) -> str:
    """The first lines by their numbers, and how many more there are."""
    told = ", ".join(map(str, numbers[:_LINES_TOLD]))
    more = f" and {len(numbers) - _LINES_TOLD:,} more" if len(numbers) > _LINES_TOLD else ""
    return f"line{'s' if len(numbers) > 1 else ''} {told}{more} of the list"


def count(into: Count, event: StorySettled) -> None:
    """Count one verdict."""
    verdict = event.outcome.verdict
    reason = None if isinstance(verdict, Kept) else verdict.reason
    into.fetched += reason not in _UNFETCHED
    match verdict:
        case Kept():
            into.kept += 1
        case Dropped(reason=reason) if reason in _COPIES:
            into.duplicates += 1
        case Dropped(reason=reason):
            into.dropped[reason.value] = into.dropped.get(reason.value, 0) + 1
        case Deferred(reason=reason):
            into.deferred[reason.value] = into.deferred.get(reason.value, 0) + 1
