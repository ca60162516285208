"""The subjects that a page files its story under."""

import re
from collections.abc import Iterable

import lxml.html

from scraper.extraction.head import Head
from scraper.extraction.jsonld import JsonObject, stated_text
from scraper.extraction.oneline import fold, plain

MAX_TAGS = 50
MAX_TAG = 80
"""Characters of one tag."""

_ROLE = re.compile(r"^(?:editor|reporter|penulis|author)\s?:", re.IGNORECASE)
_SENTENCE = 8
"""Single words from which a list of keywords can be a sentence."""
_LIST_META = ("news_keywords", "keywords")
"""Meta elements whose content is a list with commas."""


def read_tags(
    head: Head, article: JsonObject, selected: Iterable[lxml.html.HtmlElement]
) -> tuple[tuple[str, ...], str | None]:
    """The tags of the first source that has any, each once, and that source."""
    stated = article.get("keywords")
    keywords = (
        [stated_text(value) for value in stated[:MAX_TAGS]]
        if isinstance(stated, list)
        else _pieces([stated_text(stated)])
    )
    single = head.all(("article:tag", "og:article:tag"))
    sources = (
        ("selectors.tags", [plain(node.text_content()) for node in selected]),
        ("meta article:tag", single if len(single) > 1 else _pieces(single)),
        ("json-ld", keywords),
        *((f"meta {name}", _pieces(head.values(name))) for name in _LIST_META),
    )
    for origin, values in sources:
        found = _cleaned(values)
        if found and not _is_sentence(found, head):
            return found, origin
    return (), None


def _pieces(values: Iterable[str]) -> list[str]:
    return [piece for value in values for piece in re.split(r"[,;\uff0c]", value)]


def _cleaned(values: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for value in values:
        tag = value.strip(" #\t")
        if 1 < len(tag) <= MAX_TAG and not _ROLE.match(tag):
            kept.setdefault(fold(tag), tag)
    return tuple(kept.values())[:MAX_TAGS]


def _is_sentence(tags: tuple[str, ...], head: Head) -> bool:
    """Whether the keywords are only the words of the page's summary or title, set apart by commas."""
    if len(tags) < _SENTENCE or any(" " in tag for tag in tags):
        return False
    summary = fold(head.first("og:description", "description") + head.title)
    return sum(fold(tag) in summary for tag in tags) >= len(tags) - 1
