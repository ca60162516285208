import json

from scraper.extraction import read_pages
from scraper.extraction.data import drawn_story, lines_of, stated_body
from scraper.model.article import Draft
from scraper.settings import ExtractSettings
from tests.extraction.builders import OUTLET, PARAGRAPHS, entry, page, paragraphs

MARKUP = paragraphs(*PARAGRAPHS)


def test_a_stated_body_is_read_with_or_without_markup():
    assert stated_body({"articleBody": MARKUP}) == list(PARAGRAPHS)
    assert stated_body({"articleBody": "\n".join(PARAGRAPHS)}) == list(PARAGRAPHS)
    assert stated_body({"articleBody": MARKUP.replace("<", "&lt;").replace(">", "&gt;")}) == list(PARAGRAPHS)
    assert stated_body({"articleBody": "pendek"}) == stated_body({"articleBody": 7}) == stated_body({}) == []


def test_captions_within_markup_are_left_out():
    figure = "<figure><img src=x><figcaption>Kapal di dermaga</figcaption></figure><div class='caption'>Foto</div>"
    assert lines_of(figure + MARKUP) == list(PARAGRAPHS)


def test_a_story_in_a_string_of_a_script_is_found():
    script = f"window.__DATA__ = {json.dumps({'id': 5, 'article': {'html': MARKUP}})};"
    assert drawn_story([script]) == list(PARAGRAPHS)


def test_a_story_in_strings_within_strings_is_found():
    inner = json.dumps({"state": {"detail": {"content": MARKUP}}})
    assert drawn_story([f"self.stream.push([1,{json.dumps(inner)}])"]) == list(PARAGRAPHS)


def test_a_story_in_a_list_of_parts_is_found():
    parts = [{"type": "paragraph", "text": text} for text in PARAGRAPHS] + [{"type": "image", "id": "12"}]
    assert drawn_story([json.dumps({"props": {"body": parts, "menu": ["Beranda", "Ekonomi"]}})]) == list(PARAGRAPHS)


def test_scripts_without_a_story_give_nothing():
    assert drawn_story(["var a = 1;", "{", '{"a": [1, 2', json.dumps({"a": ["x"] * 50})]) == []


def test_data_stand_in_for_an_empty_page_only():
    script = f'<script id="__NEXT_DATA__" type="application/json">{json.dumps({"html": MARKUP})}</script>'
    answer = read_pages(
        [page(f"<html><body><div id=app></div>{script}</body></html>")], OUTLET, entry(), ExtractSettings()
    )
    assert isinstance(answer, Draft)
    assert answer.text.split("\n") == list(PARAGRAPHS)
