"""Whom a story says it has its facts or its text from, in the order of the text."""

import re
from collections.abc import Iterator

from scraper.extraction.agencies import AGENCIES, agency_named, spellings
from scraper.extraction.oneline import fold
from scraper.model.outlet import Outlet

MAX_TEXT = 200_000
"""Characters that are searched."""

_KNOWN = "|".join(re.escape(spelling).replace(r"\ ", r"\s") for spelling in spellings())
_FILL = (
    r"(?:\s(?:dari|oleh|laman|situs|media|harian|kantor|berita|surat|kabar|lembaga|penyiaran|stasiun|televisi|akun"
    r"|pemerintah|resmi|pada|the|news|agency|broadcaster|newspaper|state|wire|service|der|die|das|dem|nachrichtenagentur"
    r"|agence|agencia|l['’]agence|la|le|el|de|presse|noticias|zeitung|sender|according|to|von)){0,6}"
)
_VERBS = (
    r"(?:di(?:kutip|lansir(?:kan)?|sitat|sadur|nukil|kabarkan|beritakan|laporkan|wartakan|himpun|rangkum)"
    r"|me(?:lansir|ngutip|nukil|nyadur|ngabarkan|wartakan|rujuk)|menurut|kantor berita|laporan|lapor|demikian"
    r"|according to|reported by|as reported by|reports?|told|citing|quoted by|said|via"
    r"|laut|berichtet|berichtete|meldet|meldete|gegenüber|unter berufung auf|zitiert|sagte"
    r"|selon|d['’]après|rapporte|cité par|a indiqué à|según|informa|informó|citado por|de acuerdo con)"
)
_CITED = re.compile(rf"\b{_VERBS}\b\s?,?{_FILL}\s[\"“'(]?(?P<name>{_KNOWN})\b", re.IGNORECASE)
_CREDIT = re.compile(
    rf"(?P<name>{_KNOWN})\b\s?,?\s?(?:reports|reported|melaporkan|mengabarkan|mewartakan|memberitakan|berichtet"
    r"|berichtete|meldet|meldete|rapporte|a rapporté|informa|informó)\b",
    re.IGNORECASE,
)
_REPRINT = re.compile(
    r"\bartikel ini (?:telah|sudah|pertama kali) (?:tayang|naik|terbit|dimuat|dipublikasikan)"
    r"(?: sebelumnya)? (?:di|pada)\s(?P<name>[^\s,.]{2,40}(?:\.[A-Za-z]{2,6}){0,2})",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)\s?(?:©|\(c\))?\s?(?:19|20)?\d{0,4}\s?(?P<name>[A-Za-z][\w.&-]{1,30}(?:\s[A-Z][\w.&-]{1,30}){0,3})",
    re.IGNORECASE,
)
_PHOTO = re.compile(r"\((?:foto|photo|dok|ap photo|antara foto|bild)[^()]{0,120}\)", re.IGNORECASE)


def read_agencies(text: str, outlet: Outlet) -> tuple[str, ...]:
    """The attribution chain: names of agencies and media, each once, the outlet itself left out."""
    searched = _PHOTO.sub(lambda match: " " * len(match[0]), text[:MAX_TEXT])
    own = {fold(name) for name in (outlet.name, outlet.id, *outlet.aliases, *outlet.domains)}
    found: dict[str, int] = {}
    for position, name in sorted(_mentions(searched)):
        if fold(name) not in own:
            found.setdefault(name, position)
    return tuple(found)


def _mentions(text: str) -> Iterator[tuple[int, str]]:
    for pattern in (_CITED, _CREDIT):
        for match in pattern.finditer(text):
            if name := _named(match["name"]):
                yield match.start("name"), name
    for match in _REPRINT.finditer(text):
        yield match.start("name"), agency_named(match["name"]) or match["name"]
    for match in _COPYRIGHT.finditer(text):
        if (name := agency_named(match["name"])) in AGENCIES and name is not None:
            yield match.start("name"), name


def _named(spelled: str) -> str | None:
    """The name, unless a short agency code stands in letters that make it an ordinary word."""
    if len(spelled) <= 4 and not spelled.isupper() and spelled not in {"dpa", "epd"}:
        return None
    return agency_named(spelled)
