"""What the head of a page states about it: meta elements, links, title, and microdata of the body."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import lxml.html

from scraper.extraction.masthead import elements_at
from scraper.extraction.oneline import plain

MAX_STATEMENTS = 2_000
"""Meta, link or microdata elements that are looked at; a page with more of them is not describing a story."""

_PROPERTIES = elements_at("//*[@itemprop]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A page's own statements, names in lower case, values in document order."""

    meta: dict[str, list[str]]
    """Contents as they stand in the markup."""
    links: dict[str, list[str]]
    """Addresses by link relation."""
    properties: dict[str, list[lxml.html.HtmlElement]]
    """Elements that carry an itemprop, by its name."""
    title: str
    language: str
    """The lang attribute of the root."""

    def first(self, *names: str) -> str:
        """The first value that is not empty under the first of the names that has one."""
        return next((value for name in names for value in self.values(name)), "")

    def all(self, names: Iterable[str]) -> list[str]:
        """All values under the names, in the order of the names."""
        return [value for name in names for value in self.values(name)]

    def values(self, name: str) -> list[str]:
        """The values under one name, each one line, none empty."""
        return [value for value in map(plain, self.meta.get(name, ())) if value]


def read_head(tree: lxml.html.HtmlElement) -> Head:
    """Collect the statements of the page; the tree is left as it is."""
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
    for element in islice(tree.iter("meta"), MAX_STATEMENTS):
        content = element.get("content")
        if not content:
            continue
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if name := element.get(attribute):
                meta.setdefault(name.strip().lower(), []).append(content)
    return meta


def _links(tree: lxml.html.HtmlElement) -> dict[str, list[str]]:
    links: dict[str, list[str]] = {}
    for element in islice(tree.iter("link"), MAX_STATEMENTS):
        for relation in (element.get("rel") or "").lower().split():
            links.setdefault(relation, []).append((element.get("href") or "").strip())
    return links


def _properties(tree: lxml.html.HtmlElement) -> dict[str, list[lxml.html.HtmlElement]]:
    properties: dict[str, list[lxml.html.HtmlElement]] = {}
    for element in _PROPERTIES(tree)[:MAX_STATEMENTS]:
        for name in (element.get("itemprop") or "").lower().split():
            properties.setdefault(name, []).append(element)
    return properties
