"""The headline, without the site's name around it."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import lxml.html

from scraper.extraction.evidence import Evidence
from scraper.extraction.oneline import fold, plain

_SEPARATOR = re.compile(r"\s{1,3}[|–—\-:·•*»\u203a/~<]{1,3}\s{1,3}|\s?[|\uff5c\uff1a\u3163\u2502»]\s?|--")


_LEAST = 15
"""Characters that a headline has at least when a longer statement is cut back to it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    """A headline and where it came from."""

    text: str
    origin: str


def read_title(
    evidence: Evidence, selected: Iterable[lxml.html.HtmlElement] = (), listed: str | None = None
) -> Titled | None:
    """The headline on which most of the page's statements agree; `listed` is the feed's."""
    names = tuple(name for name in evidence.sites if fold(name))
    for node in selected:
        if text := _cleaned(plain(node.text_content()), names):
            return Titled(text=text, origin="selectors.title")
    stated = [(origin, text) for origin, text in _stated(evidence, listed) if text]
    cleaned = [(origin, _cleaned(text, names), text) for origin, text in stated]
    cleaned = [(origin, _shortest(text, cleaned), raw) for origin, text, raw in cleaned if fold(text)]
    if not cleaned:
        return None
    votes = Counter(fold(text) for text, _ in {(text, origin) for origin, text, _ in cleaned})
    origin, text, _ = max(cleaned, key=lambda item: votes[fold(item[1])])
    return Titled(text=text, origin=origin)


def _stated(evidence: Evidence, listed: str | None) -> list[tuple[str, str]]:
    head, article = evidence.head, evidence.article
    headlines = [plain(node.text_content()) for node, _ in zip(evidence.tree.iter("h1"), range(12), strict=False)]
    others = [head.first("og:title"), plain(article.get("headline")), head.title, head.first("twitter:title")]
    folded = [fold(text) for text in others if text]
    seen = next((line for line in headlines if fold(line) and any(fold(line) in other for other in folded)), "")
    if not seen and not any(folded):
        seen = max(headlines, key=len, default="")
    return [
        ("json-ld", plain(article.get("headline")) or plain(article.get("name"))),
        ("meta og:title", head.first("og:title")),
        ("h1", seen),
        ("title", head.title),
        ("meta twitter:title", head.first("twitter:title")),
        ("feed", plain(listed)),
    ]


def _cleaned(text: str, names: tuple[str, ...]) -> str:
    """The text without site names at its ends, as often as one stands there."""
    for _ in range(3):
        shorter = _without_end(text, names)
        if shorter == text:
            break
        text = shorter
    return text.strip()


def _without_end(text: str, names: tuple[str, ...]) -> str:
    pieces = list(_SEPARATOR.finditer(text[:1000]))
    if not pieces:
        return text
    folded = {fold(name) for name in names}
    head, tail = text[: pieces[0].start()], text[pieces[-1].end() :]
    if fold(tail) in folded:
        return text[: pieces[-1].start()]
    if fold(head) in folded:
        return text[pieces[0].end() :]
    return text


def _shortest(text: str, others: Iterable[tuple[str, str, str]]) -> str:
    """The text, or another statement that it only lengthens by something set off with a separator."""
    for _, other, _ in others:
        if len(other) < len(text) and len(other) >= _LEAST and text.startswith(other):
            rest = text[len(other) :]
            if _SEPARATOR.match(rest):
                return other
    return text
