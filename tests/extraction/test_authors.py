"""Who wrote a story."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.extraction.people import is_person, people
from tests.extraction.pages import PLAIN, json_ld, page, read


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Sari Dewi", ["Sari Dewi"]),
        ("By Sari Dewi and Tom Hale", ["Sari Dewi", "Tom Hale"]),
        ("By Sari Dewi, Tom Hale and Kim Ro", ["Sari Dewi", "Tom Hale", "Kim Ro"]),
        ("By Sari Dewi, Tom Hale, and Kim Ro", ["Sari Dewi", "Tom Hale", "Kim Ro"]),
        ("desk@kabarkita.example (Sari Dewi)", ["Sari Dewi"]),
        ("Tom Hale / Getty Images", ["Tom Hale"]),
        ("Von Anke Maier und Jens Holt", ["Anke Maier", "Jens Holt"]),
        ("VON ANKE MAIER", ["ANKE MAIER"]),
        ("Oleh: Sari Dewi", ["Sari Dewi"]),
        ("Oleh Sari Dewi", ["Sari Dewi"]),
        ("Penulis: Sari Dewi (fyk/ash)", ["Sari Dewi"]),
        ("Pewarta: Sari Dewi/Budi Hartono", ["Sari Dewi", "Budi Hartono"]),
        ("Reporter : Heryadi", ["Heryadi"]),
        ("Par Anne Petit et Luc Moreau", ["Anne Petit", "Luc Moreau"]),
        ("Por Ana Ruiz y Luis Gil", ["Ana Ruiz", "Luis Gil"]),
        ("José Ortega y Gasset", ["José Ortega y Gasset"]),
        ("Ingrid Lund og Per Dahl", ["Ingrid Lund", "Per Dahl"]),
        ("Sari Dewi, Political Editor", ["Sari Dewi"]),
        ("Sari Dewi for Kabar Kita", ["Sari Dewi"]),
        ("Sari Dewi - KabarKita", ["Sari Dewi"]),
        ("Sari Dewi | KabarKita", ["Sari Dewi"]),
        ("dpa, Berlin", []),
        ("Anke Maier, dpa", ["Anke Maier"]),
        ("홍길동 기자", ["홍길동"]),
        ("Sari Dewi, Sari Dewi", ["Sari Dewi"]),
        ("Dr. Anke Maier", ["Dr. Anke Maier"]),
        ("Tim Hale", ["Tim Hale"]),
        ("Tim Hale Tim Hale", ["Tim Hale"]),
        ("Min Jeong and Russ Read", ["Min Jeong", "Russ Read"]),
        ("Via Lestari", ["Via Lestari"]),
        ("Robert F. Hale, Jr.", ["Robert F. Hale"]),
        ("Sari Dewi, S.H., M.Si.", ["Sari Dewi"]),
        ("Ursula von der Linde", ["Ursula von der Linde"]),
        ("Political correspondent Sari Dewi", ["Sari Dewi"]),
        ("Sari Dewi Staff Writer", ["Sari Dewi"]),
        ("Reporter Sari Dewi", ["Sari Dewi"]),
        ("SARI DEWI Associated Press", ["SARI DEWI"]),
        ("Anne Petit avec AFP", ["Anne Petit"]),
        ("Von Anke Maier, Berlin", ["Anke Maier"]),
        ("Sari Dewi, Tom Hale, Jakarta", ["Sari Dewi", "Tom Hale"]),
        ("Sari Dewi and agencies", ["Sari Dewi"]),
        ("Sari Dewi @saridewi", ["Sari Dewi"]),
        ("Sari Dewi Updated July 6, 2026", ["Sari Dewi"]),
        ("Sari Dewi | Published 6 July 2026", ["Sari Dewi"]),
        ("By Sari Dewi For KabarKita", ["Sari Dewi"]),
        ("Text: Anke Maier Fotos: Jens Holt", ["Anke Maier"]),
        ("Foto: Jens Holt", []),
        ("Penulis: Sari Dewi | Editor: Budi Hartono", ["Sari Dewi"]),
        ("Sari Dewi - Redaktur", ["Sari Dewi"]),
        ("Ein Kommentar von Anke Maier", ["Anke Maier"]),
        ("Interview von Anke Maier", ["Anke Maier"]),
        ("Propos recueillis par Anne Petit", ["Anne Petit"]),
        ("Av Ingrid Lund", ["Ingrid Lund"]),
        ("記者 山田太郎", ["山田太郎"]),
        ("Tim KabarKita", []),
        ("Redaksi KabarKita", []),
    ],
)
def test_a_byline_is_taken_apart_into_people(byline, names):
    assert people(byline, frozenset({"kabarkita"})) == names


@pytest.mark.parametrize(
    "name",
    [
        "Harian Kompas",
        "Kompas Cyber Media",
        "PT VIVA MEDIA BARU",
        "KabarKita.com",
        "Tim Redaksi",
        "Redaktion Wirtschaft",
        "Reuters",
        "The Associated Press",
        "dpa",
        "BBC News",
        "fyk",
        "fyk/ash",
        "sari.dewi",
        "sari-dewi",
        "sari@kabarkita.example",
        "https://kabarkita.example/penulis/1",
        "@kabarkita",
        "105092",
        "admin",
        "Guardian staff reporter",
        "Valley Post",
        "Kantor Berita Lembah",
        "",
    ],
)
def test_outlets_desks_codes_and_addresses_are_no_people(name):
    assert people(name) == []


@given(st.text(max_size=300))
def test_every_name_that_is_found_is_a_persons_and_stands_there_once(text):
    found = people(text)
    assert all(is_person(name) for name in found)
    assert len(set(found)) == len(found)


def author(stated: str) -> str:
    return json_ld(f'"headline": "Jalan Baru", "author": {stated}')


def test_the_site_itself_gives_way_to_the_printed_byline():
    head = author('{"@type": "Organization", "name": "KabarKita"}')
    body = '<h1>Jalan Baru</h1><div class="read__author">Sari Dewi</div>'
    assert read(page(head, body)).authors == ("Sari Dewi",)


def test_a_firm_is_never_an_author():
    for firm in ("Kompas Cyber Media", "PT VIVA MEDIA BARU", "Valley Publishing GmbH", "Harian Kompas"):
        assert read(page(author(f'"{firm}"'))).authors == ()


def test_where_no_person_is_named_the_credited_agency_stands_and_says_so():
    found = read(page(author('[{"@type": "Organization", "name": "dpa"}]'), language="de"), outlet=PLAIN)
    assert found.authors == ("dpa",)
    assert found.origins["authors"] == "json-ld (organisation)"


def test_an_agency_beside_people_is_left_out():
    assert read(page(author('["Reuters", "Anke Maier"]'))).authors == ("Anke Maier",)


def test_one_person_in_card_index_order_is_turned_round():
    assert read(page(author('{"@type": "Person", "name": "Maier, Anke"}'))).authors == ("Anke Maier",)


def test_reporters_and_editors_are_told_apart():
    body = (
        "<h1>Jalan Baru</h1><div>Penulis: Sari Dewi</div>"
        "<p>Isi berita yang cukup panjang.</p><div><span>Editor :</span> <a>Budi Hartono</a></div>"
    )
    found = read(page(body=body))
    assert (found.authors, found.editors) == (("Sari Dewi",), ("Budi Hartono",))


@pytest.mark.parametrize(
    ("line", "authors", "editors"),
    [
        ("Reporter: Sari Dewi | Editor: Budi Hartono", ("Sari Dewi",), ("Budi Hartono",)),
        ("Penulis: Sari Dewi, Tom Hale - Editor: Budi", ("Sari Dewi", "Tom Hale"), ("Budi",)),
        ("Rep: Sari Dewi/ Red: Budi Hartono", ("Sari Dewi",), ("Budi Hartono",)),
        ("Editor: Budi Hartono", (), ("Budi Hartono",)),
        ("Pewarta : Sari Dewi", ("Sari Dewi",), ()),
        ("Oleh : Sari", ("Sari",), ()),
    ],
)
def test_roles_on_one_line_are_told_apart(line, authors, editors):
    found = read(page(body=f"<h1>Jalan Baru</h1><p>Isi.</p><p>{line}</p>"))
    assert (found.authors, found.editors) == (authors, editors)


def test_a_desk_of_the_site_beside_a_name_is_dropped():
    body = '<h1>Jalan Baru</h1><div class="detail__author">Sari Dewi - <span>kabarkitaSport</span></div>'
    assert read(page(body=body)).authors == ("Sari Dewi",)
    body = '<h1>Jalan Baru</h1><div class="author">Sari Dewi - Senin, 16 Nov 2026 | 10:00 WIB</div>'
    assert read(page(body=body)).authors == ("Sari Dewi",)


def test_an_agencys_foot_names_reporter_and_editor():
    foot = "<p>Pewarta: Sari Dewi<br>Editor: Budi Hartono<br>Copyright © KABAR 2026</p>"
    found = read(page(body="<h1>Jalan Baru</h1>" + foot))
    assert (found.authors, found.editors) == (("Sari Dewi",), ("Budi Hartono",))


def test_whom_the_page_prints_as_editor_is_no_author_though_the_data_say_so():
    body = "<h1>Jalan Baru</h1><span class=author-2>Sari Dewi</span><p>Isi.</p><b>Editor</b><b>Budi Hartono</b>"
    found = read(page(author('"Budi Hartono"'), body))
    assert (found.authors, found.editors) == (("Sari Dewi",), ("Budi Hartono",))


def test_meta_elements_name_authors_and_addresses_there_are_passed_over():
    head = '<meta property="article:author" content="https://social.example/kabar">'
    head += '<meta name="author" content="Sari Dewi">'
    assert read(page(head)).authors == ("Sari Dewi",)


def test_a_link_to_a_profile_beside_the_headline_is_a_byline():
    body = '<h1>The new road</h1><p>By <a href="/author/tom-hale">Tom Hale</a></p>'
    assert read(page(body=body, language="en"), outlet=PLAIN).authors == ("Tom Hale",)
    body = '<h1>The new road</h1><a href="/authors/tom-hale">Tom Hale</a><a href="/authors/kim-ro">Kim Ro</a>'
    assert read(page(body=body, language="en"), outlet=PLAIN).authors == ("Tom Hale", "Kim Ro")


def test_first_and_last_name_in_elements_of_their_own_are_one_name():
    body = '<h1>The new road</h1><a rel="author" href="/a"><span>Tom</span> <span>Hale</span></a>'
    assert read(page(body=body, language="en"), outlet=PLAIN).authors == ("Tom Hale",)


def test_a_name_beside_the_date_is_a_byline():
    body = "<h1>The new road</h1><div><span>Tom Hale</span><span>19 November 2026</span></div>"
    assert read(page(body=body, language="en"), outlet=PLAIN).authors == ("Tom Hale",)


def test_a_name_under_the_story_is_its_signature():
    prose = "<p>" + "A sentence of the story that is long enough to be one. " * 4 + "</p>"
    body = f"<h1>The new road</h1>{prose}{prose}<p><strong>Tom Hale</strong></p>"
    assert read(page(body=body, language="en").replace(body, "") + body, outlet=PLAIN).authors == ("Tom Hale",)


def test_sections_beside_the_date_are_no_names():
    body = (
        "<ul><li><a href='/usaha'>Peluang Usaha</a></li></ul><h1>The new road</h1>"
        "<div><a href='/politics'>World Politics</a><span>19 November 2026</span></div>"
    )
    assert read(page(body=body, language="en"), outlet=PLAIN).authors == ()


def test_controls_of_the_page_are_no_names():
    body = '<h1>The new road</h1><div class="byline"><a>Text Size</a><a>Follow Us</a><a>Read More</a></div>'
    assert read(page(body=body, language="en"), outlet=PLAIN).authors == ()


def test_a_word_of_the_menu_is_no_label():
    body = "<nav><a>Penulis</a><a>Tentang Kami</a><a>Editor</a><a>Nasional</a></nav><h1>Jalan Baru</h1>"
    found = read(page(body=body))
    assert (found.authors, found.editors) == ((), ())


def test_a_place_that_opens_a_line_is_no_byline():
    body = "<h1>Jalan Baru</h1><h2>Di Jawa Timur</h2><h2>Oleh karena itu warga senang</h2>"
    assert read(page(body=body)).authors == ()


def test_a_name_in_parts_is_one_name():
    markup = page(json_ld('"author": {"@type": "Person", "givenName": "Sari", "familyName": "Dewi"}'))
    assert read(markup).authors == ("Sari Dewi",)


@pytest.mark.parametrize(
    ("printed", "authors", "editors"),
    [
        ("<div>Penulis Sari Dewi</div><div>Editor Tom Hale</div>", ("Sari Dewi",), ("Tom Hale",)),
        ("<p>Laporan wartawan KabarKita.com, Sari Dewi</p>", ("Sari Dewi",), ()),
        ("<p>Laporan Reporter Kabar Lain, Sari Dewi</p>", ("Sari Dewi",), ()),
        ("<p>Penulis menyukai buku ini.</p>", (), ()),
        ("<p>Editor halaman depan</p>", (), ()),
    ],
)
def test_indonesian_labels_name_people_without_a_colon(printed, authors, editors):
    found = read(page(body=printed))
    assert (found.authors, found.editors) == (authors, editors)


TWO = "".join(
    f'<div itemscope><address><a rel="author">{name}</a></address></div>' for name in ("Sari Dewi", "Tom Hale")
)


def test_a_byline_in_the_markup_completes_data_that_name_one_author():
    found = read(page(json_ld('"author": {"name": "Tom Hale"}'), f"<div class=byline>{TWO}</div>"))
    assert found.authors == ("Sari Dewi", "Tom Hale")
    assert found.origins["authors"] == "marked byline"


def test_marked_authors_of_other_stories_complete_nothing():
    teasers = "".join(
        f'<article><h3>Kabar {name}</h3><a rel="author">{name}</a></article>' for name in ("Tom Hale", "Rina Wati")
    )
    found = read(page(json_ld('"author": {"name": "Tom Hale"}'), f"<main>{teasers}</main>"))
    assert found.authors == ("Tom Hale",)


@pytest.mark.parametrize(
    "printed",
    [
        "Sari Dewi - KabarKita <span>Senin, 6 Juli 2026 12:11 WIB</span>",
        "Sari Dewi | KabarKita.id",
        "Sari Dewi, <span>KabarKita</span>",
    ],
)
def test_a_name_before_the_sites_own_is_the_author(printed):
    head = '<meta property="og:title" content="Jalan Baru">'
    assert read(page(head, f"<h1>Jalan Baru</h1><div>{printed}</div>")).authors == ("Sari Dewi",)


@pytest.mark.parametrize(
    "printed",
    ["Pilihan Redaksi - KabarKita", "Beranda - KabarKita", "Ekonomi, KabarKita", "Jalan Baru - Kabar Lain"],
)
def test_what_else_stands_before_the_sites_name_is_no_author(printed):
    head = '<meta property="og:title" content="Jalan Baru">'
    assert read(page(head, f"<h1>Jalan Baru</h1><div>{printed}</div>")).authors == ()
