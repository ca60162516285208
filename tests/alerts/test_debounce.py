"""Debounce: what lasts is told once, what flickers never, and every raise has at most one recovery."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from scraper.alerts import Condition, Kind, Standing, Turn, step

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
AFTER = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


def wrong(subject="koran", detail="no new entry for 9 days"):
    return Condition(kind=Kind.OUTLET, subject=subject, detail=detail, advice="look")


def run(states, subjects=None, every=MINUTE):
    """Notices by minute, as a chore that looks once a minute would tell them."""
    known: dict[tuple[Kind, str], Standing] = {}
    told = []
    for number, present in enumerate(states):
        conditions = [wrong()] if present else []
        known, notices = step(known, conditions, NOON + number * every, AFTER, subjects)
        told += [(number, notice.turn) for notice in notices]
    return told


def test_what_lasts_is_told_once_and_its_end_once_that_has_lasted():
    assert run([True] * 40 + [False] * 40) == [(15, Turn.RAISED), (55, Turn.RECOVERED)]


def test_what_flickers_is_never_told():
    assert run([True] * 10 + [False] + [True] * 10 + [False] * 30) == []


def test_a_short_relief_is_no_recovery():
    assert run([True] * 20 + [False] * 10 + [True] * 20) == [(15, Turn.RAISED)]


def test_without_delay_every_change_is_told():
    known, first = step({}, [wrong()], NOON, timedelta())
    assert [notice.turn for notice in first] == [Turn.RAISED]
    known, second = step(known, [], NOON + MINUTE, timedelta())
    assert [notice.turn for notice in second] == [Turn.RECOVERED]
    assert known == {}


def test_an_outlet_that_was_taken_out_is_forgotten_without_a_word():
    known, _ = step({}, [wrong()], NOON, timedelta(), {"koran"})
    assert step(known, [], NOON + MINUTE, timedelta(), set()) == ({}, [])


def test_the_latest_detail_is_told():
    known, _ = step({}, [wrong(detail="first")], NOON, AFTER)
    _, notices = step(known, [wrong(detail="second")], NOON + AFTER, AFTER)
    assert notices[0].condition.detail == "second"
    assert notices[0].since == NOON


@given(st.lists(st.booleans(), max_size=120))
def test_turns_alternate_and_begin_with_a_raise(states):
    told = [turn for _, turn in run(states)]
    assert told == [Turn.RAISED, Turn.RECOVERED] * (len(told) // 2) + [Turn.RAISED] * (len(told) % 2)


@given(st.lists(st.booleans(), max_size=120))
def test_a_notice_is_only_given_about_what_has_lasted(states):
    minutes = AFTER // MINUTE
    for number, turn in run(states):
        assert states[number - minutes : number + 1] == [turn is Turn.RAISED] * (minutes + 1)
