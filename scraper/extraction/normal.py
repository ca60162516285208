"""One spelling for each line: what looks the same is the same."""

import re
import unicodedata

_SPACES = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\u2800]+")
_INVISIBLE = re.compile("[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\ufff9-\ufffb]")
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f]")
_BEFORE_POINT = re.compile(r"(?<=[^\W\d_]) ([.,])(?=\s|$)")
_WORDS = re.compile(r"[^\W_]+")


def normal(text: str) -> str:
    """One line in Unicode NFC, with plain single spaces and nothing invisible. Idempotent; words stay as they are.

    The zero-width joiner and non-joiner stay: Persian, Urdu and the scripts of India spell with them.
    """
    text = _CONTROLS.sub("", text)
    if text.isascii():
        text = " ".join(text.split())
    else:
        text = _SPACES.sub(" ", unicodedata.normalize("NFC", _INVISIBLE.sub("", text))).strip()
    return _BEFORE_POINT.sub(r"\1", text) if " ." in text or " ," in text else text


def words(text: str) -> list[str]:
    """The words of a text in lower case, without signs: what two spellings of one line have in common."""
    return _WORDS.findall(text.casefold())


def line_key(text: str) -> str:
    """A line's identity where case, signs and spaces do not count."""
    return " ".join(words(text))
