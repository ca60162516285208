from datetime import UTC, datetime, timedelta

import pytest

from scraper.model.outlet import Outlet
from scraper.service.preference import preference
from tests.storage.samples import article

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OUTLETS = {
    "agency": Outlet(id="agency", name="Kantor Berita Cakra", aliases=("CAKRA",), domains=("agency.example",)),
    "kabar": Outlet(id="kabar", name="Kabar", domains=("kabar.example",)),
    "first": Outlet(id="first", name="First", domains=("first.example",), priority=5),
}


def version(outlet: str, hours: int = 0, text: str = "satu dua", agencies: tuple[str, ...] = ()):
    number = sum(map(ord, outlet))
    return article(number, outlet, text=text, agencies=agencies, published=NOON + timedelta(hours=hours))


@pytest.mark.parametrize(
    ("keep", "new", "kept", "preferred"),
    [
        ("first", version("agency", text="satu dua tiga"), version("kabar"), False),
        ("longest", version("agency", text="satu dua tiga"), version("kabar"), True),
        ("longest", version("agency"), version("kabar"), False),
        ("longest", version("agency", hours=-1), version("kabar"), True),
        ("origin", version("agency", hours=1), version("kabar", agencies=("Cakra",)), True),
        ("origin", version("agency", hours=1), version("kabar", agencies=("Reuters",)), False),
        ("origin", version("agency", hours=-1), version("kabar"), True),
        ("origin", version("first", hours=9), version("agency"), True),
    ],
)
def test_the_rules(keep, new, kept, preferred):
    assert preference(keep, OUTLETS)(new, kept) is preferred
