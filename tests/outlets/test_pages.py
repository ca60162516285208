"""A page in the markup of each Indonesian outlet, read with that outlet's file. Texts and pages are ours."""

import re
from datetime import UTC, datetime
from pathlib import Path
from string import Template

import pytest

from scraper.extraction import read_pages
from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.outlets import load_outlets
from scraper.settings import ExtractSettings

HERE = Path(__file__).parent
OUTLETS = {outlet.id: outlet for outlet in load_outlets(HERE.parent.parent / "config")}
PAGES = {path.stem: path.read_text("utf-8") for path in sorted((HERE / "pages").glob("*.html"))}
NOON = datetime(2026, 7, 6, 6, 0, tzinfo=UTC)
PUBLISHED = datetime(2026, 7, 6, 5, 11, tzinfo=UTC)

TITLE = "Warga Kampung Tenun Hidupkan Lagi Pasar Apung"
HEADING = "Perahu bekas diperbaiki bersama"
PARAGRAPHS = (HERE / "pages" / "story.txt").read_text("utf-8").splitlines()
DATELINES = {
    "antara": "Jakarta (ANTARA) - ",
    "antara-jogja": "Jakarta (ANTARA) - ",
    "balipost": "DENPASAR, BALIPOST.com - ",
    "beritasatu": "Jakarta, Beritasatu.com - ",
    "bisnis": "Bisnis.com, JAKARTA — ",
    "bolacom": "Bola.com, Jakarta - ",
    "cnbcindonesia": "Jakarta, CNBC Indonesia - ",
    "cnnindonesia": "Jakarta, CNN Indonesia -- ",
    "detik": "Jakarta - ",
    "fajar": "FAJAR.CO.ID, JAKARTA -- ",
    "harianjogja": "Harianjogja.com, JOGJA — ",
    "idntimes": "Jakarta, IDN Times - ",
    "idxchannel": "IDXChannel - ",
    "inews": "JAKARTA, iNews.id - ",
    "jawapos": "JawaPos.com - ",
    "jpnn": "jpnn.com, JAKARTA - ",
    "kbr": "KBR, Jakarta- ",
    "kompas": "JAKARTA, KOMPAS.com - ",
    "kontan": "KONTAN.CO.ID - JAKARTA. ",
    "liputan6": "Liputan6.com, Jakarta - ",
    "merdeka": "Merdeka.com - ",
    "metrotvnews": "Jakarta: ",
    "niaga-asia": "JAKARTA.NIAGA.ASIA – ",
    "okezone": "JAKARTA - ",
    "pikiran-rakyat": "PIKIRAN RAKYAT - ",
    "republika": "REPUBLIKA.CO.ID, JAKARTA -- ",
    "rri": "KBRN, Jakarta: ",
    "sindonews": "JAKARTA - ",
    "suara": "Suara.com - ",
    "suaramerdeka": "JAKARTA, suaramerdeka.com - ",
    "surabayapagi": "SURABAYAPAGI.COM, Jakarta - ",
    "tempo": "TEMPO.CO, Jakarta - ",
    "tirto": "tirto.id - ",
    "tribunnews": "TRIBUNNEWS.COM, JAKARTA - ",
    "viva": "Jakarta, VIVA – ",
    "wartaekonomi": "Warta Ekonomi, Jakarta - ",
}
SIGNATURES = {
    "cnbcindonesia": "(rks/rks)",
    "cnnindonesia": "(rks/end)",
    "detik": "(rks/idh)",
    "mediaindonesia": "(H-2)",
    "okezone": "(rks)",
    "sindonews": "(rks)",
}
"""How desks sign: the story's own last line."""
OWN_NOTICES = {"balipost": "(Rina Kusumawati/balipost)", "tribunnews": "(Tribunnews.com/Rina)"}
"""Last lines that only the outlet's file knows for notices."""


def read(outlet_id, outlet=None) -> Draft:
    outlet = outlet or OUTLETS[outlet_id]
    pieces = {f"p{number}": paragraph for number, paragraph in enumerate(PARAGRAPHS, start=1)}
    html = Template(PAGES[outlet_id]).substitute(pieces, title=TITLE, heading=HEADING)
    url = f"https://{OUTLETS[outlet_id].domains[0]}/berita/1"
    page = Page(
        url=url, requested_url=url, body=html.encode(), fetched_at=NOON, content_type="text/html; charset=utf-8"
    )
    draft = read_pages([page], outlet, Entry(key=url, url=url, outlet=outlet_id, source="test"), ExtractSettings())
    assert isinstance(draft, Draft), draft
    return draft


@pytest.fixture(scope="module")
def drafts():
    return {outlet_id: read(outlet_id) for outlet_id in PAGES}


def _story(outlet_id):
    first, second, third, *rest = PARAGRAPHS
    heading = [HEADING] if "$heading" in PAGES[outlet_id] else []
    signed = [SIGNATURES[outlet_id]] if outlet_id in SIGNATURES else []
    return [DATELINES.get(outlet_id, "") + first, second, third, *heading, *rest, *signed]


@pytest.mark.parametrize("outlet_id", PAGES)
def test_the_text_is_the_story_and_nothing_else(outlet_id, drafts):
    assert drafts[outlet_id].text.splitlines() == _story(outlet_id)


@pytest.mark.parametrize("outlet_id", PAGES)
def test_the_general_rules_read_the_page_as_well(outlet_id):
    known = OUTLETS[outlet_id]
    stranger = Outlet(id="stranger", name="Stranger", domains=("stranger.example",), zone=known.zone)
    notices = [OWN_NOTICES[outlet_id]] if outlet_id in OWN_NOTICES else []
    assert read(outlet_id, stranger).text.splitlines() == [*_story(outlet_id), *notices]


@pytest.mark.parametrize("outlet_id", PAGES)
def test_title_author_and_time_are_the_pages_own(outlet_id, drafts):
    draft = drafts[outlet_id]
    assert draft.title == TITLE
    assert draft.authors == ("Rina Kusumawati",)
    assert draft.published == PUBLISHED


@pytest.mark.parametrize("outlet_id", DATELINES)
def test_the_dateline_is_told_with_its_place(outlet_id, drafts):
    dateline = drafts[outlet_id].dateline
    assert dateline is not None
    assert dateline.verbatim.strip() == DATELINES[outlet_id].strip()
    place = dateline.place or ""
    named = [
        city for city in ("jakarta", "denpasar", "jogja") if city in re.split(r"\W+", DATELINES[outlet_id].casefold())
    ]
    assert [place.casefold()] == (named or [""])


@pytest.mark.parametrize("outlet_id", PAGES)
def test_every_hint_of_the_file_has_something_to_point_at(outlet_id, drafts):
    assert drafts[outlet_id].degraded == ()


def test_every_indonesian_outlet_with_own_rules_has_a_page():
    with_rules = {
        one.id for one in OUTLETS.values() if one.country == "ID" and one.selectors.body and one.selectors.drop
    }
    assert with_rules <= set(PAGES)
