"""Lists that a story announces are kept to their last item; other lists gain nothing by it."""

import pytest

from scraper.extraction import read_pages
from scraper.model.article import Draft
from scraper.settings import ExtractSettings
from tests.extraction.builders import OUTLET, PARAGRAPHS, article_html, entry, page, paragraphs

LONG = (
    "Jalan Melati dari pasar sampai ke balai kota ditutup bagi semua kendaraan sejak pagi hingga malam hari.",
    "Jalan Kenanga hanya boleh dilalui pejalan kaki dan sepeda karena alat berat bekerja di kedua sisinya.",
    "Jalan Mawar dijadikan satu arah dari timur ke barat supaya bus kota dapat tetap sampai ke terminal.",
    "Jalan Anggrek ditutup pada malam hari saja ketika tiang jembatan yang baru diangkut dari pelabuhan.",
)
SHORT = ("Jalan Dahlia", "Jalan Teratai")
ANNOUNCED = "Berikut enam jalan yang ditutup selama pekerjaan:"


def lines(announcing, items, after=()):
    below = f"<ol>{''.join(f'<li>{item}</li>' for item in items)}</ol>"
    html = article_html(paragraphs(*PARAGRAPHS, announcing) + below + paragraphs(*after))
    draft = read_pages([page(html)], OUTLET, entry(), ExtractSettings())
    assert isinstance(draft, Draft)
    return draft.text.split("\n")


@pytest.mark.parametrize("after", [(), ("Kepala dinas meminta warga memakai jalan lain yang lebih jauh dari sungai.",)])
def test_a_list_is_kept_to_its_last_item(after):
    assert lines(ANNOUNCED, (*LONG, *SHORT), after) == [*PARAGRAPHS, ANNOUNCED, *LONG, *SHORT, *after]


def test_only_a_colon_announces_a_list():
    assert lines(ANNOUNCED.replace(":", "."), (*LONG, *SHORT))[-1] == LONG[-1]


def test_junk_in_a_list_stays_out():
    assert lines(ANNOUNCED, (*LONG, "Baca juga: Jembatan lama roboh", *SHORT))[-3:] == [LONG[-1], *SHORT]


def test_a_list_that_leads_elsewhere_is_no_part_of_it():
    links = [f'<a href="/berita/{number}">{item}</a>' for number, item in enumerate((*LONG, *SHORT))]
    assert not set(SHORT) & set(lines(ANNOUNCED, links))


def test_a_list_of_short_items_none_of_which_reads_like_prose_is_kept():
    items = ("Kartu keluarga", "Pas foto", "Surat pindah")
    announcing = "Syarat yang harus dibawa warga antara lain:"
    after = ("Proses itu paling lama tiga hari kerja dan tidak dipungut biaya apa pun, kata kepala dinas.",)
    assert lines(announcing, items, after) == [*PARAGRAPHS, announcing, *items, *after]
