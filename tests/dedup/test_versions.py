from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.dedup import Member, difference, representative
from tests.dedup.stories import NOON

FIRST = Member(id="first", time=NOON, length=900)
LONG = Member(id="long", time=NOON + timedelta(hours=2), length=4000)
SOURCE = Member(id="source", time=NOON + timedelta(hours=1), length=1200, credits=2)
PREFERRED = Member(id="preferred", time=NOON + timedelta(hours=3), length=1100, priority=5)


@pytest.mark.parametrize(
    ("keep", "members", "kept"),
    [
        ("first", [LONG, FIRST, PREFERRED], LONG),
        ("longest", [FIRST, SOURCE, LONG], LONG),
        ("longest", [Member(id="equal", time=NOON + timedelta(minutes=1), length=900), FIRST], FIRST),
        ("longest", [FIRST, Member(id="equal", time=NOON, length=900)], FIRST),
        ("origin", [LONG, FIRST, SOURCE, PREFERRED], PREFERRED),
        ("origin", [LONG, FIRST, SOURCE], SOURCE),
        ("origin", [LONG, FIRST], FIRST),
    ],
)
def test_the_rule_names_the_version(keep: str, members: list[Member], kept: Member):
    assert representative(members, keep) is kept


@pytest.mark.parametrize(("members", "keep"), [([FIRST], "newest"), ([], "first")])
def test_what_cannot_be_decided_is_refused(members: list[Member], keep: str):
    with pytest.raises(ValueError, match=r"keep must be|at least one"):
        representative(members, keep)


def test_a_difference_shows_changed_words_and_lines():
    old = "The bridge will open in May.\nIt cost 4 million.\nThe mayor was pleased."
    new = "The bridge will open in June.\nIt cost 4 million.\nThe mayor was pleased.\nTolls come later."
    assert difference(old, new).splitlines() == [
        "~ The bridge will open in [-May.-] {+June.+}",
        "  (2 lines the same)",
        "+ Tolls come later.",
    ]


def test_lines_with_little_in_common_are_shown_apart():
    assert difference("One thing happened here today.", "Quite another matter, elsewhere.").splitlines() == [
        "- One thing happened here today.",
        "+ Quite another matter, elsewhere.",
    ]


def test_a_line_is_shown_beside_the_one_it_came_from():
    old = "The harbour was quiet.\nThe bridge will open in May.\nIt cost 4 million."
    new = "CITY: The bridge will open in May.\nA band will play.\nIt cost 5 million."
    assert difference(old, new).splitlines() == [
        "- The harbour was quiet.",
        "~ {+CITY:+} The bridge will open in May.",
        "+ A band will play.",
        "~ It cost [-4-] {+5+} million.",
    ]


@given(
    st.lists(st.sampled_from(("a b c d", "a b c e", "x y z", "p q")), max_size=6),
    st.lists(st.sampled_from(("a b c d", "a b x d", "x y z", "r s")), max_size=6),
)
def test_a_difference_leaves_no_line_out(old: list[str], new: list[str]):
    shown = difference("\n".join(old), "\n".join(new)).splitlines()
    same = sum(int(line.strip(" (").split()[0]) for line in shown if line.startswith("  ("))
    told = same + sum(line[0] in "-~" for line in shown), same + sum(line[0] in "+~" for line in shown)
    assert told == (len(old), len(new)) or old == new


@given(st.text(), st.text())
def test_only_equal_lines_have_no_difference(old: str, new: str):
    assert (difference(old, new) == "") is (old.splitlines() == new.splitlines())
