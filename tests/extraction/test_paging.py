"""Page numbers in addresses: the usual forms, and the outlet's own."""

import pytest
from lxml import html

from scraper.extraction.paging import next_pages, page_number
from scraper.model.outlet import Outlet, Paging

FIRST = "https://harian.example/berita/1/judul"


@pytest.mark.parametrize(
    ("link", "numbered", "number"),
    [
        (FIRST + "?page=2", None, 2),
        (FIRST + "/3", None, 3),
        (FIRST + "?laman=2", None, None),
        (FIRST + "?laman=2", "laman={n}", 2),
        (FIRST + "/bagian-4/", "/bagian-{n}", 4),
        (FIRST + "?page=2", "laman={n}", 2),
        (FIRST + "?laman=dua", "laman={n}", None),
        ("https://harian.example/berita/2/lain?laman=2", "laman={n}", None),
    ],
)
def test_page_numbers_are_read(link, numbered, number):
    assert page_number(link, FIRST, Paging(numbered=numbered)) == number


def test_an_outlets_own_form_leads_to_its_further_pages():
    outlet = Outlet(id="harian", name="Harian", domains=("harian.example",), paging=Paging(numbered="laman={n}"))
    links = "".join(f'<a href="{FIRST}?laman={number}">{number}</a>' for number in (1, 2, 3))
    tree = html.document_fromstring(f"<html><body>{links}</body></html>")
    assert next_pages(tree, [FIRST], outlet, 20) == (f"{FIRST}?laman=2", f"{FIRST}?laman=3")
