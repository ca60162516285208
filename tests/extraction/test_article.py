from dataclasses import replace

from scraper.extraction import read_pages
from scraper.model.article import Draft
from scraper.model.outlet import LineRules, Selectors
from scraper.model.verdict import Deferred, Dropped, DropReason
from scraper.settings import ExtractSettings
from tests.extraction.builders import OUTLET, PARAGRAPHS, URL, article_html, entry, page, paragraphs

SETTINGS = ExtractSettings()


def read(html, outlet=OUTLET, settings=SETTINGS):
    return read_pages([page(html)], outlet, entry(), settings)


def test_the_text_is_the_paragraphs_and_the_headings_each_on_its_own_line():
    body = paragraphs(*PARAGRAPHS[:2]) + "<h2>Pasar mulai ramai</h2>" + paragraphs(*PARAGRAPHS[2:])
    draft = read(article_html(body))
    assert isinstance(draft, Draft)
    assert draft.text.split("\n") == [*PARAGRAPHS[:2], "Pasar mulai ramai", *PARAGRAPHS[2:]]
    assert draft.title == "Laut Tenang, Nelayan Kembali Melaut"


def test_removed_lines_are_kept_in_the_record():
    body = paragraphs(
        *PARAGRAPHS[:2], "Baca juga: Harga Cabai Naik Lagi Menjelang Lebaran di Pasar Induk", *PARAGRAPHS[2:]
    )
    draft = read(article_html(body))
    assert isinstance(draft, Draft)
    assert draft.text.split("\n") == list(PARAGRAPHS)
    assert draft.dropped_lines == ("Baca juga: Harga Cabai Naik Lagi Menjelang Lebaran di Pasar Induk",)


def test_an_outlets_rules_for_lines_and_nodes_are_followed():
    outlet = replace(
        OUTLET,
        selectors=Selectors(drop=("div.kutipan-promo",)),
        lines=LineRules(drop=("Kabar * dari redaksi kami.",), cut_at=("Penafian*",)),
    )
    body = (
        paragraphs(*PARAGRAPHS[:2], "Kabar pagi dari redaksi kami.")
        + "<div class='kutipan-promo'><p>Beli buku kami.</p></div>"
    )
    draft = read(article_html(body + paragraphs(PARAGRAPHS[2], "Penafian redaksi", PARAGRAPHS[3])), outlet)
    assert isinstance(draft, Draft)
    assert draft.text.split("\n") == list(PARAGRAPHS[:3])
    assert draft.dropped_lines == ("Kabar pagi dari redaksi kami.", "Penafian redaksi", PARAGRAPHS[3])


def test_a_body_selector_that_matches_nothing_is_reported_and_the_general_path_goes_on():
    outlet = replace(OUTLET, selectors=Selectors(body=("div.isi-lama",)))
    draft = read(article_html(paragraphs(*PARAGRAPHS)), outlet)
    assert isinstance(draft, Draft)
    assert draft.text.split("\n") == list(PARAGRAPHS)
    assert draft.degraded == ("selectors.body",)


def test_too_little_text_is_dropped_with_its_length():
    answer = read(article_html(paragraphs(PARAGRAPHS[0])))
    assert isinstance(answer, Dropped)
    assert answer.reason is DropReason.TOO_SHORT
    assert str(SETTINGS.min_characters) in answer.detail


def test_an_error_page_with_status_200_is_tried_again():
    answer = read(
        "<html><head><title>503 Service Unavailable</title></head><body><h1>503 Service Unavailable</h1></body></html>"
    )
    assert isinstance(answer, Deferred)
    assert answer.reason is DropReason.ERROR_PAGE


def test_what_has_no_elements_is_no_page():
    answer = read("")
    assert isinstance(answer, Dropped)
    assert answer.reason is DropReason.NOT_HTML


def test_a_body_beyond_the_limit_is_not_read():
    answer = read(article_html(paragraphs(*PARAGRAPHS)), settings=ExtractSettings(max_page_bytes=100))
    assert isinstance(answer, Dropped)
    assert answer.reason is DropReason.TOO_LARGE


def test_the_pages_of_a_story_are_joined_without_repeating_a_line():
    first = page(article_html(paragraphs(*PARAGRAPHS[:3]), after=f'<a href="{URL}?page=2">2</a>'))
    draft = read_pages([first], OUTLET, entry(), SETTINGS)
    assert isinstance(draft, Draft)
    assert draft.next_pages == (f"{URL}?page=2",)
    second = page(article_html(paragraphs(PARAGRAPHS[2], PARAGRAPHS[3])), url=f"{URL}?page=2")
    draft = read_pages([first, second], OUTLET, entry(), SETTINGS)
    assert isinstance(draft, Draft)
    assert draft.text.split("\n") == list(PARAGRAPHS)
    assert draft.next_pages == ()
