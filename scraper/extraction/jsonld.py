"""JSON-LD as pages really carry it: several scripts, graphs, references, and much that is not quite JSON.

The vocabulary is schema.org's; the embedding is that of JSON-LD 1.1, section 7 (W3C).
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import lxml.html

from scraper.extraction.oneline import fold, plain

JsonObject = Mapping[str, Any]

MAX_SCRIPT = 2_000_000
"""Characters of one script that are read."""
MAX_SCRIPTS = 40
MAX_OBJECTS = 2_000
MAX_DEPTH = 8

_WRAPPING = re.compile(r"^\s*(?:<!--|//\s*<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/|<!\[CDATA\[)\s*")
_WRAPPING_END = re.compile(r"(?:-->|//\s*\]\]>|/\*\s*\]\]>\s*\*/|\]\]>|;)\s*$")
_TRAILING_COMMA = re.compile(r",(?=\s{0,200}[}\]])")
_BAD_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])|\\u(?![0-9a-fA-F]{4})')
_ARTICLE_TYPES = ("Article", "BlogPosting", "Report", "SocialMediaPosting")
_OTHER_TYPES = frozenset({"VideoObject", "AudioObject", "ImageObject", "Comment", "Person", "Product", "Event"})
_HOLDERS = ("@graph", "mainEntity", "mainEntityOfPage", "hasPart")
_SALVAGE = re.compile(
    r'"(headline|datePublished|dateModified|dateCreated|articleBody|description|articleSection|inLanguage)"'
    r'\s{0,20}:\s{0,20}"'
)
_VALUE_END = re.compile(r'"\s{0,20}(?:[,}\]]|$)')


def read_json_ld(tree: lxml.html.HtmlElement) -> tuple[JsonObject, ...]:
    """All objects of the page's JSON-LD scripts: graphs unpacked, in document order, broken scripts salvaged."""
    scripts = (element for element in tree.iter("script") if "ld+json" in (element.get("type") or "").lower())
    found: list[JsonObject] = []
    for script in islice(scripts, MAX_SCRIPTS):
        for value in decode(script.text_content() if len(script) else script.text or ""):
            found.extend(islice(_unpacked(value, 0), MAX_OBJECTS - len(found)))
    return tuple(found)


def decode(text: str) -> list[Any]:
    """The JSON values of one script, as much of it as can be understood; nothing raises."""
    text = text[:MAX_SCRIPT].strip().lstrip("\ufeff")
    if not text:
        return []
    for attempt in (_as_it_is, _unwrapped, _mended, _unescaped):
        try:
            return attempt(text)
        except (ValueError, RecursionError):
            continue
    return _salvaged(text)


def types(value: JsonObject) -> tuple[str, ...]:
    """The object's types without their vocabulary's address."""
    stated = value.get("@type") or ()
    names = stated if isinstance(stated, list) else [stated]
    return tuple(name.rpartition("/")[2] for name in names if isinstance(name, str))


def is_article(value: JsonObject) -> bool:
    """Whether the object describes a written story."""
    return any(name.endswith(_ARTICLE_TYPES) for name in types(value))


def main_article(objects: tuple[JsonObject, ...], titles: Iterable[str] = ()) -> JsonObject | None:
    """The object that describes the page's own story.

    That is the one whose headline stands in one of the page's `titles`; else the one that says most; else the first.
    """
    articles = [value for value in objects if is_article(value)] or [value for value in objects if _may_be_story(value)]
    wanted = [folded for title in titles if (folded := fold(title))]
    return max(articles, key=lambda value: _weight(value, wanted), default=None)


def _may_be_story(value: JsonObject) -> bool:
    """Whether an object of another type (Review, WebPage) is dated and headed or signed like a story."""
    if not value.get("datePublished") or _OTHER_TYPES.intersection(types(value)):
        return False
    return bool(value.get("headline") or (value.get("name") and value.get("author")))


def resolved(value: object, objects: tuple[JsonObject, ...]) -> list[object]:
    """The value as a list, with references ({"@id": …} and nothing more) replaced by what they point at."""
    values = value if isinstance(value, list) else [value]
    return [_target(item, objects) for item in values[:100] if item is not None]


def stated_text(value: object) -> str:
    """The value as one line of text: a string, a number, {"@value": …}, or the first of a list that has any."""
    for item in value[:10] if isinstance(value, list) else [value]:
        inner = item.get("@value") if isinstance(item, dict) else item
        if text := plain(inner):
            return text
    return ""


def _target(item: object, objects: tuple[JsonObject, ...]) -> object:
    if not isinstance(item, dict) or item.get("name") or not isinstance(item.get("@id"), str):
        return item
    matches = (other for other in objects if other.get("@id") == item["@id"] and other.get("name"))
    return next(matches, item)


def _weight(article: JsonObject, titles: list[str]) -> tuple[bool, int]:
    headline = fold(stated_text(article.get("headline")))
    says = sum(bool(article.get(name)) for name in ("headline", "datePublished", "author", "articleBody"))
    return bool(headline) and any(headline in title or title in headline for title in titles), says


def _unpacked(value: Any, depth: int) -> Iterator[JsonObject]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _unpacked(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for name in _HOLDERS:
            if isinstance(value.get(name), dict | list):
                yield from _unpacked(value[name], depth + 1)


def _as_it_is(text: str) -> list[Any]:
    return [json.loads(text, strict=False)]


def _unwrapped(text: str) -> list[Any]:
    return _sequence(_bare(text))


def _mended(text: str) -> list[Any]:
    return _sequence(_BAD_ESCAPE.sub(r"\\\\", _TRAILING_COMMA.sub("", _bare(text))))


def _unescaped(text: str) -> list[Any]:
    if "&quot;" not in text and "&#34;" not in text:
        raise ValueError
    return _sequence(html.unescape(_bare(text)))


def _bare(text: str) -> str:
    return _WRAPPING_END.sub("", _WRAPPING.sub("", text)).strip()


def _sequence(text: str) -> list[Any]:
    """Values that follow each other, with or without commas between them."""
    decoder = json.JSONDecoder(strict=False)
    values: list[Any] = []
    position = 0
    while position < len(text) and len(values) < MAX_OBJECTS:
        value, position = decoder.raw_decode(text, position)
        values.append(value)
        while position < len(text) and text[position] in " \t\r\n,;":
            position += 1
    return values


def _salvaged(text: str) -> list[Any]:
    """The plain string members that matter, where the whole cannot be parsed: the first of each name."""
    found: dict[str, Any] = {}
    for match in islice(_SALVAGE.finditer(text), 200):
        if match[1] in found:
            continue
        end = _VALUE_END.search(text, match.end())
        if end is not None:
            found[match[1]] = text[match.end() : end.start()].replace('\\"', '"').replace("\\n", "\n")
    return [{"@type": "Article", **found}] if "headline" in found else []
