"""What an outlet's front page says about itself: its name, its language, its feeds."""

from dataclasses import dataclass

from lxml import etree, html

from scraper.charsets import decode_text
from scraper.sources.declared import declared_feeds, is_of_comments


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A front page's statements."""

    name: str | None
    language: str | None
    feeds: tuple[str, ...]
    """Addresses that it declares as its feeds, those of comments left out."""


def read_front(body: bytes, content_type: str | None, url: str) -> Front:
    """Read a front page. It is a stranger's HTML: run this where it can be killed."""
    text = decode_text(body, content_type)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=_parser())
    except (etree.LxmlError, ValueError):
        return Front(name=None, language=None, feeds=())
    site = next((node.get("content") for node in tree.iter("meta") if node.get("property") == "og:site_name"), None)
    title = tree.findtext(".//title")
    language = (tree.get("lang") or "").partition("-")[0].lower()
    return Front(
        name=_plain(site) or _plain(title) or None,
        language=language if len(language) == 2 else None,  # noqa: PLR2004 - ISO 639-1
        feeds=tuple(feed for feed in declared_feeds(text, url) if not is_of_comments(feed)),
    )


def _parser() -> html.HTMLParser:
    return html.HTMLParser(encoding="utf-8", remove_comments=True, huge_tree=False)


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())[:80]
