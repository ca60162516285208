"""The work that is sent to a worker, without what it needs to be done: that is imported where it runs."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import datetime
from pickle import PickleBuffer
from typing import Any

from scraper.extraction.furniture import look, without
from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Deferred, Dropped
from scraper.sandbox import Packed
from scraper.settings import ExtractSettings

Finish = Callable[[Draft, str], Draft]
"""Further work on a draft that is done where it was read; a top-level function.

It is given the draft's text without what seems to be furniture."""
Finishing = tuple[Finish, Collection[int]]
"""The same, and what is expected to be furniture, see `Furniture.lately`."""


class Carried:
    """A page on its way to a worker: of it only what reading it needs, and its body beside the pickle."""

    __slots__ = ("page",)

    def __init__(self, page: Page) -> None:
        self.page = page

    def __reduce__(self) -> tuple[Any, ...]:
        page = self.page
        rest = page.url, page.requested_url, page.fetched_at, page.content_type
        return _arrived, (PickleBuffer(page.body), *rest)


def _arrived(body: bytes, url: str, requested_url: str, fetched_at: datetime, content_type: str | None) -> Carried:
    page = Page(
        url=url, requested_url=requested_url, body=bytes(body), fetched_at=fetched_at, content_type=content_type
    )
    return Carried(page)


def read_in_worker(
    pages: Sequence[Carried],
    outlet: Packed[Outlet],
    entry: Entry,
    settings: Packed[ExtractSettings],
    finishing: Finishing | None = None,
) -> Draft | Dropped | Deferred:
    """The same as `read_pages`, with what the lines are known by, and then what finishes a draft."""
    from scraper.extraction.article import read_pages  # noqa: PLC0415 - the daemon itself need not hold trafilatura

    answer = read_pages([carried.page for carried in pages], outlet.value, entry, settings.value)
    if not isinstance(answer, Draft):
        return answer
    looks = look(answer.text)
    draft = replace(answer, looks=looks)
    if finishing is None:
        return draft
    finish, furniture = finishing
    return finish(draft, without(answer.text, looks, furniture))
