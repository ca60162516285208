"""What a page says about its story, each field with where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit

import lxml.html

from scraper.extraction.authors import read_credits
from scraper.extraction.dates import DateWitnesses, modified, published
from scraper.extraction.evidence import Evidence
from scraper.extraction.head import Head, read_head
from scraper.extraction.jsonld import JsonObject, main_article, read_json_ld, resolved
from scraper.extraction.language import language_of, stated_language
from scraper.extraction.masthead import read_masthead
from scraper.extraction.oneline import fold, plain
from scraper.extraction.people import people
from scraper.extraction.selecting import select
from scraper.extraction.sites import site_names
from scraper.extraction.tags import read_tags
from scraper.extraction.titles import SECTION_META, read_title
from scraper.extraction.zones import zone_for
from scraper.model.article import Image
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.urls import same_site


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
    head = read_head(tree)
    objects = read_json_ld(tree)
    article = main_article(objects) or {}
    sites = tuple(site_names(head, article, objects, outlet, page.url))
    hints = _Hints(tree, outlet)
    language, language_origin = _language(tree, head, article, outlet)
    evidence = Evidence(
        tree=tree, head=head, objects=objects, article=article, sites=sites, url=page.url, language=language
    )
    title = read_title(evidence, hints.nodes("title"), entry.title)
    masthead = read_masthead(tree, title.text if title else "")
    credited = read_credits(evidence, masthead, hints.nodes("authors"), hints.nodes("editors"))
    listed = () if credited.authors else _listed(entry, sites)
    witnesses = DateWitnesses(
        evidence=evidence,
        url=page.url,
        feed=entry.published,
        zone=zone_for(outlet, page.url, language),
        month_first=_month_first(head, outlet),
        fetched_at=page.fetched_at,
        languages=(language,) if language else outlet.languages,
        masthead=masthead,
        selected=hints.nodes("published"),
    )
    first = published(witnesses)
    changed = modified(witnesses, first.at if first else None)
    section = _section(head, article, hints)
    tags = read_tags(head, article, hints.nodes("tags"))
    origins = {
        "title": title.origin if title else None,
        "authors": credited.author_origin or ("feed" if listed else None),
        "editors": credited.editor_origin,
        "published": first.origin if first else None,
        "modified": changed.origin if changed else None,
        "language": language_origin,
        "section": section[1],
        "tags": tags[1],
    }
    return Metadata(
        title=title.text if title else None,
        authors=credited.authors or listed,
        editors=credited.editors,
        published=first.at if first else None,
        modified=changed.at if changed else None,
        language=language,
        canonical_url=_canonical(head, article, page),
        section=section[0],
        tags=tags[0],
        image=_image(head, article, objects, page),
        paywalled=_paywalled(objects, head),
        description=head.first("og:description", "description") or plain(article.get("description")) or None,
        site_names=sites,
        json_ld=objects,
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


def _month_first(head: Head, outlet: Outlet) -> bool:
    return outlet.country == "US" or (not outlet.country and head.language.casefold().replace("_", "-") == "en-us")


def _listed(entry: Entry, sites: tuple[str, ...]) -> tuple[str, ...]:
    """The people whom the feed names."""
    names = frozenset(fold(site) for site in sites)
    return tuple(dict.fromkeys(name for listed in entry.authors for name in people(listed, names)))


def _language(
    tree: lxml.html.HtmlElement, head: Head, article: JsonObject, outlet: Outlet
) -> tuple[str | None, str | None]:
    stated = (
        head.language,
        plain(article.get("inLanguage")),
        head.first("og:locale"),
        head.first("content-language", "language", "dc.language"),
    )
    claims = (*(stated_language(value) for value in stated), *outlet.languages)
    found, shown = language_of(_sample(tree), claims)
    return found, ("text" if shown else "stated") if found else None


def _sample(tree: lxml.html.HtmlElement) -> str:
    """Some running text of the page, headings and links left out."""
    pieces: list[str] = []
    length = 0
    for node, _ in zip(tree.iter("p", "h1"), range(200), strict=False):
        text = "".join(part for part, _ in zip(node.itertext(), range(50), strict=False))[:1000]
        if len(text) > 40:
            pieces.append(text)
            length += len(text)
        if length > 4000:
            break
    return " ".join(pieces)


def _canonical(head: Head, article: JsonObject, page: Page) -> str | None:
    """The address that the page names as its own, where it lies on the same site and is not its front page."""
    for stated in (*head.links.get("canonical", ()), head.first("og:url"), plain(article.get("url"))):
        url = _absolute(stated, page.url)
        if url and same_site(url, page.url) and urlsplit(url).path not in {"", "/"}:
            return url
    return None


def _absolute(stated: str, base: str) -> str:
    """The address in full, empty where it is none that can be fetched."""
    try:
        url = urljoin(base, stated.strip()) if stated else ""
        return url if urlsplit(url).scheme in {"http", "https"} else ""
    except ValueError:
        return ""


def _section(head: Head, article: JsonObject, hints: _Hints) -> tuple[str | None, str | None]:
    for node in hints.nodes("section"):
        if text := plain(node.text_content()):
            return text[:100], "selectors.section"
    stated = article.get("articleSection")
    stated = stated[0] if isinstance(stated, list) and stated else stated
    if text := plain(stated):
        return text[:100], "json-ld"
    text = head.first(*SECTION_META)
    return (text[:100], "meta") if text else (None, None)


def _image(head: Head, article: JsonObject, objects: tuple[JsonObject, ...], page: Page) -> Image | None:
    caption = None
    url = ""
    for item in resolved(article.get("image"), objects):
        if isinstance(item, dict):
            url = plain(item.get("url") or item.get("contentUrl"))
            caption = plain(item.get("caption") or item.get("description")) or None
        else:
            url = plain(item)
        if url:
            break
    url = head.first("og:image", "og:image:url", "og:image:secure_url") or url or head.first("twitter:image")
    url = _absolute(url, page.url)
    return Image(url=url, caption=caption) if url else None


def _paywalled(objects: tuple[JsonObject, ...], head: Head) -> bool:
    for value in objects:
        if str(value.get("isAccessibleForFree")).strip().casefold() in {"false", "http://schema.org/false"}:
            return True
    return head.first("article:content_tier").casefold() in {"locked", "metered"}
