"""Who wrote a story, as people: reporters apart from editors, and neither the site nor a desk nor a code."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import lxml.html

from scraper.extraction.agencies import agency_named
from scraper.extraction.evidence import Evidence
from scraper.extraction.jsonld import JsonObject, resolved
from scraper.extraction.oneline import fold, plain

AUTHOR_META = (
    "author",
    "article:author",
    "og:article:author",
    "parsely-author",
    "sailthru.author",
    "cxenseparse:author",
    "mrf:authors",
    "content_author",
    "content_reporter",
    "dc.creator",
    "dcterms.creator",
    "byl",
    "dable:author",
    "lp.article:author",
    "rbauthors",
    "citation_author",
    "twitter:data1",
)
EDITOR_META = ("content_editor", "editor", "article:editor")
MAX_PEOPLE = 20

_CUT = re.compile(
    r"\s*(?:,|;|/|\||•|·|、|\uff0c|\s&\s|\s(?:and|und|dan|et|y|og|och|e|en|i|ja|ve|và|serta|with|mit)\s)\s*",
    re.IGNORECASE,
)
_BY = re.compile(
    r"^(?:by|von|oleh|penulis|reporter|pewarta|wartawan|laporan|kontributor|editor|redaktur|penyunting|par|por|di|text"
    r"|autor(?:in|en|es)?|author|written by|story by|story|words by|foto|av|af|door|tekst|text)"
    r"(?:\s{0,2}:\s{0,2}|\s{1,2})(?=\S)",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"\s*(?:\(.{0,80}\)|\s[-–—|]\s.{0,80}|기자.{0,20}|記者|in\s[A-Z]\w{1,20}|,\s?(?:dpa|afp|ap|reuters|antara)\b.{0,20})\s*$",
    re.IGNORECASE,
)
_ORGANISATION = re.compile(
    r"\b(?:pt|tbk|gmbh|ltd|inc|llc|ag|corp|media|cyber|news|nachrichten|online|redaksi|redaktion|redacci[oó]n|rédaction"
    r"|redazione|redaktionen|redactie|tim|team|staff|desk|newsroom|agency|agentur|agence|agencia|press|presse|zeitung"
    r"|times|post|tribun\w*|daily|herald|network|group|grup|verlag|publishing|admin|administrator|editorial|editor"
    r"|developer|webmaster|writer|reporter|correspondents?|contributor|office|harian|koran|kompas|kantor|berita|tv|radio"
    r"|indonesia|deutschland|digital|web|magazine|magazin|journal|gazette|club|foundation|institute|university"
    r"|conde nast|condé nast|service|board|bureau|desk)\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"https?:|www\.|@|\.(?:com|co|id|net|org|de|info|tv|news|fr|uk|at|ch)\b", re.IGNORECASE)
_LATIN_NAME = re.compile(r"^[^\W\d_]")
_LABELLED = re.compile(
    r"^\s{0,3}(?P<role>penulis|reporter|pewarta|wartawan|jurnalis|oleh|editor|redaktur|penyunting|kontributor|laporan)"
    r"\s{0,3}:\s{0,3}(?P<name>[^:|\n]{2,80})",
    re.IGNORECASE,
)
_EDITING = frozenset({"editor", "redaktur", "penyunting"})
_BYLINE_CLASS = re.compile(r"author|byline|penulis|reporter|writer|autor|editor|redaktur|credit", re.IGNORECASE)


_Nodes = Iterable[lxml.html.HtmlElement]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """The people of one story, reporters and editors apart, and where each was found."""

    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    author_origin: str | None = None
    editor_origin: str | None = None


def read_credits(evidence: Evidence, authors: _Nodes = (), editors: _Nodes = ()) -> Credits:
    """The people whom the first witness with people in it names; without any, the credited organisation.

    `authors` and `editors` are what the outlet's own selectors point at.
    """
    names = frozenset(fold(site) for site in evidence.sites)
    editing, editor_origin = _first(_editor_witnesses(evidence, editors), names)
    witnesses = list(_author_witnesses(evidence, authors))
    writing, origin = _first(witnesses, names)
    if not writing:
        writing, origin = _organisation(witnesses)
    return Credits(
        authors=tuple(name for name in writing if name not in editing) or writing,
        editors=editing,
        author_origin=origin if writing else None,
        editor_origin=editor_origin if editing else None,
    )


_Witness = tuple[str, list[str]]


def _first(witnesses: Iterable[_Witness], sites: frozenset[str]) -> tuple[tuple[str, ...], str | None]:
    for origin, values in witnesses:
        found = [name for value in values for name in people(value, sites)]
        if found:
            return _unique(found), origin
    return (), None


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for name in names:
        kept.setdefault(fold(name), name)
    return tuple(kept.values())[:MAX_PEOPLE]


def people(byline: str, sites: frozenset[str] = frozenset()) -> list[str]:
    """The persons in a byline, in its order. `sites` are folded names that are no people."""
    text = _BY.sub("", plain(byline)[:500])
    found = []
    for piece in _CUT.split(text):
        name = _name(piece)
        if name and is_person(name) and fold(name) not in sites:
            found.append(name)
    return found


def is_person(name: str) -> bool:
    """Whether a name can be a person's: no address, no organisation's word, no figures, no code."""
    if not 2 <= len(name) <= 60 or not _LATIN_NAME.match(name) or any(character.isdigit() for character in name):
        return False
    if _ADDRESS.search(name) or _ORGANISATION.search(name) or agency_named(name):
        return False
    words = name.split()
    return len(words) <= 6 and not (name.isascii() and name.islower() and len(words) == 1 and len(name) <= 4)


def _name(piece: str) -> str:
    return _AFTER.sub("", _BY.sub("", piece)).strip(" .,:;-–—()[]\"'“”")


def _organisation(witnesses: Iterable[_Witness]) -> tuple[tuple[str, ...], str | None]:
    for origin, values in witnesses:
        if origin not in {"json-ld", "meta author", "meta article:author"}:
            continue
        found = [plain(value) for value in values]
        found = [name for name in found if 2 <= len(name) <= 60 and not re.search(r"https?:|@|^\d+$", name)]
        if found:
            return _unique(found), f"{origin} (organisation)"
    return (), None


def _author_witnesses(evidence: Evidence, selected: _Nodes) -> Iterator[_Witness]:
    article, objects, head = evidence.article, evidence.objects, evidence.head
    yield "selectors.authors", [plain(node.text_content()) for node in selected]
    yield "json-ld", _stated(article.get("author"), objects) or _stated(article.get("creator"), objects)
    for name in AUTHOR_META:
        yield f"meta {name}", list(head.meta.get(name, ()))
    nodes = head.properties.get("author", [])[:10]
    yield "microdata", [node.get("content") or node.text_content() for node in nodes]
    yield "rel=author", [node.text_content() for node in _related(evidence.tree)]
    yield "byline", [match["name"] for match in _labelled(evidence.tree) if match["role"].casefold() not in _EDITING]


def _editor_witnesses(evidence: Evidence, selected: _Nodes) -> Iterator[_Witness]:
    yield "selectors.editors", [plain(node.text_content()) for node in selected]
    yield "json-ld", _stated(evidence.article.get("editor"), evidence.objects)
    for name in EDITOR_META:
        yield f"meta {name}", list(evidence.head.meta.get(name, ()))
    yield "byline", [match["name"] for match in _labelled(evidence.tree) if match["role"].casefold() in _EDITING]


def _stated(value: object, objects: tuple[JsonObject, ...]) -> list[str]:
    names = []
    for item in resolved(value, objects):
        if isinstance(item, str):
            names.append(item)
        elif isinstance(item, dict):
            inner = item.get("name") or item.get("byline")
            names += [plain(one) for one in (inner if isinstance(inner, list) else [inner])]
    return [name for name in names if name]


def _related(tree: lxml.html.HtmlElement) -> list[lxml.html.HtmlElement]:
    nodes = tree.iterfind(".//a[@rel='author']")
    return [node for node, _ in zip(nodes, range(10), strict=False)]


def _labelled(tree: lxml.html.HtmlElement) -> list[re.Match[str]]:
    """Short lines of the page that open with a role: `Penulis: …`, `Editor: …`."""
    found = []
    for node, _ in zip(tree.iter("p", "div", "span", "strong", "b", "li", "a", "h4", "h5"), range(4000), strict=False):
        if len(node) > 4 or not _may_credit(node):
            continue
        text = plain("".join(part for part, _ in zip(node.itertext(), range(10), strict=False))[:200])
        if len(text) <= 120 and (match := _LABELLED.match(text)):
            found.append(match)
    return found


def _may_credit(node: lxml.html.HtmlElement) -> bool:
    own = node.text or ""
    return ":" in own or bool(_BYLINE_CLASS.search((node.get("class") or "")[:200]))
