"""Links to other stories within a paragraph."""

import pytest

from scraper.extraction import read_pages
from scraper.extraction.loading import parse
from scraper.extraction.pointers import cut_pointers
from scraper.model.article import Draft
from scraper.settings import ExtractSettings
from tests.extraction.builders import OUTLET, PARAGRAPHS, article_html, entry, page, paragraphs

PROSE = "Harga cabai naik tajam sejak Senin menurut para pedagang."
LINK = '<a href="/1">Panen Cabai Gagal Lagi</a>'
POINTER = "Baca juga: Panen Cabai Gagal Lagi"


def cut(markup):
    tree = parse(f"<html><body><p>{markup}</p></body></html>")
    assert tree is not None
    found = [pointer.text for pointer in cut_pointers(tree)]
    return " ".join(tree.text_content().split()), found


@pytest.mark.parametrize(
    "pointer",
    [
        f"(Baca juga: {LINK})",
        f"[Baca juga: {LINK}].",
        f"Baca juga: {LINK}",
        f"<strong>Baca juga: {LINK}</strong>",
        f"<b>Baca juga: </b>{LINK}",
        '<a href="/1">Baca juga: Panen Cabai Gagal Lagi</a>',
    ],
)
def test_it_is_cut_out_of_its_paragraph_and_named(pointer):
    assert cut(f"{PROSE} {pointer}") == (PROSE, [POINTER])
    assert cut(f"{PROSE} {pointer} {PROSE}") == (f"{PROSE} {PROSE}", [POINTER])


@pytest.mark.parametrize("words", ["Read more", "Lesen Sie auch", "À lire aussi", "Lea también", "Leggi anche"])
def test_other_languages_point_as_well(words):
    assert cut(f"{PROSE} ({words}: {LINK})") == (PROSE, [f"{words}: Panen Cabai Gagal Lagi"])


@pytest.mark.parametrize(
    "markup",
    [
        f"{PROSE} Warga membaca {LINK} dengan cemas.",
        f"{PROSE} Kata guru, baca juga: {LINK} karena penting.",
        f'{PROSE} Baca juga: <a href="/1">ini</a>',
        f"Baca juga: {LINK}",
    ],
)
def test_a_link_in_a_sentence_stays_and_so_does_a_line_of_its_own(markup):
    assert cut(markup)[1] == []


def test_what_was_cut_is_named_among_the_dropped_lines():
    html = article_html(paragraphs(f"{PARAGRAPHS[0]} (Baca juga: {LINK})", *PARAGRAPHS[1:]))
    draft = read_pages([page(html)], OUTLET, entry(), ExtractSettings())
    assert isinstance(draft, Draft)
    assert draft.text.split("\n") == list(PARAGRAPHS)
    assert POINTER in draft.dropped_lines
