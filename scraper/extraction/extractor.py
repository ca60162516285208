"""The port's extractor: each page is read in a child process that can be killed."""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from pathlib import Path

from scraper.extraction.job import Carried, Finish, Finishing, read_in_worker
from scraper.extraction.quarantine import keep
from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Deferred, Dropped, DropReason
from scraper.sandbox import Killed, Packed, Packing, Raised, Sandbox
from scraper.settings import ExtractSettings

_TRIES = 2
_RETRY_OVERLOADED = timedelta(minutes=5)

_Call = tuple[tuple[Carried, ...], Packed[Outlet], Entry, Packed[ExtractSettings], Finishing | None]
Expected = Callable[[str], Collection[int]]
"""Which lines are expected to be furniture of an outlet, see `Furniture.lately`."""


class ArticleExtractor:
    """Reads article pages in the sandbox; a page that kills its worker twice is quarantined.

    Its bytes are then kept under the directory `quarantine`, where one is given. A page whose worker did not get the
    time that it was to have is put off, which uses up no try. `finish` is done to each draft where it was read;
    `furniture` spares work later where it is right, and is asked when a page is sent.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        settings: ExtractSettings,
        quarantine: Path | None = None,
        finish: Finish | None = None,
        furniture: Expected = lambda _: (),
    ) -> None:
        self._sandbox = sandbox
        self._settings = settings
        self._quarantine = quarantine
        self._finish = finish
        self._furniture = furniture
        self._packed_settings = Packed.of(settings)
        self._packing = Packing[Outlet]()

    def with_settings(self, settings: ExtractSettings) -> "ArticleExtractor":
        """The same workers under other settings."""
        return ArticleExtractor(self._sandbox, settings, self._quarantine, self._finish, self._furniture)

    async def extract(self, pages: Sequence[Page], outlet: Outlet, entry: Entry) -> Draft | Dropped | Deferred:
        """What the pages, all of one story and in order, say; or why they are no story."""
        details: list[str] = []
        call = self._call(pages, outlet, entry)
        for _ in range(_TRIES):
            answer = await self._sandbox.run(read_in_worker, *call)
            if isinstance(answer, Raised):
                return Dropped(reason=DropReason.UNREADABLE, detail=answer.detail)
            if not isinstance(answer, Killed):
                return answer
            if answer.overload:
                return Deferred(
                    reason=DropReason.UNREADABLE,
                    detail=answer.detail,
                    until=pages[0].fetched_at + _RETRY_OVERLOADED,
                    tried=False,
                )
            details.append(answer.detail)
        detail = f"killed its reader twice: {'; '.join(details)}"
        if self._quarantine is not None:
            keep(self._quarantine, pages, detail)
        return Dropped(reason=DropReason.QUARANTINED, detail=detail)

    async def extract_each(
        self, stories: Sequence[tuple[Page, Outlet, Entry]]
    ) -> list[Draft | Dropped | Deferred | None]:
        """What stories of one page each say, read on one way to a worker and back.

        None for one that has to be extracted by itself; for all of them where one of them was too much for the worker.
        """
        calls = [self._call([page], outlet, entry) for page, outlet, entry in stories]
        answers = await self._sandbox.run_each(read_in_worker, calls)
        if isinstance(answers, Killed | Raised):
            return [None] * len(stories)
        return [None if isinstance(answer, Raised) else answer for answer in answers]

    def _call(self, pages: Sequence[Page], outlet: Outlet, entry: Entry) -> _Call:
        finishing = None if self._finish is None else (self._finish, self._furniture(outlet.id))
        return tuple(map(Carried, pages)), self._packing.of(outlet), entry, self._packed_settings, finishing
