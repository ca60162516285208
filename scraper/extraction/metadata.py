"""What a page says about its story, each field with where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import lxml.html

from scraper.extraction.authors import Credits, read_credits
from scraper.extraction.dates import DateWitnesses, modified, published
from scraper.extraction.evidence import Evidence
from scraper.extraction.head import Head, read_head
from scraper.extraction.images import lead_image
from scraper.extraction.jsonld import JsonObject, main_article, read_json_ld, stated_text
from scraper.extraction.language import language_of, stated_language
from scraper.extraction.links import canonical_link
from scraper.extraction.masthead import Line, read_masthead
from scraper.extraction.oneline import fold
from scraper.extraction.people import people
from scraper.extraction.sections import read_section
from scraper.extraction.selecting import select
from scraper.extraction.sites import site_names
from scraper.extraction.tags import read_tags
from scraper.extraction.titles import read_title
from scraper.extraction.zones import zone_for
from scraper.model.article import Image
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page

_SAMPLE = 4_000
"""Characters of running text in which the language is looked for."""
_SENTENCE = 40
"""Characters that a piece of running text has at least."""
_THIN = 400
"""A sample shorter than this is filled up with text that stands outside paragraphs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The statements of one page, made one."""

    title: str | None = None
    authors: tuple[str, ...] = ()
    editors: tuple[str, ...] = ()
    published: datetime | None = None
    """Aware, as is `modified`."""
    modified: datetime | None = None
    language: str | None = None
    canonical_url: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image: Image | None = None
    paywalled: bool = False
    description: str | None = None
    """The page's own summary, which is often its lead."""
    site_names: tuple[str, ...] = ()
    """What the site calls itself."""
    json_ld: tuple[JsonObject, ...] = ()
    """Every object of the page's JSON-LD, graphs unpacked."""
    article: JsonObject = field(default_factory=dict)
    """The one of them that describes the page's story; empty where none does."""
    origins: Mapping[str, str] = field(default_factory=dict)
    degraded: tuple[str, ...] = ()
    """Outlet selectors that were given and matched nothing: ("selectors.title",)."""


def read_metadata(tree: lxml.html.HtmlElement, page: Page, outlet: Outlet, entry: Entry) -> Metadata:
    """Read what the page states about its story. The tree must still have its scripts; it is not changed."""
    hints = _Hints(tree, outlet)
    evidence, language_origin = _evidence(tree, page, outlet)
    head, article = evidence.head, evidence.article
    title = read_title(evidence, hints.nodes("title"), entry.title)
    masthead = read_masthead(tree, title.text if title else "")
    credited = _credits(evidence, masthead, hints, entry)
    witnesses = _date_witnesses(evidence, masthead, hints, page=page, outlet=outlet, entry=entry)
    first = published(witnesses)
    changed = modified(witnesses, first.at if first else None)
    section, section_origin = read_section(evidence, hints.nodes("section"))
    tags, tags_origin = read_tags(head, article, hints.nodes("tags"))
    image, image_origin = lead_image(evidence)
    canonical, canonical_origin = canonical_link(evidence)
    paywalled, paywall_origin = _paywalled(evidence)
    origins = {
        "title": title.origin if title else None,
        "authors": credited.author_origin,
        "editors": credited.editor_origin,
        "published": first.origin if first else None,
        "modified": changed.origin if changed else None,
        "language": language_origin,
        "canonical_url": canonical_origin,
        "section": section_origin,
        "tags": tags_origin,
        "image": image_origin,
        "paywalled": paywall_origin,
    }
    return Metadata(
        title=title.text if title else None,
        authors=credited.authors,
        editors=credited.editors,
        published=first.at if first else None,
        modified=changed.at if changed else None,
        language=evidence.language,
        canonical_url=canonical,
        section=section,
        tags=tags,
        image=image,
        paywalled=paywalled,
        description=head.first("og:description", "description") or stated_text(article.get("description")) or None,
        site_names=evidence.sites,
        json_ld=evidence.objects,
        article=article,
        origins={name: origin for name, origin in origins.items() if origin},
        degraded=hints.missed,
    )


class _Hints:
    """The outlet's selectors on one page, and which of them found nothing."""

    def __init__(self, tree: lxml.html.HtmlElement, outlet: Outlet) -> None:
        self._tree = tree
        self._selectors = outlet.selectors
        self._missed: dict[str, None] = {}

    def nodes(self, name: str) -> tuple[lxml.html.HtmlElement, ...]:
        """What the first selector under the name that matches anything points at."""
        given: tuple[str, ...] = getattr(self._selectors, name)
        for selector in given:
            if found := select(self._tree, selector):
                return tuple(found)
        if given:
            self._missed[f"selectors.{name}"] = None
        return ()

    @property
    def missed(self) -> tuple[str, ...]:
        return tuple(self._missed)


def _evidence(tree: lxml.html.HtmlElement, page: Page, outlet: Outlet) -> tuple[Evidence, str | None]:
    """The page's statements, and how its language was told."""
    head = read_head(tree)
    objects = read_json_ld(tree)
    article = main_article(objects, (head.first("og:title"), head.title)) or {}
    language, origin = _language(tree, head, article, outlet)
    evidence = Evidence(
        tree=tree,
        head=head,
        url=page.url,
        objects=objects,
        article=article,
        sites=tuple(site_names(head, article, objects, outlet, page.url)),
        language=language,
    )
    return evidence, origin


def _credits(evidence: Evidence, masthead: tuple[Line, ...], hints: _Hints, entry: Entry) -> Credits:
    """The people whom the page names, else those whom the feed names."""
    credited = read_credits(evidence, masthead, hints.nodes("authors"), hints.nodes("editors"))
    if credited.authors:
        return credited
    sites = frozenset(fold(site) for site in evidence.sites)
    listed = tuple(dict.fromkeys(name for byline in entry.authors for name in people(byline, sites)))
    return Credits(
        authors=listed,
        editors=credited.editors,
        author_origin="feed" if listed else None,
        editor_origin=credited.editor_origin,
    )


def _date_witnesses(
    evidence: Evidence, masthead: tuple[Line, ...], hints: _Hints, *, page: Page, outlet: Outlet, entry: Entry
) -> DateWitnesses:
    language = evidence.head.language.casefold().replace("_", "-")
    return DateWitnesses(
        evidence=evidence,
        url=page.url,
        feed=entry.published,
        zone=zone_for(outlet, page.url, evidence.language),
        month_first=outlet.country == "US" or (not outlet.country and language == "en-us"),
        fetched_at=page.fetched_at,
        languages=(evidence.language,) if evidence.language else outlet.languages,
        masthead=masthead,
        selected=hints.nodes("published"),
    )


def _language(
    tree: lxml.html.HtmlElement, head: Head, article: JsonObject, outlet: Outlet
) -> tuple[str | None, str | None]:
    stated = (
        head.language,
        stated_text(article.get("inLanguage")),
        head.first("og:locale"),
        head.first("content-language", "language", "dc.language"),
    )
    claims = (*(stated_language(value) for value in stated), *outlet.languages)
    found, shown = language_of(_sample(tree), claims)
    return found, ("text" if shown else "stated") if found else None


def _sample(tree: lxml.html.HtmlElement) -> str:
    """Some running text of the page: its paragraphs, and where it has next to none, the text between other elements."""
    sample = _running_text(tree, "p", "h1")
    return sample if len(sample) >= _THIN else sample + _running_text(tree, "div", "td", "article", "section")


def _running_text(tree: lxml.html.HtmlElement, *tags: str) -> str:
    pieces: list[str] = []
    length = 0
    for node in islice(tree.iter(*tags), 400):
        own = (node.text or "", *(child.tail or "" for child in islice(node, 40)))
        text = " ".join(piece for piece in own if piece)[:1000]
        if len(text) > _SENTENCE and length < _SAMPLE:
            pieces.append(text)
            length += len(text)
    return " ".join(pieces)


def _paywalled(evidence: Evidence) -> tuple[bool, str | None]:
    """Whether the page says that its story is not free, and where."""
    for value in evidence.objects:
        if stated_text(value.get("isAccessibleForFree")).casefold().rpartition("/")[2] == "false":
            return True, "json-ld"
        if value.get("isAccessibleForFree") is False:
            return True, "json-ld"
    if evidence.head.first("article:content_tier").casefold() == "locked":
        return True, "meta article:content_tier"
    return False, None
