"""The language gate: a story in a language that its outlet does not write in is no story of it."""

from datetime import UTC, datetime

import pytest

from scraper.extraction.quality import Finding, judge
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.model.verdict import Dropped, DropReason
from scraper.settings import ExtractSettings

NOW = datetime(2026, 3, 1, tzinfo=UTC)
INDONESIAN = (
    "Warga membuka kembali pasar apung yang sudah sepi selama sembilan tahun di tepi sungai itu.",
    "Mereka berharap pembeli akan datang lagi karena jalan menuju kampung sudah diperbaiki oleh pemerintah.",
    "Sebagian perahu sudah lapuk dan ditambal di halaman balai, dengan kayu yang dibawa dari hutan di seberang.",
)
ENGLISH = (
    "The floating market has opened again after nine years in which hardly anyone had come to the river.",
    "The traders hope that buyers will return because the road to the village has been mended at last.",
    "Some of the boats were rotten and had to be patched in the yard of the hall with timber from the woods.",
)


def verdict(lines, *languages):
    outlet = Outlet(id="harian", name="Harian", domains=("harian.example",), languages=languages)
    finding = Finding(title="Pasar", lines=lines, types=frozenset(), paywalled=False, cut=False, link_blocks=0)
    url = "https://harian.example/1"
    page = Page(url=url, requested_url=url, body=b"", fetched_at=NOW)
    return judge(finding, page, outlet, ExtractSettings(min_characters=20))


@pytest.mark.parametrize(
    ("lines", "languages"),
    [
        (INDONESIAN, ("id",)),
        (ENGLISH, ("id", "en")),
        (ENGLISH, ()),
        (INDONESIAN[:1], ("en",)),  # too few words to tell
        (("Skor akhir 3-1, 2-0, 4-4.", "Borneo 12, Persib 9, Arema 7, Persija 6."), ("en",)),
    ],
)
def test_stories_in_the_outlets_languages_and_doubtful_ones_pass(lines, languages):
    assert verdict(lines, *languages) is None


@pytest.mark.parametrize(("lines", "language"), [(INDONESIAN, "en"), (ENGLISH, "id"), (ENGLISH, "no")])
def test_stories_in_other_languages_do_not(lines, language):
    found = verdict(lines, language)
    assert isinstance(found, Dropped)
    assert found.reason is DropReason.WRONG_LANGUAGE
    assert "not in" in found.detail
