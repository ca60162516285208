"""The place, outlet and agency that open a story: `Liputan6.com, Pyongyang - `, `Jakarta (ANTARA) - `."""

import re
from collections.abc import Iterator
from functools import lru_cache

from scraper.extraction.agencies import AGENCIES, agency_named
from scraper.extraction.oneline import fold
from scraper.model.article import Dateline
from scraper.model.outlet import Outlet

MAX_DATELINE = 160
"""Characters in which a dateline ends."""

_DASH = r"\s{0,3}(?:--|[-–—―]{1,3}|:)\s{0,3}"
_PLACE_WORD = r"[A-ZÀ-ÖØ-ÞİŞĞĆČŠŽŁ][\w.'’/-]{0,30}"
_PLACE = rf"{_PLACE_WORD}(?:(?:,\s?|\s){_PLACE_WORD}|\s(?:de|del|di|la|am|an|der|of|the|do|da)\s{_PLACE_WORD}){{0,4}}"
_SITE = r"[A-Za-z][\w-]{1,30}(?:\.(?:com|co\.id|co|id|net|org|tv|news|TV|COM|CO\.ID|CO|ID|NET))"
_PATTERNS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^(?P<place>{_PLACE}),?\s?\((?P<agency>[^()]{{2,60}})\)\s?(?:,\s[^-–—]{{3,40}})?{_DASH}",
        rf"^(?P<outlet>{_SITE})\s?,\s?(?P<place>{_PLACE}){_DASH}",
        rf"^(?P<place>{_PLACE})\s?,\s?(?P<outlet>{_SITE}){_DASH}",
        rf"^(?P<outlet>{_SITE})(?:\s[-–—]{{1,2}}\s|\s?[-–—]{{2}}\s?)",
        rf"^\((?P<agency>[^()]{{2,40}})\)\s?{_DASH}",
        (
            r"^(?P<place>[A-ZÀ-ÖØ-Þ][A-ZÀ-ÖØ-Þ.'’/ ,-]{2,50}?)\s?"
            r"(?:,\s(?:[A-Z][\w.]{2,9}\s)?\d{1,2}(?:\s[A-Z][\w.]{2,9})?\s?)?\s[-–—]{1,3}\s"
        ),
        rf"^(?P<place>{_PLACE})\s(?:[-–—]{{1,3}}|--)\s(?=[\"“„«‘'A-Z0-9À-Þ])",
    )
)


def read_dateline(text: str, outlet: Outlet) -> tuple[Dateline | None, str]:
    """The dateline that opens the text, and the text without it; (None, text) where there is none."""
    start = len(text) - len(text.lstrip())
    opening = text[start : start + MAX_DATELINE].partition("\n")[0]
    for match in _matches(opening, outlet):
        dateline = _read(match, outlet)
        if dateline is not None:
            return dateline, text[start + match.end() :].lstrip(" ")
    return None, text


def _matches(opening: str, outlet: Outlet) -> Iterator[re.Match[str]]:
    for pattern in (*_own(outlet.lines.datelines), *_named(_names(outlet)), *_PATTERNS):
        if match := pattern.match(opening):
            yield match


@lru_cache(maxsize=512)
def _own(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


@lru_cache(maxsize=512)
def _named(names: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    if not names:
        return ()
    outlet = "|".join(re.escape(name) for name in names)
    return tuple(
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            rf"^(?P<outlet>{outlet})\s?,\s?(?-i:(?P<place>{_PLACE})){_DASH}",
            rf"^(?-i:(?P<place>{_PLACE}))\s?,\s?(?P<outlet>{outlet}){_DASH}",
            rf"^(?P<outlet>{outlet})\s?[-–—]{{1,3}}\s",
        )
    )


def _names(outlet: Outlet) -> tuple[str, ...]:
    names = {outlet.name, *outlet.aliases, *outlet.domains} - {""}
    return tuple(sorted(names, key=len, reverse=True))


def _read(match: re.Match[str], outlet: Outlet) -> Dateline | None:
    groups = match.groupdict()
    place, site, agency = (_trimmed(groups.get(name)) for name in ("place", "outlet", "agency"))
    if agency is not None:
        if fold(agency) in {fold(name) for name in _names(outlet)} and agency_named(agency) not in AGENCIES:
            site, agency = agency, None
        else:
            agency = agency_named(agency.partition("/")[0]) or agency
    if not (place or site or agency):
        return None
    return Dateline(verbatim=match[0].strip(), place=place, outlet=site, agency=agency)


def _trimmed(value: str | None) -> str | None:
    return (value or "").strip(" ,-–—") or None
