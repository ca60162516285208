"""A fetched document as text, and what kind it is: before any parser sees it."""

import codecs
import re
import zlib
from dataclasses import dataclass
from enum import Enum

_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_HEADER = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)
_PROLOG = re.compile(r"\s*<\?xml[^>]{0,500}\?>", re.IGNORECASE)
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_START = re.compile(r"<\?xml|<(?:rss|feed|rdf:RDF|urlset|sitemapindex|channel)[\s>]", re.IGNORECASE)
_BEFORE_ROOT = re.compile(r"\s*(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)", re.DOTALL | re.IGNORECASE)
_ROOT = re.compile(r"\s*<(?:[\w.-]+:)?([\w.-]+)")
_HUGE_TAG = re.compile(rb"<[A-Za-z/?][^<>]{65536}")
_JUNK = 4096

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WIDER = {
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "iso-8859-9": "cp1254",
    "tis-620": "cp874",
}
"""Encodings that are declared, and the wider one that is meant (WHATWG Encoding, labels)."""


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
    text = _ILLEGAL.sub("", decode(body, content_type))
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


def decode(body: bytes, content_type: str | None) -> str:
    """The characters of a body. Text that is valid UTF-8 is UTF-8 whatever was declared; no byte is lost."""
    for mark, marked in _BOMS:
        if body.startswith(mark):
            return body.decode(marked, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    declared = _DECLARED.match(body)
    header = _HEADER.search(content_type or "")
    for name in (declared and declared[1].decode("ascii"), header and header[1]):
        encoding = _encoding(name)
        if encoding and encoding != "utf-8":
            try:
                return body.decode(encoding)
            except (UnicodeDecodeError, LookupError):
                continue
    return body.decode("utf-8", "scraper.cp1252")


def _encoding(name: str | None) -> str | None:
    if not name:
        return None
    try:
        return codecs.lookup(_WIDER.get(name.lower(), name.lower())).name
    except LookupError:
        return None


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Bytes that are not UTF-8 in a text that mostly is: pasted from elsewhere, nearly always Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("scraper.cp1252", _as_cp1252)


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
