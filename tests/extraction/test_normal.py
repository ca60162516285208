import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from scraper.extraction.junk import split_junk
from scraper.extraction.normal import line_key, normal, words
from scraper.model.outlet import LineRules

SPACES = "\t\n\v\f\r \x85\xa0\u1680\u2000\u2003\u2009\u200a\u2028\u2029\u202f\u205f\u3000\u2800"
UNSEEN = "\u00ad\u180e\u200b\u200e\u200f\u202a\u202e\u2060\u2063\u2066\ufeff\x00\x07\x1f\x7f\x90"
WORD = st.text(alphabet=st.characters(categories=["Lu", "Ll", "Lo", "Nd"]), min_size=1, max_size=8)


@given(st.text())
def test_normal_text_is_left_as_it_is(text):
    assert normal(normal(text)) == normal(text)


@given(st.lists(st.text(alphabet=st.sampled_from("aé \u00a0.,\u2800\u200b\u00ad\u0301\x00\n-"), max_size=9)))
def test_normal_text_is_left_as_it_is_whatever_stands_side_by_side(parts):
    text = "".join(parts)
    assert normal(normal(text)) == normal(text)


@given(st.lists(WORD, min_size=1), st.data())
def test_words_are_neither_joined_nor_lost_at_any_space(parts, data):
    spaces = st.text(alphabet=SPACES, min_size=1, max_size=3)
    text = "".join(data.draw(spaces) + part for part in parts) + data.draw(spaces)
    assert normal(text).split(" ") == [unicodedata.normalize("NFC", part) for part in parts]


@given(WORD, WORD, st.text(alphabet=UNSEEN, min_size=1, max_size=3))
def test_what_cannot_be_seen_parts_no_word(start, end, unseen):
    assert normal(f"{start}{unseen}{end}") == unicodedata.normalize("NFC", start + end)


@given(st.text())
def test_two_spellings_of_one_text_are_one(text):
    assert normal(unicodedata.normalize("NFD", text)) == normal(text)


@given(st.text())
def test_normal_text_has_no_space_at_its_ends_and_none_twice(text):
    found = normal(text)
    assert found == found.strip()
    assert "  " not in found


@given(st.text())
def test_the_words_of_a_line_are_those_of_its_normal_form(text):
    assert line_key(normal(normal(text))) == line_key(normal(text))


@given(
    st.lists(st.sampled_from(["Baca juga: kabar lain", "Satu kalimat biasa.", "Iklan", "", "Dua.", "Tamat di sini"]))
)
def test_a_line_is_kept_or_named_as_dropped_and_never_both(lines):
    kept, dropped = split_junk(lines, LineRules(cut_at=("Tamat*",)))
    assert sorted([*kept, *dropped]) == sorted(lines)
    positions = iter(lines)
    assert all(line in positions for line in kept), "in their order"


def test_what_cannot_be_seen_goes_and_what_spells_a_word_stays():
    assert normal("sa\u00adwah\u200b\u00a0 luas\ufeff") == "sawah luas"
    assert (
        normal("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645") == "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"
    )
    assert words("Nila-nila, DI kali!") == ["nila", "nila", "di", "kali"]


def test_a_space_before_a_full_stop_goes_and_one_before_a_figure_stays():
    assert normal("Harga naik .") == "Harga naik."
    assert normal("Kaliber .45 dan versi 2 .") == "Kaliber .45 dan versi 2 ."
