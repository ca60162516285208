"""Draws charts as SVG that stands in the page itself, by pygal: no style, no script and no address in it.

pygal writes a document of its own, with a style sheet, a script that names a server, and comments. Of all that only the
shapes and words that are listed here go into the page; their look is for the page's style sheet, so that they follow
light and dark, and the page's Content-Security-Policy finds nothing to forbid.
"""

import re
import sys
from functools import lru_cache
from typing import Any

import pygal
from lxml import etree
from markupsafe import Markup

from scraper.status.web.chart import Chart, Form, Series

WIDE = (1100, 270)
"""Width and height of a chart across the page, in its own units."""
HALF = (520, 230)
# Importing pygal hangs a finder for its plug-ins into every later import, which Python warns of and we have no use for.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != "pygal"]

_FONT = 12
_REMEMBERED = 64
_TAGS = frozenset({"svg", "title", "g", "rect", "path", "circle", "text"})
_ATTRIBUTES = frozenset(
    {"class", "x", "y", "width", "height", "cx", "cy", "r", "d", "transform", "viewBox", "role", "aria-label"}
)
_LENGTHS = frozenset({"x", "y", "width", "height", "cx", "cy", "d"})
_DECIMALS = re.compile(r"-?\d+\.\d+", re.ASCII)
_POINTED_AT = frozenset({"bar", "dots"})
_FOR_SCRIPTS = frozenset({"tooltip", "plot tooltip-overlay"})


@lru_cache(maxsize=_REMEMBERED)
def draw(chart: Chart, names: tuple[str, ...], size: tuple[int, int]) -> Markup:
    """The chart as an SVG element. `names` are those of its series as they are shown, with nothing invisible in them.

    Drawing takes some tens of milliseconds; the last charts are remembered, and one is drawn anew when a number in it
    has changed.
    """
    picture = (pygal.StackedBar if chart.form is Form.COLUMNS else pygal.Line)(**_manners(chart, size))
    for place, name in enumerate(names):
        picture.add(name, [_value(chart, column.name, name, column.values[place]) for column in chart.columns])
    root = picture.render_tree()
    root.set("role", "img")
    root.set("aria-label", chart.summary)
    _confine(root, chart.series)
    drawn: str = etree.tostring(root, encoding="unicode", with_tail=False)
    return Markup(drawn)  # noqa: S704 - made by an XML writer, which escapes, of what is listed above


def _manners(chart: Chart, size: tuple[int, int]) -> dict[str, Any]:
    width, height = size

    def write(value: float) -> str:
        return f"{value:,g}{chart.suffix}"

    return {
        "width": width,
        "height": height,
        "css": [],
        "js": [],
        "no_prefix": True,
        "strict": True,
        "style": pygal.style.Style(label_font_size=_FONT, major_label_font_size=_FONT),
        "show_legend": False,
        "show_minor_x_labels": False,
        "x_labels": [column.label for column in chart.columns],
        "x_labels_major": [column.label for column in chart.columns if column.marked],
        "truncate_label": 40,
        "y_labels": list(chart.ticks),
        "range": (0, chart.ticks[-1]),
        "value_formatter": write,
        "margin": 4,
        "margin_right": 18,
        "spacing": 8,
        "dots_size": 3,
        "allow_interruptions": True,
    }


def _value(chart: Chart, moment: str, series: str, value: float | None) -> dict[str, Any] | None:
    """A value with the words that are shown when one points at it; nothing is drawn for nothing."""
    if value is None or (value == 0 and chart.form is Form.COLUMNS):
        return None
    told = f"{value:,g}{chart.suffix}"
    return {"value": value, "tooltip": f"{moment}: {told}" if len(chart.series) == 1 else f"{moment}, {series}: {told}"}


def _confine(root: Any, series: tuple[Series, ...]) -> None:
    """Take out all that is not listed, and give each series its tone."""
    for element in list(root.iter()):
        if _is_listed(element):
            _strip(element)
        else:
            element.getparent().remove(element)
    for place, one in enumerate(series):
        for group in root.iterfind(f".//g[@class='series serie-{place} color-{place}']"):
            group.set("class", f"series tone-{one.tone}")
    for group in list(root.iter("g")):
        if not len(group):
            group.getparent().remove(group)


def _strip(element: Any) -> None:
    for name in set(element.attrib) - _ATTRIBUTES:
        del element.attrib[name]
    for name in _LENGTHS & set(element.attrib):
        element.set(name, _DECIMALS.sub(_rounded, element.get(name)))


def _is_listed(element: Any) -> bool:
    if element.tag not in _TAGS or element.get("class") in _FOR_SCRIPTS:
        return False
    return element.tag != "title" or element.getparent().get("class") in _POINTED_AT


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.1f}".removesuffix(".0")
