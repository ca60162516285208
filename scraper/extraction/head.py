"""What the head of a page states about it: meta elements, links, title, and microdata of the body."""

from collections.abc import Iterable
from dataclasses import dataclass

import lxml.html

from scraper.extraction.oneline import plain

MAX_STATEMENTS = 2_000
"""Meta, link or microdata elements that are looked at; a page with more of them is not describing a story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A page's own statements, names in lower case, values in document order."""

    meta: dict[str, list[str]]
    links: dict[str, list[str]]
    """Addresses by link relation."""
    properties: dict[str, list[lxml.html.HtmlElement]]
    """Elements that carry an itemprop, by its name."""
    title: str
    language: str
    """The lang attribute of the root."""

    def first(self, *names: str) -> str:
        """The first value that is not empty under the first of the names that has one."""
        return next((value for name in names for value in self.meta.get(name, ()) if value), "")

    def all(self, names: Iterable[str]) -> list[str]:
        """All values under the names, in the order of the names."""
        return [value for name in names for value in self.meta.get(name, ()) if value]


def read_head(tree: lxml.html.HtmlElement) -> Head:
    """Collect the statements of the page in one walk; the tree is left as it is."""
    title = tree.find(".//head/title")
    if title is None:
        title = tree.find(".//title")
    root = tree.getroottree().getroot()
    return Head(
        meta=_meta(tree),
        links=_links(tree),
        properties=_properties(tree),
        title=plain(title.text_content()) if title is not None else "",
        language=plain(root.get("lang") or root.get("xml:lang")),
    )


def _meta(tree: lxml.html.HtmlElement) -> dict[str, list[str]]:
    meta: dict[str, list[str]] = {}
    for element in _some(tree.iter("meta")):
        content = plain(element.get("content"))
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            name = (element.get(attribute) or "").strip().lower()
            if name and content:
                meta.setdefault(name, []).append(content)
    return meta


def _links(tree: lxml.html.HtmlElement) -> dict[str, list[str]]:
    links: dict[str, list[str]] = {}
    for element in _some(tree.iter("link")):
        for relation in (element.get("rel") or "").lower().split():
            links.setdefault(relation, []).append((element.get("href") or "").strip())
    return links


def _properties(tree: lxml.html.HtmlElement) -> dict[str, list[lxml.html.HtmlElement]]:
    properties: dict[str, list[lxml.html.HtmlElement]] = {}
    for element in _some(tree.iterfind(".//*[@itemprop]")):
        for name in (element.get("itemprop") or "").lower().split():
            properties.setdefault(name, []).append(element)
    return properties


def _some(elements: Iterable[lxml.html.HtmlElement]) -> list[lxml.html.HtmlElement]:
    return [element for element, _ in zip(elements, range(MAX_STATEMENTS), strict=False)]
