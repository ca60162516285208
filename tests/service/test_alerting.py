"""Alerting: what the line and its feeds show becomes conditions; what was told is remembered over a restart."""

import json
from collections.abc import Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from scraper.alerts import Kind
from scraper.engine.events import AlertFailed, AlertSent, StorySettled, WritingPaused, WritingResumed
from scraper.engine.ledger import Ledger
from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedState
from scraper.model.verdict import Dropped, DropReason, Kept, Outcome
from scraper.polling import LENGTHS, Lengths, packed
from scraper.service.alerting import KEY, Alerting, standing_in
from scraper.settings import AlertSettings
from scraper.storage import open_archive
from tests.storage.samples import NOW, article, new, store_in

OUTLETS = frozenset({"koran", "harian"})


class Desk:
    """Alerting over a real store, with a command that appends what it is told to a file."""

    def __init__(self, root, **settings):
        self.root = root
        self.told_file = root / "told.jsonl"
        values = {"command": ("/bin/sh", "-c", f"cat >> {self.told_file}; echo >> {self.told_file}"), "disk_low": 1}
        self.settings = AlertSettings(**{"after": timedelta(), **values, **settings})
        self.now = NOW
        self.events: list[object] = []

    def clock(self) -> datetime:
        return self.now

    @asynccontextmanager
    async def open(self):
        self.ledger = Ledger(self.events.append)
        self.store = await self.ledger.run_once(lambda: store_in(self.root / "data", now=self.now))
        archive = await self.ledger.run_once(lambda: open_archive(self.root / "data"))
        alerting = Alerting(self.settings, self.store, archive, self.ledger, data=self.root / "data", clock=self.clock)
        alerting.restore(await self.ledger.run_once(lambda: self.store.memory(KEY)))
        try:
            yield alerting
        finally:
            await self.ledger.run_once(archive.close)
            await self.ledger.run_once(self.store.close)
            self.ledger.close()

    async def feeds(self, states: Iterable[FeedState]):
        await self.ledger.run_once(lambda: self.store.register(states))

    async def look(self, alerting, minutes=1):
        self.now += timedelta(minutes=minutes)
        await alerting.work(OUTLETS, self.events.append)

    @property
    def told(self):
        lines = self.told_file.read_text().splitlines() if self.told_file.exists() else []
        notices = [notice for line in lines for notice in json.loads(line)["notices"]]
        return [(notice["turn"], notice["kind"], notice["subject"]) for notice in notices]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def failing(since):
    return FeedState(
        url="https://koran.example/feed",
        outlet="koran",
        next_due=NOW,
        failures=9,
        failing_since=since,
        last_failure="https://koran.example/feed: 503",
    )


def settled(verdict):
    entry = Entry(key="k", url="https://harian.example/1", outlet="harian", source="s")
    return StorySettled(outcome=Outcome(pending=Pending(entry=entry, found_at=NOW, attempts=1), verdict=verdict))


async def test_a_feed_that_fails_for_long_is_told_with_advice_and_its_recovery_too(desk):
    async with desk.open() as alerting:
        await desk.feeds([failing(NOW - timedelta(hours=9))])
        await desk.look(alerting)
        await desk.look(alerting)
        assert desk.told == [("raised", "outlet-degraded", "koran")]
        row = json.loads(desk.told_file.read_text().splitlines()[0])["notices"][0]
        assert "9 polls in a row failed" in row["detail"]
        assert row["advice"]
        well = replace(failing(None), failures=0, last_failure=None)
        await desk.ledger.run_once(lambda: desk.store.record_poll(well, (), desk.now))
        await desk.look(alerting)
    assert desk.told[1:] == [("recovered", "outlet-degraded", "koran")]
    assert [type(event) for event in desk.events] == [AlertSent, AlertSent]


async def test_articles_that_shrink_are_told(desk):
    lengths = Lengths(articles=99, usual=8.0, lately=6.0, shrunk_since=NOW - timedelta(hours=1))
    async with desk.open() as alerting:
        await desk.feeds([replace(failing(None), failures=0, last_failure=None)])
        await desk.look(alerting)
        assert desk.told == []
        await desk.ledger.run_once(
            lambda: desk.store.remember(LENGTHS, packed({"https://koran.example/feed": lengths}))
        )
        await desk.look(alerting)
        assert desk.told == [("raised", "outlet-degraded", "koran")]
    assert "shrinking" in desk.told_file.read_text()


async def test_a_restart_tells_nothing_twice_and_forgets_nothing(desk):
    async with desk.open() as alerting:
        await desk.feeds([failing(NOW - timedelta(hours=9))])
        await desk.look(alerting)
    async with desk.open() as alerting:
        await desk.look(alerting)
        saved = await desk.ledger.run_once(lambda: desk.store.memory(KEY))
    assert desk.told == [("raised", "outlet-degraded", "koran")]
    (standing,) = standing_in(saved)
    assert (standing.condition.kind, standing.told) == (Kind.OUTLET, True)


async def test_pages_that_give_no_text_any_more_are_told(desk):
    barren = settled(Dropped(reason=DropReason.TOO_SHORT, detail="12 characters"))
    good = settled(Kept(article=article(1), judged=new(1)))
    async with desk.open() as alerting:
        for event in [good] * 10 + [barren] * 10:
            alerting.observe(event)
        await desk.look(alerting)
        assert desk.told == [], "half of them still read well"
        for event in [barren] * 20:
            alerting.observe(event)
        await desk.look(alerting)
        assert desk.told == [("raised", "outlet-degraded", "harian")]
        for event in [good] * 20:
            alerting.observe(event)
        await desk.look(alerting)
    assert desk.told[1:] == [("recovered", "outlet-degraded", "harian")]


async def test_copies_and_pages_that_are_gone_say_nothing_against_an_outlet(desk):
    copies = settled(Dropped(reason=DropReason.DUPLICATE, detail="d", article=article(2), judged=new(2)))
    gone = settled(Dropped(reason=DropReason.GONE, detail="410"))
    async with desk.open() as alerting:
        for event in [copies, gone] * 30:
            alerting.observe(event)
        await desk.look(alerting)
    assert desk.told == []


async def test_a_disk_that_fills_up_and_a_store_that_cannot_write_are_told(tmp_path):
    desk = Desk(tmp_path, disk_low=10**18)
    async with desk.open() as alerting:
        alerting.observe(WritingPaused(detail="no space left on data/"))
        await desk.look(alerting)
        where = str(tmp_path / "data")
        assert sorted(desk.told) == [("raised", "disk-low", where), ("raised", "writing-paused", where)]
        alerting.observe(WritingResumed())
        await desk.look(alerting)
    assert desk.told[2:] == [("recovered", "writing-paused", where)]


async def test_what_could_not_be_sent_is_tried_again_later_even_after_a_restart(desk):
    broken = Desk(desk.root, command=("/bin/sh", "-c", "cat > /dev/null; exit 1"))
    async with broken.open() as alerting:
        await broken.feeds([failing(NOW - timedelta(hours=9))])
        await broken.look(alerting)
        await broken.look(alerting, minutes=0)
        assert [type(event) for event in broken.events] == [AlertFailed], "not tried again at once"
        await broken.look(alerting, minutes=2)
        assert len(broken.events) == 2
    desk.settings = replace(desk.settings, command=("/bin/sh", *desk.settings.command[1:]))
    desk.now = broken.now
    async with desk.open() as alerting:
        await desk.look(alerting, minutes=5)
    assert desk.told == [("raised", "outlet-degraded", "koran")]


async def test_what_nobody_takes_for_a_day_is_given_up(desk):
    broken = Desk(desk.root, command=("/bin/sh", "-c", "cat > /dev/null; exit 1"))
    async with broken.open() as alerting:
        await broken.feeds([failing(NOW - timedelta(hours=9))])
        await broken.look(alerting)
        await broken.look(alerting, minutes=60 * 25)
        await broken.look(alerting, minutes=60)
        assert len(broken.events) == 1


@pytest.mark.parametrize("saved", [None, b"", b"{", b"[]", b'{"standing": 1}'])
async def test_a_memory_that_cannot_be_read_is_forgotten(desk, saved):
    assert standing_in(saved) == ()
    async with desk.open() as alerting:
        alerting.restore(saved)
        await desk.look(alerting)
    assert desk.told == []
