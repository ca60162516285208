"""One line of plain text out of whatever a page puts into an attribute, a JSON string or a small node."""

import html
import re
import unicodedata

MAX_INPUT = 20_000
"""Characters of one value that are looked at; no title, name or date is longer."""

_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x034F, 0x061C, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2065)]
)
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
    return unicodedata.normalize("NFC", " ".join(text.translate(_INVISIBLE).split()))


def fold(text: str) -> str:
    """Letters and digits only, without case or compatibility forms: what two spellings of one line share."""
    return _FOLDED.sub("", unicodedata.normalize("NFKC", text).casefold())
