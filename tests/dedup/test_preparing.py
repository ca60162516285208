from dataclasses import replace

import hypothesis
import pytest
from hypothesis import strategies as st

from scraper.dedup import NearDuplicates, prepare, prepared
from scraper.dedup.normal import read_text
from scraper.model.article import Dateline, Draft
from scraper.model.verdict import Judged, Relation, Story
from scraper.settings import DedupSettings
from tests.dedup.stories import prose, story, stream

TEXT = "\n".join(prose(7))
FURNITURE = "Follow the harbour news every morning with our free letter for early risers and night owls."


def ready(given: Story) -> Story:
    return replace(given, prepared=prepare(given.text, given.dateline))


def judge(stories: list[Story]) -> list[Judged]:
    detector = NearDuplicates(DedupSettings())
    return [detector.consider(given) for given in stories]


def test_what_was_prepared_elsewhere_changes_no_verdict_and_no_fingerprint():
    stories = stream(120)
    assert judge([ready(given) for given in stories]) == judge(stories)


def test_an_outlets_furniture_is_taken_off_what_was_prepared():
    stories = [story(str(n), "one", "\n".join([*prose(n), FURNITURE]), n) for n in range(6)]
    plain, made_ready = judge(stories), judge([ready(given) for given in stories])
    assert made_ready == plain
    assert judge([stories[5]])[0].fingerprint != plain[5].fingerprint  # there, the line was not yet known


def test_what_was_prepared_of_another_text_is_passed_over():
    stale = prepare("\n".join(prose(8)))
    assert judge([replace(story("a", "one", TEXT), prepared=stale)]) == judge([story("a", "one", TEXT)])


def test_what_was_prepared_with_another_dateline_is_passed_over():
    given = story("a", "one", "KALIRA. " + TEXT, dateline="KALIRA.")
    assert judge([replace(given, prepared=prepare(given.text))]) == judge([given])


@pytest.mark.parametrize("cut", [0, 1, 5, 12, 40, -1])
def test_what_was_prepared_and_came_torn_is_passed_over(cut: int):
    given = story("a", "one", TEXT)
    torn = prepare(TEXT)[:cut]
    assert judge([replace(given, prepared=torn)]) == judge([given])


def test_what_another_version_prepared_is_passed_over():
    given = story("a", "one", TEXT)
    foreign = bytes([255]) + prepare(TEXT)[1:]
    assert judge([replace(given, prepared=foreign)]) == judge([given])


def test_a_draft_is_prepared_with_its_dateline():
    text = "KALIRA, One News - " + TEXT
    dateline = Dateline(place="KALIRA", verbatim="KALIRA, One News - ")
    draft = prepared(Draft(text=text, dateline=dateline))
    assert draft.prepared == prepare(text, dateline.verbatim)
    assert draft.text == text


def test_a_draft_is_prepared_for_the_text_that_is_expected_to_be_left_of_it():
    draft = prepared(Draft(text=f"{TEXT}\n{FURNITURE}"), TEXT)
    assert draft.prepared == prepare(TEXT)
    assert draft.text == f"{TEXT}\n{FURNITURE}"


def test_whom_the_text_credits_travels_with_it():
    credited = TEXT + "\nThis article was first published on outlet-one"
    detector = NearDuplicates(DedupSettings())
    detector.consider(story("a", "outlet-one", TEXT))
    late = ready(story("b", "two", credited, 24 * 9))
    assert detector.consider(late).judgement.relation is Relation.COPY


@pytest.mark.parametrize("text", ["", "\n", "x", "a b\n" * 70_000, "abc \ud800 def"])
def test_any_text_can_be_prepared(text: str):
    given = story("a", "one", text)
    assert judge([ready(given)]) == judge([given])


@hypothesis.given(st.lists(st.text(st.sampled_from("abÀßİΣς 5\t\x1f\u200b“…日"), min_size=1), max_size=6))
def test_lines_marked_together_have_the_marks_that_each_has_alone(lines: list[str]):
    together = read_text("\n".join(["Kalimat pertama.", *lines]))
    alone = [read_text(f"Kalimat pertama.\n{line}").marks[1:] for line in together.lines[1:]]
    assert [mark for marks in alone for mark in marks] == list(together.marks[1:])


def test_what_travels_is_small():
    assert len(prepare(TEXT)) < 450
