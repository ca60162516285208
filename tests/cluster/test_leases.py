"""No two lives of a shard may ask servers at the same time, however messages are delayed and lives end."""

import itertools
import random

import pytest

from scraper.cluster.leases import LEASE_S, Lease, Leases


def test_a_first_life_may_ask_from_its_second_word_on():
    line, shard = Leases(-100.0), Lease("a")
    assert line.grant(0.0) is None
    assert line.hear(shard.take(None, 70.0), 0.1)
    assert shard.left(70.0) < 0
    assert not line.hear(shard.take(line.grant(0.2), 70.2), 0.3)
    assert shard.left(70.2) == pytest.approx(LEASE_S - 0.2)
    assert shard.wait(1.0, 70.2) == 0.0


def test_a_second_life_waits_for_the_end_of_the_last_lease_of_the_first():
    line, first, second = Leases(-100.0), Lease("a"), Lease("b")
    line.hear(first.take(None, 50.0), 1.0)
    line.hear(first.take(line.grant(2.0), 51.0), 2.1)
    line.hear(second.take(line.grant(3.0), 0.5), 3.1)
    second.take(line.grant(3.2), 0.7)
    assert second.left(0.7) == pytest.approx(LEASE_S - 0.2)
    assert second.wait(1.0, 0.7) == pytest.approx(2.1 + LEASE_S - 3.2 + 1.0)


def test_leave_that_was_meant_for_another_life_is_none():
    line, first, second = Leases(-100.0), Lease("a"), Lease("b")
    line.hear(first.take(None, 50.0), 1.0)
    second.take(line.grant(1.1), 0.0)
    assert second.left(0.0) < 0
    assert second.wait(1.0, 0.0) == float("inf")


def test_a_shard_that_gave_up_its_leave_gets_none_any_more():
    line, shard = Leases(-100.0), Lease("a")
    line.hear(shard.take(None, 1.0), 1.0)
    on_its_way = line.grant(1.1)
    shard.take(line.grant(1.1), 1.2)
    assert shard.left(1.3) > 0
    shard.give_up()
    shard.take(on_its_way, 1.4)
    assert shard.left(1.4) < 0


def test_nobody_is_left_only_once_the_leases_of_all_earlier_lives_are_over():
    line, first, second = Leases(-100.0), Lease("a"), Lease("b")
    assert not line.are_all_of("a", 0.0)
    line.hear(first.take(None, 50.0), 1.0)
    assert line.are_all_of("a", 1.0)
    line.hear(first.take(line.grant(2.0), 51.0), 2.1)
    line.hear(second.take(line.grant(3.0), 0.5), 3.1)
    assert not line.are_all_of("b", 3.2)
    assert not line.are_all_of("a", 100.0)
    assert line.are_all_of("b", 2.1 + LEASE_S)


@pytest.mark.parametrize("seed", range(200))
def test_no_life_asks_within_the_distance_of_another(seed: int):
    """Lives overlap and live on unnoticed, words arrive late or never; each clock has a beginning of its own."""
    dice = random.Random(seed)  # noqa: S311 - chooses delays
    line = Leases(-100.0)
    lives = [(Lease(str(number)), dice.uniform(-1000, 1000)) for number in range(4)]
    asking: list[tuple[float, str]] = []
    now, current = 0.0, 0
    while current < len(lives):
        lease, offset = lives[current]
        grant = line.grant(now)
        arrives = now + dice.choice((0.01, 0.5, 4.0, 9.0)) * dice.random()
        told = lease.take(grant, arrives + offset)
        _ask_all(lives[: current + 1], now, arrives, asking)
        now = arrives
        if dice.random() < 0.2:
            current += 1
            continue
        heard = now + dice.choice((0.01, 0.5, 4.0, 9.0)) * dice.random()
        _ask_all(lives[: current + 1], now, heard, asking)
        line.hear(told, heard)
        now = heard + dice.random()
        _ask_all(lives[: current + 1], heard, now, asking)
    asking.sort()
    for (earlier, first), (later, second) in itertools.pairwise(asking):
        if first != second:
            assert later - earlier >= 1.0 - 1e-6


def _ask_all(lives: list[tuple[Lease, float]], start: float, end: float, asking: list[tuple[float, str]]) -> None:
    """Every life that may ask does so the whole time, also those that the line takes for dead."""
    for lease, offset in lives:
        for step in range(11):
            at = start + (end - start) * step / 10
            if lease.left(at + offset) > 0 and lease.wait(1.0, at + offset) == 0.0:
                asking.append((at, lease.life))
