"""Who wrote a story, as people: reporters apart from editors, and neither the site nor a desk nor a code."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

import lxml.html

from scraper.extraction.bylines import (
    Labelled,
    names_before_site,
    names_beside_date,
    read_byline,
    read_labels,
    read_signature,
)
from scraper.extraction.evidence import Evidence
from scraper.extraction.jsonld import resolved, stated_text
from scraper.extraction.masthead import Line, elements_at
from scraper.extraction.oneline import fold, plain
from scraper.extraction.people import MAX_BYLINE, MAX_PEOPLE, is_company, people

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

_SHORT = frozenset({"json-ld", "meta author", "meta article:author", "meta byl"})
"""Witnesses that often name only the first author."""
_BYLINE_LEVELS = 5
"""Elements above an author's mark that may belong to the byline."""
_RELATED = elements_at("(//*[@rel='author'])[position() <= 10]")

_Nodes = Iterable[lxml.html.HtmlElement]
_Witness = tuple[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Credits:
    """The people of one story, reporters and editors apart, and where each was found."""

    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    author_origin: str | None = None
    editor_origin: str | None = None


def read_credits(
    evidence: Evidence, masthead: tuple[Line, ...] = (), authors: _Nodes = (), editors: _Nodes = ()
) -> Credits:
    """The people whom the best witness names; without any, the organisation that the page credits.

    `authors` and `editors` are what the outlet's own selectors point at.
    """
    sites = frozenset(fold(site) for site in evidence.sites)
    labelled = read_labels(evidence.tree, evidence.language, sites)
    editing, editor_origin = _first(_editor_witnesses(evidence, editors, labelled), sites)
    only_editing = {fold(name) for name in editing} - {fold(name) for name in labelled.reporting}
    no_authors = sites | only_editing
    named = _first(_author_witnesses(evidence, authors, labelled), no_authors)
    writing, origin = named if named[0] else _first(_print_witnesses(evidence, masthead, no_authors), no_authors)
    if origin in _SHORT:
        writing, origin = _in_full(writing, origin, evidence, no_authors)
    if not writing:
        writing, origin = _organisation(evidence, {fold(name) for name in editing})
    return Credits(authors=writing, editors=editing, author_origin=origin, editor_origin=editor_origin)


def _first(witnesses: Iterable[_Witness], sites: frozenset[str]) -> tuple[tuple[str, ...], str | None]:
    for origin, values in witnesses:
        found = {fold(name): name for value in values for name in people(value, sites)}
        if found:
            return tuple(found.values())[:MAX_PEOPLE], origin
    return (), None


def _in_full(
    writing: tuple[str, ...], origin: str | None, evidence: Evidence, sites: frozenset[str]
) -> tuple[tuple[str, ...], str | None]:
    """All authors, where the markup of the byline names the stated ones and others beside them.

    Many sites state but one author in their data.
    """
    stated = {fold(name) for name in writing}
    marked = [*evidence.head.properties.get("author", [])[:10], *_RELATED(evidence.tree)]
    own = next((node for node in marked if not stated.isdisjoint(map(fold, people(_said(node), sites)))), None)
    if own is None or len(marked) == 1:
        return writing, origin
    box = _byline_around(own)
    names, _ = _first([("", [_said(node) for node in marked if box in node.iterancestors()])], sites)
    return (names, "marked byline") if stated < {fold(name) for name in names} else (writing, origin)


def _byline_around(node: lxml.html.HtmlElement) -> lxml.html.HtmlElement:
    """The largest element around an author's mark that is still a byline: short, and headed by nothing."""
    box = node
    for above in islice(node.iterancestors(), _BYLINE_LEVELS):
        if next(above.iter("h1", "h2", "h3", "h4"), None) is not None or len(plain(above.text_content())) > MAX_BYLINE:
            break
        box = above
    return box


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


def _author_witnesses(evidence: Evidence, selected: _Nodes, labelled: Labelled) -> Iterator[_Witness]:
    article = evidence.article
    yield "selectors.authors", _texts(selected)
    yield "json-ld", _stated(article.get("author"), evidence) or _stated(article.get("creator"), evidence)
    yield from _meta_witnesses(evidence, AUTHOR_META)
    yield "label", labelled.reporting


def _print_witnesses(evidence: Evidence, masthead: tuple[Line, ...], sites: frozenset[str]) -> Iterator[_Witness]:
    yield "byline", read_byline(masthead, sites)
    yield "microdata", _texts(evidence.head.properties.get("author", [])[:10])
    yield "rel=author", _texts(_RELATED(evidence.tree))
    yield "beside the date", names_beside_date(masthead, sites)
    yield "before the site's name", names_before_site(masthead, sites)
    yield "signature", read_signature(evidence.tree)


def _editor_witnesses(evidence: Evidence, selected: _Nodes, labelled: Labelled) -> Iterator[_Witness]:
    yield "selectors.editors", _texts(selected)
    yield "json-ld", _stated(evidence.article.get("editor"), evidence)
    yield from _meta_witnesses(evidence, EDITOR_META)
    yield "label", labelled.editing


def _meta_witnesses(evidence: Evidence, names: Iterable[str]) -> Iterator[_Witness]:
    for name in names:
        if name in evidence.head.meta:
            yield f"meta {name}", [value for value in evidence.head.values(name) if not _is_address(value)]


def _texts(nodes: _Nodes) -> list[str]:
    return [_said(node) for node in nodes]


def _said(node: lxml.html.HtmlElement) -> str:
    return plain(node.get("content") or node.text_content())


def _is_address(value: str) -> bool:
    return value.startswith(("http", "www.", "/", "@")) or "@" in value


def _stated(value: object, evidence: Evidence) -> list[str]:
    names: list[str] = []
    for item in resolved(value, evidence.objects):
        if isinstance(item, dict):
            inner = item.get("name") or item.get("byline") or item.get("@value") or _in_parts(item)
            names += [
                _given_first(stated_text(one)) for one in (inner[:MAX_PEOPLE] if isinstance(inner, list) else [inner])
            ]
        else:
            names.append(stated_text(item))
    return [name for name in names if name]


def _in_parts(item: Mapping[str, object]) -> str:
    return f"{stated_text(item.get('givenName'))} {stated_text(item.get('familyName'))}".strip()


def _given_first(name: str) -> str:
    """`Sutanto, Rina` as `Rina Sutanto`: one object is one person, so the comma is that of a card index."""
    family, comma, given = name.partition(", ")
    return f"{given} {family}" if comma and " " not in family and " " not in given else name
