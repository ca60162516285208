"""What the markup says about the text that stands in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from lxml import html

from scraper.extraction.listed import rule_lines

ANCESTORS = {
    "article": 0,
    "main": 1,
    "aside": 2,
    "footer": 3,
    "header": 4,
    "figure": 5,
    "form": 6,
    "table": 7,
    "li": 8,
    "section": 9,
    "blockquote": 10,
    "figcaption": 11,
    "a": 12,
    "details": 13,
}
HIDDEN = 14
"""The bit of an ancestor that readers do not see."""
ANCESTOR_BITS = 15
_NAMES = ("class", "id", "itemprop", "data-testid", "data-component")
_NAMES_LENGTH = 300
_FLOW = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "li", "dt", "dd", "figcaption", "summary", "td", "th", "pre"}
)
"""Elements that hold one run of text as a rule, so that their parent is what holds the story."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of one element. The numbers are sets of bits."""

    own: int
    near: int
    """Hints of the element and the two above it."""
    far: int
    ancestors: int
    depth: int


class Places:
    """Looks at elements, each only once."""

    def __init__(self) -> None:
        self._known: dict[html.HtmlElement, Place] = {}

    def look(self, element: html.HtmlElement) -> Place:
        """What the element and all above it say."""
        path = []
        above: html.HtmlElement | None = element
        while above is not None and above not in self._known:
            path.append(above)
            above = above.getparent()
        for step in reversed(path):
            self._known[step] = self._place(step)
        return self._known[element]

    def _place(self, element: html.HtmlElement) -> Place:
        own = _hints(element)
        mark = _mark(element)
        parent = element.getparent()
        if parent is None:
            return Place(own, own, own, mark, 0)
        up = self._known[parent]
        grand = parent.getparent()
        near = own | up.own | (self._known[grand].own if grand is not None else 0)
        return Place(own, near, own | up.far, mark | up.ancestors, up.depth + 1)


def container(element: html.HtmlElement) -> html.HtmlElement:
    """The element that holds the run of blocks to which the text of `element` belongs."""
    parent = element.getparent()
    return parent if element.tag in _FLOW and parent is not None else element


def parent_of(element: html.HtmlElement) -> html.HtmlElement:
    """The parent; the element itself at the root."""
    parent = element.getparent()
    return element if parent is None else parent


def with_pictures(root: html.HtmlElement, levels: int) -> frozenset[html.HtmlElement]:
    """The elements that have a picture at most so many levels below them."""
    found = set()
    for picture in root.iter("img", "picture", "amp-img"):
        above = picture.getparent()
        for _ in range(levels):
            if above is None:
                break
            found.add(above)
            above = above.getparent()
    return frozenset(found)


def _mark(element: html.HtmlElement) -> int:
    bit = ANCESTORS.get(str(element.tag))
    mark = 0 if bit is None else 1 << bit
    style = element.get("style")
    if element.get("hidden") is not None or element.get("aria-hidden") == "true" or (style and _unseen(style)):
        mark |= 1 << HIDDEN
    return mark


def _unseen(style: str) -> bool:
    return "display:none" in style.replace(" ", "").lower()


def _hints(element: html.HtmlElement) -> int:
    if element.tag in {"html", "body"}:
        return 0
    named = " ".join(value for name in _NAMES if (value := element.get(name)))
    return hints_in(named[:_NAMES_LENGTH].lower()) if named else 0


@lru_cache(maxsize=20_000)
def hints_in(named: str) -> int:
    """The kinds of `rules/hints.txt` that stand in an element's names, given in lower case; one bit each."""
    return sum(1 << at for at, rule in enumerate(hint_rules()) if rule.search(named))


@lru_cache(maxsize=1)
def hint_rules() -> Sequence[re.Pattern[str]]:
    """The kinds of hints in their order."""
    return read_kinds("hints")


def read_kinds(name: str) -> Sequence[re.Pattern[str]]:
    """The rules of `rules/<name>.txt`, whose lines are a kind and a regular expression."""
    return tuple(re.compile(line.split(maxsplit=1)[1]) for line in rule_lines(name))
