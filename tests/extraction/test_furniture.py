import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scraper.extraction import furniture as room
from scraper.extraction.furniture import HALF_LIFE, MAX_SHAPES, Furniture, look, without
from scraper.extraction.normal import words

FOOT = "Unduh aplikasi Harian Contoh, sudah 5.000 orang memakainya"


def story(number, *extra):
    body = [
        f"Kalimat {place} dari kabar {'abcdefghijklmnop'[number % 16]}{number} yang hanya ada di sini."
        for place in ["satu", "dua", "tiga"]
    ]
    return "\n".join([*(f"{line} {'x' * (number + 1)}" for line in body), *extra])


def learned(count, *extra):
    furniture = Furniture()
    for number in range(count):
        furniture.learn("harian", story(number, *extra), f"id-{number}")
    return furniture


def test_a_line_of_many_articles_is_furniture_whatever_its_figures():
    kept, dropped = learned(12, FOOT).judge("harian", story(99, FOOT.replace("5.000", "7.312")))
    assert kept == story(99).split("\n")
    assert dropped == [FOOT.replace("5.000", "7.312")]


def test_a_line_of_few_articles_stays():
    assert learned(3, FOOT).judge("harian", story(99, FOOT)) == (story(99, FOOT).split("\n"), [])


def test_one_article_read_often_teaches_nothing():
    furniture = Furniture()
    for _ in range(50):
        furniture.learn("harian", story(1, FOOT), "id-1")
    assert furniture.judge("harian", story(1, FOOT))[1] == []


def test_another_outlet_is_not_judged_by_it():
    assert learned(12, FOOT).judge("koran", story(99, FOOT))[1] == []


def test_a_series_written_to_a_template_keeps_its_prose():
    template = [
        "Berikut jadwal layanan keliling yang dapat didatangi warga pada hari ini",
        "Bawalah kartu identitas asli beserta salinannya",
    ]
    assert learned(30, *template).judge("harian", "\n".join([*template, "Lokasi: Lapangan Utama."]))[1] == []


def test_what_stands_in_few_of_very_many_articles_is_prose():
    furniture = Furniture()
    for number in range(300):
        furniture.learn("harian", story(number, *(["Kronologi kejadian"] if number % 30 == 0 else [])), f"id-{number}")
    assert furniture.judge("harian", story(999, "Kronologi kejadian"))[1] == []


def test_what_is_no_longer_seen_is_forgotten():
    furniture = learned(12, FOOT)
    for number in range(1000, 1000 + int(2 * HALF_LIFE)):
        furniture.learn("harian", story(number), f"id-{number}")
    assert furniture.judge("harian", story(99, FOOT))[1] == []


def test_the_memory_is_bounded_and_keeps_what_recurs():
    furniture = Furniture()
    for number in range(120):
        lines = (f"baris {chr(97 + place % 26)} {place * 7919 + number} x{'y' * place}" for place in range(100))
        furniture.learn("harian", "\n".join([*lines, FOOT]), f"id-{number}")
    assert len(furniture._outlets["harian"].shapes) <= MAX_SHAPES
    assert furniture.judge("harian", story(1, FOOT))[1] == [FOOT]


def test_many_outlets_share_what_there_is_room_for_and_still_know_their_furniture(monkeypatch):
    monkeypatch.setattr(room, "MAX_ALL", 2_000)
    monkeypatch.setattr(room, "FAIR", 60)
    furniture = Furniture()
    for number in range(40):
        for outlet in range(50):
            lines = (f"baris {chr(97 + place)} {'y' * number} {outlet}" for place in range(20))
            furniture.learn(f"harian {outlet}", "\n".join([*lines, FOOT]), f"id-{number}")
    assert sum(len(memory.shapes) for memory in furniture._outlets.values()) <= 50 * 60
    assert furniture.judge("harian 7", story(1, FOOT))[1] == [FOOT]


@given(st.text(st.characters(max_codepoint=0x24F) | st.sampled_from("“”„‘’–…日İıſ٣€\u0345Ⓐ "), max_size=80))
def test_words_read_the_short_way_are_the_same_words(line):
    short = room._in_latin(line)
    if short is not None:
        assert [word.decode("latin-1") for word in short.split()] == words(line)
        assert b"  " not in short


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.text(max_size=5), st.lists(st.text(max_size=30), max_size=4), st.text("abc", max_size=3)),
        max_size=12,
    )
)
def test_what_is_stored_judges_as_before(articles):
    furniture = learned(6, FOOT)
    for outlet, lines, name in articles:
        furniture.learn(outlet, "\n".join(lines), name)
    again = Furniture.from_bytes(furniture.to_bytes())
    assert again.to_bytes() == furniture.to_bytes()
    assert again.judge("harian", story(9, FOOT)) == furniture.judge("harian", story(9, FOOT))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(max_size=60), max_size=8))
def test_no_line_is_lost_between_kept_and_dropped(lines):
    text = "\n".join([*lines, FOOT])
    kept, dropped = learned(12, FOOT).judge("harian", text)
    assert sorted([*kept, *dropped]) == sorted(text.split("\n"))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=8), st.booleans())
def test_what_was_looked_at_elsewhere_changes_no_verdict(lines, with_foot):
    text = "\n".join([*lines, FOOT] if with_foot else lines)
    here, there = learned(12, FOOT), learned(12, FOOT)
    assert here.judge("harian", text) == there.judge("harian", text, look(text))
    here.learn("harian", text, "new")
    there.learn("harian", text, "new", look(text))
    assert here.to_bytes() == there.to_bytes()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=8), st.booleans())
def test_what_was_furniture_lately_tells_what_will_be_left_of_the_next_story(lines, with_foot):
    furniture = learned(12, FOOT)
    assert furniture.judge("harian", story(98, FOOT))[1] == [FOOT]
    text = "\n".join([*lines, FOOT] if with_foot else lines)
    left = without(text, look(text), furniture.lately("harian"))
    assert left == "\n".join(furniture.judge("harian", text)[0])


def test_of_an_outlets_furniture_what_was_met_last_is_held():
    furniture = learned(
        12, *(f"Kaki halaman ke-{chr(97 + place % 26) * (1 + place // 26)} saja" for place in range(90))
    )
    assert furniture.lately("harian") == ()
    furniture.judge("harian", story(98, FOOT))
    assert furniture.lately("harian") == ()
    for _ in range(2):
        for place in range(90):
            foot = f"Kaki halaman ke-{chr(97 + place % 26) * (1 + place // 26)} saja"
            assert furniture.judge("harian", story(98, foot))[1] == [foot]
    assert len(furniture.lately("harian")) == len(set(furniture.lately("harian"))) == 64
    assert furniture.lately("another") == ()


@pytest.mark.parametrize("looks", [b"", b"torn", look(FOOT), look(story(98, FOOT)), look(story(99, FOOT))[:-1]])
def test_what_was_seen_of_another_text_or_came_torn_is_passed_over(looks):
    assert learned(12, FOOT).judge("harian", story(99, FOOT), looks)[1] == [FOOT]


@pytest.mark.parametrize("damage", [b"", b"FURN1", b"nonsense", b"FURN1" + b"\x00" * 20])
def test_damaged_bytes_are_told(damage):
    with pytest.raises(ValueError, match="furniture"):
        Furniture.from_bytes(damage)


SAID = st.lists(st.text(st.sampled_from("aZäß09٣é"), min_size=1, max_size=6), min_size=1, max_size=30)


@given(SAID)
@settings(max_examples=50, deadline=None)
def test_a_line_is_known_whatever_its_signs(said):
    told = learned(12, " ".join(said))
    quoted, spread, shouted = f"“{'—'.join(said)}”…", "«" + "\u00a0".join(said) + "»", f"{'_'.join(said).swapcase()}."
    for other in (quoted, spread, shouted):
        # A line that is a large part of its story stays.
        assert told.judge("harian", story(13, "Isi berita " * 200, other))[1] == [other]
