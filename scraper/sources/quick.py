"""A fast reader for well-formed RSS, RDF and Atom. In doubt it says so, and feedparser reads instead."""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from scraper.sources.raw import RawEntry

_XHTML = "http://www.w3.org/1999/xhtml"
_CONTENT = "http://purl.org/rss/1.0/modules/content/"
_FEEDBURNER = "http://rssnamespace.org/feedburner/ext/1.0"
_PLAIN_SPACES = {
    "",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://backend.userland.com/rss2",
}
_ATOM_SPACES = {"http://www.w3.org/2005/atom", "http://purl.org/atom/ns#"}
_CORE = {"http://purl.org/dc/elements/1.1/", "http://purl.org/dc/terms/"}
_BASE = "{http://www.w3.org/XML/1998/namespace}base"

_ABSOLUTE = re.compile(r"https?://[\w.-]+(?::\d+)?(?:/|\Z)", re.IGNORECASE)

_ROLES = {
    ("plain", "title"): "title",
    ("atom", "title"): "title",
    ("plain", "link"): "link",
    ("atom", "link"): "link",
    ("plain", "guid"): "guid",
    ("atom", "id"): "guid",
    ("plain", "pubdate"): "published",
    ("atom", "published"): "published",
    ("atom", "issued"): "published",
    ("core", "issued"): "published",
    ("core", "date"): "updated",
    ("atom", "updated"): "updated",
    ("atom", "modified"): "updated",
    ("core", "modified"): "updated",
    ("atom", "created"): "created",
    ("core", "created"): "created",
    ("plain", "author"): "author",
    ("atom", "author"): "author",
    ("core", "creator"): "author",
    ("atom", "content"): "content",
}
"""What an element of an entry says, by the family of its namespace and its name."""
_OTHER = "other"
_PLAIN = frozenset({"title", "guid", "published", "updated", "created", "original"})
"""Roles that are mere text, of which the first counts."""


def parse_quickly(text: str) -> tuple[str | None, list[RawEntry]] | None:
    """Title and entries of a feed document; None when there is any doubt that they are all of them."""
    root = _root(text)
    if root is None:
        return None
    family, name = _identity(str(root.tag))
    if (family, name) == ("atom", "feed"):
        container, entries = root, [child for child in root if _identity(str(child.tag)) == ("atom", "entry")]
    elif name in {"rss", "rdf"}:
        items = [element for element in root.iter("{*}item") if _identity(str(element.tag)) == ("plain", "item")]
        channel = next((child for child in root if _identity(str(child.tag)) == ("plain", "channel")), None)
        if channel is None:
            return None
        container, entries = channel, items
    else:
        return None
    has_base = ":base" in text
    raws = [_raw(entry, has_base=has_base) for entry in entries]
    return (_title(container), raws) if any(raw.link or raw.guid for raw in raws) else None


def _root(text: str) -> etree._Element | None:
    """The document, if it is well-formed and needs nothing but itself to be understood."""
    # No entity is resolved and nothing is loaded; a document that needs either is not for this parser.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    if root.getroottree().docinfo.internalDTD is not None:
        return None
    # Links lead elsewhere, too, where the prefix of `xml:base` was forgotten.
    if "base=" in text and any(element.get("base") is not None for element in root.iter()):
        return None
    if ":base" in text and not all(_ABSOLUTE.match(element.get(_BASE) or "http://-/") for element in root.iter()):
        return None
    return root


@lru_cache(maxsize=1024)
def _identity(tag: str) -> tuple[str, str]:
    """The family of an element's namespace, and its name in lower case."""
    space, _, name = tag.rpartition("}")
    space = space[1:].lower()
    if space in _PLAIN_SPACES:
        return "plain", name.lower()
    if space in _ATOM_SPACES:
        return "atom", name.lower()
    if space in _CORE:
        return "core", name.lower()
    return space, name.lower()


@lru_cache(maxsize=1024)
def _role(tag: Any) -> str:
    if tag == f"{{{_CONTENT}}}encoded":
        return "content"
    if tag == f"{{{_FEEDBURNER}}}origLink":
        return "original"
    return _ROLES.get(_identity(str(tag)), _OTHER)


def _title(container: etree._Element) -> str | None:
    for child in container:
        if _role(child.tag) == "title":
            return _text(child)
    return None


def _raw(entry: etree._Element, *, has_base: bool) -> RawEntry:
    found: dict[str, str] = {}
    authors: list[str] = []
    for child in entry:
        role = _role(child.tag)
        if role in _PLAIN:
            if role not in found and (value := _text(child)):
                found[role] = value
        elif role == "link":
            if role not in found and (value := _link(child)):
                found[role] = _based(child, value) if has_base else value
        elif role == "author":
            authors.extend(_author(child))
        elif role == "content":
            found[role] = max(found.get(role, ""), _content(child), key=len)
    get = found.get
    updated = get("updated")
    return RawEntry(
        link=get("original") or get("link"),
        title=get("title"),
        date=get("published") or updated or get("created"),
        modified=updated,
        authors=tuple(authors),
        guid=get("guid"),
        content=get("content"),
    )


def _text(element: etree._Element) -> str:
    """The characters of an element; those of markup inside it too."""
    if len(element):
        return "".join(map(str, element.itertext())).strip()
    return (element.text or "").strip()


def _link(element: etree._Element) -> str:
    href = element.get("href")
    if href is None:
        return _text(element)
    is_page = element.get("type", "text/html") in {"text/html", "application/xhtml+xml"}
    if element.get("rel", "alternate") != "alternate" or not is_page:
        return ""
    return href.strip()


def _based(element: etree._Element, href: str) -> str:
    """`href` with the `xml:base` of the elements around it, where there is one."""
    for around in (element, *element.iterancestors()):
        if (base := around.get(_BASE)) is not None:
            return _joined(base, href)
    return href


def _joined(base: str, href: str) -> str:
    """Resolve a reference; a broken base changes nothing."""
    try:
        return urljoin(base, href)
    except ValueError:
        return href


def _author(element: etree._Element) -> Iterator[str]:
    if not len(element):
        yield from filter(None, (_text(element),))
        return
    for child in element:
        if _identity(str(child.tag))[1] == "name" and (text := _text(child)):
            yield text


def _content(element: etree._Element) -> str:
    """The HTML that an element carries: escaped text, or XHTML in line."""
    if element.get("src"):
        return ""
    kind = element.get("type", "")
    if len(element):
        inner = "".join(etree.tostring(child, encoding="unicode", with_tail=True) for child in element)
        return html.escape(element.text or "", quote=False) + inner
    text = (element.text or "").strip()
    is_atom = _identity(str(element.tag))[0] == "atom"
    return html.escape(text, quote=False) if is_atom and kind in {"", "text", "text/plain"} else text
