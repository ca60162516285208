"""What an outlet's front page says about itself: its name, its language, its feeds."""

from dataclasses import dataclass
from urllib.parse import urljoin

from lxml import etree, html

from scraper.charsets import decode_text

_FEED_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "text/xml"}
)
_MOST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A front page's statements."""

    name: str | None
    language: str | None
    feeds: tuple[str, ...]
    """Addresses that it declares as its feeds, comments left out."""


def read_front(body: bytes, content_type: str | None, url: str) -> Front:
    """Read a front page. It is a stranger's HTML: run this where it can be killed."""
    try:
        tree = html.document_fromstring(decode_text(body, content_type).encode("utf-8", "replace"), parser=_parser())
    except (etree.LxmlError, ValueError):
        return Front(name=None, language=None, feeds=())
    site = next((node.get("content") for node in tree.iter("meta") if node.get("property") == "og:site_name"), None)
    title = tree.findtext(".//title")
    language = (tree.get("lang") or "").partition("-")[0].lower()
    return Front(
        name=_plain(site) or _plain(title) or None,
        language=language if len(language) == 2 else None,  # noqa: PLR2004 - ISO 639-1
        feeds=tuple(_feeds(tree, url)),
    )


def _parser() -> html.HTMLParser:
    return html.HTMLParser(encoding="utf-8", remove_comments=True, huge_tree=False)


def _feeds(tree: html.HtmlElement, url: str) -> dict[str, None]:
    found: dict[str, None] = {}
    for link in tree.iter("link"):
        declared = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").lower().split(";")[0].strip()
        target = (link.get("href") or "").strip()
        if "alternate" not in declared or kind not in _FEED_TYPES or not target or "comments" in target:
            continue
        try:
            address = urljoin(url, target)
        except ValueError:
            continue
        if address.startswith(("http://", "https://")) and len(found) < _MOST:
            found[address] = None
    return found


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())[:80]
