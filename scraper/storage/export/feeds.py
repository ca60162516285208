"""A full-text feed of the collected articles, for any feed reader: Atom (RFC 4287) and JSON Feed 1.1."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain
from typing import BinaryIO
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

import msgspec

from scraper.model.article import Article
from scraper.storage.export.pages import body
from scraper.storage.export.selection import Exported

_TITLE = "Collected articles"
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold (section 2.2)."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", value))


def _attribute(value: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", value))


def _changed(article: Article) -> datetime:
    return article.modified or article.published or article.found_at


def _identity(article: Article) -> str:
    """A tag URI (RFC 4151): it stays the same when the address changes."""
    return f"tag:{urlsplit(article.url).hostname or 'unknown'},{article.found_at.year}:{article.id}"


def write_atom(articles: Iterable[Exported], out: BinaryIO) -> int:
    """One Atom document, entries in the order given: the newest first, for readers that show only some."""
    iterator = iter(articles)
    first = next(iterator, None)
    updated = _changed(first.article) if first else _EPOCH
    out.write(
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>urn:uuid:8c1d3c1e-6b0e-5a53-9d0c-7c1f5f9f6a10</id>\n<title>{_TITLE}</title>\n"
        f"<updated>{updated.isoformat()}</updated>\n<generator>scraper</generator>\n".encode()
    )
    count = 0
    for exported in chain([first] if first else [], iterator):
        out.write(_entry(exported).encode())
        count += 1
    out.write(b"</feed>\n")
    return count


def _entry(exported: Exported) -> str:
    article = exported.article
    authors = article.authors or (article.outlet,)
    parts = [
        f"<id>{_text(_identity(article))}</id>",
        f"<title>{_text(article.title or article.url)}</title>",
        f"<link rel={_attribute('alternate')} href={_attribute(article.url)}/>",
        *(f"<link rel={_attribute('related')} href={_attribute(member.url)}/>" for member in exported.also_from),
        f"<updated>{_changed(article).isoformat()}</updated>",
        f"<published>{article.published.isoformat()}</published>" if article.published else "",
        *(f"<author><name>{_text(author)}</name></author>" for author in authors),
        *(f"<category term={_attribute(tag)}/>" for tag in article.tags),
        f"<source><id>{_text(article.source)}</id><title>{_text(article.outlet)}</title></source>",
        f'<content type="html">{_text(body(exported))}</content>',
    ]
    language = f" xml:lang={_attribute(article.language)}" if article.language else ""
    return f"<entry{language}>\n" + "\n".join(part for part in parts if part) + "\n</entry>\n"


def write_json_feed(articles: Iterable[Exported], out: BinaryIO) -> int:
    """One JSON Feed 1.1 document."""
    out.write(b'{"version":"https://jsonfeed.org/version/1.1","title":' + msgspec.json.encode(_TITLE) + b',"items":[')
    count = 0
    for exported in articles:
        out.write((b",\n" if count else b"\n") + msgspec.json.encode(_item(exported)))
        count += 1
    out.write(b"\n]}\n")
    return count


def _item(exported: Exported) -> dict[str, object]:
    article = exported.article
    item: dict[str, object] = {
        "id": _identity(article),
        "url": article.url,
        "title": article.title,
        "content_html": body(exported),
        "date_published": (article.published or article.found_at).isoformat(),
        "date_modified": article.modified.isoformat() if article.modified else None,
        "authors": [{"name": author} for author in article.authors or (article.outlet,)],
        "tags": list(article.tags),
        "language": article.language,
        "image": article.image.url if article.image else None,
    }
    return {key: value for key, value in item.items() if value}
