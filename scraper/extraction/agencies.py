"""News agencies and much-quoted media under one name each, however a page spells them."""

import re

from scraper.extraction.listed import rule_lines

_LINE = re.compile(r"(?P<mark>[*-]) (?P<name>[^=]+?) = (?P<spellings>.+)")
_LISTED = [match for line in rule_lines("agencies") if (match := _LINE.fullmatch(line))]

AGENCIES = frozenset(match["name"] for match in _LISTED if match["mark"] == "*")
"""Those that supply copy to other publishers, by the name used here."""

_BY_SPELLING = {spelling: match["name"] for match in _LISTED for spelling in match["spellings"].split(" | ")}

_LEAD = re.compile(
    r"^(?:kantor berita|media pemerintah|nachrichtenagentur|news agency|agence|agencia|the agency)\s{1,3}(?=\w)",
    re.IGNORECASE,
)


def agency_named(text: str) -> str | None:
    """The one name of the agency or medium that the text spells, or None when it spells no known one."""
    spelled = " ".join(text.split()).strip(" .,;:()[]\"'“”„‘’").casefold()
    return _BY_SPELLING.get(spelled) or _BY_SPELLING.get(_LEAD.sub("", spelled))


FIRST_WORDS = frozenset(spelling.partition(" ")[0] for spelling in _BY_SPELLING)
"""The words that known spellings open with, in lower case."""

LOWER_NAMES = frozenset(spelling for spelling, name in _BY_SPELLING.items() if name.islower())
"""Spellings of names that are written without a capital: dpa, detikcom."""
