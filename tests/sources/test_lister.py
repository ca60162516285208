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


async def test_a_document_that_holds_the_parser_is_killed():
    hostile = "<rss " + " ".join(f"a{n}='x' <" for n in range(200_000)) + "/>"
    async with Sandbox(workers=1, timeout=timedelta(seconds=0.5), memory=500_000_000, recycle_after=10) as sandbox:
        lister = FeedLister(sandbox)
        assert isinstance(await lister.list(page(hostile), OUTLET), Unlisted)
        assert isinstance(await lister.list(page(""), OUTLET), Unlisted)
