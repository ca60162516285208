from dataclasses import replace

import pytest

from scraper.extraction import read_pages
from scraper.model.article import Draft
from scraper.model.outlet import Policy
from scraper.model.verdict import Dropped, DropReason
from scraper.settings import ExtractSettings
from tests.extraction.builders import OUTLET, PARAGRAPHS, article_html, entry, page, paragraphs

FULL = paragraphs(*PARAGRAPHS)
PAID = '<script type="application/ld+json">{"@type":"NewsArticle","isAccessibleForFree":false,"wordCount":%d}</script>'


def read(html, outlet=OUTLET, url=None, **settings):
    one = page(html, url=url) if url else page(html)
    return read_pages([one], outlet, entry(), ExtractSettings(**settings))


def reason(answer):
    assert isinstance(answer, Dropped)
    return answer.reason


def test_a_paid_story_that_is_cut_is_dropped_and_kept_on_request():
    html = article_html(FULL, head=PAID % 900)
    assert reason(read(html)) is DropReason.PAYWALLED
    kept = read(html, keep_paywalled=True)
    assert isinstance(kept, Draft)
    assert kept.paywalled


def test_a_paid_story_that_is_shown_whole_is_kept():
    assert isinstance(read(article_html(FULL, head=PAID % 60)), Draft)


def test_a_line_that_says_so_shows_the_cut():
    body = FULL + paragraphs("Berlangganan untuk membaca kelanjutan berita ini.")
    head = PAID.replace(',"wordCount":%d', "")
    assert reason(read(article_html(body, head=head))) is DropReason.PAYWALLED


def test_an_outlets_mark_shows_the_cut():
    outlet = replace(OUTLET, policy=Policy(paywall_marks=("div.tembok",)))
    assert reason(read(article_html(FULL + "<div class='tembok'></div>"), outlet)) is DropReason.PAYWALLED
    assert isinstance(read(article_html(FULL), outlet), Draft)


def test_a_live_blog_is_no_story():
    head = '<script type="application/ld+json">{"@type":"LiveBlogPosting","headline":"Langsung"}</script>'
    assert reason(read(article_html(FULL, head=head))) is DropReason.LIVE_BLOG
    assert isinstance(read(article_html(FULL, head=head), keep_live_blogs=True), Draft)


def test_a_text_in_another_language_is_dropped_where_the_outlet_names_its_own():
    outlet = replace(OUTLET, languages=("en",))
    assert reason(read(article_html(FULL), outlet)) is DropReason.WRONG_LANGUAGE
    assert isinstance(read(article_html(FULL), replace(OUTLET, languages=("id",))), Draft)


@pytest.mark.parametrize(
    "url",
    [
        "https://harian.example/foto/12/pasar",
        "https://foto.harian.example/12",
        "https://harian.example/readfoto/2/pasar",
    ],
)
def test_a_short_picture_page_is_called_so(url):
    assert reason(read(article_html(paragraphs(PARAGRAPHS[0])), url=url)) is DropReason.MEDIA_PAGE


@pytest.mark.parametrize("count", [3, 5, 8, 60])
@pytest.mark.parametrize("tag", ["div", "p", "h3"])
def test_a_page_of_links_is_called_a_list(count, tag):
    links = "".join(
        f'<{tag}><a href="/berita/{at}">Judul berita nomor {at} yang dapat dibaca</a></{tag}>' for at in range(count)
    )
    assert reason(read(f"<html lang=id><body><h1>Indeks</h1>{links}</body></html>")) is DropReason.LIST_PAGE


def test_a_menu_alone_is_no_list():
    links = "".join(f'<div><a href="/{name}">{name}</a></div>' for name in ("Nasional", "Daerah", "Bola", "Kesehatan"))
    assert reason(read(f"<html lang=id><body><h1>Kabar</h1>{links}</body></html>")) is DropReason.NO_TEXT


def test_a_wall_of_consent_is_called_so():
    wall = paragraphs("Kami memakai cookies. Berikan consent atas cookies dan tracking, atau baca privacy kami.")
    answer = read(f"<html><body><article><h1>Pilihan privasi</h1>{wall}</article></body></html>")
    assert reason(answer) in {DropReason.CONSENT_WALL, DropReason.NO_TEXT}


def test_an_outlet_may_ask_for_more_or_less_text():
    short = article_html(paragraphs(PARAGRAPHS[0], PARAGRAPHS[1]))
    assert isinstance(read(short, replace(OUTLET, policy=Policy(min_characters=60))), Draft)
    assert reason(read(short, replace(OUTLET, policy=Policy(min_characters=900)))) is DropReason.TOO_SHORT
