import pytest

from scraper.extraction.junk import credit_lines, is_junk, split_junk
from scraper.model.outlet import LineRules

FURNITURE = [
    "Baca juga: Harga Cabai Naik Lagi",
    "BACA JUGA : Harga Cabai Naik Lagi",
    "Simak Video 'Harga Cabai'",
    "[Gambas:Video 20detik]",
    "Ikuti berita kami di saluran WhatsApp",
    "ADVERTISEMENT",
    "Scroll ke bawah untuk lanjut membaca",
    "Editor: Siapa Saja",
    "Kamis, 05/11/2015 09:25 WIB",
    "Pilihan Editor: Sungai yang Hilang",
    "ALSO READ: The river that went away",
    "Sign up for our daily newsletter",
    "Lesen Sie auch: Der verschwundene Fluss",
    "Lire aussi : La rivière perdue",
    "Lea también: El río perdido",
    "© 2026 Harian Contoh",
    "* * *",
    "— Someone (@someone) March 3, 2026",
]
PROSE = [
    "Baca buku membuat anak betah di rumah, kata guru itu.",
    "Ikuti aturan lalu lintas, pesan polisi kepada warga.",
    "Editor majalah itu mengundurkan diri pada hari Senin.",
    "Read the room, the minister told her party.",
    "Advertisements for the product were withdrawn in March.",
    "Sharing a border has never been easy for the two states.",
    "Kronologi kejadian",
    "Comments by the minister angered the unions.",
]


@pytest.mark.parametrize("line", FURNITURE)
def test_furniture_is_known_by_its_wording(line):
    assert is_junk(line)


@pytest.mark.parametrize("line", PROSE)
def test_prose_that_begins_like_it_stays(line):
    assert not is_junk(line)


def test_rules_of_an_outlet_add_to_the_general_ones():
    rules = LineRules(drop=("kabar * kami",), drop_regex=(r"\bkode promo\b",), cut_at=("Tentang penulis*",))
    lines = ["Satu.", "KABAR pagi KAMI", "Pakai kode promo ini", "Dua.", "Tentang penulis ini", "Tiga."]
    assert split_junk(lines, rules) == (["Satu.", "Dua."], [lines[1], lines[2], lines[4], lines[5]])


def test_signs_in_an_outlets_lines_are_meant_as_they_stand():
    assert split_junk(["a.b", "axb"], LineRules(drop=("a.b",))) == (["axb"], ["a.b"])


def test_credits_among_removed_lines_are_found_again():
    assert credit_lines(["Baca juga: X", "With files from Reuters"]) == ["With files from Reuters"]
