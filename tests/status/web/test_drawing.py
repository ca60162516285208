"""Charts as pictures: what is in them, and what never is."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from scraper.status.web import wording
from scraper.status.web.chart import Chart, Column, Series, Tone, stacked
from scraper.status.web.drawing import HALF, WIDE, draw
from scraper.status.web.figures import by_hour, copied
from scraper.storage import Hourly, Tally
from tests.storage.samples import NOW

UTC = ZoneInfo("UTC")


def parts(drawn):
    root = etree.fromstring(str(drawn))
    return root, [etree.QName(element).localname for element in root.iter()]


def plain(values, names=("kabar",)):
    series = [Series(name=name, tone=tone) for name, tone in zip(names, Tone, strict=False)]
    labels = [f"h{place}" for place in range(len(values))]
    return stacked(
        title="Stories",
        unit="hour",
        series=series,
        values=values,
        labels=labels,
        names=labels,
        marked=[True] * len(values),
    )


def test_each_value_is_a_rectangle_as_high_as_its_number():
    root, _ = parts(draw(plain([(2,), (0,), (4,)]), ("kabar",), HALF))
    heights = [
        float(rect.get("height")) for rect in root.iterfind(".//{*}rect[@class='rect reactive tooltip-trigger']")
    ]
    assert len(heights) == 2, "nothing is drawn for nothing"
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.2)
    assert root.get("role") == "img"
    assert root.get("aria-label") == "Stories: 6 in all; the most, 4, h2."
    assert [title.text for title in root.iterfind(".//{*}title")] == ["h0: 2", "h2: 4"]


def test_parts_of_a_column_stand_on_each_other_in_their_tones():
    root, _ = parts(draw(plain([(2, 3)], ("kabar", "warta")), ("Kabar", "Warta"), HALF))
    lower, upper = (root.find(f".//{{*}}g[@class='series tone-{tone}']//{{*}}rect") for tone in ("one", "two"))
    assert float(upper.get("y")) + float(upper.get("height")) == pytest.approx(float(lower.get("y")), abs=0.2)
    assert [title.text for title in root.iterfind(".//{*}title")] == ["h0, Kabar: 2", "h0, Warta: 3"]


def test_a_line_is_broken_where_nothing_was_measured():
    days = (20, 21, 23)
    tallies = [Tally(day=f"2026-11-{day}", outlet="o", reason="kept", stories=3) for day in days]
    root, tags = parts(draw(copied(tallies, NOW), ("copies",), HALF))
    assert tags.count("circle") == len(days)
    assert len(root.findall(".//{*}path[@class='line reactive nofill']")) == 1, "the 20th and 21st; the 23rd is alone"


def test_nothing_of_the_library_but_shapes_and_words_is_in_the_page():
    drawn = draw(by_hour([Hourly(hour=NOW, outlet="o", kept=3)], NOW, UTC, ("o",)), ("o",), WIDE)
    _, tags = parts(drawn)
    assert set(tags) <= {"svg", "g", "rect", "path", "text", "title", "circle"}
    addresses = set(re.findall(r"https?:[^\"<> ]*", str(drawn)))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}, (
        "names of namespaces, never fetched"
    )
    assert not re.search(r"\b(style|href|id|on\w+|src)=", str(drawn))
    assert "//" not in re.sub(r"xmlns(:xlink)?=\"[^\"]*\"", "", str(drawn))


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_any_name_and_any_label_stay_text(name, label):
    chart = Chart(
        title="t",
        summary=wording.visible(label),
        unit="u",
        series=(Series(name="o", tone=Tone.ONE), Series(name="p", tone=Tone.TWO)),
        columns=(Column(label="l", name="n", marked=True, values=(1, 2)),),
        ticks=(0, 1, 2, 3, 4),
    )
    shown = wording.visible(name)
    root, tags = parts(draw(chart, (shown, shown), HALF))
    assert set(tags) <= {"svg", "g", "rect", "path", "text", "title"}
    assert root.find(".//{*}title").text == f"n, {shown}: 1"


def test_a_chart_is_drawn_once_as_long_as_its_numbers_stay():
    def chart(kept):
        return by_hour([Hourly(hour=NOW - timedelta(hours=2), outlet="o", kept=kept)], NOW, UTC, ("o",))

    assert draw(chart(7), ("o",), WIDE) is draw(chart(7), ("o",), WIDE)
    assert draw(chart(8), ("o",), WIDE) != draw(chart(7), ("o",), WIDE)
