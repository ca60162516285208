"""Who may be asked when, with several shards: politeness stays in one place."""

import asyncio
import itertools

import pytest

from scraper.cluster import leases, pacing
from scraper.cluster.leases import Grant, Told
from scraper.cluster.pacing import Lent, SharedHosts
from scraper.cluster.routing import shard_of_domain
from scraper.fetching.hosts import Busy, Rules, Turn
from scraper.fetching.pace import Answer

RULES = Rules(spacing=0.05, concurrency=1)
SHARDS = 3


class Wire:
    """Shards that reach each other without a network; `cut` ones are not reached."""

    def __init__(self, *, wait: float | None = -1000.0) -> None:
        """Every shard has leave to ask once others that may have asked are gone, in `wait` seconds; None: none has."""
        self.cut: set[int] = set()
        self.shards = [
            SharedHosts(life=str(number), domain_of=lambda name: name, owner_of=self._owner(number))
            for number in range(SHARDS)
        ]
        for number, shard in enumerate(self.shards):
            shard.limit(100)
            if wait is not None:
                grant(shard, number, wait)

    def _owner(self, number: int):
        def owner(domain: str):
            shard = shard_of_domain(domain, SHARDS)
            return None if shard == number else _Reached(self, shard)

        return owner

    def owner(self, name: str) -> SharedHosts:
        return self.shards[shard_of_domain(name, SHARDS)]

    def others(self, name: str) -> list[SharedHosts]:
        return [shard for shard in self.shards if shard is not self.owner(name)]


def grant(shard: SharedHosts, number: int, wait: float = -1000.0, *, seconds: float = 1000.0) -> None:
    """Leave for `seconds` more."""
    told = asyncio.get_running_loop().time() + seconds - leases.LEASE_S
    shard.keep(Grant(told=Told(life=str(number), now=told), wait=wait))


class _Reached:
    def __init__(self, wire: Wire, number: int) -> None:
        self._wire, self._number = wire, number

    async def lend(self, name: str, rules: Rules, patience: float) -> Lent | Busy:
        await asyncio.sleep(0)
        if self._number in self._wire.cut:
            return Busy(seconds=patience, throttled=False)
        return await self._wire.shards[self._number].lend(name, rules, patience)

    def give_back(self, number: int, answer: Answer | None) -> None:
        if self._number not in self._wire.cut:
            self._wire.shards[self._number].take_back(number, answer)


async def test_starts_keep_their_distance_whichever_shard_asks():
    wire, starts, under_way = Wire(), list[float](), 0
    loop = asyncio.get_running_loop()

    async def ask(shard: SharedHosts) -> None:
        nonlocal under_way
        turn = await shard.enter("outlet.example", RULES, 30.0)
        assert isinstance(turn, Turn)
        under_way += 1
        assert under_way == 1
        starts.append(loop.time())
        await asyncio.sleep(0.01)
        under_way -= 1
        shard.leave(turn, Answer(latency=0.01, status=200))

    await asyncio.gather(*(ask(wire.shards[number % SHARDS]) for number in range(9)))
    assert len(starts) == 9
    assert min(later - earlier for earlier, later in itertools.pairwise(sorted(starts))) > 0.045


async def test_a_complaint_heard_by_one_shard_counts_for_all():
    wire = Wire()
    far, other = wire.others("outlet.example")
    turn = await far.enter("outlet.example", RULES, 30.0)
    assert isinstance(turn, Turn)
    far.leave(turn, Answer(latency=0.01, status=429, retry_after=60.0))
    for shard in (wire.owner("outlet.example"), far, other):
        busy = await shard.enter("outlet.example", RULES, 5.0)
        assert isinstance(busy, Busy)
        assert busy.throttled
        assert busy.seconds > 50


async def test_a_turn_of_a_shard_that_died_comes_back(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pacing, "LENT_S", 0.2)
    wire = Wire()
    far, other = wire.others("outlet.example")
    assert isinstance(await far.enter("outlet.example", RULES, 30.0), Turn)
    turn = await other.enter("outlet.example", RULES, 30.0)
    assert isinstance(turn, Turn)
    other.leave(turn, None)


async def test_an_owner_out_of_reach_is_not_gone_round():
    wire = Wire()
    (far, _), owner = wire.others("outlet.example"), wire.owner("outlet.example")
    wire.cut.add(wire.shards.index(owner))
    busy = await far.enter("outlet.example", RULES, 0.5)
    assert busy == Busy(seconds=0.5, throttled=False)


async def test_without_a_lease_nobody_is_asked():
    wire = Wire(wait=None)
    owner, (far, _) = wire.owner("outlet.example"), wire.others("outlet.example")
    for shard in (owner, far):
        assert isinstance(await shard.enter("outlet.example", RULES, 0.1), Busy)
    waiting = [asyncio.create_task(shard.enter("outlet.example", RULES, 30.0)) for shard in (owner, far)]
    await asyncio.sleep(0.05)
    assert not any(task.done() for task in waiting)
    grant(owner, wire.shards.index(owner))
    for shard, task in zip((owner, far), waiting, strict=True):
        turn = await task
        assert isinstance(turn, Turn)
        shard.leave(turn, None)


async def test_nothing_is_sent_once_the_lease_is_over_though_a_turn_was_given():
    wire = Wire(wait=None)
    owner, (far, _) = wire.owner("outlet.example"), wire.others("outlet.example")
    for shard in (owner, far):
        grant(owner, wire.shards.index(owner), seconds=0.2)
        turn = await shard.enter("outlet.example", RULES, 0.15)
        assert isinstance(turn, Turn)
        assert await shard.depart(turn)
        await asyncio.sleep(0.21)
        assert not await shard.depart(turn)
        shard.leave(turn, None)


async def test_a_lent_turn_counts_to_its_end_and_is_the_only_one():
    wire, loop = Wire(), asyncio.get_running_loop()
    rules = Rules(spacing=0.1, concurrency=2)
    owner, (far, _) = wire.owner("outlet.example"), wire.others("outlet.example")
    lent = await far.enter("outlet.example", rules, 30.0)
    own = asyncio.create_task(owner.enter("outlet.example", rules, 30.0))
    await asyncio.sleep(0.2)
    assert isinstance(lent, Turn)
    assert await far.depart(lent)
    assert not own.done()
    far.leave(lent, Answer(latency=0.01, status=200))
    ended = loop.time()
    turn = await own
    assert isinstance(turn, Turn)
    assert await owner.depart(turn)
    assert loop.time() - ended >= 0.099


async def test_a_turn_lent_by_an_earlier_life_ends_none_of_the_next():
    wire = Wire()
    owner, (far, other) = wire.owner("outlet.example"), wire.others("outlet.example")
    stale = await far.enter("outlet.example", RULES, 30.0)
    number = wire.shards.index(owner)
    wire.shards[number] = SharedHosts(life="next", domain_of=lambda name: name, owner_of=wire._owner(number))
    wire.shards[number].limit(100)
    told = wire.shards[number].keep(None)
    wire.shards[number].keep(Grant(told=told, wait=-1000.0))
    current = await other.enter("outlet.example", RULES, 30.0)
    assert isinstance(stale, Turn)
    assert isinstance(current, Turn)
    far.leave(stale, None)
    assert isinstance(await wire.shards[number].enter("outlet.example", RULES, 0.2), Busy)


async def test_a_shard_in_its_second_life_waits_out_the_first_and_gives_every_host_its_distance():
    loop = asyncio.get_running_loop()
    born = loop.time()
    wire = Wire(wait=0.5)
    for shard in wire.shards:
        turn = await shard.enter("outlet.example", Rules(spacing=0.3, concurrency=1), 30.0)
        assert isinstance(turn, Turn)
        assert loop.time() - born >= 0.8
        shard.leave(turn, None)
    slow = Rules(spacing=120.0, concurrency=1)
    busy = await wire.owner("other.example").enter("other.example", slow, 5.0)
    assert isinstance(busy, Busy)
    assert 100 < busy.seconds <= 121
