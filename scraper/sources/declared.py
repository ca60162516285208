"""Feeds that an HTML page declares in its head: `<link rel="alternate" type="application/rss+xml" href=…>`."""

import html
import re
from urllib.parse import urljoin

_HEAD = 400_000
_MOST = 5
_LINK = re.compile(r"<link\b([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_TYPES = {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
_BASE = re.compile(r"""<base\b[^<>]{0,500}?\bhref\s*=\s*["']([^"']{1,1000})["']""", re.IGNORECASE)
_COMMENTS = re.compile(r"comments?\b|/replies|komentar", re.IGNORECASE)


def declared_feeds(text: str, url: str) -> tuple[str, ...]:
    """The addresses of the feeds that a page declares, in its order, those of comments last."""
    head = text[:_HEAD]
    base = _BASE.search(head)
    origin = _joined(url, html.unescape(base[1])) if base else url
    found: dict[str, bool] = {}
    for attributes in _LINK.findall(head):
        pairs = {
            name.lower(): html.unescape(double or single or bare).strip()
            for name, double, single, bare in _ATTRIBUTE.findall(attributes)
        }
        is_feed = pairs.get("type", "").partition(";")[0].strip().lower() in _TYPES
        address = _joined(origin or url, pairs.get("href", ""))
        if "alternate" in pairs.get("rel", "").lower().split() and is_feed and address and address != url:
            found.setdefault(address, bool(_COMMENTS.search(address + " " + pairs.get("title", ""))))
    return tuple(sorted(found, key=lambda address: found[address]))[:_MOST]


def is_of_comments(address: str) -> bool:
    """Whether a feed's address says that it holds readers' comments."""
    return bool(_COMMENTS.search(address))


def _joined(base: str, link: str) -> str | None:
    try:
        url = urljoin(base, link)
    except ValueError:
        return None
    return url if link and url.startswith(("http://", "https://")) else None
