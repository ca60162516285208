"""The parts of a fingerprint against plain ways of making them."""

import datasketch
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.dedup.fingerprint import PERMUTATIONS, SEED, signature, take_fingerprint
from scraper.dedup.normal import words
from scraper.dedup.salient import compare_slots

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
    ],
)
def test_words_and_figures_are_told_apart(text: str, found: list[str]):
    assert words(text) == found


def test_a_slot_that_stands_twice_counts_as_often_as_in_both():
    agreement = compare_slots((0x001002, 0x001002, 0x001003), (0x001002, 0x001002, 0x001002, 0x001004))
    assert (agreement.alike, agreement.unlike) == (2, 1)
