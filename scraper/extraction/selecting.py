"""CSS selectors as they stand in outlet files."""

from functools import lru_cache

from lxml import html
from lxml.cssselect import CSSSelector, ExpressionError, SelectorError


def select(tree: html.HtmlElement, selector: str) -> list[html.HtmlElement] | None:
    """The elements that a CSS selector points at, in document order; None for a selector that cannot be read."""
    compiled = _compiled(selector)
    found = [] if compiled is None else compiled(tree)
    if compiled is None or not isinstance(found, list):
        return None
    return [element for element in found if isinstance(element, html.HtmlElement)]


@lru_cache(maxsize=4096)
def _compiled(selector: str) -> CSSSelector | None:
    try:
        return CSSSelector(selector, translator="html")
    except (SelectorError, ExpressionError):
        return None
