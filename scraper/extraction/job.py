"""The work that is sent to a worker, without what it needs to be done: that is imported where it runs."""

from collections.abc import Sequence

from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Deferred, Dropped
from scraper.settings import ExtractSettings


def read_in_worker(
    pages: Sequence[Page], outlet: Outlet, entry: Entry, settings: ExtractSettings
) -> Draft | Dropped | Deferred:
    """The same as `read_pages`."""
    from scraper.extraction.article import read_pages  # noqa: PLC0415 - the daemon itself need not hold trafilatura

    return read_pages(pages, outlet, entry, settings)
