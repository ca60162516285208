"""What a task does with its orders, in a real sandbox with child processes, without a cluster."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta
from pickle import PickleBuffer
from typing import Any

import pytest

from scraper.cluster import tasks
from scraper.cluster.batching import Undone
from scraper.cluster.tasks import Limits, Parcel, TaskSandbox, do_all
from scraper.sandbox import Answered, Killed, Pieces, Raised, Sandbox, opened
from tests.sandbox import jobs


def order(job: Callable[..., Any], *args: Any) -> Pieces:
    return Parcel.of((job, args, {})).pieces


def said(answer: object) -> Any:
    assert isinstance(answer, Answered | Killed)
    return opened(answer)


def sandbox() -> Sandbox:
    return Sandbox(workers=1, timeout=timedelta(seconds=60), memory=300_000_000, recycle_after=100)


async def test_a_page_that_kills_its_reader_costs_those_it_travels_with_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "_BEGIN_S", 60.0)
    monkeypatch.setattr(tasks, "_WAIT_S", 60.0)
    async with sandbox() as box:
        answers = await do_all(box, [order(jobs.add, 0, 1), order(jobs.leave), order(jobs.add, 0, 3)])
    assert [said(answers[0]), said(answers[2])] == [1, 3]
    assert isinstance(answers[1], Killed)


async def test_a_slow_page_is_left_for_a_trip_of_its_own(monkeypatch: pytest.MonkeyPatch):
    async with sandbox() as box:
        await box.run(jobs.add, 0, 0)
        monkeypatch.setattr(tasks, "_BEGIN_S", 60.0)
        monkeypatch.setattr(tasks, "_WAIT_S", 5.0)
        answers = await do_all(box, [order(jobs.add, 0, 1), order(jobs.sleep, 100), order(jobs.add, 0, 3)])
        assert [said(answers[0]), answers[1], said(answers[2])] == [1, Undone.SLOW, 3]
        monkeypatch.setattr(tasks, "_WAIT_S", 0.01)
        (alone,) = await do_all(box, [order(jobs.sleep, 0.5)])
    assert said(alone) == "awake"


async def test_a_lot_that_takes_too_long_is_tried_one_by_one_and_comes_on_by_one_at_least(
    monkeypatch: pytest.MonkeyPatch,
):
    orders = [order(jobs.sleep, 100), order(jobs.add, 0, 1), *[order(jobs.add, 0, 2)] * tasks._LOT]
    async with sandbox() as box:
        await box.run(jobs.add, 0, 0)
        monkeypatch.setattr(tasks, "_WAIT_FOR_LOT_S", 0.3)
        monkeypatch.setattr(tasks, "_WAIT_S", 0.3)
        monkeypatch.setattr(tasks, "_BEGIN_S", 0.2)
        first = await do_all(box, orders)
        monkeypatch.setattr(tasks, "_WAIT_S", 60.0)
        monkeypatch.setattr(tasks, "_BEGIN_S", 60.0)
        monkeypatch.setattr(tasks, "_WAIT_FOR_LOT_S", 60.0)
        rest = await do_all(box, orders[1:])
    assert first == [Undone.SLOW, *[Undone.LEFT] * (len(orders) - 1)]
    assert [said(answer) for answer in rest] == [1, *[2] * tasks._LOT]


async def test_what_there_is_no_time_for_is_handed_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tasks, "_BEGIN_S", -1.0)
    async with sandbox() as box:
        assert await do_all(box, [order(jobs.add, 0, 1), order(jobs.add, 0, 2)]) == [Undone.LEFT, Undone.LEFT]


async def test_buffers_go_beside_the_pickle():
    body = b"x" * 50_000
    parcel = Parcel.of((jobs.size_of, (PickleBuffer(body),), {}))
    assert [piece.raw().nbytes < 1000 for piece in parcel.pieces] == [True, False]
    assert 50_000 < len(parcel) < 51_000
    async with sandbox() as box:
        answers = await do_all(box, [parcel.pieces, parcel.pieces])
        answers += await do_all(box, [parcel.pieces])
    assert [said(answer) for answer in answers] == [("bytes", 50_000, b"x")] * 3


class Nearby(TaskSandbox):
    """A cluster's sandbox whose tasks are done in a child of this process."""

    def __init__(self, box: Sandbox) -> None:
        limits = Limits(timeout=timedelta(seconds=60), memory=300_000_000, recycle_after=100)
        super().__init__(limits, under_way=lambda: 1)
        self._box = box
        self.trips: list[int] = []

    async def _send(self, orders: Sequence[Parcel]) -> list[Answered | Killed | Undone]:
        self.trips.append(len(orders))
        return await do_all(self._box, [order.pieces for order in orders])


@pytest.fixture(params=["here", "on a cluster"])
async def reader(request: pytest.FixtureRequest) -> AsyncIterator[Sandbox]:
    """The same sandbox in children of this process and behind a cluster's tasks."""
    async with sandbox() as box:
        yield box if request.param == "here" else Nearby(box)


async def test_every_sandbox_tells_what_became_of_each_job(reader: Sandbox):
    answers = await asyncio.gather(
        reader.run(jobs.add, 2, b=3),
        reader.run(jobs.fail, "no such thing"),
        reader.run(jobs.crash),
        reader.run(jobs.echo, b"x" * 100_000),
        reader.run(jobs.unpicklable),
    )
    assert answers[0] == 5
    assert answers[1] == Raised(detail="LookupError: no such thing")
    assert answers[2] == Killed(detail="the worker crashed (SIGSEGV)")
    assert answers[3] == b"x" * 100_000
    assert isinstance(answers[4], Raised)
    if isinstance(reader, Nearby):
        assert max(reader.trips) > 1


async def test_every_sandbox_goes_on_when_an_asker_gives_up(reader: Sandbox):
    assert await reader.run(jobs.add, 1, 1) == 2
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await reader.run(jobs.sleep, 1.0)
    assert await reader.run(jobs.add, 2, 2) == 4
