"""The lister with a real sandbox."""

from datetime import timedelta

from scraper.model.feed import Listing, Unlisted
from scraper.sandbox import Sandbox
from scraper.sources import FeedLister
from scraper.sources.listing import list_entries
from tests.sources.test_listing import OUTLET, RSS, page
from tests.sources.test_quick import ATOM


async def test_lists_in_a_worker():
    async with Sandbox(workers=1, timeout=timedelta(seconds=20), memory=500_000_000, recycle_after=10) as sandbox:
        result = await FeedLister(sandbox).list(page(RSS), OUTLET)
    assert isinstance(result, Listing)
    assert len(result.entries) == 2


async def test_a_document_that_holds_the_parser_is_given_up():
    async with Sandbox(workers=1, timeout=timedelta(microseconds=1), memory=500_000_000, recycle_after=10) as sandbox:
        result = await FeedLister(sandbox).list(page(RSS), OUTLET)
    assert result == Unlisted(detail="cannot be read: took longer than 1e-06 s")


async def test_what_is_listed_comes_over_whole():
    async with Sandbox(workers=1, timeout=timedelta(seconds=20), memory=500_000_000, recycle_after=10) as sandbox:
        result = await FeedLister(sandbox).list(page(ATOM), OUTLET)
    assert result == list_entries(page(ATOM), OUTLET)
    assert isinstance(result, Listing)
    assert any(entry.content for entry in result.entries)


async def test_half_a_surrogate_pair_comes_over():
    feed = r'{"title": "\ud800", "items": [{"url": "https://harian.example/1", "title": "Satu \udc00"}]}'
    async with Sandbox(workers=1, timeout=timedelta(seconds=20), memory=500_000_000, recycle_after=10) as sandbox:
        result = await FeedLister(sandbox).list(page(feed), OUTLET)
    assert isinstance(result, Listing)
    assert [entry.url for entry in result.entries] == ["https://harian.example/1"]
