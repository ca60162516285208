"""One story with all that a page may put around and into it, read with the outlet's file and without any."""

from pathlib import Path

import pytest

from scraper.extraction import read_pages
from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.outlets import load_outlets
from scraper.settings import ExtractSettings
from tests.extraction.builders import OUTLET, page

CONFIG = Path(__file__).parent.parent.parent / "config"
URL = "https://www.liputan6.com/global/read/5123456/korea-utara-luncurkan-rudal"
TITLE = "Korea Utara Luncurkan Rudal Balistik ke Laut Timur"
LINES = (
    (
        "Liputan6.com, Pyongyang - Korea Utara meluncurkan dua rudal jarak pendek ke Laut Timur pada Senin. Seperti "
        "dilaporkan kantor berita Korea Utara KCNA yang dikutip dari Channel News Asia, Senin (6/7), peluncuran itu "
        "disaksikan langsung oleh pemimpin tertinggi."
    ),
    (
        "Militer Korea Selatan mengatakan rudal terbang sejauh 400 kilometer sebelum jatuh di laut terbuka. Tidak ada "
        "laporan kerusakan, lapor Reuters."
    ),
    "Tanggapan Jepang",
    "Perdana menteri Jepang mengecam peluncuran itu dan menyebutnya ancaman bagi perdamaian kawasan serta pelayaran.",
    "Pemerintah Jepang telah meminta semua kapal di sekitar perairan itu untuk berhati-hati dan melaporkan puing.",
)
HTML = f"""<html lang="id"><head><title>{TITLE} - Global Liputan6.com</title>
<meta property="og:title" content="{TITLE}">
<meta property="og:site_name" content="liputan6.com"></head><body><nav><a href="/">Home</a></nav><article>
<h1 class="read-page--header--title">{TITLE}</h1><div class="read-page-box__author__name">Tanti Wulandari</div>
<time class="read-page--header--author__datetime">6 Juli 2026, 12:11 WIB</time><div class="article-content-body">
<div class="article-content-body__item-page" data-page="1"><div class="article-content-body__item-content">
<p><b>Liputan6.com, Pyongyang - </b>{LINES[0].partition(" - ")[2].replace(" ", "&nbsp;", 1)}</p>
<div class="baca-juga-collections"><strong>Baca Juga</strong><ul><li><a href="/a">Kapal Selam Baru</a></li></ul></div>
<p>Baca Juga: Kapal Selam Baru Korut</p><p>Advertisement</p><p>{LINES[1]}</p></div></div>
<div class="article-content-body__item-page" data-page="2"><h2 class="article-content-body__item-title">{LINES[2]}</h2>
<div class="article-content-body__item-content"><p>{LINES[3]}</p><p>{LINES[4]}</p></div></div></div>
<div class="paging"><a href="?page=2">2</a><a href="?page=all">Semua</a></div></article></body></html>"""


@pytest.mark.parametrize("known", [True, False])
def test_text_sources_and_dateline_are_found_and_nothing_is_fetched_twice(known):
    outlet = next(one for one in load_outlets(CONFIG) if one.id == "liputan6") if known else OUTLET
    entry = Entry(key=URL, url=URL, outlet=outlet.id, source="test")
    draft = read_pages([page(HTML, url=URL)], outlet, entry, ExtractSettings())
    assert isinstance(draft, Draft), draft
    assert draft.text.split("\n") == list(LINES)
    assert draft.agencies == ("KCNA", "Channel News Asia", "Reuters")
    assert draft.dateline is not None
    assert (draft.dateline.place, draft.dateline.outlet) == ("Pyongyang", "Liputan6.com")
    assert draft.next_pages == ()
    assert set(draft.dropped_lines) >= {"Baca Juga: Kapal Selam Baru Korut", "Advertisement"}
    assert draft.authors == ("Tanti Wulandari",)
