"""One spelling for each line: what looks the same is the same."""

import re
import unicodedata

_BLANK = "\u2800"
"""The sign of Braille without points: no space to Unicode, but to the eye."""
_INVISIBLE = re.compile("[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_BEFORE_POINT = re.compile(r"(?<=[^\W\d_]) ([.,])(?=\s|$)")
_WORDS = re.compile(r"[^\W_]+")


def normal(text: str) -> str:
    """One line in Unicode NFC, with plain single spaces and nothing invisible. Idempotent; words stay as they are.

    The zero-width joiner and non-joiner stay: Persian, Urdu and the scripts of India spell with them.
    """
    if not text.isprintable():
        text = _CONTROLS.sub("", text)
    if not text.isascii():
        text = unicodedata.normalize("NFC", text if text.isprintable() else _INVISIBLE.sub("", text))
        text = text.replace(_BLANK, " ")
    text = " ".join(text.split())
    return _BEFORE_POINT.sub(r"\1", text) if " ." in text or " ," in text else text


def words(text: str) -> list[str]:
    """The words of a text in lower case, without signs: what two spellings of one line have in common."""
    return _WORDS.findall(text.casefold())


def line_key(text: str) -> str:
    """A line's identity where case, signs and spaces do not count."""
    return " ".join(words(text))
