"""The place, outlet and agency that open a story: `Liputan6.com, Pyongyang - `, `Jakarta (ANTARA) - `.

An opening is taken apart at its dash or colon; it is a dateline when every piece before that is a place, an outlet, an
agency or a date, and at least one of them is beyond doubt: a known name, a place in capitals, a listed place.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

from scraper.extraction.agencies import AGENCIES, agency_named
from scraper.extraction.listed import rule_lines
from scraper.extraction.moments import MONTHS
from scraper.extraction.oneline import fold
from scraper.extraction.people import is_organisation
from scraper.model.article import Dateline
from scraper.model.outlet import Outlet

MAX_DATELINE = 160
"""Characters in which a dateline ends."""

_MOST_ENDS = 5
"""Dashes and colons that are tried as the end."""
_PLACE_LENGTH = 45
_PLACE_WORDS = 6
_NAME_LENGTH = 40
_SHORT = 3
"""Letters of a name that is an agency only in brackets: NTB is also Nusa Tenggara Barat."""
_LONG = 5
"""Letters from which a word in capitals is rather a place than an acronym."""
_DASH = "-\u2013\u2014\u2015\u2212"
_END = re.compile(
    rf"\s{{0,3}}(?:[{_DASH}]{{1,3}}|:)(?:\s{{1,3}}|$)|\s{{1,3}}[{_DASH}]{{1,3}}|[\u2013\u2014\u2015]{{1,3}}|--"
)
_BRACKET = re.compile(
    r"(?:\((?P<round>[^()]{2,60})\)|\[(?P<square>[^\[\]]{2,60})\]|(?<=\s)/(?P<slashes>[A-Z]{3,20})/)\s?[.,]?\s?"
)
_OPENS_IN_CAPITALS = re.compile(
    r"(?=[A-ZÀ-Þ\s]{5})[A-ZÀ-Þ]{2,}(?:[\s/-][A-ZÀ-Þ]{2,}){0,3},?\s"
    r"(?:[^\W\d_]{3,10}\.?\s)?\d{1,2}(?:\s[^\W\d_]{3,10}\.?)?\s?,?\s?$"
)
"""`NEW DELHI, Nov 3 (PTI) `, which no dash ends."""
_AFTER_BRACKET = re.compile(rf"\s{{0,3}}(?:[.,]?[{_DASH}:]{{1,3}}|\.)?\s{{0,3}}")
_DOMAIN = re.compile(r"^[A-Za-z][\w-]{1,30}(?:\.[A-Za-z]{2,12}){1,3}$")
_WORD = re.compile(r"[^\W\d_][\w.'\u2019-]*")
_DATE = re.compile(
    r"^(?:[^\W\d_]{3,10},?\s)?(?:(?P<day>\d{1,2})\.?\s(?:de\s)?(?P<month>[^\W\d_]{3,12})\.?|(?P<first>[^\W\d_]{3,12})\.?\s\d{1,2}"
    r"|\d{1,2}[./-]\d{1,2})(?:[./-]?\s?\d{4})?$"
)
_PLACE_AND_DAY = re.compile(r"^(?P<place>[^\d]{3,45}?),?\s\d{1,2}\.?\s(?P<month>[^\W\d_]{3,12})\.?$")
_RANK = re.compile(r"^(?:Kota|Kabupaten|Kab\.|Provinsi|Kecamatan)\s(?=[A-Z])")
_PARTICLES = frozenset(rule_lines("name_particles")) | {"am", "an", "auf", "upon", "on", "sur", "of", "the", "es", "ob"}
_PLACES = frozenset(fold(line) for line in rule_lines("places"))
_NO_PLACE = frozenset(
    fold(word)
    for word in (
        "breaking", "update", "live", "video", "foto", "photo", "photos", "exclusive", "exklusiv", "eksklusif", "opini",
        "opinion", "analysis", "kommentar", "interview", "wawancara", "infografis", "catatan", "note", "watch", "read",
        "baca", "q", "a", "hoax", "hoaks", "fakta", "cek fakta", "berita", "news", "advertorial", "editorial", "us",
    )
)  # fmt: skip
_FURTHER = tuple(
    re.compile(pattern)
    for pattern in (
        r"^新华社(?P<place>[\u4e00-\u9fff]{2,8}?)\d{1,2}月\d{1,2}日电\s?",
        r"^【(?P<place>[\u3040-\u30ff\u4e00-\u9fff]{2,12}?)(?P<agency>共同|時事|ロイター|AFP=時事|AFP時事)】\s?",
        r"^[\[(](?P<place>[가-힣·/]{2,15})=(?P<agency>[가-힣\w]{2,10})[\])]\s?(?:[가-힣]{2,4}\s?(?:기자|특파원)\s?=\s?)?",
    )
)


@dataclass(slots=True)
class _Reading:
    """What the pieces of an opening were found to be."""

    places: list[str] = field(default_factory=list)
    outlet: str | None = None
    agency: str | None = None
    sure: bool = False
    unknown: str | None = None
    """A single word that can be an outlet nobody has listed."""


def read_dateline(text: str, outlet: Outlet) -> tuple[Dateline | None, str]:
    """The dateline that opens the text, and the text without it; (None, text) where there is none."""
    start = len(text) - len(text.lstrip())
    opening = text[start : start + MAX_DATELINE].partition("\n")[0]
    found = _by_patterns(opening, outlet) or _by_pieces(opening, outlet)
    if found is None:
        return None, text
    dateline, end = found
    return dateline, text[start + end :].lstrip()


def _by_patterns(opening: str, outlet: Outlet) -> tuple[Dateline, int] | None:
    """By the outlet's own patterns, and those of scripts that set no spaces."""
    for pattern in (*_compiled(outlet.lines.datelines), *_FURTHER):
        match = pattern.match(opening)
        if match is None:
            continue
        groups = match.groupdict()
        place, site, agency = ((groups.get(name) or "").strip(" ,") or None for name in ("place", "outlet", "agency"))
        if not (place or site or agency):
            site = match[0].strip(f" ,:{_DASH}") or None
        named = (agency_named(agency) or agency) if agency else None
        return Dateline(verbatim=match[0].strip(), place=place, outlet=site, agency=named), match.end()
    return None


@lru_cache(maxsize=512)
def _compiled(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    compiled = []
    for pattern in patterns:
        try:
            compiled.append(re.compile(pattern))
        except re.error:
            continue
    return tuple(compiled)


def _by_pieces(opening: str, outlet: Outlet) -> tuple[Dateline, int] | None:
    own = _own_names(outlet.name, outlet.aliases, outlet.domains)
    for head, end in _heads(opening):
        reading = _read(head, own)
        if reading is None:
            continue
        start = _continued(opening, end, reading, own)
        if _believable(reading, opening[end - 3 : start], opening[start:]):
            dateline = Dateline(
                verbatim=opening[:start].strip(),
                place=", ".join(reading.places) or None,
                outlet=reading.outlet or reading.unknown,
                agency=reading.agency,
            )
            return dateline, start
    return None


@lru_cache(maxsize=512)
def _own_names(name: str, aliases: tuple[str, ...], domains: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(one) for one in (name, *aliases, *domains)) - {""}


def _heads(opening: str) -> Iterator[tuple[str, int]]:
    """What stands before each dash or colon that can end a dateline, and where the story goes on."""
    bracket = _BRACKET.search(opening)
    if (
        bracket
        and (after := _AFTER_BRACKET.match(opening, bracket.end()))
        and (after[0].strip() or bracket["slashes"] or _OPENS_IN_CAPITALS.match(opening[: bracket.start()]))
    ):
        yield opening[: bracket.end()], after.end()
    for end in islice(_END.finditer(opening), _MOST_ENDS):
        yield opening[: end.start()], end.end()


def _continued(opening: str, end: int, reading: _Reading, own: frozenset[str]) -> int:
    """Where the story goes on when a second part follows: `KRjogja.com - YOGYA - `, `KONTAN.CO.ID - JAKARTA. `."""
    if reading.places:
        return end
    second = re.match(
        rf"(?P<place>[^{_DASH}:.]{{2,{_PLACE_LENGTH}}}?)(?:\s{{1,3}}[{_DASH}]{{1,3}}\s|\.\s)", opening[end:]
    )
    further = _read(second["place"], own) if second else None
    if second is None or further is None or not further.places or not further.sure:
        return end
    reading.places = further.places
    return end + second.end()


def _read(head: str, own: frozenset[str]) -> _Reading | None:
    """The pieces of an opening, or None when one of them has no place in a dateline."""
    if not head.strip() or len(head) > MAX_DATELINE:
        return None
    reading = _Reading()
    bracket = _BRACKET.search(head)
    if bracket:
        _bracketed((bracket["round"] or bracket["square"] or bracket["slashes"]).strip(), reading, own)
        head = head[: bracket.start()] + " , " + head[bracket.end() :]
    pieces = [_without_stop(piece.strip()) for piece in re.split(rf",\s|\s,|,$|\s[{_DASH}]{{1,3}}\s|\s?\|\s?", head)]
    known = all(_placed(piece, reading, own) for piece in pieces if piece)
    return reading if known and (reading.places or reading.outlet or reading.agency) else None


def _bracketed(name: str, reading: _Reading, own: frozenset[str]) -> None:
    """The name in brackets: `(ANTARA/Xinhua)` is copy of both, and named by the first."""
    first = name.partition("/")[0].strip()
    known = agency_named(name) or agency_named(first)
    if known in AGENCIES and fold(first) not in own:
        reading.agency, reading.sure = known, True
    elif fold(first) in own or known or _DOMAIN.match(name):
        reading.outlet, reading.sure = name, True
    else:
        reading.agency = name if len(name) <= _NAME_LENGTH else None


def _placed(piece: str, reading: _Reading, own: frozenset[str]) -> bool:
    """Whether the piece was found to be something, which is then noted."""
    dated = _PLACE_AND_DAY.match(piece)
    if dated and dated["month"].casefold() in MONTHS and _is_sure(dated["place"]):
        piece = dated["place"]
    if _is_outlet(piece, own):
        reading.outlet, reading.sure = piece, True
    elif _is_date(piece):
        reading.sure = reading.sure or bool(reading.places and reading.places[0].isupper())
    elif _is_second_name(piece, reading):
        reading.unknown = piece
    elif _is_place(piece):
        reading.places.append(piece)
        reading.sure = reading.sure or _is_sure(piece)
    else:
        return False
    return True


def _is_second_name(piece: str, reading: _Reading) -> bool:
    """Whether a piece after a place can be an outlet that nobody has listed: `IDN Times`, `kabarkita`."""
    if not reading.places or reading.unknown is not None or fold(piece) in _PLACES:
        return False
    return is_organisation(piece) or (piece.isalnum() and not _is_place(piece))


def _without_stop(piece: str) -> str:
    """The piece without the full stop after it; `D.C.` keeps its own."""
    return piece.removesuffix(".") if piece.count(".") == 1 else piece


def _is_date(piece: str) -> bool:
    match = _DATE.match(piece)
    word = (match["month"] or match["first"]) if match else None
    return match is not None and (word is None or word.casefold() in MONTHS)


def _is_outlet(piece: str, own: frozenset[str]) -> bool:
    folded = fold(piece)
    if folded in own or _DOMAIN.match(piece):
        return True
    first, _, others = piece.partition(" ")
    if _DOMAIN.match(first):
        return fold(others) in own or agency_named(others) is not None
    return len(folded) > _SHORT and folded not in _PLACES and agency_named(piece) is not None


def _is_sure(place: str) -> bool:
    return _is_listed(place) or _in_capitals(place)


def _is_listed(place: str) -> bool:
    """Whether the place, or its first word (`Cikarang Barat`), is one of those that stories open with."""
    name = _RANK.sub("", place)
    first = name.partition(" ")[0]
    return fold(name) in _PLACES or (len(first) >= _LONG and fold(first) in _PLACES)


def _is_place(piece: str) -> bool:
    words = re.split(r"[\s/]+", piece)
    if len(piece) > _PLACE_LENGTH or len(words) > _PLACE_WORDS or fold(piece) in _NO_PLACE or len(piece) < _SHORT:
        return False
    if not all(_WORD.fullmatch(word) for word in words) or not piece[0].isupper():
        return False
    return all(word[0].isupper() or word.casefold() in _PARTICLES for word in words) and words[-1][0].isupper()


def _in_capitals(place: str) -> bool:
    letters = [character for character in place if character.isalpha()]
    return len(letters) >= _LONG and sum(map(str.isupper, letters)) >= 0.8 * len(letters)


def _believable(reading: _Reading, sign: str, rest: str) -> bool:
    """Whether enough of it is known, and what follows opens like a story.

    A colon follows speakers and subjects too, so before one a place must be listed.
    """
    if ":" in sign and not (reading.outlet or reading.agency or any(map(_is_listed, reading.places))):
        return False
    if not reading.sure or (reading.agency and not reading.places and agency_named(reading.agency) is None):
        return False
    follows = rest.lstrip(" \"'“”„‘’«»(-\u2013\u2014[")[:1]
    return not follows or not follows.islower() or bool(reading.outlet or reading.agency)
