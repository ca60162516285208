"""The lister with a real sandbox."""

from datetime import timedelta

from scraper.model.feed import Listing, Unlisted
from scraper.sandbox import Sandbox
from scraper.sources import FeedLister
from tests.sources.test_listing import OUTLET, RSS, page


async def test_lists_in_a_worker():
    async with Sandbox(workers=1, timeout=timedelta(seconds=20), memory=500_000_000, recycle_after=10) as sandbox:
        result = await FeedLister(sandbox).list(page(RSS), OUTLET)
    assert isinstance(result, Listing)
    assert len(result.entries) == 2


async def test_a_document_that_holds_the_parser_is_given_up():
    async with Sandbox(workers=1, timeout=timedelta(microseconds=1), memory=500_000_000, recycle_after=10) as sandbox:
        result = await FeedLister(sandbox).list(page(RSS), OUTLET)
    assert result == Unlisted(detail="cannot be read: took longer than 1e-06 s")
