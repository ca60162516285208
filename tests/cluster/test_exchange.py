"""Questions and answers that travel together, over a way that loses some and a shard that dies."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from scraper.cluster import exchange
from scraper.cluster.exchange import Channel, Desk, LostShardError, Question, Replies, ShardDefectError


@pytest.fixture(autouse=True)
def _brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "GATHER_S", 0.001)
    monkeypatch.setattr(exchange, "RIDE_S", 0.002)
    monkeypatch.setattr(exchange, "HOLD_S", 0.05)
    monkeypatch.setattr(exchange, "_FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(exchange, "_LONGEST_PAUSE_S", 0.004)


class Road:
    """The way to a shard's desk; what `ill` decides is lost before or after it was done."""

    def __init__(self, *, losses: float = 0.0, seed: int = 1) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - chooses what is lost
        self._losses = losses
        self.calls: Counter[str] = Counter()
        self.begun: list[Counter[int]] = []
        self.restart()

    def restart(self) -> None:
        begun: Counter[int] = Counter()

        async def answer(method: str, args: tuple[Any, ...]) -> Any:
            begun[args[0]] += 1
            await asyncio.sleep(0.001 * (args[0] % 3))
            if method == "fail":
                raise LookupError(f"no {args[0]}")
            return 2 * args[0]

        self.begun.append(begun)
        self.desk = Desk(answer)

    def _maybe_lose(self) -> None:
        if self._dice.random() < self._losses:
            raise LostShardError

    async def take(self, questions: Sequence[Question]) -> str:
        self.calls["take"] += 1
        self._maybe_lose()
        life = self.desk.take(list(questions))
        await asyncio.sleep(0)
        self._maybe_lose()
        return life

    async def collect(self, known: Sequence[int], questions: Sequence[Question]) -> Replies:
        self.calls["collect"] += 1
        self._maybe_lose()
        replies = await self.desk.collect(known, list(questions))
        self._maybe_lose()
        return replies


@asynccontextmanager
async def channel(road: Road) -> AsyncIterator[Channel]:
    async with asyncio.timeout(60), Channel(road) as opened:
        yield opened


async def test_every_question_has_its_answer_and_many_share_a_call():
    road = Road()
    async with channel(road) as line:
        assert await asyncio.gather(*(line.ask("double", n) for n in range(100))) == [2 * n for n in range(100)]
    assert road.calls.total() < 50


async def test_a_question_is_asked_while_the_shard_has_no_answer_to_earlier_ones(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exchange, "HOLD_S", 30.0)
    road, slow = Road(), asyncio.Event()

    async def answer(method: str, args: tuple[Any, ...]) -> Any:
        if method == "wait":
            await slow.wait()
        slow.set()
        return args[0]

    road.desk = Desk(answer)
    async with channel(road) as line:
        waiting = asyncio.create_task(line.ask("wait", 1))
        while not road.calls["collect"]:  # noqa: ASYNC110 - the road has no event for it
            await asyncio.sleep(0.001)
        assert await line.ask("go on", 2) == 2
        assert await waiting == 1
    assert road.calls["take"] == 1


async def test_what_is_lost_on_the_way_is_asked_again_and_begun_once():
    road = Road(losses=0.4)
    async with channel(road) as line:
        assert await asyncio.gather(*(line.ask("double", n) for n in range(150))) == [2 * n for n in range(150)]
    assert road.begun[0] == Counter(range(150))


async def test_a_question_that_was_overtaken_by_its_own_answer_is_not_begun_again():
    road = Road()
    question = Question(ticket=1, method="double", args=(7,))
    road.desk.take([question])
    assert [reply.ticket for reply in (await road.desk.collect([])).replies] == [1]
    await road.desk.collect([1])
    road.desk.take([question])
    assert (await road.desk.collect([])).replies == ()
    assert road.begun[0] == Counter({7: 1})


async def test_answered_tickets_are_forgotten_at_last(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exchange, "MOST_REMEMBERED", 5)
    road = Road()
    async with channel(road) as line:
        for number in range(20):
            await line.ask("double", number)
        assert len(road.desk._done) <= 5


async def test_a_shard_that_dies_is_asked_all_it_had_not_answered():
    road = Road(losses=0.1)
    async with channel(road) as line:
        asked = asyncio.gather(*(line.ask("double", n) for n in range(300)))
        for _ in range(5):
            await asyncio.sleep(0.004)
            road.restart()
        assert await asked == [2 * n for n in range(300)]


async def test_a_defect_in_the_shard_is_told_with_its_question():
    road = Road()
    async with channel(road) as line:
        assert await line.ask("double", 1) == 2
        with pytest.raises(ShardDefectError, match="no 2"):
            await line.ask("fail", 2)


async def test_nobody_waits_for_ever_for_a_shard_that_cannot_begin():
    class Closed(Road):
        async def collect(self, known: Sequence[int], questions: Sequence[Question]) -> Replies:
            raise RuntimeError(f"cannot begin {len(known) + len(questions)}")

    async with channel(Closed()) as line:
        with pytest.raises(ShardDefectError, match="cannot begin"):
            await line.ask("double", 1)


async def test_answers_wait_a_moment_for_others_while_many_are_to_come(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exchange, "LINGER_S", 3600.0)
    ends = [asyncio.Event() for _ in range(6)]

    async def answer(_method: str, args: tuple[Any, ...]) -> Any:
        await ends[args[0]].wait()

    desk = Desk(answer)
    collecting = asyncio.create_task(
        desk.collect([], [Question(ticket=n, method="wait", args=(n,)) for n in range(len(ends))])
    )
    ends[3].set()
    for _ in range(5):
        await asyncio.sleep(0)
    assert not collecting.done()
    ends[1].set()
    assert sorted(reply.ticket for reply in (await collecting).replies) == [1, 3]


async def test_an_answer_that_nobody_joins_goes_alone(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exchange, "LINGER_S", 0.001)
    never = asyncio.Event()

    async def answer(_method: str, args: tuple[Any, ...]) -> Any:
        if args[0]:
            await never.wait()

    desk = Desk(answer)
    async with asyncio.timeout(30):
        found = await desk.collect([], [Question(ticket=n, method="wait", args=(n,)) for n in range(9)])
    assert [reply.ticket for reply in found.replies] == [0]
    never.set()


async def test_answers_are_let_go_once_the_line_has_them():
    road = Road()
    async with channel(road) as line:
        for number in range(20):
            await line.ask("double", number)
        assert len(road.desk._ready) <= 1


async def test_large_answers_travel_in_several_calls(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(exchange, "MOST_BYTES", 10)
    road = Road()
    async with channel(road) as line:
        assert await asyncio.gather(*(line.ask("double", n) for n in range(40))) == [2 * n for n in range(40)]
    assert road.calls["collect"] >= 20
