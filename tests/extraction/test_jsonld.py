"""JSON-LD as pages carry it, sound and broken."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from scraper.extraction.jsonld import decode, main_article, read_json_ld, resolved, types

HEADLINE = {"headline": "Jalan baru"}


@pytest.mark.parametrize(
    "script",
    [
        '{"headline": "Jalan baru"}',
        '<!-- {"headline": "Jalan baru"} -->',
        '//<![CDATA[\n{"headline": "Jalan baru"}\n//]]>',
        '/*<![CDATA[*/{"headline": "Jalan baru"}/*]]>*/',
        '{"headline": "Jalan baru"};',
        '\ufeff{"headline": "Jalan baru"}',
        '{"headline": "Jalan baru",}',
        "{&quot;headline&quot;: &quot;Jalan baru&quot;}",
    ],
)
def test_wrapped_or_slightly_wrong_json_is_read(script):
    assert decode(script) == [HEADLINE]


def test_several_values_in_one_script_are_read():
    assert decode('{"a": 1} {"b": 2},[3]') == [{"a": 1}, {"b": 2}, [3]]


def test_raw_line_breaks_and_tabs_in_strings_are_allowed():
    assert decode('{"articleBody": "one\ntwo\tthree"}') == [{"articleBody": "one\ntwo\tthree"}]


def test_an_escape_that_json_does_not_know_is_taken_as_it_stands():
    assert decode(r'{"headline": "it\'s"}') == [{"headline": r"it\'s"}]


def test_from_a_script_beyond_repair_the_plain_members_are_saved():
    script = (
        '{"@type": "NewsArticle", "headline": "He said "no" again", "datePublished": "2026-11-19T08:15:30+07:00", oops'
    )
    assert decode(script) == [
        {"@type": "Article", "headline": 'He said "no" again', "datePublished": "2026-11-19T08:15:30+07:00"}
    ]


@pytest.mark.parametrize("script", ["", "   ", "nothing", "[" * 100_000, '{"a":' * 50_000, "1" * 5000, '{"a": NaN'])
def test_what_is_no_json_gives_nothing_and_raises_nothing(script):
    assert [value for value in decode(script) if isinstance(value, dict)] == []


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda c: st.lists(c) | st.dictionaries(st.text(), c)
    )
)
def test_sound_json_is_read_as_json(value):
    text = json.dumps(value)
    assert decode(text) == [value]


@given(st.text(alphabet='{}[]":,\\ ab1\n<!->&quot;', max_size=200))
def test_any_text_can_be_tried(text):
    decode(text)


def tree(*scripts: str) -> html.HtmlElement:
    return html.document_fromstring(
        "<html><head>" + "".join(f'<script type="application/ld+json">{s}</script>' for s in scripts) + "</head></html>"
    )


def test_graphs_are_unpacked_and_all_scripts_are_read_in_order():
    found = read_json_ld(tree('{"@graph": [{"@id": "a"}, {"@id": "b"}]}', '[{"@id": "c"}]'))
    assert [value.get("@id") for value in found] == [None, "a", "b", "c"]


def test_the_story_is_the_object_that_says_most_about_it():
    found = read_json_ld(
        tree(
            '{"@type": "VideoObject", "name": "v"}',
            '{"@type": ["NewsArticle", "Product"]}',
            '{"@type": "http://schema.org/ReportageNewsArticle", "headline": "h", "author": "a"}',
            '{"@type": "Article", "headline": "other"}',
        )
    )
    story = main_article(found)
    assert story is not None
    assert types(story) == ("ReportageNewsArticle",)


def test_an_object_without_an_articles_type_counts_when_it_has_headline_and_date():
    found = read_json_ld(tree('{"@type": "WebPage", "headline": "h", "datePublished": "2026-11-19"}'))
    assert main_article(found) is not None
    assert main_article(read_json_ld(tree('{"@type": "WebPage", "headline": "h"}'))) is None


def test_of_several_stories_the_one_with_the_pages_headline_is_its_own():
    teaser = '{"@type": "NewsArticle", "headline": "Berita lain", "datePublished": "2026-11-18", "author": "a"}'
    own = '{"@type": "NewsArticle", "headline": "Jalan baru dibuka"}'
    story = main_article(read_json_ld(tree(teaser, own)), ("Jalan Baru Dibuka - KabarKita",))
    assert story is not None
    assert story["headline"] == "Jalan baru dibuka"


def test_a_dated_and_signed_review_is_a_story_and_a_video_is_none():
    found = read_json_ld(
        tree(
            '{"@type": "VideoObject", "name": "v", "author": "a", "datePublished": "2026-11-19"}',
            '{"@type": "Review", "name": "Ulasan film", "author": "a", "datePublished": "2026-11-19"}',
        )
    )
    story = main_article(found)
    assert story is not None
    assert story["name"] == "Ulasan film"


def test_references_lead_to_what_they_name():
    objects = ({"@id": "#p", "@type": "Person", "name": "Sari Dewi"}, {"@id": "#q"})
    assert resolved({"@id": "#p"}, objects) == [objects[0]]
    assert resolved([{"@id": "#q"}, "Anto", None], objects) == [{"@id": "#q"}, "Anto"]
