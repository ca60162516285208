"""Who may be asked when, with the clock of the event loop."""

import asyncio
import itertools
import random
from collections import Counter

import pytest

from scraper.fetching.hosts import Busy, Hosts, Rules, Turn
from scraper.fetching.pace import Answer

GOOD = Answer(latency=0.0, status=200)
EAGER = Rules(spacing=0.0, concurrency=2)


def domain_of(name):
    return name.partition(".")[2]


def hosts(concurrency=100):
    return Hosts(concurrency=concurrency, domain_of=domain_of)


def now():
    return asyncio.get_running_loop().time()


async def enter(place, name, rules=EAGER, patience=5.0, after=None):
    turn = await place.enter(name, rules, patience, after)
    assert isinstance(turn, Turn)
    return turn


async def test_starts_at_one_host_keep_their_distance_and_their_order():
    place, starts = hosts(), []
    rules = Rules(spacing=0.05, concurrency=2)

    async def ask(number):
        turn = await enter(place, "a.kabar", rules)
        starts.append((number, now()))
        place.leave(turn, GOOD)

    await asyncio.gather(*(ask(n) for n in range(5)))
    assert [number for number, _ in starts] == list(range(5))
    gaps = [later - earlier for (_, earlier), (_, later) in itertools.pairwise(starts)]
    assert min(gaps) >= 0.049


@pytest.mark.parametrize("total", [6, 100])
async def test_no_more_at_once_than_allowed_by_host_domain_and_in_all(total):
    place = hosts(concurrency=total)
    active: Counter[str] = Counter()
    most: Counter[str] = Counter()

    async def ask(name):
        turn = await enter(place, name)
        for key in (name, domain_of(name), ""):
            active[key] += 1
            most[key] = max(most[key], active[key])
        await asyncio.sleep(0.01)
        for key in (name, domain_of(name), ""):
            active[key] -= 1
        place.leave(turn, GOOD)

    names = [f"{host}.{domain}" for host in "abc" for domain in ("kabar", "berita", "warta")]
    await asyncio.gather(*(ask(name) for name in names * 4))
    assert max(most[name] for name in names) <= 2
    assert max(most[domain] for domain in ("kabar", "berita", "warta")) <= 4
    assert most[""] == min(total, 12)


async def test_who_would_wait_too_long_is_told_at_once():
    place = hosts()
    slow = Rules(spacing=60.0, concurrency=1)
    place.leave(await enter(place, "a.kabar", slow), GOOD)
    began = now()
    busy = await place.enter("a.kabar", slow, 5.0)
    assert isinstance(busy, Busy)
    assert not busy.throttled
    assert 59 < busy.seconds <= 60
    assert now() - began < 1


async def test_a_full_host_makes_wait_no_longer_than_patience():
    place = hosts()
    rules = Rules(spacing=0.0, concurrency=1)
    await enter(place, "a.kabar", rules)
    assert isinstance(await place.enter("a.kabar", rules, 0.05), Busy)


async def test_retry_after_is_for_the_host_alone():
    place = hosts()
    turn = await enter(place, "a.kabar")
    assert place.leave(turn, Answer(latency=0.0, status=429, retry_after=100.0)) == 100.0
    busy = await place.enter("a.kabar", EAGER, 5.0)
    assert isinstance(busy, Busy)
    assert busy.throttled
    assert 99 < busy.seconds <= 100
    await enter(place, "b.kabar")
    await enter(place, "a.berita")


async def test_several_hosts_of_a_domain_that_answer_429_speak_for_all_of_it():
    place = hosts()
    for name in ("a.kabar", "b.kabar"):
        place.leave(await enter(place, name), Answer(latency=0.0, status=429, retry_after=100.0))
    assert isinstance(await place.enter("c.kabar", EAGER, 5.0), Busy)
    await enter(place, "c.berita")


async def test_several_broken_hosts_of_a_domain_do_not():
    place = hosts()
    for name in ("a.kabar", "b.kabar"):
        place.leave(await enter(place, name), Answer(latency=0.0, status=503, retry_after=100.0))
    await enter(place, "c.kabar")


async def test_hosts_of_one_domain_are_spaced_too_but_a_redirect_within_it_goes_on():
    place = hosts()
    slow = Rules(spacing=60.0, concurrency=1)
    first = await enter(place, "kabar.kabar", slow)
    place.leave(first, GOOD)
    assert isinstance(await place.enter("www.kabar", slow, 5.0), Busy)
    await enter(place, "www.kabar", slow, after=first)


async def test_a_request_that_is_sent_late_is_kept_away_from_by_the_next():
    place, sent = hosts(), []
    rules = Rules(spacing=0.1, concurrency=2)

    async def ask(connecting):
        turn = await enter(place, "a.kabar", rules)
        await asyncio.sleep(connecting)
        assert await place.depart(turn)
        sent.append(now())
        place.leave(turn, GOOD)

    await asyncio.gather(ask(0.19), ask(0.0), ask(0.0))
    assert min(later - earlier for earlier, later in itertools.pairwise(sorted(sent))) > 0.095


async def test_a_redirect_within_the_host_departs_at_once_and_the_next_request_keeps_away_from_it():
    place = hosts()
    rules = Rules(spacing=0.2, concurrency=1)
    turn = await enter(place, "a.kabar", rules)
    assert await place.depart(turn)
    await asyncio.sleep(0.1)
    began = now()
    assert await place.depart(turn)
    assert now() - began < 0.05
    place.leave(turn, GOOD)
    assert await place.depart(await enter(place, "a.kabar", rules))
    assert now() - began > 0.19


async def test_no_turn_is_lost_by_cancelling_under_contention():
    place = hosts(concurrency=8)
    dice = random.Random(4)  # noqa: S311 - for a schedule, not for a secret

    async def ask(name):
        turn = await place.enter(name, EAGER, 5.0)
        try:
            await asyncio.sleep(dice.random() / 50)
        finally:
            if isinstance(turn, Turn):
                place.leave(turn, None)

    names = [f"{host}.{domain}" for host in "abcde" for domain in ("kabar", "berita")]
    tasks = [asyncio.create_task(ask(dice.choice(names))) for _ in range(600)]
    for task in dice.sample(tasks, 500):
        await asyncio.sleep(dice.random() / 2000)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    async with asyncio.timeout(2):
        held = [await enter(place, f"x.{n}") for n in range(8)]
    for turn in held:
        place.leave(turn, None)
    for name in names:
        turns = [await enter(place, name) for _ in range(2)]
        for turn in turns:
            place.leave(turn, None)


@pytest.mark.parametrize("crowd", [20_000])
async def test_hosts_that_owe_nothing_are_forgotten(crowd, monkeypatch):
    place = hosts()
    monkeypatch.setattr("scraper.fetching.hosts._FORGET", 0.0)
    for n in range(crowd):
        place.leave(await enter(place, f"h.{n}"), GOOD)
    assert len(place._hosts) < 5_000
    assert len(place._domains) < 5_000
