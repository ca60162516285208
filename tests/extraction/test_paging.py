from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.extraction.loading import parse
from scraper.extraction.normal import line_key
from scraper.extraction.paging import joined, next_pages, page_number
from scraper.model.outlet import Paging
from tests.extraction.builders import OUTLET, URL

LIMIT = 20


def following(links, *, read=(URL,), outlet=OUTLET, limit=LIMIT):
    tree = parse("<html><body>" + "".join(f'<a href="{link}">x</a>' for link in links) + "</body></html>")
    assert tree is not None
    return next_pages(tree, read, outlet, limit)


def test_a_story_on_one_page_has_no_next():
    assert following(["/", "/berita/102/lain", f"{URL}#atas", "?utm_source=x"]) == ()


@pytest.mark.parametrize("addition", ["?page=all", "?single=1", "?showpage=all", "/all"])
def test_the_whole_story_on_one_page_is_preferred(addition):
    assert following(["?page=2", "?page=3", URL + addition]) == (URL + addition,)


def test_numbered_pages_are_taken_in_order():
    assert following(["?page=3", "?page=2", "?page=2"]) == (f"{URL}?page=2", f"{URL}?page=3")
    assert following([f"{URL}/2", f"{URL}/3", "/berita/999/2"]) == (f"{URL}/2", f"{URL}/3")


def test_pages_that_were_read_are_not_asked_for_again():
    read = (URL, f"{URL}?page=2")
    assert following(["?page=2", "?page=3", "?page=1"], read=read) == (f"{URL}?page=3",)
    assert following(["?page=2", f"{URL}?page=all"], read=(URL, f"{URL}?page=all")) == ()


def test_pages_of_comments_are_no_pages_of_the_story():
    assert following(["?page=2#comments"]) == ()


def test_an_outlets_own_way_to_one_page_is_used_where_there_are_pages():
    outlet = replace(OUTLET, paging=Paging(single_page="lihat=semua"))
    assert following(["?page=2"], outlet=outlet) == (f"{URL}?lihat=semua",)
    assert following(["/lain"], outlet=outlet) == ()


def test_limits_hold():
    links = [f"?page={number}" for number in range(2, 15)]
    assert len(following(links, limit=5)) == 4
    assert following(links, outlet=replace(OUTLET, paging=Paging(max_pages=1))) == ()


def test_a_pointer_to_the_next_page_is_followed():
    tree = parse(f'<html><head><link rel="next" href="{URL}?halaman=2"></head><body>x</body></html>')
    assert tree is not None
    assert next_pages(tree, [URL], OUTLET, LIMIT) == (f"{URL}?halaman=2",)


def test_another_story_is_not_a_page_of_this_one():
    assert page_number("https://harian.example/berita/101/laut-tenang?page=2", URL, Paging()) == 2
    assert page_number("https://lain.example/berita/101/laut-tenang?page=2", URL, Paging()) is None
    assert page_number("https://harian.example/berita/102/laut-tenang?page=2", URL, Paging()) is None


@given(st.lists(st.lists(st.text(alphabet="ab c", min_size=1), max_size=6), max_size=5))
def test_joining_keeps_each_line_and_repeats_none_of_an_earlier_page(parts):
    lines = joined(parts)
    assert {line_key(line) for line in lines} == {line_key(line) for part in parts for line in part}
    for at, part in enumerate(parts[1:], start=1):
        before = {line_key(line) for earlier in parts[:at] for line in earlier}
        fresh = [line for line in part if line_key(line) not in before]
        assert len(joined(parts[: at + 1])) == len(joined(parts[:at])) + len(fresh)


def test_pages_that_the_document_holds_are_not_fetched():
    prose = "Nelayan kembali melaut setelah badai mereda di pesisir utara. " * 4
    links = '<a href="?page=2">2</a><a href="?page=all">Semua</a>'
    whole = "".join(f'<div data-page="{number}"><p>{prose}</p></div>' for number in (1, 2))
    for body, expected in (
        (whole, ()),
        (f'<div data-page="1">{prose}</div><div data-page="2">2</div>', (f"{URL}?page=all",)),
        (f'{whole}<a href="?page=3">3</a>', (f"{URL}?page=all",)),
    ):
        tree = parse(f"<html><body>{body}{links}</body></html>")
        assert tree is not None
        assert next_pages(tree, (URL,), OUTLET, LIMIT) == expected
