"""What points to another story from within a paragraph: `… kata dia. (Baca juga: <a>Harga Cabai Naik</a>)`.

A paragraph is one run of text, so no choice of blocks can part the two.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import html

from scraper.extraction.normal import normal, words

_INLINE = frozenset({"span", "strong", "b", "em", "i", "font", "u", "small"})
_ANNOUNCED = (
    r"(?P<open>[(\[]\s*)?\b(?:baca(?:\s+juga|\s+selengkapnya)?|(?:lihat|simak)\s+juga|(?:read|see)\s+(?:also|more)"
    r"|(?:also|must)\s+read|lesen\s+sie\s+(?:auch|hier|dazu|mehr)|lesen\s+auch|(?:à\s+)?lire\s+aussi|(?:lea|lee)\s+también"
    r"|leggi\s+anche|leia\s+também|lees\s+ook)\s*:\s*"
)
_BEFORE = re.compile(rf"{_ANNOUNCED}$", re.IGNORECASE)
_WITHIN = re.compile(_ANNOUNCED, re.IGNORECASE)
_BEHIND = re.compile(r"\s*[)\].]*\s*(?=$|[A-ZÀ-Þ\"“‘(\[])")
"""Behind a pointer the paragraph ends or another sentence begins."""
_LONGEST = 10_000
"""Characters of a paragraph; a longer run of text is none, and each cut costs as much as it is long."""
_REACH = 40
"""Characters before a link in which it is announced."""
_LEAST_WORDS = 3
"""Words of a link that names a story."""
_PROSE = 8
"""Words of the paragraph besides it; with less it is a line of its own and judged as such."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """What was cut out of a paragraph."""

    parent: html.HtmlElement
    """The element that held it."""
    text: str


def cut_pointers(tree: html.HtmlElement) -> Sequence[Pointer]:
    """Cut, in place, the links to other stories that paragraphs announce as such, with the words that announce them."""
    sizes: dict[html.HtmlElement, int] = {}
    return [pointer for link in list(tree.iter("a")) if (pointer := _cut(link, sizes)) is not None]


def _cut(link: html.HtmlElement, sizes: dict[html.HtmlElement, int]) -> Pointer | None:
    """What was cut out; `sizes` holds how many words each paragraph has that was looked at."""
    parent = link.getparent()
    if parent is None or not (parent.tag == "p" or parent.tag in _INLINE):
        return None
    announced = _WITHIN.match(link.text or "") or _BEFORE.search(_text_before(link)[-_REACH:])
    if announced is None or not _BEHIND.match(_text_behind(link)):
        return None
    paragraph = parent if parent.tag == "p" else next(link.iterancestors("p", "li", "div"), None)
    if paragraph is None:
        return None
    title = link.text_content()
    said = title if announced.re is _WITHIN else f"{announced[0]}{title}"
    if paragraph not in sizes:
        sizes[paragraph] = _size(paragraph)
    if len(words(title)) < _LEAST_WORDS or sizes[paragraph] < len(words(said)) + _PROSE:
        return None
    sizes[paragraph] -= len(words(said))
    _take_back(link, announced)
    link.drop_tree()
    return Pointer(parent=paragraph, text=normal(said).lstrip("([ "))


def _size(paragraph: html.HtmlElement) -> int:
    """Its words; none where it is longer than a paragraph is."""
    text = paragraph.text_content()
    return len(words(text)) if len(text) <= _LONGEST else 0


def _text_before(element: html.HtmlElement) -> str:
    """The text right before an element: its parent's, or that of the emphasis before it."""
    before = element.getprevious()
    if before is None:
        return element.getparent().text or ""
    if before.tail and before.tail.strip():
        return str(before.tail)
    return f"{before.text or ''}{before.tail or ''}" if before.tag in _INLINE and not len(before) else ""


def _text_behind(element: html.HtmlElement) -> str:
    """The text right behind an element, or behind the emphasis that it ends."""
    while not (element.tail and element.tail.strip()) and element.getnext() is None:
        parent = element.getparent()
        if parent is None or parent.tag not in _INLINE:
            return ""
        element = parent
    return element.tail or ""


def _take_back(link: html.HtmlElement, announced: re.Match[str]) -> None:
    """Take the announcing words from where they stand, and a bracket that is closed behind the link."""
    before, parent = link.getprevious(), link.getparent()
    if announced.re is _BEFORE:
        if before is None:
            parent.text = _without_end(parent.text, announced)
        elif before.tail and before.tail.strip():
            before.tail = _without_end(before.tail, announced)
        else:
            before.text, before.tail = _without_end(f"{before.text or ''}{before.tail or ''}", announced), ""
    if announced["open"] and link.tail:
        link.tail = re.sub(r"^\s*[)\]]\s*\.?", "", link.tail)


def _without_end(text: str, announced: re.Match[str]) -> str:
    return text[: len(text) - len(announced[0])]
