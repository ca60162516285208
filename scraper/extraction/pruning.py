"""Takes out of a tree what cannot be part of a story, before anything expensive looks at it."""

from collections.abc import Iterable

from lxml import etree, html

from scraper.extraction.selecting import select

_GONE = [
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "math",
    "iframe",
    "object",
    "embed",
    "audio",
    "video",
    "canvas",
    "map",
    "select",
    "datalist",
    "textarea",
    "input",
    "button",
    "progress",
    "meter",
    "link",
    "base",
    "dialog",
    "nav",
]


def prune(tree: html.HtmlElement) -> None:
    """Remove, in place, the elements that hold no running text."""
    etree.strip_elements(tree, *_GONE, with_tail=False)


def drop_selected(tree: html.HtmlElement, selectors: Iterable[str]) -> None:
    """Remove, in place, what an outlet's selectors point at. Others do nothing."""
    for selector in selectors:
        for element in select(tree, selector) or ():
            if element is not tree and element.getparent() is not None:
                element.drop_tree()
