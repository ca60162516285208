"""Datelines in the shapes that outlets give them."""

import pytest

from scraper.extraction.dateline import read_dateline
from scraper.model.outlet import Outlet

OUTLET = Outlet(id="kabarkita", name="KabarKita", domains=("kabarkita.example",), aliases=("KABARKITA.ID",))


@pytest.mark.parametrize(
    ("opening", "place", "outlet", "agency"),
    [
        ("Jakarta (ANTARA) - ", "Jakarta", None, "ANTARA"),
        ("WASHINGTON (AP) — ", "WASHINGTON", None, "AP"),
        ("Warta9.com, Pyongyang - ", "Pyongyang", "Warta9.com", None),
        ("JAKARTA, Warta9.com – ", "JAKARTA", "Warta9.com", None),
        ("KabarKita, Bandung - ", "Bandung", "KabarKita", None),
        ("KABARKITA.ID, Jakarta -", "Jakarta", "KABARKITA.ID", None),
    ],
)
def test_a_dateline_is_taken_apart(opening, place, outlet, agency):
    dateline, rest = read_dateline(opening + " Sebuah kapal berlabuh pagi ini.", OUTLET)
    assert dateline is not None
    assert (dateline.place, dateline.outlet, dateline.agency) == (place, outlet, agency)
    assert rest == "Sebuah kapal berlabuh pagi ini."


@pytest.mark.parametrize("text", ["Sebuah kapal berlabuh pagi ini.", "", "The ship docked - late."])
def test_a_story_without_a_dateline_stays_as_it_is(text):
    assert read_dateline(text, OUTLET) == (None, text)
