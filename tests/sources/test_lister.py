"""The lister with a real sandbox."""

import os
import signal
from datetime import timedelta

import pytest

from scraper.model.feed import Listing, Unlisted
from scraper.sandbox import Sandbox
from scraper.sources import FeedLister
from scraper.sources.insisting import insisting
from scraper.sources.listing import list_entries
from tests.sources.test_listing import OUTLET, RSS, page
from tests.sources.test_quick import ATOM

LARGE = f"<rss><channel>{' ' * 8_000_000}</channel></rss>"


@pytest.fixture
async def stopped():
    """A sandbox whose worker does not even take its next job: there is no clearer overload."""
    async with Sandbox(workers=1, timeout=timedelta(seconds=0.3), memory=500_000_000, recycle_after=10) as sandbox:
        pid = await sandbox.run(os.getpid)
        assert isinstance(pid, int)
        os.kill(pid, signal.SIGSTOP)
        yield sandbox


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


async def test_a_long_list_comes_over_whole_and_in_its_order():
    items = "".join(f"<item><title>{n}</title><link>https://harian.example/{n}</link></item>" for n in range(1201))
    async with Sandbox(workers=1, timeout=timedelta(seconds=20), memory=500_000_000, recycle_after=10) as sandbox:
        result = await FeedLister(sandbox).list(page(f"<rss><channel>{items}</channel></rss>"), OUTLET)
    assert isinstance(result, Listing)
    assert [entry.title for entry in result.entries] == [str(n) for n in range(1201)]


async def test_half_a_surrogate_pair_comes_over():
    feed = r'{"title": "\ud800", "items": [{"url": "https://harian.example/1", "title": "Satu \udc00"}]}'
    async with Sandbox(workers=1, timeout=timedelta(seconds=20), memory=500_000_000, recycle_after=10) as sandbox:
        result = await FeedLister(sandbox).list(page(feed), OUTLET)
    assert isinstance(result, Listing)
    assert [entry.url for entry in result.entries] == ["https://harian.example/1"]


async def test_a_document_for_which_the_machine_had_no_time_is_not_to_blame(stopped):
    assert await FeedLister(stopped).list(page(LARGE), OUTLET) == Unlisted(
        detail="cannot be read now: not done in 2 s on an overloaded machine", overload=True
    )


async def test_what_does_not_come_again_is_read_again_at_once_when_the_machine_had_no_time(stopped):
    assert await insisting(stopped, len, LARGE) == len(LARGE)
