from hypothesis import given
from hypothesis import strategies as st

from scraper.extraction.normal import normal, words


@given(st.text())
def test_normal_text_is_left_as_it_is(text):
    assert normal(normal(text)) == normal(text)


@given(st.lists(st.text(alphabet=st.characters(categories=["Lu", "Ll", "Nd"]), min_size=1)))
def test_words_are_neither_joined_nor_lost(parts):
    assert len(normal("\u00a0\n ".join(parts)).split()) == len(parts)


def test_what_cannot_be_seen_goes_and_what_spells_a_word_stays():
    assert normal("sa\u00adwah\u200b\u00a0 luas\ufeff") == "sawah luas"
    assert (
        normal("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645") == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    )
    assert words("Nila-nila, DI kali!") == ["nila", "nila", "di", "kali"]
