"""Datelines in the shapes that outlets give them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.extraction.dateline import read_dateline
from scraper.model.outlet import LineRules, Outlet

OUTLET = Outlet(id="kabarkita", name="KabarKita", domains=("kabarkita.example",), aliases=("Kabar TV", "KABARKITA.ID"))
STORY = "Sebuah kapal berlabuh pagi ini."


@pytest.mark.parametrize(
    ("opening", "place", "outlet", "agency"),
    [
        ("Warta9.com, Pyongyang - ", "Pyongyang", "Warta9.com", None),
        ("WARTA.CO, Jakarta -", "Jakarta", "WARTA.CO", None),
        ("WARTALEMBAH.COM, SURABAYA -- ", "SURABAYA", "WARTALEMBAH.COM", None),
        ("JAKARTA, WARTA.com – ", "JAKARTA", "WARTA.com", None),
        ("JAKARTA, WARTA.com –\n", "JAKARTA", "WARTA.com", None),
        ("Jakarta, CNN Indonesia -- ", "Jakarta", "CNN Indonesia", None),
        ("Los Angeles, Lembah Times - ", "Los Angeles", "Lembah Times", None),
        ("Surabaya, wartalembah - ", "Surabaya", "wartalembah", None),
        ("KabarKita, Bandung - ", "Bandung", "KabarKita", None),
        ("Jayapura, Kabar TV – ", "Jayapura", "Kabar TV", None),
        ("KABARKITA.ID, Jakarta - ", "Jakarta", "KABARKITA.ID", None),
        ("KabarKita - ", None, "KabarKita", None),
        ("Warta.com - ", None, "Warta.com", None),
        ("Wartajogja.com - YOGYA - ", "YOGYA", "Wartajogja.com", None),
        ("WARTA.CO.ID - JAKARTA. ", "JAKARTA", "WARTA.CO.ID", None),
        ("Wartatv.com, Jakarta: ", "Jakarta", "Wartatv.com", None),
        ("Harianlembah.com, SLEMAN—", "SLEMAN", "Harianlembah.com", None),
        ("Jakarta (ANTARA) - ", "Jakarta", None, "ANTARA"),
        ("Jakarta (ANTARA News) - ", "Jakarta", None, "ANTARA"),
        ("Beijing, 12 Nov (ANTARA/Xinhua) - ", "Beijing", None, "ANTARA"),
        ("Surabaya (wartajatim.com) – ", "Surabaya", "wartajatim.com", None),
        ("BANDA ACEH (Lembah): ", "BANDA ACEH", None, "Lembah"),
        ("BANDUNG, (WL).- ", "BANDUNG", None, "WL"),
        ("WASHINGTON (AP) — ", "WASHINGTON", None, "AP"),
        ("AMSTERDAM, Netherlands (AP) — ", "AMSTERDAM, Netherlands", None, "AP"),
        ("BEIRUT/THE HAGUE, March 7 (Reuters) - ", "BEIRUT/THE HAGUE", None, "Reuters"),
        ("SEOUL, Nov. 12 (Yonhap) -- ", "SEOUL", None, "Yonhap"),
        ("Nov 12 (Reuters) - ", None, None, "Reuters"),
        ("MOSCOW, November 12. /TASS/. ", "MOSCOW", None, "TASS"),
        ("Berlin (dpa) - ", "Berlin", None, "dpa"),
        ("Frankfurt/Main (dpa/lhe) - ", "Frankfurt/Main", None, "dpa"),
        ("Paris (AFP) – ", "Paris", None, "AFP"),
        ("Madrid, 12 nov (EFE).- ", "Madrid", None, "EFE"),
        ("MADRID 12 Nov. (EUROPA PRESS) - ", "MADRID", None, "Europa Press"),
        ("(ANSA) - ROMA, 12 NOV - ", "ROMA", None, "ANSA"),
        ("Rio de Janeiro (AFP) - ", "Rio de Janeiro", None, "AFP"),
        ("Washington, D.C. – ", "Washington, D.C.", None, None),
        ("SURYA.CO.ID | SURABAYA - ", "SURABAYA", "SURYA.CO.ID", None),
        ("NEW DELHI, Nov 3 (PTI) ", "NEW DELHI", None, "PTI"),
        ("MADRID, 3 Nov (EUROPA PRESS) ", "MADRID", None, "Europa Press"),
        ("Buenos Aires, 3 de noviembre (Télam).- ", "Buenos Aires", None, "Télam"),
        ("Jakarta - ", "Jakarta", None, None),
        ("JAKARTA - ", "JAKARTA", None, None),
        ("Jakarta: ", "Jakarta", None, None),
        ("Jakarta, 12 November 2026 - ", "Jakarta", None, None),
        ("新华社北京11月12日电 ", "北京", None, None),
        ("(서울=연합뉴스) 홍길동 기자 = ", "서울", None, "연합뉴스"),
    ],
)
def test_a_dateline_is_taken_apart(opening, place, outlet, agency):
    dateline, rest = read_dateline(opening + STORY, OUTLET)
    assert dateline is not None
    assert (dateline.place, dateline.outlet, dateline.agency) == (place, outlet, agency)
    assert rest == STORY
    assert dateline.verbatim == opening.strip()


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        "",
        "The ship docked - late.",
        "Direktur Utama Lembaga (ANTARA) Rina Sari membuka pameran.",
        "Persib - Persija bertemu lagi pekan depan.",
        "Komisi Pemilihan Umum (KPU) - Lembaga itu bekerja.",
        "BREAKING - The ship docked.",
        "PBB: Kapal itu berlabuh.",
        "Ketua Dewan: Kami siap.",
        "U.S. - China talks went on.",
        "El presidente - dijo que no.",
        "(Foto) - Kapal itu.",
    ],
)
def test_a_story_without_a_dateline_stays_as_it_is(text):
    assert read_dateline(text, OUTLET) == (None, text)


def test_the_outlets_own_pattern_comes_first_and_a_broken_one_is_passed_over():
    outlet = Outlet(
        id="x", name="x", domains=("x.example",), lines=LineRules(datelines=("([", r"^\* (?P<place>\w+) \* "))
    )
    dateline, rest = read_dateline("* Lembah * " + STORY, outlet)
    assert dateline is not None
    assert (dateline.place, rest) == ("Lembah", STORY)


@given(st.text(max_size=300))
def test_a_dateline_and_the_rest_are_the_whole_text(text):
    dateline, rest = read_dateline(text, OUTLET)
    assert text.endswith(rest)
    if dateline is not None:
        assert text.strip().startswith(dateline.verbatim)
        assert "".join((dateline.verbatim + rest).split()) == "".join(text.split())


@given(st.text(alphabet="Jakarta (ANTARA)-–:,. KOMPAS/12", max_size=120))
def test_openings_of_the_dangerous_kind_can_be_tried(text):
    assert text.endswith(read_dateline(text, OUTLET)[1])
