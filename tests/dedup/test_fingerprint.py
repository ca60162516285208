"""The parts of a fingerprint against plain ways of making them."""

import re

import datasketch
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.dedup.fingerprint import PERMUTATIONS, SEED, signature, take_fingerprint
from scraper.dedup.normal import words
from scraper.dedup.salient import compare_slots, figure_slots

HASHES = st.lists(st.integers(0, 2**32 - 1), max_size=200)


def by_datasketch(hashes: list[int]) -> bytes:
    minhash = datasketch.MinHash(num_perm=PERMUTATIONS, seed=SEED, scheme="affine32", hashfunc=int)
    minhash.update_batch(hashes)
    return np.asarray(minhash.hashvalues).astype(np.uint8).tobytes()


@given(HASHES)
def test_the_signature_is_datasketchs_to_the_bit(hashes: list[int]):
    assert signature(np.array(hashes, np.uint32)) == by_datasketch(hashes)


def test_a_long_texts_signature_is_datasketchs_too():
    hashes = np.random.default_rng(1).integers(0, 2**32, 20_000, np.uint32)
    assert signature(hashes) == by_datasketch(hashes.tolist())


def test_places_are_those_where_a_shingle_stands_first():
    cycle = "satu dua tiga empat lima enam tujuh delapan sembilan sepuluh"
    once, twice = take_fingerprint([cycle], []), take_fingerprint([cycle, "", cycle], [])
    begins = dict(zip(twice.sketch, twice.places, strict=True))
    assert [begins[value] for value in once.sketch] == list(once.places)
    assert set(once.places) == {0}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Rp1.506.000,- naik 0,45%", ["rp", "1.506.000", "naik", "0,45"]),
        ("covid19 di_atas (A/B)", ["covid", "19", "di", "atas", "a", "b"]),
        ("3:1, 04:39; 2/3. 5.,6", ["3:1", "04:39", "2/3", "5", "6"]),
        ("a\u2003b\x1fc\x85d", ["a", "b", "c", "d"]),
        ("市長2人", ["市", "長", "2", "人"]),
        ("Kata “DIA”, É² ÇA…", ["kata", "dia", "é²", "ça"]),
        ("٣3.5 1٣ a\ud800b", ["٣3.5", "1٣", "a", "b"]),
        ("a\ud800b Straße", ["a", "b", "straße"]),
    ],
)
def test_words_and_figures_are_told_apart(text: str, found: list[str]):
    assert [word.decode() for word in words(text)] == found


WORD = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+")


@given(
    st.text(st.sampled_from("aZ5,.:/_ \n\t\x1f-“’…éΣσİ٣²ำ") | st.characters(max_codepoint=0x24F), max_size=60)
    | st.text(st.characters(max_codepoint=0xFF))
)
def test_words_are_those_of_one_expression_over_the_text(text: str):
    spaced = text.replace("ำ", " ำ ").lower()
    assert [word.decode() for word in words(text)] == WORD.findall(spaced)


@given(st.text(st.sampled_from("aZ5,.:/ \n-é٣"), max_size=60))
def test_figures_stand_in_places_told_by_the_two_words_before(text: str):
    tokens = WORD.findall(text.lower())
    expected = [
        (*("0" if word < ":" else word for word in tokens[max(0, at - 2) : at]), word.replace(",", "."))
        for at, word in enumerate(tokens)
        if word < ":"
    ]
    asked: list[str] = []

    def keep(word: bytes) -> int:
        asked.append(word.decode())
        return 0

    figure_slots("".join(f" {word}" for word in tokens).encode(), keep, 99)
    assert asked == [word for slot in expected for word in slot]


def test_a_slot_that_stands_twice_counts_as_often_as_in_both():
    agreement = compare_slots((0x001002, 0x001002, 0x001003), (0x001002, 0x001002, 0x001002, 0x001004))
    assert (agreement.alike, agreement.unlike) == (2, 1)
