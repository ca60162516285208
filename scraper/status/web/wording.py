"""How values are written on a page. Pure; everything that came from a page is shown as what it is, never as markup."""

import re
import unicodedata
from datetime import datetime, timedelta, tzinfo
from urllib.parse import urlsplit

from scraper.status.web.figures import words
from scraper.storage import terms_of

_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}", re.ASCII)
_SHOWN_CHARACTERS = 300
_SI = 1000
_FEW = 10


def count(number: float) -> str:
    """A number with its thousands set apart."""
    return f"{number:,.0f}"


def size(number: float) -> str:
    """Bytes with an SI prefix."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < _SI:
            return f"{number:.1f} {unit}" if unit != "B" and number < _FEW else f"{number:.0f} {unit}"
        number /= _SI
    return f"{number:.1f} TB"


def share(part: float, whole: float) -> str:
    """A percentage; a dash when there is nothing to take a part of."""
    return f"{100 * part / whole:.0f}%" if whole else "–"


def ago(moment: datetime | None, now: datetime) -> str:
    """How long ago, in words; `never` for None."""
    if moment is None:
        return "never"
    span = now - moment
    return "just now" if span < timedelta(seconds=_FEW) else f"{words(span)} ago"


def ahead(moment: datetime | None, now: datetime) -> str:
    """How far ahead, in words; `due` for what has passed."""
    if moment is None:
        return "–"
    return "due" if moment <= now else f"in {words(moment - now)}"


def clock(moment: datetime, zone: tzinfo) -> str:
    """A time for a person, to the minute, with its zone."""
    return f"{moment.astimezone(zone):%d %b %Y, %H:%M %Z}"


def visible(text: object) -> str:
    """Text with its invisible characters spelt out, cut when it is long: for addresses and what servers said."""
    plain = str(text)
    cut = plain if len(plain) <= _SHOWN_CHARACTERS else plain[:_SHOWN_CHARACTERS] + "…"
    return "".join(
        char if char.isprintable() or unicodedata.category(char) == "Zs" else repr(char)[1:-1] for char in cut
    )


def web_address(text: str | None) -> str | None:
    """The address if a browser may be sent there from here: http or https alone, with a host and no user; else None."""
    try:
        parts = urlsplit(text or "")
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
    except ValueError:
        return None
    return text if usable and text and text.isprintable() and " " not in text else None


def language_tag(code: str | None) -> str | None:
    """A language as the attribute `lang` takes it (BCP 47); None for what is none."""
    return code if code and _LANGUAGE.fullmatch(code) else None


def marked(text: str, question: str) -> list[tuple[str, bool]]:
    """A text in pieces, with those that are words of a question told apart."""
    terms = sorted(map(re.escape, terms_of(question)), key=len, reverse=True)
    if not terms:
        return [(text, False)]
    pieces = re.split(f"({'|'.join(terms)})", text, flags=re.IGNORECASE)
    return [(piece, place % 2 == 1) for place, piece in enumerate(pieces) if piece]
