"""Texts in Latin-1, whose characters are bytes: those can be changed and split far faster than strings."""

import codecs
import re

_LETTER = re.compile(r"\w")
_SPACED = "scraper.spaced"
"""The name under which Python knows what to do with characters beyond."""


def to_latin(text: str) -> bytes | None:
    """The text in Latin-1, each mark beyond it as a space; None where a letter or figure is beyond it."""
    try:
        return text.encode("latin-1", _SPACED)
    except UnicodeEncodeError:
        return None


def _to_spaces(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    beyond = error.object[error.start : error.end]
    # There are marks that become letters where case is folded.
    if _LETTER.search(beyond) or _LETTER.search(beyond.casefold()):
        raise error
    return " " * len(beyond), error.end


codecs.register_error(_SPACED, _to_spaces)
