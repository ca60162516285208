"""Takes out of a tree what cannot be part of a story, before anything expensive looks at it."""

import re
from collections.abc import Iterable
from itertools import dropwhile

from lxml import etree, html

from scraper.extraction.normal import words
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
_CONSENT = re.compile(
    r"\b(?:onetrust|ot-sdk|didomi|usercentrics|cookiebot|cybotcookie\w+|cookie-?(?:consent|banner|notice|law|policy|bar|modal)"
    r"|consent-?(?:banner|manager|modal|overlay)|truste\b|qc-cmp\d?|sp_message|cmpbox|cmp-?(?:container|root|modal|wrapper)"
    r"|fc-consent|evidon|iubenda|borlabs|cookieyes|cky-|osano|gdpr|ccpa)",
    re.IGNORECASE,
)
"""Names (class, id) of what consent managers and the like put into every page."""
_ALIKE = 0.5
"""Share of its words that a heading has in common with the title when it is the story's own."""


def prune(tree: html.HtmlElement, title: str = "") -> None:
    """Remove, in place, the elements that hold no running text of the story of that title."""
    etree.strip_elements(tree, *_GONE, with_tail=False)
    _drop_following_stories(tree, title)
    for element in [*tree.iter("footer"), *tree.iter("blockquote", "div", "section", "aside")]:
        if _is_page_footer(element) or _is_foreign_post(element) or _asks_for_consent(element):
            remove(element)


def _drop_following_stories(tree: html.HtmlElement, title: str) -> None:
    """Remove the whole stories that endless pages load below their own: articles with a main heading of another title.

    Only below an article that is headed by the page's title, or there would be no telling which is the page's own.
    """
    wanted = set(words(title))
    headings = [(heading, _article_of(heading)) for heading in tree.iter("h1")]
    own = next((article for heading, article in headings if _is_about(heading, wanted)), None)
    if own is None or len(headings) == 1:
        return
    below = dropwhile(lambda pair: pair[1] is not own, headings)
    for heading, article in list(below):
        if article is not None and not _is_about(heading, wanted) and not _overlap(own, article):
            remove(article)


def _overlap(one: html.HtmlElement, other: html.HtmlElement) -> bool:
    """Whether one of the elements stands in the other."""
    return one is other or one in other.iterancestors() or other in one.iterancestors()


def _article_of(element: html.HtmlElement) -> html.HtmlElement | None:
    return next(element.iterancestors("article"), None)


def _is_about(heading: html.HtmlElement, wanted: set[str]) -> bool:
    said = set(words(heading.text_content()))
    return len(said & wanted) > _ALIKE * max(1, min(len(said), len(wanted)))


def _is_page_footer(element: html.HtmlElement) -> bool:
    """Whether it is a footer; not when unclosed markup has put the story into it."""
    return element.tag == "footer" and next(element.iter("article", "main", "h1"), None) is None


def _asks_for_consent(element: html.HtmlElement) -> bool:
    """Whether a consent manager put it there; not when it wraps the whole page."""
    named = f"{element.get('class') or ''} {element.get('id') or ''}"
    return (
        len(named) > 1
        and _CONSENT.search(named) is not None
        and next(element.iter("article", "main", "h1"), None) is None
    )


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
