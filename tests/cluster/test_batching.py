"""Orders that travel together: none waits without need, and none suffers for another."""

import asyncio
from collections.abc import Sequence

import pytest

from scraper.cluster import batching
from scraper.cluster.batching import Batches, LostError, Undone


class Way:
    """Does orders; notes which travelled together. Orders named `bad` kill, those named `slow` hold up."""

    def __init__(self, under_way: int = 2) -> None:
        self.under_way = under_way
        self.trips: list[list[bytes]] = []
        self.open = asyncio.Event()
        self.open.set()
        self.batches: Batches[bytes, bytes] = Batches(self._send, lambda: self.under_way)

    async def _send(self, orders: Sequence[bytes]) -> list[bytes | Undone]:
        self.trips.append(list(orders))
        await self.open.wait()
        if b"bad" in orders:
            raise LostError("lost")
        if len(orders) > 1 and b"slow" in orders:
            at = orders.index(b"slow")
            return [*(order.upper() for order in orders[:at]), Undone.SLOW, *[Undone.LEFT] * (len(orders) - at - 1)]
        return [order.upper() for order in orders]

    async def do(self, *orders: bytes) -> list[bytes | BaseException]:
        return await asyncio.gather(*map(self.batches.do, orders), return_exceptions=True)


async def test_with_nothing_to_wait_for_an_order_goes_alone():
    way = Way()
    for order in (b"a", b"b"):
        assert await way.do(order) == [order.upper()]
    assert way.trips == [[b"a"], [b"b"]]


async def test_what_waits_goes_together_and_every_way_gets_its_share():
    way = Way(under_way=4)
    orders = [bytes([65 + number]) for number in range(20)]
    assert list(await way.do(*orders)) == orders
    assert [len(trip) for trip in way.trips] == [5, 5, 5, 5]


async def test_a_few_wait_for_others_while_some_are_under_way(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(batching, "LINGER_S", 3600.0)
    way = Way(under_way=2)
    way.open.clear()
    first = asyncio.create_task(way.do(b"a"))
    while not way.trips:  # noqa: ASYNC110 - the way has no event for it
        await asyncio.sleep(0)
    few = asyncio.create_task(way.do(*[b"b"] * (batching.WELL_USED - 1)))
    for _ in range(5):
        await asyncio.sleep(0)
    assert way.trips == [[b"a"]]
    last = asyncio.create_task(way.do(b"c"))
    while len(way.trips) < 2:  # noqa: ASYNC110
        await asyncio.sleep(0)
    way.open.set()
    await asyncio.gather(first, few, last)
    assert sum(map(len, way.trips)) == batching.WELL_USED + 1


async def test_they_wait_no_longer_than_a_moment_nor_for_the_end_of_what_is_under_way(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(batching, "LINGER_S", 0.001)
    way = Way(under_way=2)
    way.open.clear()
    orders = [asyncio.create_task(way.do(b"a"))]
    while not way.trips:  # noqa: ASYNC110
        await asyncio.sleep(0)
    orders.append(asyncio.create_task(way.do(b"b")))
    async with asyncio.timeout(30):
        while way.trips != [[b"a"], [b"b"]]:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
    way.open.set()
    await asyncio.gather(*orders)


async def test_with_nothing_under_way_any_more_nobody_waits(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(batching, "LINGER_S", 3600.0)
    way = Way(under_way=2)
    way.open.clear()
    first = asyncio.create_task(way.do(b"a"))
    while not way.trips:  # noqa: ASYNC110
        await asyncio.sleep(0)
    second = asyncio.create_task(way.do(b"b"))
    await asyncio.sleep(0)
    way.open.set()
    async with asyncio.timeout(30):
        assert (await first, await second) == ([b"A"], [b"B"])


async def test_no_trip_grows_beyond_its_limits():
    way = Way(under_way=1)
    await way.do(*[b"x"] * 100)
    assert max(map(len, way.trips)) == batching.MOST_ORDERS
    way.trips.clear()
    await way.do(*[b"x" * (batching.MOST_BYTES * 9 // 20)] * 6)
    assert [len(trip) for trip in way.trips] == [2, 2, 2]


async def test_an_order_that_dies_with_others_is_tried_alone_and_they_do_not_suffer():
    way = Way(under_way=1)
    good = [b"a", b"b", b"c"]
    *answers, lost = await way.do(*good, b"bad")
    assert answers == [b"A", b"B", b"C"]
    assert isinstance(lost, LostError)
    assert [b"bad"] in way.trips
    assert all(b"bad" not in trip for trip in way.trips[1:] if len(trip) > 1)


async def test_an_order_that_holds_others_up_is_done_alone():
    way = Way(under_way=1)
    assert await way.do(b"a", b"slow", b"c", b"d") == [b"A", b"SLOW", b"C", b"D"]
    assert [b"slow"] in way.trips


async def test_nobody_gets_an_answer_whose_asker_has_gone():
    way = Way(under_way=1)
    way.open.clear()
    first = asyncio.create_task(way.batches.do(b"a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone = asyncio.create_task(way.batches.do(b"b"))
    last = asyncio.create_task(way.batches.do(b"c"))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    way.open.set()
    assert [await first, await last] == [b"A", b"C"]
    assert way.trips == [[b"a"], [b"c"]]


async def test_a_defect_goes_to_all_who_asked():
    async def broken(_orders: Sequence[bytes]) -> list[bytes | Undone]:
        raise RuntimeError("broken")

    batches: Batches[bytes, bytes] = Batches(broken, lambda: 1)
    for found in await asyncio.gather(batches.do(b"a"), batches.do(b"b"), return_exceptions=True):
        assert isinstance(found, RuntimeError)


@pytest.mark.parametrize("under_way", [1, 3, 50])
async def test_everything_is_answered_whatever_is_slow_or_dies(under_way: int):
    way = Way(under_way)
    orders = [b"bad" if number % 7 == 3 else b"slow" if number % 5 == 1 else b"%d" % number for number in range(70)]
    answers = await way.do(*orders)
    for order, answer in zip(orders, answers, strict=True):
        assert isinstance(answer, LostError) if order == b"bad" else answer == order.upper()
