from hypothesis import given
from hypothesis import strategies as st

from scraper.extraction.blocks import read_blocks
from scraper.extraction.linklists import take_out_link_lists
from scraper.extraction.loading import parse
from scraper.extraction.normal import words
from tests.extraction.builders import PARAGRAPHS, paragraphs

TEASERS = "".join(f'<li><a href="/{at}">Kabar lain nomor {at}</a></li>' for at in range(3))


def taken(body):
    tree = parse(f"<html><body>{body}</body></html>")
    assert tree is not None
    lists = take_out_link_lists(tree)
    return lists, [block.text for block in read_blocks(tree)]


def test_a_list_of_links_is_taken_out_whole_and_can_still_be_named():
    lists, left = taken(f"<div>{paragraphs(PARAGRAPHS[0])}<ul>{TEASERS}</ul>{paragraphs(PARAGRAPHS[1])}</div>")
    assert left == list(PARAGRAPHS[:2])
    (found,) = lists
    assert (found.links, found.parent.tag) == (3, "div")
    assert found.lines() == ["Kabar lain nomor 0", "Kabar lain nomor 1", "Kabar lain nomor 2"]


def test_the_largest_element_that_is_a_list_is_taken():
    lists, _ = taken(f"<p>{PARAGRAPHS[0]}</p><aside><div><ul>{TEASERS}</ul></div><a href='/x'>Lagi</a></aside>")
    assert [found.element.tag for found in lists] == ["aside"]


def test_what_stands_behind_a_list_in_the_same_element_stays():
    _, left = taken(f"<div><p>{PARAGRAPHS[0]}</p><ul>{TEASERS}</ul>Ekor kalimat.</div>")
    assert left[-1] == "Ekor kalimat."


def test_a_paragraph_with_many_links_is_running_text():
    linked = " ".join(f'<a href="/{word}">{word}</a>' for word in PARAGRAPHS[0].split())
    assert taken(f"<p>{linked}</p>") == ([], [PARAGRAPHS[0]])


def test_two_links_are_no_list():
    assert taken('<div><a href="/a">Satu</a> <a href="/b">Dua</a></div>')[0] == []


def test_long_sentences_that_are_linked_are_running_text():
    long = [f"{PARAGRAPHS[0]} {text}" for text in PARAGRAPHS]
    body = "".join(f'<p><a href="/{at}">{text}</a></p>' for at, text in enumerate(long))
    assert taken(f"<div>{body}</div>") == ([], long)


def test_a_list_around_the_main_heading_is_left_alone():
    lists, left = taken(f'<ul><li><h1><a href="/a">Judul</a></h1></li>{TEASERS}</ul>')
    assert [found.element.tag for found in lists] == []
    assert "Judul" in left


@given(
    st.lists(
        st.sampled_from(["<a href='/x'>tautan</a>", "<p>kalimat biasa</p>", "<ul>", "</ul>", "<div>", "</div>", "t"])
    )
)
def test_no_word_is_lost_between_the_lists_and_the_rest(parts):
    markup = "".join(parts)
    whole = parse(f"<html><body>x{markup}</body></html>")
    assert whole is not None
    lists, left = taken(f"x{markup}")
    named = [line for found in lists for line in found.lines()]
    assert sorted(words(" ".join([*left, *named]))) == sorted(words(" ".join(b.text for b in read_blocks(whole))))
