"""Chores: they come round, one at a time, and are over before the parts they use are closed."""

import asyncio
import logging
from datetime import timedelta

from scraper.engine.events import StepFailed
from scraper.service.ticking import Chore, ticking

OFTEN = timedelta(milliseconds=5)


class Part:
    """Something that must not be used once it is closed."""

    def __init__(self):
        self.closed = False
        self.uses = 0
        self.late = 0
        self.at_once = 0
        self.used = asyncio.Event()

    def use(self):
        self.uses += 1
        self.late += self.closed
        self.used.set()

    async def use_long(self):
        self.at_once += 1
        assert self.at_once == 1
        try:
            self.use()
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.02)
            self.use()
            self.at_once -= 1


async def test_chores_come_round_until_the_end():
    part = Part()

    async def work():
        part.use()

    async with ticking([Chore(name="tick", every=OFTEN, work=work)], lambda _: None), asyncio.timeout(30):
        while part.uses < 3:
            part.used.clear()
            await part.used.wait()
    part.closed = True
    await asyncio.sleep(0.05)
    assert not part.late


async def test_a_chore_under_way_ends_before_the_parts_are_closed(caplog):
    part = Part()
    with caplog.at_level(logging.ERROR):
        async with ticking([Chore(name="upkeep", every=OFTEN, work=part.use_long)], lambda _: None):
            await part.used.wait()
            await asyncio.sleep(0.05)
        part.closed = True
        await asyncio.sleep(0.05)
    assert (part.uses, part.late, part.at_once) == (2, 0, 0)
    assert not caplog.records


async def test_ending_at_any_instant_of_a_tick_says_nothing(caplog):
    async def work():
        await asyncio.sleep(0)

    with caplog.at_level(logging.ERROR):
        for turn in range(60):
            async with ticking([Chore(name="tick", every=timedelta(milliseconds=1), work=work)], lambda _: None):
                await asyncio.sleep(turn * 0.0002)
    assert not caplog.records


async def test_a_defect_is_told_and_the_chore_comes_round_again(caplog):
    seen = []
    twice = asyncio.Event()

    async def work():
        raise LookupError("no such thing")

    def observe(event):
        seen.append(event)
        if len(seen) > 1:
            twice.set()

    with caplog.at_level(logging.ERROR):
        async with ticking([Chore(name="upkeep", every=OFTEN, work=work)], observe), asyncio.timeout(30):
            await twice.wait()
    assert seen[0] == StepFailed(subject="upkeep", detail="a defect in scraper: LookupError: no such thing")
    assert not caplog.records


async def test_a_chore_may_begin_at_once():
    part = Part()

    async def work():
        part.use()

    chore = Chore(name="alerts", every=timedelta(hours=1), work=work, at_once=True)
    async with ticking([chore], lambda _: None), asyncio.timeout(30):
        await part.used.wait()
