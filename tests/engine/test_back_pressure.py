"""Back-pressure: while the disk is slow, fetching waits, and what is held stays within bounds."""

import asyncio
import threading
from datetime import timedelta

from scraper.engine import committer
from scraper.settings import FetchSettings, Settings, StoreSettings
from tests.engine.test_runner import NOW, Line, entry
from tests.fakes import FakeStore, page, until

STORIES = 400
CONCURRENCY, GROUP = 8, 4
BOUND = CONCURRENCY + 2 * GROUP + GROUP
"""Stories under way, in the queue, and in the group that is being committed."""


class SlowStore(FakeStore):
    """Its commits end when they are let go, as on a disk whose fsync hangs; claims and polls are quick."""

    def __init__(self):
        super().__init__()
        self.gate = threading.Event()
        self.commits = 0

    def commit(self, outcomes, now, *args):
        self.commits += 1
        assert self.gate.wait(60)
        super().commit(outcomes, now, *args)


def line(*, archive=False, body=b"<p>story</p>"):
    made = Line()
    made.store = SlowStore()
    made.ledger.close()
    made.ledger = type(made.ledger)(made.events.append)
    made.store.enqueue([entry(number) for number in range(STORIES)], NOW)
    made.fetcher.answers = {entry(number).url: page(entry(number).url, body) for number in range(STORIES)}
    made.settings = Settings(
        fetch=FetchSettings(concurrency=CONCURRENCY, host_concurrency=CONCURRENCY),
        store=StoreSettings(commit_articles=GROUP, commit_interval=timedelta(seconds=0.05), archive=archive),
        drain=timedelta(seconds=0.1),
    )
    return made


async def settled(made):
    """Wait until nothing more is fetched."""
    before = -1
    while len(made.fetcher.asked) != before:
        before = len(made.fetcher.asked)
        await asyncio.sleep(0.3)


async def test_a_slow_disk_slows_fetching_and_nothing_is_lost():
    made, stop = line(), asyncio.Event()
    async with made.runner() as runner:
        running = asyncio.create_task(runner.run(stop))
        await until(lambda: made.store.commits == 1)
        await settled(made)
        assert len(made.fetcher.asked) <= BOUND
        assert runner.load.ready <= 2 * GROUP
        made.store.gate.set()
        await until(lambda: len(made.store.outcomes) == STORIES, 60)
        stop.set()
        await running
    assert len({outcome.pending.entry.key for outcome in made.store.outcomes}) == STORIES


async def test_pages_are_let_go_of_once_they_are_read():
    made, stop = line(body=b"x" * 100_000), asyncio.Event()
    async with made.runner() as runner:
        running = asyncio.create_task(runner.run(stop))
        await until(lambda: made.store.commits == 1)
        await settled(made)
        assert runner.load.held == 0
        made.store.gate.set()
        stop.set()
        await running


async def test_pages_for_the_archive_are_held_by_bytes_not_only_by_number(monkeypatch):
    monkeypatch.setattr(committer, "READY_BYTES", 300_000)
    made, stop = line(archive=True, body=b"x" * 100_000), asyncio.Event()
    async with made.runner() as runner:
        running = asyncio.create_task(runner.run(stop))
        await until(lambda: made.store.commits == 1)
        await settled(made)
        # Those that were under way when the limit was met still come in.
        assert 300_000 <= runner.load.held <= 300_000 + (CONCURRENCY + GROUP) * 100_000
        assert len(made.fetcher.asked) <= 3 + CONCURRENCY
        made.store.gate.set()
        await until(lambda: len(made.store.outcomes) == STORIES, 60)
        stop.set()
        await running
        assert runner.load.held == 0
