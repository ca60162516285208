"""Who wrote a story, as people: reporters apart from editors, and neither the site nor a desk nor a code."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

import lxml.html

from scraper.extraction.evidence import Evidence
from scraper.extraction.jsonld import resolved, stated_text
from scraper.extraction.masthead import Line, elements_at
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
_LABEL_ALONE = re.compile(
    r"^\W{0,3}(?:editor|penulis|reporter|pewarta|redaktur|penyunting|wartawan|kontributor|oleh)\s?$", re.IGNORECASE
)
_LABELLING = frozenset({"id", "ms", None})
"""Languages whose press names reporters and editors by labels under the story; None: unknown."""
_EMPHASISED = elements_at("//p/strong | //p/b | //p/em")
_DATED = re.compile(r"\b(?:19|20)\d{2}\b|\d{1,2}[./]\d{1,2}[./]\d{2}")
_LONGEST_NAME = 40
_RELATED = elements_at("//a[@rel='author'] | //*[@rel='author']")
_OPENS_LABEL = re.compile(rf"\s{{0,200}}\W{{0,3}}(?:{_EDITING}|{_REPORTING})\b", re.IGNORECASE)
MAX_TEXTS = 20_000
"""Pieces of text that are looked at for labels."""
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
    printed = _printed(evidence, masthead, sites)
    editing, editor_origin = _first(_editor_witnesses(evidence, editors, printed), sites)
    only_editing = {fold(name) for name in editing} - {fold(name) for name in printed.labelled}
    writing, origin = _first(_author_witnesses(evidence, authors, printed), sites | only_editing)
    if not writing:
        writing, origin = _organisation(evidence, {fold(name) for name in editing})
    return Credits(authors=writing, editors=editing, author_origin=origin, editor_origin=editor_origin)


def _first(witnesses: Iterable[_Witness], sites: frozenset[str]) -> tuple[tuple[str, ...], str | None]:
    for origin, values in witnesses:
        found = {fold(name): name for value in values for name in people(value, sites)}
        if found:
            return tuple(found.values())[:MAX_PEOPLE], origin
    return (), None


def _organisation(evidence: Evidence, others: set[str]) -> tuple[tuple[str, ...], str | None]:
    """The agency or outlet that the page names as author, where it names no person; firms never."""
    witnesses = (
        ("json-ld", _stated(evidence.article.get("author"), evidence)),
        *_meta_witnesses(evidence, ("author", "article:author", "og:article:author")),
    )
    for origin, values in witnesses:
        names = (name for name in values if 2 <= len(name) <= 60 and not is_company(name))
        found = {fold(name): name for name in names if fold(name) not in others}
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
    yield "rel=author", _texts(_RELATED(evidence.tree)[:10])
    yield "beside the date", printed.beside_date
    yield "sign-off", _signed_off(evidence.tree)


def _editor_witnesses(evidence: Evidence, selected: _Nodes, printed: _Printed) -> Iterator[_Witness]:
    yield "selectors.editors", _texts(selected)
    yield "json-ld", _stated(evidence.article.get("editor"), evidence)
    yield from _meta_witnesses(evidence, EDITOR_META)
    yield "label", printed.editing


def _meta_witnesses(evidence: Evidence, names: Iterable[str]) -> Iterator[_Witness]:
    for name in names:
        if name in evidence.head.meta:
            yield f"meta {name}", [value for value in evidence.head.values(name) if not _is_address(value)]


def _texts(nodes: _Nodes) -> list[str]:
    return [plain(node.get("content") or node.text_content()) for node in nodes]


def _is_address(value: str) -> bool:
    return value.startswith(("http", "www.", "/", "@")) or "@" in value


def _stated(value: object, evidence: Evidence) -> list[str]:
    names: list[str] = []
    for item in resolved(value, evidence.objects):
        if isinstance(item, dict):
            inner = item.get("name") or item.get("byline") or item.get("@value")
            names += [
                _given_first(stated_text(one)) for one in (inner[:MAX_PEOPLE] if isinstance(inner, list) else [inner])
            ]
        else:
            names.append(stated_text(item))
    return [name for name in names if name]


def _given_first(name: str) -> str:
    """`Sutanto, Rina` as `Rina Sutanto`: one object is one person, so the comma is that of a card index."""
    family, comma, given = name.partition(", ")
    return f"{given} {family}" if comma and " " not in family and " " not in given else name


def _printed(evidence: Evidence, masthead: tuple[Line, ...], sites: frozenset[str]) -> _Printed:
    printed = _Printed()
    for text in _labelled_texts(evidence.tree) if evidence.language in _LABELLING else ():
        match = _LABELLED.match(text)
        if match is None:
            continue
        names = people(_NEXT_LABEL.split(match["name"])[0], sites)
        (printed.editing if match["editing"] else printed.labelled).extend(names)
    printed.byline.extend(_byline(masthead, sites))
    printed.beside_date.extend(_beside_date(masthead, sites))
    return printed


def _labelled_texts(tree: lxml.html.HtmlElement) -> Iterator[str]:
    """Short texts that open with the word for a role; a name in the element after it is joined to it."""
    label = ""
    for piece in islice(tree.itertext(), MAX_TEXTS):
        if len(piece) > _LONGEST_CREDIT or piece.isspace():
            continue
        if label:
            yield f"{label}: {plain(piece).lstrip(' :')}"
            label = ""
        elif _OPENS_LABEL.match(piece):
            text = plain(piece)
            label = text.rstrip(" :\uff1a") if _LABEL_ALONE.match(text.rstrip(" :\uff1a")) else ""
            if not label:
                yield text


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
    """A line that is nothing but people's names, next to the line with the date, and leads to no other page."""
    lines = [line for line in masthead if not line.before]
    for at, line in enumerate(lines):
        if not _DATED.search(line.text) or len(line.text) > _LONGEST_CREDIT:
            continue
        for near in (*lines[max(0, at - 1) : at], *lines[at + 1 : at + 2]):
            names = people(near.text, sites)
            printed = all(" " in name and looks_printed(name) for name in names)
            if names and printed and fold("".join(names)) == fold(near.text) and not _link(near.node):
                return names
    return []


def _signed_off(tree: lxml.html.HtmlElement) -> list[str]:
    """The name under a story: its last paragraph, set in bold or italics and nothing but a name."""
    for strong in _EMPHASISED(tree)[-_MAX_LABELS:]:
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
