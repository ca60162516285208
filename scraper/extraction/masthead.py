"""The short lines around a story's headline, where bylines and dates are printed."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

import lxml.html
from lxml import etree

from scraper.extraction.oneline import fold, plain

MAX_LINE = 240
"""Characters of a line; what is longer is prose."""
MAX_LINES = 70
"""Lines read after the headline."""
MAX_BEFORE = 12
"""Lines read before it."""
MAX_NODES = 900
"""Elements visited on the way."""
PROSE_PARAGRAPHS = 2
"""After so many paragraphs of prose the story has begun."""

_CLIMB = 3
"""Containers of the headline whose earlier parts are looked at."""
_DEEPEST = 30
"""Containers of the headline whose later parts are looked at."""
_SILENT = frozenset({"script", "style", "noscript", "template", "svg", "iframe", "form", "select", "nav", "figure"})


def elements_at(path: str) -> Callable[[lxml.html.HtmlElement], list[lxml.html.HtmlElement]]:
    """What finds the elements at an XPath, in document order, in any tree.

    No unions (`|`): joining two sets of tens of thousands takes the library a time that grows with their square.
    """
    compiled = etree.XPath(path)

    def find(tree: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
        found = compiled(tree)
        return [node for node in found if isinstance(node, lxml.html.HtmlElement)] if isinstance(found, list) else []

    return find


_HEADINGS = tuple(
    elements_at(path)
    for path in (
        "//h1",
        "//*[@itemprop='headline']",
        "//*[self::h2 or self::h3]",
        "//*[self::div or self::span or self::p or self::h4][contains(@class, 'title') or contains(@class, 'judul')]",
    )
)
"""Where headlines stand, the likeliest first."""
_MAX_HEADINGS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One short line of the page and the element that holds it."""

    text: str
    node: lxml.html.HtmlElement
    before: bool = False
    """It stands before the headline."""

    def named(self, pattern: re.Pattern[str]) -> bool:
        """Whether the class, id, itemprop or rel of the element or its two nearest containers matches."""
        node: lxml.html.HtmlElement | None = self.node
        for _ in range(3):
            if node is None or node.tag in {"body", "article", "main"}:
                return False
            marks = " ".join(filter(None, map(node.get, ("class", "id", "itemprop", "rel", "data-testid"))))
            if pattern.search(marks[:300]):
                return True
            node = node.getparent()
        return False


def read_masthead(tree: lxml.html.HtmlElement, title: str) -> tuple[Line, ...]:
    """The lines just before the headline, nearest first, then those after it up to where the prose begins.

    Empty where the page has no headline element.
    """
    headline = _headline(tree, fold(title))
    if headline is None:
        return ()
    return (*_after(headline), *islice(_before(headline), MAX_BEFORE))


def _headline(tree: lxml.html.HtmlElement, title: str) -> lxml.html.HtmlElement | None:
    for kind in _HEADINGS:
        for node in kind(tree)[:_MAX_HEADINGS]:
            own = fold(plain(_bounded(node)))
            alike = own and title and (own in title or title in own) and len(own) * 2 > len(title)
            if alike and not _in_menu(node):
                return node
    return next((node for node in _HEADINGS[0](tree) if plain(node.text_content())), None)


def _in_menu(node: lxml.html.HtmlElement) -> bool:
    """Whether the element is a step of the page's trail, which repeats the headline."""
    return any(
        holder.tag in {"nav", "li"} or "breadcrumb" in (holder.get("class") or "")
        for holder in islice(node.iterancestors(), 4)
    )


def _after(headline: lxml.html.HtmlElement) -> Iterator[Line]:
    prose = 0
    lines = 0
    linked: lxml.html.HtmlElement | None = None
    for inner in islice(_following(headline), MAX_NODES):
        if not (inner.text and not inner.text.isspace()) and not _has_tail_text(inner):
            continue
        node = _whole_link(inner)
        if node is linked:
            continue
        linked = node
        text = plain(_bounded(node))
        if len(text) > MAX_LINE:
            prose += node.tag in {"p", "div"}
        elif text:
            lines += 1
            yield Line(text=text, node=node)
        if prose >= PROSE_PARAGRAPHS or lines >= MAX_LINES:
            return


def _whole_link(node: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """The link that the element is a part of: first and last name may stand in elements of their own."""
    parent = node.getparent()
    if node.tag in {"span", "b", "strong", "em", "i"} and parent is not None and parent.tag == "a":
        return parent
    return node


def _has_tail_text(node: lxml.html.HtmlElement) -> bool:
    """Whether one of the element's first children is followed by text of the element's own."""
    return any(child.tail and not child.tail.isspace() for child in islice(node, 4))


def _following(node: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """The elements after this one in document order, without those that show no text."""
    at: lxml.html.HtmlElement | None = node
    for _ in range(_DEEPEST):
        if at is None or at.tag == "body":
            return
        for sibling in at.itersiblings():
            yield from _shown(sibling)
        at = at.getparent()


def _shown(node: lxml.html.HtmlElement) -> Iterator[lxml.html.HtmlElement]:
    """The element and all within it, silent parts passed over with their content."""
    stack = [node]
    while stack:
        at = stack.pop()
        if not isinstance(at.tag, str) or at.tag in _SILENT:
            continue
        yield at
        if len(at):
            stack.extend(reversed(at[:MAX_NODES]))


def _before(headline: lxml.html.HtmlElement) -> Iterator[Line]:
    at: lxml.html.HtmlElement | None = headline
    for _ in range(_CLIMB):
        if at is None or at.tag == "body":
            return
        for sibling in islice(at.itersiblings(preceding=True), 6):
            for node in islice(_shown(sibling), 20):
                text = plain(_bounded(node)) if node.text and not node.text.isspace() else ""
                if 0 < len(text) <= MAX_LINE:
                    yield Line(text=text, node=node, before=True)
        at = at.getparent()


def _bounded(node: lxml.html.HtmlElement) -> str:
    """The element's text, a space between its parts, as far as it matters."""
    pieces: list[str] = []
    length = 0
    for piece in node.itertext():
        pieces.append(piece)
        length += len(piece)
        if length > 2 * MAX_LINE:
            break
    return " ".join(pieces)
