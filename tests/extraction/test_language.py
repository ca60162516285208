"""Which language a page is in."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.extraction.language import language_of, stated_language

SAMPLES = Path(__file__).with_name("language_samples.txt").read_text("utf-8").splitlines()
TEXTS = dict(line.split(" ", 1) for line in SAMPLES)


@pytest.mark.parametrize("language", TEXTS)
def test_a_text_shows_its_language(language):
    assert language_of(TEXTS[language]) == (language, True)


@pytest.mark.parametrize("language", TEXTS)
def test_a_wrong_claim_is_not_believed(language):
    wrong = "fi" if language != "fi" else "en"
    assert language_of(TEXTS[language], (wrong,))[0] == language


def test_of_two_claims_the_one_that_the_text_bears_out_is_taken():
    assert language_of(TEXTS["id"], ("en", "id")) == ("id", True)


def test_neighbours_are_told_by_the_claim():
    assert language_of(TEXTS["id"], ("ms",))[0] == "ms"
    assert language_of(TEXTS["hi"], ("mr",))[0] == "mr"


def test_without_enough_text_the_claim_stands():
    assert language_of("Halo", ("id",)) == ("id", False)
    assert language_of("", ()) == (None, False)


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("id-ID", "id"),
        ("in_ID", "id"),
        ("EN", "en"),
        ("no", "nb"),
        ("de,en", "de"),
        ("iw", "he"),
        ("", None),
        ("english", None),
    ],
)
def test_language_tags_are_read(tag, language):
    assert stated_language(tag) == language


@given(st.text(max_size=500), st.lists(st.sampled_from(["id", "en", "xx", None]), max_size=3))
def test_any_text_can_be_tried(text, claims):
    language, shown = language_of(text, tuple(claims))
    assert language is None or len(language) == 2
    assert shown or language in {None, *claims}
