"""Who wrote a story, as people: reporters apart from editors, and neither the site nor a desk nor a code."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import lxml.html
from lxml import etree

from scraper.extraction.evidence import Evidence
from scraper.extraction.jsonld import resolved
from scraper.extraction.masthead import Line, elements
from scraper.extraction.oneline import fold, plain
from scraper.extraction.people import MAX_PEOPLE, is_company, looks_printed, people

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
)
EDITOR_META = ("content_editor", "editor", "article:editor")

_REPORTING = (
    r"penulis|reporter|pewarta|wartawan|jurnalis|oleh|laporan|kontributor|penerjemah|by|author|autor(?:in)?|texte?|von"
    r"|par|por|door"
)
_EDITING = r"editor|redaktur|penyunting|edited by|redigeret af"
_LABELLED = re.compile(
    rf"^\W{{0,3}}(?:(?P<editing>{_EDITING})|(?P<reporting>{_REPORTING}))\s{{0,3}}[:\uff1a]\s{{0,3}}(?P<name>[^\n]{{2,120}})",
    re.IGNORECASE,
)
_NEXT_LABEL = re.compile(rf"(?:\||\s-\s|\b)(?:{_EDITING}|{_REPORTING})\s{{0,3}}[:\uff1a]", re.IGNORECASE)
_BY = re.compile(
    r"^(?:by|von|oleh|par|por|door|av|af|di|written by|story by|text(?:e|o)?|reported by)\s(?=\w)", re.IGNORECASE
)
_BYLINE = re.compile(
    r"author|byline|by-line|penulis|reporter|writer|autor|\bperson|redactor|journalist|contributor|signature|firma",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:en|es|i|in)?|auteurs?|penulis|people|profile|redaktion|reporters?|journalists?|journaliste?s?"
    r"|contributors?|writers?|staff|by|person|forfatter|skribent|jpage|autore|firmas|profil|team|staff-profile|columnists?)"
    r"/[^/?#]{3,}",
    re.IGNORECASE,
)
_NEAR = 6
"""Lines after the first name of a byline in which its other names stand."""
_LABELS = (
    "Editor",
    "EDITOR",
    "Penulis",
    "Reporter",
    "Pewarta",
    "Redaktur",
    "Penyunting",
    "Wartawan",
    "Kontributor",
    "Oleh",
)
_LABEL_HOLDERS = etree.XPath(
    "//body//*[not(self::script or self::style or self::option)][text()[{}]]".format(
        " or ".join(f"contains(., '{label}')" for label in _LABELS)
    )
)
_EMPHASISED = etree.XPath("//p/strong | //p/b | //p/em")
_DATED = re.compile(r"\b(?:19|20)\d{2}\b|\d{1,2}[./]\d{1,2}[./]\d{2}")
_LONGEST_NAME = 40
_RELATED = etree.XPath("//a[@rel='author'] | //*[@rel='author']")
_MAX_LABELS = 30
_LONGEST_CREDIT = 160

_Nodes = Iterable[lxml.html.HtmlElement]
_Witness = tuple[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """The people of one story, reporters and editors apart, and where each was found."""

    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    author_origin: str | None = None
    editor_origin: str | None = None


@dataclass(frozen=True, slots=True)
class _Printed:
    """The people named in print: by a label anywhere on the page, or by a byline under the headline."""

    labelled: list[str] = field(default_factory=list)
    editing: list[str] = field(default_factory=list)
    byline: list[str] = field(default_factory=list)
    beside_date: list[str] = field(default_factory=list)


def read_credits(
    evidence: Evidence, masthead: tuple[Line, ...] = (), authors: _Nodes = (), editors: _Nodes = ()
) -> Credits:
    """The people whom the best witness names; without any, the organisation that the page credits.

    `authors` and `editors` are what the outlet's own selectors point at.
    """
    sites = frozenset(fold(site) for site in evidence.sites)
    printed = _printed(evidence.tree, masthead, sites)
    editing, editor_origin = _first(_editor_witnesses(evidence, editors, printed), sites)
    only_editing = {fold(name) for name in editing} - {fold(name) for name in printed.labelled}
    witnesses = list(_author_witnesses(evidence, authors, printed))
    writing, origin = _first(witnesses, sites | only_editing)
    if not writing:
        writing, origin = _organisation(witnesses, {fold(name) for name in editing})
    return Credits(authors=writing, editors=editing, author_origin=origin, editor_origin=editor_origin)


def _first(witnesses: Iterable[_Witness], sites: frozenset[str]) -> tuple[tuple[str, ...], str | None]:
    for origin, values in witnesses:
        found = {fold(name): name for value in values for name in people(value, sites)}
        if found:
            return tuple(found.values())[:MAX_PEOPLE], origin
    return (), None


def _organisation(witnesses: Iterable[_Witness], others: set[str]) -> tuple[tuple[str, ...], str | None]:
    """The agency or outlet that the page names as author, where it names no person; firms never."""
    for origin, values in witnesses:
        if origin not in {"json-ld", "meta author", "meta article:author", "meta og:article:author"}:
            continue
        found = {fold(name): name for name in values if 2 <= len(name) <= 60 and not is_company(name)}
        found = {key: name for key, name in found.items() if key not in others}
        if found:
            return tuple(found.values())[:MAX_PEOPLE], f"{origin} (organisation)"
    return (), None


def _author_witnesses(evidence: Evidence, selected: _Nodes, printed: _Printed) -> Iterator[_Witness]:
    article = evidence.article
    yield "selectors.authors", _texts(selected)
    yield "json-ld", _stated(article.get("author"), evidence) or _stated(article.get("creator"), evidence)
    yield from _meta_witnesses(evidence, AUTHOR_META)
    yield "label", printed.labelled
    yield "byline", printed.byline
    yield "microdata", _texts(evidence.head.properties.get("author", [])[:10])
    yield "rel=author", _texts(elements(_RELATED, evidence.tree)[:10])
    yield "beside the date", printed.beside_date
    yield "sign-off", _signed_off(evidence.tree)


def _editor_witnesses(evidence: Evidence, selected: _Nodes, printed: _Printed) -> Iterator[_Witness]:
    yield "selectors.editors", _texts(selected)
    yield "json-ld", _stated(evidence.article.get("editor"), evidence)
    yield from _meta_witnesses(evidence, EDITOR_META)
    yield "label", printed.editing


def _meta_witnesses(evidence: Evidence, names: Iterable[str]) -> Iterator[_Witness]:
    for name in names:
        if values := evidence.head.meta.get(name):
            yield f"meta {name}", [value for value in values if not _is_address(value)]


def _texts(nodes: _Nodes) -> list[str]:
    return [plain(node.get("content") or node.text_content()) for node in nodes]


def _is_address(value: str) -> bool:
    return value.startswith(("http", "www.", "/", "@")) or "@" in value


def _stated(value: object, evidence: Evidence) -> list[str]:
    names: list[str] = []
    for item in resolved(value, evidence.objects):
        if isinstance(item, dict):
            inner = item.get("name") or item.get("byline")
            names += [plain(one) for one in (inner if isinstance(inner, list) else [inner])]
        else:
            names.append(plain(item))
    return [name for name in names if name]


def _printed(tree: lxml.html.HtmlElement, masthead: tuple[Line, ...], sites: frozenset[str]) -> _Printed:
    printed = _Printed()
    for text in _labelled_texts(tree):
        match = _LABELLED.match(text)
        if match is None:
            continue
        names = people(_NEXT_LABEL.split(match["name"])[0], sites)
        (printed.editing if match["editing"] else printed.labelled).extend(names)
    printed.byline.extend(_byline(masthead, sites))
    printed.beside_date.extend(_beside_date(masthead, sites))
    return printed


def _labelled_texts(tree: lxml.html.HtmlElement) -> Iterator[str]:
    """Short lines that open with the word for a role, the name behind it; it may stand in the next element."""
    for holder in elements(_LABEL_HOLDERS, tree)[:_MAX_LABELS]:
        at: lxml.html.HtmlElement | None = holder
        for _ in range(3):
            if at is None:
                break
            text = plain(" ".join(islice(at.itertext(), 16))[: 2 * _LONGEST_CREDIT])
            if len(text) > _LONGEST_CREDIT:
                break
            if _LABELLED.match(text):
                yield text
                break
            at = at.getparent()


def _byline(masthead: tuple[Line, ...], sites: frozenset[str]) -> list[str]:
    """The people in the lines around the headline that are marked as a byline or open like one."""
    found: dict[str, str] = {}
    last = 0
    for at, line in enumerate(masthead):
        if found and at - last > _NEAR:
            break
        if len(line.text) > _LONGEST_CREDIT or not _is_byline(line):
            continue
        for name in people(_BY.sub("", line.text), sites):
            if looks_printed(name):
                found.setdefault(fold(name), name)
                last = at
    return list(found.values())[:MAX_PEOPLE]


def _beside_date(masthead: tuple[Line, ...], sites: frozenset[str]) -> list[str]:
    """A line that is nothing but people's names, next to the line with the date."""
    for at, line in enumerate(masthead):
        if not _DATED.search(line.text) or len(line.text) > _LONGEST_CREDIT:
            continue
        for near in (*masthead[max(0, at - 1) : at], *masthead[at + 1 : at + 2]):
            names = people(near.text, sites)
            if (
                names
                and all(" " in name and looks_printed(name) for name in names)
                and fold("".join(names)) == fold(near.text)
            ):
                return names
    return []


def _signed_off(tree: lxml.html.HtmlElement) -> list[str]:
    """The name under a story: its last paragraph, set in bold or italics and nothing but a name."""
    for strong in elements(_EMPHASISED, tree)[-_MAX_LABELS:]:
        paragraph = strong.getparent()
        text = plain(strong.text_content())
        if paragraph is None or len(text) > _LONGEST_NAME or text != plain(paragraph.text_content()):
            continue
        before = paragraph.getprevious()
        after = [plain(node.text_content()) for node in islice(paragraph.itersiblings("p"), 5)]
        prose = before is not None and before.tag == "p" and len(before.text_content()) > _LONGEST_CREDIT
        if prose and max(map(len, after), default=0) <= _LONGEST_NAME and looks_printed(text):
            return [text]
    return []


def _is_byline(line: Line) -> bool:
    if _BY.match(line.text):
        return True
    match = _LABELLED.match(line.text)
    if match is not None:
        return not match["editing"]
    return bool(_PROFILE.search(_link(line.node))) or line.named(_BYLINE)


def _link(node: lxml.html.HtmlElement) -> str:
    """Where the element leads, if it or its container is a link."""
    holder = node if node.tag == "a" else node.getparent()
    return (holder.get("href") or "")[:300] if holder is not None and holder.tag == "a" else ""
