"""The story as a page's data give it: JSON-LD's `articleBody`, and what scripts hold for the browser to draw.

Such data are a witness beside the markup, and stand in for it where the page is drawn by scripts alone.
"""

import json
import re
from collections.abc import Iterator, Sequence
from html import unescape
from itertools import islice

from lxml import html

from scraper.extraction.blocks import read_blocks
from scraper.extraction.jsonld import JsonObject
from scraper.extraction.loading import parse
from scraper.extraction.normal import line_key, normal

MAX_SCRIPT = 3_000_000
"""Characters of one script that are searched."""
_LEAST = 200
"""Characters of a string from which it may be a story."""
_MAX_STRINGS = 2_000
_STRING = re.compile(rf'(?<!\\)"(?:[^"\\\n]|\\.){{{_LEAST},}}+"')
"""Nothing is given back and no escaped mark begins one, or what never ends would be read again from each mark."""
_MARKUP = re.compile(r"</?(?:p|br|div|h[2-4])\b[^<>]*>", re.IGNORECASE)
_TEXT_LINE = 40
"""Characters from which a string in a list of parts is taken for a paragraph."""
_END = re.compile(r"[.!?…。」』؟।:][\"'”“’»)\]]*$")
_FEW = 2
"""Paragraph marks that a string has at most when it is no story."""
_PLACEHOLDER = re.compile(r"\W{2}\w+\W{2}$")
_CAPTION = re.compile(r"caption|credit|figcaption|copyright", re.IGNORECASE)


def stated_body(article: JsonObject) -> list[str]:
    """The lines of a JSON-LD object's `articleBody`; empty where it states none."""
    body = article.get("articleBody")
    text = " ".join(part for part in body if isinstance(part, str)) if isinstance(body, list) else body
    return lines_of(text) if isinstance(text, str) and len(text) >= _LEAST else []


def lines_of(text: str) -> list[str]:
    """The lines of a text that may carry markup, escaped or not; captions are left out."""
    if "&lt;" in text:
        text = unescape(text)
    if not _MARKUP.search(text):
        return [line for part in text.splitlines() if (line := normal(unescape(part)))]
    tree = parse(f"<html><body>{text}</body></html>")
    if tree is None:
        return []
    return [block.text for block in read_blocks(tree) if not _in_caption(block.element)]


def _in_caption(element: html.HtmlElement) -> bool:
    above: html.HtmlElement | None = element
    while above is not None:
        if above.tag in {"figcaption", "figure"} or _CAPTION.search(above.get("class") or ""):
            return True
        above = above.getparent()
    return False


def drawn_story(scripts: Sequence[str]) -> list[str]:
    """The longest run of paragraphs that the scripts hold, as strings of markup or as lists of parts.

    It is looked for only where the markup gave next to nothing, since data hold other stories too.
    """
    best: list[str] = []
    for script in scripts:
        for found in (_from_strings(script[:MAX_SCRIPT]), _from_parts(script[:MAX_SCRIPT])):
            if sum(map(len, found)) > sum(map(len, best)):
                best = found
    return list({line_key(line): line for line in best}.values())


def _from_strings(script: str) -> list[str]:
    told = (text for text in _strings(script, 1) if len(_MARKUP.findall(text)) > _FEW and '":' not in text)
    stories = [[line for line in lines_of(text) if not _PLACEHOLDER.match(line)] for text in told]
    return max(stories, key=lambda lines: sum(map(len, lines)), default=[])


def _strings(script: str, deeper: int) -> Iterator[str]:
    """The long strings of a script; what streams its data as strings within strings is opened once more."""
    for match in islice(_STRING.finditer(script), _MAX_STRINGS):
        try:
            text = json.loads(match[0], strict=False)
        except ValueError:
            continue
        yield text
        if deeper and '\\"' in match[0]:
            yield from _strings(text, deeper - 1)


def _from_parts(script: str) -> list[str]:
    start = script.find("{")
    if start < 0 or not script.rstrip().rstrip(";").endswith("}"):
        return []
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(script, start)
    except (ValueError, RecursionError):
        return []
    best: list[str] = []
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            paragraphs = [line for item in value for line in _paragraph(item, 3)]
            if sum(map(len, paragraphs)) > sum(map(len, best)):
                best = paragraphs
            waiting.extend(value)
    return best


def _paragraph(item: object, deeper: int) -> list[str]:
    """The running text of one part of a story: its strings that read like sentences."""
    if isinstance(item, str):
        line = normal(" ".join(lines_of(item)))
        return [line] if len(line) >= _TEXT_LINE and _END.search(line) else []
    if isinstance(item, dict) and deeper:
        return [
            line for value in item.values() if isinstance(value, str | dict) for line in _paragraph(value, deeper - 1)
        ]
    return []
