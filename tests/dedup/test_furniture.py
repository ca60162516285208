"""The ring of an outlet's lines against a plain list of them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.dedup import furniture as room
from scraper.dedup.furniture import Furniture

KEPT = 2048
# Marks that end alike share a chain.
MARK = st.integers(0, 5).map(lambda number: number * 1024) | st.integers(0, 2**24 - 1)
STORY = st.tuples(st.integers(0, 6), st.lists(MARK, max_size=48))


def recurring(stories, asked, own):
    lines = [(mark, cluster) for cluster, marks in stories for mark in marks][-KEPT:]
    return frozenset(
        mark for mark in asked if len({cluster for other, cluster in lines if other == mark and cluster != own}) > 1
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(STORY, max_size=12), st.integers(0, 60), st.lists(MARK, max_size=100))
def test_a_line_recurs_when_two_other_clusters_of_the_latest_lines_have_it(stories, repeats, asked):
    told = stories * (1 + repeats)
    furniture = Furniture()
    for cluster, marks in told:
        furniture.add("one", str(cluster), tuple(marks))
    asked = [*asked, *(mark for _, marks in stories for mark in marks)]
    for own in range(4):
        expected = recurring(told, asked, own)
        assert furniture.of("one", str(own), asked) == expected
        assert Furniture.load(furniture.save()).of("one", str(own), asked) == expected


def test_a_line_that_left_the_ring_is_forgotten():
    furniture = Furniture()
    for cluster in "ab":
        furniture.add("one", cluster, (5,))
    assert furniture.of("one", "c", [5]) == {5}
    for number in range(KEPT):
        furniture.add("one", "d", (number * 1024 + 7,))
    assert furniture.of("one", "c", [5]) == frozenset()
    assert Furniture.load(furniture.save()).of("one", "c", [5, 7]) == frozenset()


def test_the_outlets_that_had_a_story_last_are_remembered_and_no_others(monkeypatch):
    monkeypatch.setattr(room, "MOST_OUTLETS", 3)
    furniture = Furniture()
    for outlet in ("one", "two", "one", "three", "four"):
        for cluster in "ab":
            furniture.add(outlet, cluster, (5,))
    for known in (furniture, Furniture.load(furniture.save())):
        assert [outlet for outlet in ("one", "two", "three", "four") if known.of(outlet, "c", [5])] == [
            "one",
            "three",
            "four",
        ]
        known.add("five", "a", (5,))
        assert not known.of("one", "c", [5])
