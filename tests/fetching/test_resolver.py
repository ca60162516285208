"""Names to addresses."""

import asyncio
import threading
import time
from ipaddress import ip_address

import pytest

from scraper.fetching.resolver import Resolver, Unknown

HERE = (ip_address("192.0.66.2"),)


@pytest.fixture
async def lookups():
    """Build resolvers whose lookups are given; end them, and what still blocks."""
    resolvers, released = [], threading.Event()

    def build(table):
        def lookup(name):
            answer = table(name)
            if answer == "stuck":
                released.wait(60)
                raise OSError(-3, "Temporary failure in name resolution")
            return answer

        resolvers.append(Resolver(lookup))
        return resolvers[-1]

    yield build
    released.set()
    for resolver in resolvers:
        await resolver.aclose()


async def test_a_name_is_looked_up_once_for_all_who_ask(lookups):
    asked = []

    def table(name):
        asked.append(name)
        time.sleep(0.05)
        return ["192.0.66.2"]

    resolver = lookups(table)
    assert await asyncio.gather(*(resolver.addresses("kabar.example") for _ in range(20))) == [HERE] * 20
    assert await resolver.addresses("kabar.example") == HERE
    assert asked == ["kabar.example"]


async def test_a_failure_is_remembered_too(lookups):
    asked = []

    def table(name):
        asked.append(name)
        raise OSError(-2, "Name or service not known")

    resolver = lookups(table)
    for _ in range(3):
        assert await resolver.addresses("nowhere.example") == Unknown(detail="name or service not known")
    assert len(asked) == 1


@pytest.mark.parametrize("answer", [[], ["not an address"]])
async def test_an_answer_without_addresses_is_none(lookups, answer):
    assert isinstance(await lookups(lambda _: answer).addresses("kabar.example"), Unknown)


async def test_one_good_name_is_not_delayed_by_a_hundred_dead_ones(lookups):
    resolver = lookups(lambda name: ["192.0.66.2"] if name == "good.example" else "stuck")
    dead = [asyncio.create_task(resolver.addresses(f"dead{n}.example")) for n in range(100)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        assert await resolver.addresses("good.example") == HERE
    assert not any(task.done() for task in dead)
    for task in dead:
        task.cancel()


async def test_a_name_is_still_found_after_all_who_asked_gave_up(lookups):
    go = threading.Event()

    def table(_):
        go.wait(10)
        return ["192.0.66.2"]

    resolver = lookups(table)
    impatient = asyncio.create_task(resolver.addresses("kabar.example"))
    await asyncio.sleep(0.01)
    impatient.cancel()
    go.set()
    assert await resolver.addresses("kabar.example") == HERE


async def test_closing_does_not_wait_for_the_stuck(lookups):
    resolver = lookups(lambda _: "stuck")
    waiting = asyncio.create_task(resolver.addresses("dead.example"))
    await asyncio.sleep(0.01)
    async with asyncio.timeout(1):
        await resolver.aclose()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_thread_that_has_answered_takes_the_next_name(lookups):
    threads = set()

    def table(_):
        threads.add(threading.get_ident())
        return ["192.0.66.2"]

    resolver = lookups(table)
    for n in range(20):
        assert await resolver.addresses(f"h{n}.example") == HERE
    assert len(threads) == 1


async def test_a_bug_in_a_lookup_is_raised_and_not_remembered(lookups):
    def table(name):
        return ["192.0.66.2"][len(name)]

    resolver = lookups(table)
    for _ in range(2):
        with pytest.raises(IndexError):
            await resolver.addresses("kabar.example")
