"""Two texts side by side."""

import time

from hypothesis import given
from hypothesis import strategies as st

from scraper.status.web.comparison import Piece, compare


def side(pieces):
    return "".join(f"[{piece.text}]" if piece.marked else piece.text for piece in pieces)


def shown(left, right):
    return [(side(row.left), side(row.right)) for row in compare(left, right).rows]


def test_words_that_differ_are_marked_together():
    assert shown("Banjir merendam tiga kampung di tepi sungai", "Banjir merendam lima desa kecil di tepi sungai") == [
        ("Banjir merendam [tiga kampung] di tepi sungai", "Banjir merendam [lima desa kecil] di tepi sungai")
    ]


def test_a_paragraph_without_a_version_stands_alone():
    left = "Satu dua tiga empat.\nHanya di kiri saja.\nLima enam tujuh delapan."
    right = "Satu dua tiga empat.\nLima enam tujuh delapan sembilan.\nTambahan dari meja redaksi."
    assert shown(left, right) == [
        ("Satu dua tiga empat.", "Satu dua tiga empat."),
        ("[Hanya di kiri saja.]", ""),
        ("Lima enam tujuh [delapan.]", "Lima enam tujuh [delapan sembilan.]"),
        ("", "[Tambahan dari meja redaksi.]"),
    ]


def test_a_paragraph_is_beside_its_version_even_when_others_stand_before_it():
    left = "Awal yang lain sekali.\nHujan deras turun sejak malam di kota itu."
    right = "Pembuka baru.\nSisipan kedua.\nHujan deras turun sejak sore di kota itu."
    assert shown(left, right)[-1] == (
        "Hujan deras turun sejak [malam] di kota itu.",
        "Hujan deras turun sejak [sore] di kota itu.",
    )


def test_the_share_of_words_in_both_is_told():
    assert compare("a b c d", "a b c d").shared == 1
    assert compare("a b c d", "a b x d").shared == 0.75
    assert compare("", "").shared == 1
    assert compare("a", "").shared == 0


@given(st.text(), st.text())
def test_nothing_of_either_text_is_lost(left, right):
    rows = compare(left, right).rows
    for text, at in ((left, "left"), (right, "right")):
        lines = ["".join(piece.text for piece in getattr(row, at)) for row in rows if getattr(row, at)]
        assert [line for line in lines if line] == [line for line in text.splitlines() if line]


def test_monstrous_texts_are_compared_in_bounded_time():
    began = time.process_time()
    long = "kata " * 200_000
    assert compare(long, long + "lagi").rows[0].left == (Piece(text=long, marked=True),)
    many = "\n".join(f"baris {number % 7} di sini" for number in range(50_000))
    assert not compare(many, many[5:]).whole
    few = "\n".join(f"baris {number % 7} di sini lagi dan lagi" for number in range(399))
    compare(few, "\n".join(reversed(few.splitlines())))
    assert time.process_time() - began < 30
