"""Headlines without the names around them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.extraction.titles import _Ends
from scraper.model.outlet import Outlet, Selectors
from tests.extraction.pages import PLAIN, json_ld, page, read


def og(title: str) -> str:
    return f'<meta property="og:title" content="{title}">'


@pytest.mark.parametrize(
    "stated",
    [
        "Gerbang Tol Baru Dibuka - KabarKita",
        "Gerbang Tol Baru Dibuka | KabarKita",
        "Gerbang Tol Baru Dibuka – kabarkita.example",
        "Gerbang Tol Baru Dibuka — KABARKITA.ID",
        "Gerbang Tol Baru Dibuka : KabarKita",
        "Gerbang Tol Baru Dibuka\uff5cKabarKita",
        "KabarKita: Gerbang Tol Baru Dibuka",
        "KabarKita | Gerbang Tol Baru Dibuka",
        "Gerbang Tol Baru Dibuka | KabarKita Nasional",
        "Gerbang Tol Baru Dibuka | KabarKita | kabarkita.example",
        "Gerbang Tol Baru Dibuka &amp;#8211; KabarKita",
        "Gerbang Tol Baru Dibuka - harianlain.co.id",
        "Gerbang Tol Baru Dibuka - Halaman 2",
        "Gerbang Tol Baru Dibuka Halaman all - KabarKita",
    ],
)
def test_the_site_is_no_part_of_the_headline(stated):
    assert read(page(og(stated))).title == "Gerbang Tol Baru Dibuka"


@pytest.mark.parametrize(
    "headline",
    [
        "Tol Baru - Harga Lama",
        "Menteri: Tarif Tidak Naik",
        "Tol Jakarta-Bandung Dibuka | Warga Antre",
        "Kabar dari Timur - Jalan Baru",
    ],
)
def test_a_headline_keeps_its_own_dashes_and_colons(headline):
    assert read(page(og(headline) + f"<title>{headline} - KabarKita</title>")).title == headline


def test_a_word_that_merely_opens_with_the_sites_name_is_the_headlines():
    headline = "Netzspott über den Parteitag - Generalsekretär tritt zurück"
    general = Outlet(id="general", name="General", domains=("general.example",))
    assert read(page(og(headline), language="de"), outlet=general).title == headline


def test_the_site_is_known_from_the_page_where_no_outlet_file_names_it():
    head = og("Road Opened | The Valley Post") + '<meta property="og:site_name" content="The Valley Post">'
    assert read(page(head, language="en"), outlet=PLAIN).title == "Road Opened"
    head = og("Road Opened | Valley") + json_ld('"headline": "x", "publisher": {"name": "Valley"}')
    assert read(page(head, "<h1>Road Opened</h1>", language="en"), outlet=PLAIN).title == "Road Opened"


def test_an_end_that_the_printed_headline_lacks_is_cut_off():
    head = og("The New Valley Road Is Open - National | Somewhere.example")
    found = read(page(head, "<h1>The new valley road is open</h1>", language="en"), outlet=PLAIN)
    assert found.title == "The New Valley Road Is Open"


def test_the_sections_name_is_cut_off():
    head = og("Gerbang Tol Baru Dibuka-Nasional") + '<meta property="article:section" content="Nasional">'
    assert read(page(head)).title == "Gerbang Tol Baru Dibuka"


def test_a_kicker_in_the_stated_headline_stays():
    head = og("Verkehr im Tal: Die neue Straße ist offen")
    found = read(page(head, "<h1>Die neue Straße ist offen</h1>", language="de"), outlet=PLAIN)
    assert found.title == "Verkehr im Tal: Die neue Straße ist offen"


def test_headline_json_and_title_together_overrule_the_social_one():
    head = (
        og("You will not believe this road")
        + "<title>Valley road opens after ten years</title>"
        + json_ld('"headline": "Valley road opens after ten years"')
    )
    body = "<h1>Valley road opens after ten years</h1>"
    assert read(page(head, body, language="en"), outlet=PLAIN).title == "Valley road opens after ten years"


def test_the_address_can_speak_for_the_json_headline():
    head = og("Much changed since") + json_ld('"headline": "Neue Straße im Tal eröffnet"')
    url = "https://plain.example/news/neue-strasse-im-tal-eroeffnet"
    assert read(page(head, language="de"), outlet=PLAIN, url=url).title == "Neue Straße im Tal eröffnet"


def test_a_headline_that_was_cut_short_is_completed():
    head = og("The new valley road is open to…") + json_ld('"headline": "The new valley road is open to everybody"')
    assert read(page(head, language="en"), outlet=PLAIN).title == "The new valley road is open to everybody"


def test_without_any_statement_the_heading_is_the_title_and_a_section_heading_is_not():
    body = "<h1>Nasional</h1><h1>Gerbang Tol Baru Dibuka</h1>"
    assert read(page("<title>Gerbang Tol Baru Dibuka - KabarKita</title>", body)).title == "Gerbang Tol Baru Dibuka"
    assert read(page(body=body)).title == "Gerbang Tol Baru Dibuka"


def test_the_sites_name_alone_is_no_headline():
    head = og("KabarKita") + "<title>Jalan Baru Dibuka - KabarKita</title>"
    assert read(page(head, "<h1>KabarKita</h1><h1>Jalan Baru Dibuka</h1>")).title == "Jalan Baru Dibuka"
    assert read(page(og("KabarKita"))).title is None
    assert read(page(og("KabarKita")), title="Jalan Baru Dibuka").title == "Jalan Baru Dibuka"


def test_a_trail_and_stray_headings_are_not_the_headline():
    headline = "The New Valley Road Is Open"
    body = f"<nav><h1>{headline}</h1></nav><h1>Weather</h1><h2>{headline}</h2><i>By Tom Hale</i>"
    found = read(page(f"<title>{headline}</title>", body, language="en"), outlet=PLAIN)
    assert (found.title, found.authors) == (headline, ("Tom Hale",))


def test_of_a_lone_page_title_the_longest_piece_is_the_headline():
    head = "<title>The New Valley Road Is Open | National | Somewhere :: All the News</title>"
    assert read(page(head, language="en"), outlet=PLAIN).title == "The New Valley Road Is Open"


def test_a_selector_that_points_at_a_section_is_not_followed():
    outlet = Outlet(id="x", name="x", domains=("x.example",), selectors=Selectors(title=("h1",)))
    body = "<h1>Gaya</h1><h1>Jalan Baru Sudah Dibuka</h1>"
    assert read(page(og("Jalan Baru Dibuka"), body), outlet=outlet).title == "Jalan Baru Sudah Dibuka"
    assert read(page(og("Jalan Baru Dibuka"), "<h1>Gaya</h1>"), outlet=outlet).title == "Jalan Baru Dibuka"


@given(st.text(max_size=200), st.lists(st.text(max_size=20), max_size=4))
def test_taking_names_off_never_changes_what_stays(text, names):
    ends = _Ends(names, ())
    assert ends.taken_off(text) in text


@given(st.text(alphabet="abc |-–:", max_size=80))
def test_a_headline_is_never_taken_off_whole(text):
    ends = _Ends(("abc",), ())
    if any(character.isalpha() for character in text):
        assert any(character.isalpha() for character in ends.taken_off(text))
