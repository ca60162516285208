"""A fetched document as text, and what kind it is: before any parser sees it."""

import re
import zlib
from dataclasses import dataclass
from enum import Enum

from scraper.charsets import decode_text

_PROLOG = re.compile(r"\s*<\?xml[^>]{0,500}\?>", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r")
_START = re.compile(r"<\?xml|<(?:rss|feed|rdf:RDF|urlset|sitemapindex|channel)[\s>]", re.IGNORECASE)
_BEFORE_ROOT = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?([\w.-]+)")
_HUGE_TAG = re.compile(rb"<[A-Za-z/?][^<>]{65536}")
_JUNK = 4096


class Kind(Enum):
    """What a document is by its first element."""

    FEED = "feed"
    SITEMAP = "sitemap"
    INDEX = "sitemap index"
    JSON = "JSON"
    HTML = "HTML page"
    UNKNOWN = "unknown"


_ROOTS = {
    "rss": Kind.FEED,
    "feed": Kind.FEED,
    "rdf": Kind.FEED,
    "channel": Kind.FEED,
    "urlset": Kind.SITEMAP,
    "sitemapindex": Kind.INDEX,
    "html": Kind.HTML,
    "body": Kind.HTML,
    "head": Kind.HTML,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Text without encoding declaration and characters that XML forbids, and its kind."""

    text: str
    kind: Kind


def read_document(body: bytes, content_type: str | None, unpacked: int = 20_000_000) -> Document | str:
    """The document in a body, or what is wrong with it. A gzip file is unpacked, up to `unpacked` bytes."""
    if body.startswith(b"\x1f\x8b"):
        inflated = _inflated(body, unpacked)
        if isinstance(inflated, str):
            return inflated
        body = inflated
    if not body.strip():
        return "empty document"
    if _HUGE_TAG.search(body):
        return "a tag of more than 64 KB"
    text = decode_text(body, content_type)
    # Looking at bytes is ten times as quick; only the rare document that has any of them is cleaned.
    if len(body.translate(None, _CONTROLS)) != len(body) or "\ufffe" in text or "\uffff" in text:
        text = _ILLEGAL.sub("", text)
    text = text.lstrip("\ufeff \t\r\n")
    if not text.startswith(("<", "{", "[")) and (start := _START.search(text, 0, _JUNK)):
        text = text[start.start() :]
    text = _PROLOG.sub("", text, count=1) if text.startswith("<?") else text
    return Document(text=text.lstrip(), kind=_kind(text))


def _inflated(body: bytes, limit: int) -> bytes | str:
    """The content of a gzip file, all its members; a torn one gives what there is of it."""
    whole = bytearray()
    try:
        while body.startswith(b"\x1f\x8b"):
            member = zlib.decompressobj(wbits=31)
            whole += member.decompress(body, limit + 1 - len(whole))
            if len(whole) > limit:
                return f"unpacks to more than {limit // 1_000_000} MB"
            body = member.unused_data
    except zlib.error as error:
        return bytes(whole) if whole else f"broken gzip: {error}"
    return bytes(whole)


def _kind(text: str) -> Kind:
    if text.startswith("{"):
        return Kind.JSON
    position = 0
    while found := _BEFORE_ROOT.match(text, position):
        if "doctype html" in found[0][:40].lower():
            return Kind.HTML
        position = found.end()
    root = _ROOT.match(text, position)
    return _ROOTS.get(root[1].lower(), Kind.UNKNOWN) if root else Kind.UNKNOWN
