import pytest

from scraper.extraction import read_pages
from scraper.extraction.blocks import MAX_BLOCKS, read_blocks
from scraper.extraction.engine import MAX_ELEMENTS, engine_lines
from scraper.extraction.junk import MAX_JUNK, is_junk
from scraper.extraction.loading import parse
from scraper.model.article import Draft
from scraper.model.verdict import Deferred, Dropped
from scraper.settings import ExtractSettings
from tests.extraction.builders import OUTLET, article_html, entry, page

SIZE = 200_000
HOSTILE = {
    "short paragraphs": "<p>ab</p>" * (SIZE // 9),
    "deep nesting": "<div>" * (SIZE // 5) + "teks",
    "one endless line": "<p>" + "kata " * (SIZE // 5),
    "line breaks": "<div>" + "kata<br>" * (SIZE // 8),
    "signs": "<p>" + ". , " * (SIZE // 4),
    "attributes": "<p " + " ".join(f'a{at}="b"' for at in range(SIZE // 8)) + ">x</p>",
    "backslashes in a script": "<script>'" + "\\" * SIZE + "</script>",
    "quotes in a script": '<script>{"a' + '"a' * (SIZE // 2) + "</script>",
    "escaped quotes in a script": '<script>"' + '\\"' * (SIZE // 2) + "</script>",
    "escaped escapes in a script": '<script>"' + '\\\\\\"' * (SIZE // 4) + "</script>",
    "deep data": '<script>{"a":' + "[" * (SIZE // 2) + "</script>",
    "brackets": "<" * SIZE,
    "nothing": "\x00" * SIZE,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_pages_are_answered(body):
    answer = read_pages([page(article_html(body))], OUTLET, entry(), ExtractSettings(min_characters=0))
    assert isinstance(answer, Draft | Dropped | Deferred)


def test_a_tree_without_end_is_not_given_to_the_engine():
    tree = parse("<html><body>" + "<p>Sebuah kalimat yang cukup panjang untuk dibaca.</p>" * MAX_ELEMENTS)
    assert tree is not None
    assert engine_lines(tree) == []


def test_blocks_are_bounded():
    tree = parse("<html><body>" + "<p>baris</p>" * (MAX_BLOCKS + 100))
    assert tree is not None
    assert len(read_blocks(tree)) == MAX_BLOCKS


def test_only_short_lines_are_held_against_the_rules():
    assert is_junk("Baca juga: Harga cabai naik")
    assert not is_junk("." * (MAX_JUNK + 1))
