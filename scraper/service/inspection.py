"""Looks at single pages without keeping anything."""

import asyncio
import gzip
import zlib
from collections import deque
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from scraper import urls
from scraper.clock import Clock
from scraper.engine.steps import Reader, Reading
from scraper.extraction import ArticleExtractor
from scraper.fetching import HttpFetcher
from scraper.model.article import Draft
from scraper.model.entry import Entry, Pending
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Deferred, Dropped
from scraper.outlets import OutletsByDomain
from scraper.service.hands import open_sandbox, workers
from scraper.settings import Settings

LARGEST_FILE = 50_000_000
LONGEST_NAME = 200
"""Characters of a file's name that a message shows."""
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A page to look at: an address, and the file that holds its bytes when it is not to be fetched."""

    id: object
    url: str
    file: Path | None = None
    outlet: Outlet | None = None
    """The outlet whose rules apply; None: the one that the address belongs to."""
    flaw: str | None = None
    """Why there is nothing to look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a sample yields."""

    sample: Sample
    draft: Draft | None
    """The text and metadata, also of a page that the daemon would drop; None when there is nothing to show."""
    refused: Dropped | Deferred | None = None
    """Why the daemon would not keep it."""
    error: str | None = None


class Inspector:
    """Reads samples with the line's own fetcher and extractor."""

    def __init__(
        self, settings: Settings, outlets: OutletsByDomain, reader: Reader, extractor: ArticleExtractor
    ) -> None:
        self._settings = settings
        self._outlets = outlets
        self._reader = reader
        self._extractor = extractor

    async def look(self, sample: Sample) -> Finding:
        """Fetch or read one sample and extract it. Never raises for what the sample holds."""
        if sample.flaw is not None:
            return Finding(sample=sample, draft=None, error=sample.flaw)
        outlet = sample.outlet or self._outlets.of(sample.url)
        entry = Entry(key=urls.entry_key(outlet, sample.url), url=sample.url, outlet=outlet.id, source="inspection")
        if sample.file is None:
            return await self._fetch(sample, outlet, entry)
        body = await asyncio.to_thread(read_body, sample.file)
        if isinstance(body, str):
            return Finding(sample=sample, draft=None, error=body)
        page = Page(url=sample.url, requested_url=sample.url, body=body, fetched_at=self._reader.clock())
        answer = await self._extractor.extract([page], outlet, entry)
        if isinstance(answer, Draft):
            return Finding(sample=sample, draft=answer)
        return await self._show_all_the_same(sample, page, outlet, entry, answer)

    async def _fetch(self, sample: Sample, outlet: Outlet, entry: Entry) -> Finding:
        pending = Pending(entry=entry, found_at=self._reader.clock(), attempts=self._settings.store.max_attempts)
        answer = await self._reader.read(pending, outlet)
        if isinstance(answer, Reading):
            return Finding(sample=sample, draft=answer.draft)
        return Finding(sample=sample, draft=None, refused=answer, error=f"{answer.reason.value}: {answer.detail}")

    async def _show_all_the_same(
        self, sample: Sample, page: Page, outlet: Outlet, entry: Entry, refused: Dropped | Deferred
    ) -> Finding:
        """What a page says that the quality gate would not let through."""
        open_gate = replace(self._settings.extract, min_characters=0, keep_paywalled=True, keep_live_blogs=True)
        lenient = replace(outlet, languages=(), policy=replace(outlet.policy, min_characters=None, keep_paywalled=True))
        answer = await self._extractor.with_settings(open_gate).extract([page], lenient, entry)
        if isinstance(answer, Draft):
            return Finding(sample=sample, draft=answer, refused=refused)
        return Finding(sample=sample, draft=None, refused=refused, error=f"{answer.reason.value}: {answer.detail}")

    async def look_at_all(self, samples: Iterable[Sample]) -> AsyncIterator[Finding]:
        """Findings in the order of the samples, a few of them under way at once."""
        under_way: deque[asyncio.Task[Finding]] = deque()
        try:
            for sample in samples:
                under_way.append(asyncio.create_task(self.look(sample)))
                if len(under_way) > 2 * workers(self._settings.extract):
                    yield await under_way.popleft()
            while under_way:
                yield await under_way.popleft()
        finally:
            for task in under_way:
                task.cancel()


@asynccontextmanager
async def open_inspector(settings: Settings, outlets: Iterable[Outlet], clock: Clock) -> AsyncIterator[Inspector]:
    """An inspector with workers and a client of its own."""
    async with open_sandbox(settings.extract) as sandbox, HttpFetcher(settings.fetch, clock) as fetcher:
        extractor = ArticleExtractor(sandbox, settings.extract)
        reader = Reader(fetcher=fetcher, extractor=extractor, settings=settings, clock=clock)
        yield Inspector(settings, OutletsByDomain(outlets), reader, extractor)


def read_body(file: Path) -> bytes | str:
    """The bytes of a saved page, unpacked where they are gzip; or a sentence that says why there are none."""
    try:
        with file.open("rb") as opened:
            packed = opened.read(len(_GZIP)) == _GZIP
            opened.seek(0)
            body = (gzip.GzipFile(fileobj=opened) if packed else opened).read(LARGEST_FILE + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        return f"{file}: not whole gzip data ({error})"
    except OSError as error:
        return f"{_shown(file)}: {error.strerror or error}"
    except ValueError as error:
        return f"{_shown(file)}: {error}"
    return body if len(body) <= LARGEST_FILE else f"{file}: more than {LARGEST_FILE} bytes"


def _shown(file: Path) -> str:
    """The name, as much of it as fits into a message, with nothing in it that a terminal would obey."""
    name = str(file)[:LONGEST_NAME]
    return name if name.isprintable() else ascii(name)[1:-1]
