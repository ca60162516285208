"""Whom a story says it has its facts or its text from, in the order of the text.

A name counts when words of citing stand before it (`dikutip dari`, `according to`, `laut`), when a verb of reporting
follows it (`Reuters melaporkan`), and in the places where sources are signed: datelines, `Sumber:` lines, brackets at
the end of a line, copyright lines, notes of a reprint. A photo's credit is no source of the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from scraper.extraction.agencies import AGENCIES, FIRST_WORDS, LOWER_NAMES, agency_named
from scraper.extraction.dateline import read_dateline
from scraper.extraction.listed import rule_lines
from scraper.extraction.moments import MONTHS
from scraper.extraction.oneline import fold
from scraper.model.outlet import Outlet
from scraper.urls import registrable_domain

MAX_TEXT = 200_000
"""Characters that are searched."""
MAX_MENTIONS = 2_000

_NAME_WORDS = 5
_SIGNATURE = 60
"""Characters of a bracket at the end of a line that can be a signature."""
_CODE = 6
"""Letters and figures of a desk's sign beside an agency: (ANT/S026), (dpa/lhe)."""
_SHORT_NAME = 4
"""A name this short must be written as the agency writes itself: AS, AP and ANI are words too."""


def _triggers(kind: str) -> str:
    listed = (line.partition(" ") for line in rule_lines("attribution"))
    return "|".join(f"(?:{pattern})" for mark, _, pattern in listed if mark == kind)


_STRONG = re.compile(rf"\b(?:{_triggers('strong')})(?:\b|(?-i:(?=[A-Z])))", re.IGNORECASE)
"""Links lose the space before them on some pages: `dikutip dariReuters`."""
_FILLERS = "|".join(rule_lines("attribution_fill"))
_FILL = re.compile(rf"(?:[\s,:]{{1,3}}(?:{_FILLERS})(?=[\s,:]|$)){{0,7}}+")
_WEAK_BEFORE = re.compile(
    rf"(?:^|(?<=[^\w-]))(?:{_triggers('weak')}|(?:{_triggers('strong')}))"
    rf"(?:[\s,:]{{1,3}}(?:{_FILLERS})(?=[\s,:])){{0,7}}+(?:[\s,:]{{1,3}}(?:[ld]['\u2019])?[\"“”„«'‘]?|\s[ld]['\u2019])$",
    re.IGNORECASE,
)
_LOWER = "|".join(map(re.escape, sorted(LOWER_NAMES)))
_TOKEN = re.compile(
    r"(?<![\w.-])(?:[ld]['\u2019](?=[A-Z]))?"
    rf"(?P<word>[A-ZÀ-Þ][\w&'\u2019.-]{{1,29}}|(?:{_LOWER})\b|[a-z][\w-]{{1,25}}\.[a-z]{{2}}[\w.]{{0,8}}"
    rf"|[a-z]{{4,20}}[A-Z][a-z]{{1,20}})"
)
"""A word that can open a medium's name: a capital, an address, one of the few names in small letters."""
_WORDS = r"[\w&'\u2019.-]{2,30}(?:\s[\w&'\u2019.-]{1,25}){0,4}"
_NAME_HERE = re.compile(_WORDS)
_NAME = re.compile(rf"[\s,:]{{0,3}}(?:[ld]['\u2019])?[\"“”„«'‘]?\s?(?P<name>{_WORDS})")
_AND = re.compile(
    r"[\"”“»'’]?(?:\s?[,/&]\s?|\s?,?\s(?:dan|and|und|et|y|serta|atau|or|oder|via|melalui)\s)"
    r"(?:(?:the|die|der|kantor berita)\s|l['\u2019])?",
    re.IGNORECASE,
)
_REPORTING = re.compile(
    r"[\"”“»]?,?\s(?:(?:telah|sudah|juga|pun|yang|first|has|had|also|hat|a|ha)\s)?"
    r"(?:(?:pertama kali|lebih dulu|sebelumnya)\s)?"
    r"(?:me(?:laporkan|ngabarkan|wartakan|mberitakan|lansir|nulis|nyebut(?:kan)?|ngutip)|report(?:s|ed)?|said|contributed"
    r"|writes|wrote|quoted|cited|berichtete?|meldete?|schreibt|schrieb|rapporte|rapporté|écrit|révèle|informa|informó|informado|publica"
    r"|publicó)\b"
)
_LISTED_TOGETHER = 6
"""Most names that follow each other after one phrase."""
_REACH = 90
"""Characters before a name in which the words of citing stand."""
_LABEL = re.compile(
    r"^\W{0,3}(?:sumber(?: berita)?|sources?|quellen?|fuentes?|fonte|bron|kilde|källa|with inputs from)\s?:\s?"
    r"(?P<names>.{2,120})$",
    re.IGNORECASE | re.MULTILINE,
)
_SIGNED = re.compile(rf"[(\[](?P<names>[^()\[\]\n]{{2,{_SIGNATURE}}})[)\]]\s?[.*]?[ \t]{{0,5}}$", re.MULTILINE)
_REPRINT = re.compile(
    r"\b(?:artikel|berita|tulisan) ini (?:telah |sudah |pertama kali )?(?:tayang|naik|terbit|dimuat|dipublikasikan"
    r"|diterbitkan)(?: sebelumnya| pertama kali| lebih dulu)? (?:di|pada|oleh)\s"
    r"(?P<name>[^\s,\"“]{2,40}(?:\s(?-i:[A-Z])[\w.]{1,20}){0,2})"
    r"|\bthis (?:article|story) (?:was )?(?:originally|first) (?:appeared|published|ran) (?:in|on|by|at)\s"
    rf"(?P<english>{_WORDS})",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright|hak cipta)[\s©(c)]{0,8}(?:(?:19|20)\d{2}[\s,-]{0,3}){0,2}(?:by\s|oleh\s)?"
    rf"(?P<name>{_WORDS})",
    re.IGNORECASE,
)
_PHOTO_WORDS = r"fotos?|photos?|dok|dokumentasi|bild|pictures?|images?|getty|file|ilustrasi|kredit|credit|courtesy"
_PHOTO_BRACKET = re.compile(
    rf"[(\[](?=[^()\[\]\n]{{0,160}}(?:\b(?i:{_PHOTO_WORDS})\b|/[A-Z][a-z]{{2}}))[^()\[\]\n]{{0,160}}[)\]]"
)
_PHOTO_LINE = re.compile(
    r"^\W{0,3}(?:foto|photo|bild|image|picture|ilustrasi|kredit|credit|gambar|caption)\b[^\n:/]{0,20}[:/][^\n]{0,300}$",
    re.IGNORECASE | re.MULTILINE,
)
_NO_MEDIA = frozenset(MONTHS) | {word for line in rule_lines("no_media") for word in line.split()}
_CAMEL = re.compile(r"[a-z]{4,20}(?=[A-Z][a-z])")
"""The name before a desk's, as in `kabarSport`."""
_TITLED = frozenset({"Tass", "Ansa", "Irna", "Kcna"})
"""Short names that are no word and that many write like one."""
_SIGNS = {"ant": "ANTARA", "rtr": "Reuters", "xin": "Xinhua", "kyo": "Kyodo"}
"""What desks sign with for the agencies."""
_DOMAIN = re.compile(r"^[A-Za-z][\w-]{1,30}(?:(?:\.[a-z]{2,6}){1,2}|\.(?:COM|ID|CO\.ID|NET|ORG))$")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Mention:
    at: int
    name: str


def read_agencies(text: str, outlet: Outlet) -> tuple[str, ...]:
    """The attribution chain: agencies and media by their usual names, each once, the outlet itself left out."""
    text = text[:MAX_TEXT]
    own = _own_names(outlet)
    chain: dict[str, None] = {}
    for mention in sorted(islice(_mentions(text, outlet), MAX_MENTIONS), key=lambda mention: mention.at):
        if fold(mention.name) not in own:
            chain.setdefault(mention.name)
    return tuple(chain)


def _own_names(outlet: Outlet) -> frozenset[str]:
    """The outlet's names, folded: `www.lembahpost.example` is also `Lembah Post`."""
    labels = [registrable_domain(domain).partition(".")[0] for domain in outlet.domains]
    names = (outlet.name, outlet.id, *outlet.aliases, *outlet.domains, *labels)
    return frozenset(fold(one) for name in names for one in (name, agency_named(name) or name))


def _mentions(text: str, outlet: Outlet) -> Iterator[_Mention]:
    dateline, _ = read_dateline(text, outlet)
    if dateline and dateline.agency and agency_named(dateline.agency):
        yield _Mention(at=0, name=dateline.agency)
    yield from _signed(text)
    searched = _PHOTO_LINE.sub(_blank, _PHOTO_BRACKET.sub(_blank, text))
    yield from _introduced(searched)
    yield from _known_mentions(searched)
    yield from _labelled(searched)


def _blank(match: re.Match[str]) -> str:
    """As many spaces: what is left out must not move what stays."""
    return " " * len(match[0])


def _introduced(text: str) -> Iterator[_Mention]:
    """The media, listed or not, that follow words which only media follow, and the known ones joined to them."""
    for trigger in _STRONG.finditer(text):
        fill = _FILL.match(text, trigger.end())
        at = fill.end() if fill else trigger.end()
        for position in range(_LISTED_TOGETHER):
            match = _NAME.match(text, at)
            found = _named(match["name"], strong=position == 0) if match else None
            if match is None or found is None:
                break
            name, length = found
            yield _Mention(at=match.start("name"), name=name)
            joined = _AND.match(text, match.start("name") + length)
            if joined is None:
                break
            at = joined.end()


def _known_mentions(text: str) -> Iterator[_Mention]:
    """Known names that words of citing lead to, that a verb of reporting follows, or that are joined to such a one."""
    accepted_to = -1
    for token in _TOKEN.finditer(text):
        start = token.start("word")
        if start < accepted_to or not _may_open_name(token["word"]):
            continue
        words = _NAME_HERE.match(text, start)
        found = _named(words[0], strong=False) if words else None
        if found is None:
            continue
        name, length = found
        joined = accepted_to >= 0 and _AND.fullmatch(text, accepted_to, start)
        if joined or _is_cited(text, start, start + length):
            accepted_to = start + length
            yield _Mention(at=start, name=name)


def _may_open_name(token: str) -> bool:
    bare = token.rstrip(".,'’")
    if _CAMEL.match(bare) or _DOMAIN.match(bare):
        return True
    return bare.casefold().removesuffix("'s").removesuffix("’s") in FIRST_WORDS


def _is_cited(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _REACH) : start]
    return _WEAK_BEFORE.search(before) is not None or _REPORTING.match(text, end) is not None


def _named(words: str, *, strong: bool) -> tuple[str, int] | None:
    """The medium that the words open with, and how many characters of them spell it."""
    pieces = words.split()
    for count in range(min(len(pieces), _NAME_WORDS), 0, -1):
        spelled = " ".join(pieces[:count])
        if (name := _known(spelled)) is not None:
            return name, len(spelled.rstrip(".,'’"))
    first = pieces[0].rstrip(".,'’")
    if _DOMAIN.match(first) and not first[0].isdigit():
        return agency_named(first) or first, len(first)
    return _unlisted(pieces) if strong else None


def _known(spelled: str) -> str | None:
    bare = spelled.strip(".,'’\"").removesuffix("'s").removesuffix("’s")
    name = agency_named(bare)
    if name is None and (camel := _CAMEL.match(bare)):
        return agency_named(camel[0])
    if name is None or not (bare[0].isupper() or "." in bare or name.islower()):
        return None
    return name if len(bare) > _SHORT_NAME or bare in {name, name.upper(), *_TITLED} or bare.isupper() else None


def _unlisted(pieces: list[str]) -> tuple[str, int] | None:
    """A medium that is in no list: up to four capitalised words, days and networks left out."""
    taken: list[str] = []
    for piece in pieces[:4]:
        bare = piece.rstrip(".,'’")
        if not bare or not bare[0].isupper() or bare.casefold() in _NO_MEDIA:
            break
        taken.append(bare)
        if bare != piece:
            break
    name = " ".join(taken)
    return (name, len(name)) if taken and len(name) > 2 and name != "The" else None


def _labelled(text: str) -> Iterator[_Mention]:
    """Lines and notes that say where the text is from."""
    for match in _LABEL.finditer(text):
        for name in _split(match["names"]):
            known = _known(name) or (name if _DOMAIN.match(name) else None)
            if known:
                yield _Mention(at=match.start("names"), name=known)
    for match in _REPRINT.finditer(text):
        name = (match["name"] or match["english"]).strip(" .")
        found = _named(name, strong=True)
        if found:
            yield _Mention(at=match.start(), name=found[0])
    for match in _COPYRIGHT.finditer(text):
        found = _named(match["name"], strong=False)
        if found and found[0] in AGENCIES:
            yield _Mention(at=match.start(), name=found[0])


def _signed(text: str) -> Iterator[_Mention]:
    """Agencies in a bracket that ends a line, alone or beside desk codes: (ANT/S026), (AFP/dpa)."""
    for match in _SIGNED.finditer(text):
        names = _split(match["names"])
        known = [_SIGNS.get(name.casefold()) or _known(name) for name in names]
        others = [name for name, named in zip(names, known, strict=True) if named not in AGENCIES]
        if len(others) < len(names) and all(len(name) <= _CODE and name.replace("-", "").isalnum() for name in others):
            for name in known:
                if name in AGENCIES and name is not None:
                    yield _Mention(at=match.start(), name=name)


def _split(names: str) -> list[str]:
    return [name.strip(" .") for name in re.split(r"[,/;+|]| dan | and | und ", names)[:12] if name.strip(" .")]
