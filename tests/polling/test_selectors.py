"""Selectors that cease to match: soon told, each by its own habit, seldom without cause, and well again."""

import random
from datetime import timedelta

import pytest

from scraper.polling import Hint, Trouble, degraded, hints_packed, hints_unpacked, with_page
from tests.polling.samples import NOW

NEW = Hint(selectors=("div.isi",))


def after(known: Hint, pages: str) -> Hint:
    """A letter a page, an hour apart: `m` where it matched."""
    for number, page in enumerate(pages):
        known = with_page(known, NOW + timedelta(hours=number), matched=page == "m")
    return known


def by_chance(share: float, pages: int, seed: int) -> str:
    dice = random.Random(seed)  # noqa: S311 - the same pages for the same seed
    return "".join("m" if dice.random() < share else "-" for _ in range(pages))


def test_one_that_ceases_is_told_since_its_first_miss():
    known = after(NEW, "m" * 100 + "-" * 20)
    assert known.degraded_since is None
    known = after(NEW, "m" * 100 + "-" * 30)
    assert known.degraded_since == NOW + timedelta(hours=100)


def test_one_that_never_matched_is_told_too():
    assert after(NEW, "-" * 29).degraded_since is None
    known = after(NEW, "-" * 30)
    assert known.degraded_since == NOW
    assert after(known, "m").degraded_since is None


def test_one_that_matches_on_few_pages_of_an_old_layout_has_ceased():
    known = after(NEW, "m" * 200 + "-----m" * 6)
    assert known.degraded_since is not None
    assert (
        "matched on 5 of the last 30 pages; before, on 91% of them"
        in next(degraded("koran", {"selectors.body": known})).detail
    )


def test_it_is_well_again_when_it_matches_as_it_used_to():
    known = after(NEW, "m" * 100 + "-" * 40)
    assert after(known, "m").degraded_since == known.degraded_since, "one page is no recovery"
    assert after(known, "m" * 15).degraded_since is None
    seldom = after(NEW, "m---------" * 40 + "-" * 100)
    assert seldom.degraded_since is not None
    assert after(seldom, "m---m").degraded_since is None


@pytest.mark.parametrize("share", [1.0, 0.9, 0.6, 0.3, 0.1])
def test_chance_is_no_finding_once_the_habit_is_known(share):
    for seed in range(20):
        known = after(NEW, by_chance(share, 400, seed))
        told = 0
        for page in by_chance(share, 2000, seed + 1000):
            before = known.degraded_since
            known = with_page(known, NOW, matched=page == "m")
            told += known.degraded_since is not None and before is None
        assert told <= 1


@pytest.mark.parametrize("share", [1.0, 0.6, 0.3, 0.1])
def test_a_dead_one_stays_a_finding_however_long(share):
    known = after(NEW, by_chance(share, 1000, 7) + "-" * 3000)
    assert known.degraded_since is not None


def test_the_finding_names_the_key_the_selectors_and_the_remedy():
    hints = {"selectors.body": after(NEW, "m" * 50 + "-" * 31), "selectors.title": after(NEW, "m" * 50)}
    (finding,) = degraded("koran", hints)
    assert (finding.trouble, finding.since) == (Trouble.UNMATCHED, NOW + timedelta(hours=50))
    assert finding.detail == (
        "selectors.body (div.isi) matched nothing on the last 31 pages; before, on 100% of them; "
        "the general rules are used"
    )
    assert "scraper outlets check koran" in finding.advice


def test_what_is_known_outlives_the_process():
    known = {"koran": {"selectors.body": after(NEW, "m" * 50 + "-" * 31)}}
    assert hints_unpacked(hints_packed(known)) == known
    assert hints_unpacked(b"nonsense") == {}
    assert hints_unpacked(None) == {}
