"""Input that would make a careless pattern run for minutes: every reader takes it in its stride.

Only processor time is read, and that with room to spare; a pattern that runs away meets the suite's own time limit.
"""

import time

import pytest
from lxml import html

from scraper.extraction.attribution import read_agencies
from scraper.extraction.dateline import read_dateline
from scraper.extraction.jsonld import decode
from scraper.extraction.language import language_of
from scraper.extraction.moments import read_moment
from scraper.extraction.oneline import fold, plain
from scraper.extraction.people import people
from scraper.model.outlet import Outlet
from tests.extraction.pages import page, read

OUTLET = Outlet(id="x", name="x", domains=("x.example",))
PIECES = [
    "a", "A ", " ", "\n", "(", "(a", "[", "{", '{"a":', '"headline":"', " - ", ": ", "--", "1/", "12 ", "0", "A.", ", ",
    "the ", "told Reuters and ", "dikutip dari ", "artikel ini telah tayang di ", "© ", "<a ", "&amp;", " and ", "// ",
    "; ", '"\\u', ",   ", "kepada a ", "2024年", "Sari, ", "x (\n", "/A/", "| ",
]  # fmt: skip
LONG = 100_000


@pytest.mark.parametrize("piece", PIECES)
def test_long_runs_of_anything_are_read(piece):
    text = piece * (LONG // len(piece))
    read_agencies(text, OUTLET)
    read_dateline(text, OUTLET)
    read_moment(text)
    people(text)
    decode(text)
    fold(plain(text))
    language_of(text, ("id",))


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 5_000 + "x",
        "<h1>x</h1>" * 5_000,
        "<meta name=a content=b>" * 5_000,
        "<span itemprop=author>x y</span>" * 5_000,
        "<h1>Jalan Baru</h1>" + "<i>19/11/2026 08:15</i>" * 5_000,
        "<h1>Jalan Baru</h1>" + "<b>Editor</b>" * 5_000,
        '<script type="application/ld+json">[' + '{"@type":"Article","headline":"x"},' * 5_000 + "{}]</script>",
        "<h1>" + "Jalan - " * 20_000 + "</h1><title>" + "Jalan - " * 20_000 + "</title>",
        "<a rel=author>" + "Sari Dewi, " * 10_000 + "</a>",
    ],
)
def test_pages_of_thousands_of_like_elements_are_read(markup):
    read(page(body=markup))
    read(html.tostring(html.document_fromstring(markup), encoding="unicode"))


@pytest.mark.parametrize(
    "markup",
    [
        "<a rel=author>Sari Dewi</a><b rel=author>Tom Hale</b>" * 30_000,
        "<p>x<b>Sari Dewi</b><em>Tom Hale</em></p>" * 30_000,
        "<h2>Jalan</h2><h3>Baru</h3>" * 30_000,
    ],
)
@pytest.mark.parametrize("head", ["", "<meta name=author content='Sari Dewi'>"])
def test_tens_of_thousands_of_marks_take_no_more_than_their_number(markup, head):
    before = time.process_time()
    read(page(head, markup))
    assert time.process_time() - before < 6
