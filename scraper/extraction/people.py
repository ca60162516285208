"""Names of people in bylines: told from organisations, desks, codes and addresses."""

import re
from collections.abc import Iterable

from scraper.extraction.agencies import agency_named
from scraper.extraction.listed import rule_lines
from scraper.extraction.oneline import fold, plain

MAX_PEOPLE = 20
MAX_BYLINE = 500
"""Characters of a byline that are read."""

_LONGEST = 60
_SITE_LABEL = 5
"""Letters that a site's name has at least before a word that opens with it is taken for a part of the site."""
_MOST_WORDS = 6
_CODE = 4
"""Letters that a desk code has at most: (fyk/ash), ssi."""

_OPENING = re.compile(
    r"^(?:(?:(?:(?:written|story|words|reported|report|posted|text|analysis|opinion|review)\s(?:and\sphotos\s)?)?by"
    r"|(?:(?:eine?\s)?(?:text|bericht|kommentar|analyse|gastbeitrag|gastkommentar|interview|essay|reportage|kolumne"
    r"|leitartikel|glosse|porträt|rezension)\s)?von|oleh|(?:(?:texte|propos\srecueillis)\s)?par|por|door|przez|bởi"
    r"|(?:skrevet\s)?a[vf]|記者|撰文)\s{1,2}(?=[^\W\d_])"
    r"|[^\W\d_]{2,15}(?:\s[^\W\d_]{2,12})?\s{0,2}[:\uff1a]\s{0,2}(?=\S))",
    re.IGNORECASE,
)
_ITALIAN_BY = re.compile(r"^di\s(?=[A-Z])")
"""In small letters alone: `Di Maio` is a name."""
_HARD_CUT = re.compile(r"\s{0,3}(?:[,;|·•、\uff0c]|\s[-–—]\s|/|\s\+\s)\s{0,3}")
_CONJUNCTION = re.compile(
    r"\s(?:and|und|dan|et|y|e|i|og|och|en|ja|ve|và|serta|dengan|bersama|with|mit|avec|&|\u0438|та)\s", re.IGNORECASE
)
_AFTER = re.compile(
    r"(?:\s?\([^()]{0,80}\)?|\s(?:기자|특파원|記者|reports?|writes|in\s[A-Z][\w.]{1,20}(?:\s[A-Z][\w.]{1,20})?"
    r"|[Ff]or\s[\w.]{2,40}(?:\s[\w.]{2,20}){0,3}))\s?$"
)
_MAIL_AND_NAME = re.compile(r"^\S{1,80}@\S{1,80}\s{1,3}\((?P<name>[^()]{2,80})\)$")
"""The form of RSS: an address, and the name in brackets."""
_BESIDE = re.compile(
    r"(?:(?<=\S)\s{1,3}@\w{2,30}|(?<=\S)\W{1,3}(?:last\s)?(?:updated|published|posted|diperbarui|diterbitkan|aktualisiert"
    r"|veröffentlicht|publié|mis\sà\sjour|publicado|actualizado)\b.*"
    r"|(?:^|(?<=\S)\W{1,3})(?:fotos?|photos?|bild(?:er)?|pictures?|images?|video|illustrations?|editor|penyunting|redaktur)"
    r"\s?[:\uff1a].*)$",
    re.IGNORECASE,
)
"""What stands behind the authors in one line with them: when it was changed, who took the pictures, who edited it."""
_LEADING_AND = re.compile(r"^(?:and|und|dan|et|og|och|&|serta)\s", re.IGNORECASE)
_HANGUL_BYLINE = re.compile(r"(?:^|\s)([가-힣]{2,4})\s?(?:기자|특파원|논설위원|선임기자)")
_ROLE = (
    r"(?:reporter|correspondent|contributor|writer|columnist|editor|journalist|wartawan|jurnalis|kontributor|koresponden"
    r"|reporterin|redakteur(?:in)?|korrespondent(?:in)?|autor(?:in)?)"
)
_FIELD = (
    r"(?:staff|senior|chief|special|guest|freelance|associate|assistant|deputy|political|politics|national|world|foreign"
    r"|news|business|economics|finance|sports?|health|science|technology|tech|culture|education|environment|royal)"
)
_ROLE_BEFORE = re.compile(rf"^(?:{_FIELD}\s){{0,2}}{_ROLE}\s(?=\S+\s\S)", re.IGNORECASE)
_ROLE_AFTER = re.compile(rf"(?<=\S)(?:\s{_FIELD}){{0,2}}\s{_ROLE}$", re.IGNORECASE)
_FEW_WORDS = 2
"""Words that are left of a name at least when a role or an agency is taken off it."""
_ADDRESS = re.compile(r"https?:|www\.|@|/|\.(?:com|co|id|net|org|de|info|tv|news|fr|uk|at|ch|my|sg)\b", re.IGNORECASE)
_COMPANY = re.compile(
    r"\b(?:pt|tbk|cv|gmbh|ltd|limited|inc|llc|plc|s\.?a\.?|srl|spa|ag|kg|aps|corp|corporation|company|verlag"
    r"|cyber media|media (?:baru|group|network)|network|group|harian|koran|redaksi|tim|admin\w{0,9}|developer|webmaster"
    r"|root|null|undefined|none|unknown|anonymous|guest)\b",
    re.IGNORECASE,
)


def _any_word(listed: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(rule_lines(listed)) + r")\b", re.IGNORECASE)


_ORGANISATION = _any_word("organisation_words")
_INTERFACE = _any_word("interface_words")
_TITLE_AFTER = re.compile(
    r"^(?:Jr|Sr|II|III|IV|Ph\.?D|M\.?D|MBA|Esq|(?:[A-Z][A-Za-z]{0,3}\.){1,4}[A-Z]?[a-z]{0,3})\.?$"
)
"""What stands after a name and a comma and belongs to it: a degree, a generation."""
_PARTICLES = frozenset(rule_lines("name_particles"))
_PLACES = frozenset(fold(place) for place in rule_lines("places"))


def people(byline: str, sites: frozenset[str] = frozenset()) -> list[str]:
    """The persons in a byline, in its order. `sites` are folded names that are no people."""
    text = plain(byline)[:MAX_BYLINE]
    if mailed := _MAIL_AND_NAME.match(text):
        text = mailed["name"]
    if hangul := _HANGUL_BYLINE.findall(text):
        return _unique(hangul)
    text = _BESIDE.sub("", text)
    pieces = (piece for part in _HARD_CUT.split(_opened(text)) for piece in _at_conjunctions(_opened(part)))
    names = [name for piece in pieces if (name := _name(piece))]
    if any(" " in name for name in names):
        names = [name for name in names if fold(name) not in _PLACES]
    persons = [name for name in names if is_person(name) and not _is_site(name, sites)]
    if len(persons) < len(names):
        persons = [name for name in persons if _is_full(name)]
    return _unique(persons)


def _is_site(name: str, sites: frozenset[str]) -> bool:
    """`Kabar`; `Kabar Jatim` or `Tim Kabar` where the site is called Kabar; `kabarsport` beside one called kabar."""
    first, _, others = name.partition(" ")
    if not sites.isdisjoint((fold(name), fold(first), fold(others) or fold(name))):
        return True
    return not others and any(len(site) >= _SITE_LABEL and fold(first).startswith(site) for site in sites)


def _is_full(name: str) -> bool:
    """Whether the name has more than one word, or a script without word spaces: beside an outlet's name a single.

    word is rather a place (`dpa, Berlin`).
    """
    return " " in name or not (name.isascii() or any(character.islower() for character in name))


def _opened(text: str) -> str:
    """The text after `By`, `Penulis:` and the like."""
    return _OPENING.sub("", _ITALIAN_BY.sub("", text), count=1)


def _at_conjunctions(part: str) -> list[str]:
    """`A B and C D` apart, but `José Ortega y Gasset` whole: each side of a cut must be a full name."""
    pieces = _CONJUNCTION.split(part)
    if len(pieces) > 1 and all(len(piece.split()) > 1 for piece in pieces):
        return pieces
    firm = re.split(r"\s(?:and|und|dan|et|og|och|&|serta|avec|with|mit)\s", part)
    return firm if len(firm) > 1 else [part]


def is_person(name: str) -> bool:
    """Whether the name can be a person's: no address, no organisation's word, no figures, no code."""
    if not 2 <= len(name) <= _LONGEST or any(character.isdigit() for character in name):
        return False
    if not name[0].isalpha() or _ADDRESS.search(name) or _ORGANISATION.search(name) or agency_named(name):
        return False
    words = name.split()
    return len(words) <= _MOST_WORDS and not _is_code(name, words) and not _TITLE_AFTER.match(name)


def _is_code(name: str, words: list[str]) -> bool:
    """A desk's sign (`fyk`), a user name (`jane.doe`, `chuck-ross`)."""
    return len(words) == 1 and name.isascii() and name.islower() and (len(name) <= _CODE or not name.isalpha())


def looks_printed(name: str) -> bool:
    """Whether a name from the page's text is written as people's names are: two to five words, each capitalised."""
    if _INTERFACE.search(name):
        return False
    words = name.split()
    if not name.isascii() and not any(character.isupper() or character.islower() for character in name):
        return 2 <= len(name) <= 8
    return 2 <= len(words) <= 5 and all(word[0].isupper() or word.casefold() in _PARTICLES for word in words)


def is_organisation(name: str) -> bool:
    """Whether the name has a word that no person's name has."""
    return bool(_ORGANISATION.search(name))


def is_company(name: str) -> bool:
    """Whether the name is a firm's or a placeholder's, which never wrote a story."""
    return bool(_COMPANY.search(name) or re.search(r"https?:|@|^\W*\d*\W*$|facebook\.com", name))


def _name(piece: str) -> str:
    """The name in a piece of a byline, once where it is printed twice (for narrow and for wide screens)."""
    name = _LEADING_AND.sub("", piece.strip())
    for _ in range(2):
        name = _AFTER.sub("", _opened(name)).strip(" .,:;-–—()[]\"'“”*_")
    words = _without_agency(_without_role(name).split())
    half = len(words) // 2
    return " ".join(words[:half] if half > 1 and words[:half] == words[half:] else words)


def _without_role(name: str) -> str:
    """`Jane Doe` for `Jane Doe Staff Writer` and for `Political correspondent Jane Doe`."""
    for rule in (_ROLE_BEFORE, _ROLE_AFTER):
        bare = rule.sub("", name)
        if len(bare.split()) >= _FEW_WORDS:
            name = bare
    return name


def _without_agency(words: list[str]) -> list[str]:
    """`JANE DOE Associated Press`: the words of the name, where an agency's several words or initials follow it."""
    for count in (3, 2, 1):
        ending = words[-count:]
        if len(words) - count < _FEW_WORDS or (count == 1 and not ending[0].isupper()):
            continue
        if (count > 1 or not words[0].isupper()) and agency_named(" ".join(ending)):
            return words[:-count]
    return words


def _unique(names: Iterable[str]) -> list[str]:
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(fold(name), name)
    return list(kept.values())[:MAX_PEOPLE]
