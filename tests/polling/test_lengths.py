"""Whether articles shrink."""

import random
from datetime import UTC, datetime, timedelta

from scraper.polling import Lengths, Trouble, findings, packed, unpacked, with_article
from tests.polling.samples import fresh

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def after(known: Lengths, lengths: list[int], start: datetime = NOW) -> Lengths:
    for number, length in enumerate(lengths):
        known = with_article(known, length, start + number * HOUR)
    return known


def usual(count: int, seed: int = 1) -> list[int]:
    dice = random.Random(seed)  # noqa: S311 - the same lengths for the same seed
    return [round(dice.lognormvariate(8, 0.5)) for _ in range(count)]


def test_articles_of_every_length_are_well():
    for seed in range(20):
        assert after(Lengths(), usual(400, seed)).shrunk_since is None


def test_teasers_are_told_with_when_they_began():
    known = after(Lengths(), usual(100))
    begin = NOW + timedelta(days=10)
    known = after(known, [length // 4 for length in usual(15, 2)], begin)
    assert known.shrunk_since is not None
    assert begin <= known.shrunk_since <= begin + 15 * HOUR
    (finding,) = [one for one in findings(fresh(), begin, known) if one.trouble is Trouble.SHRINKING]
    assert finding.since == known.shrunk_since
    assert "characters where they had" in finding.detail
    assert finding.advice


def test_they_recover():
    known = after(Lengths(), [3000] * 50 + [500] * 30)
    assert known.shrunk_since is not None
    assert after(known, [3000] * 30).shrunk_since is None


def test_what_lasts_for_a_month_is_the_new_habit():
    known = after(Lengths(), [3000] * 50)
    known = after(known, [500] * 24 * 32, NOW + timedelta(days=3))
    assert known.shrunk_since is None
    assert after(known, [500] * 50, NOW + timedelta(days=40)).shrunk_since is None


def test_a_few_articles_are_no_habit():
    assert after(Lengths(), [9000] * 5 + [300] * 10).shrunk_since is None


def test_it_can_be_stored():
    known = {"https://harian.example/rss": after(Lengths(), [3000] * 50 + [500] * 30)}
    assert unpacked(packed(known)) == known
    assert unpacked(None) == unpacked(b"nonsense") == {}
