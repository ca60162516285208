"""One line of plain text out of whatever a page puts into an attribute, a JSON string or a small node."""

import html
import re
import unicodedata

from scraper.extraction.normal import normal

MAX_INPUT = 20_000
"""Characters of one value that are looked at; no title, name or date is longer."""

_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
_FOLDED = re.compile(r"[\W_]+")


def plain(value: object) -> str:
    """The value as one line: entities resolved, tags and invisible characters gone, white space collapsed, NFC.

    Anything but a string or a number gives an empty line.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)[:MAX_INPUT]
    if "&" in text:
        text = html.unescape(html.unescape(text))
    if "<" in text:
        text = _TAG.sub(" ", text)
    if text.isascii() and text.isprintable():
        text = " ".join(text.split())
        if " ." not in text and " ," not in text:
            return text
    return normal(text)


def fold(text: str) -> str:
    """Letters and digits only, without case or compatibility forms: what two spellings of one line share."""
    return _FOLDED.sub("", unicodedata.normalize("NFKC", text).casefold())
