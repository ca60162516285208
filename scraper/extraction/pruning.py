"""Takes out of a tree what cannot be part of a story, before anything expensive looks at it."""

from collections.abc import Iterable

from lxml import etree, html

from scraper.extraction.selecting import select

_GONE = [
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "audio", "video", "canvas",
    "map", "select", "datalist", "textarea", "input", "button", "progress", "meter", "link", "base", "dialog", "nav",
]  # fmt: skip
_FOREIGN_POSTS = (
    "twitter-tweet", "twitter-video", "instagram-media", "tiktok-embed", "fb-post", "fb-video", "bluesky-embed",
    "reddit-embed", "telegram-post", "mastodon-embed",
)  # fmt: skip
"""Class names of posts quoted from elsewhere, as the networks' own snippets carry them."""


def prune(tree: html.HtmlElement) -> None:
    """Remove, in place, the elements that hold no running text of the story."""
    etree.strip_elements(tree, *_GONE, with_tail=False)
    for element in [*tree.iter("footer"), *tree.iter("blockquote", "div")]:
        if _is_page_footer(element) or _is_foreign_post(element):
            remove(element)


def _is_page_footer(element: html.HtmlElement) -> bool:
    """Whether it is a footer; not when unclosed markup has put the story into it."""
    return element.tag == "footer" and next(element.iter("article", "main", "h1"), None) is None


def _is_foreign_post(element: html.HtmlElement) -> bool:
    names = element.get("class")
    return bool(names) and element.tag != "footer" and any(name in _FOREIGN_POSTS for name in names.split())


def drop_selected(tree: html.HtmlElement, selectors: Iterable[str]) -> None:
    """Remove, in place, what an outlet's selectors point at. Others do nothing."""
    for selector in selectors:
        for element in select(tree, selector) or ():
            if element is not tree:
                remove(element)


def remove(element: html.HtmlElement) -> None:
    """Take an element out of its tree, its tail left in place."""
    if element.getparent() is not None:
        element.drop_tree()
