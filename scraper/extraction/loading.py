"""From the bytes of a page to one element tree, within bounds."""

import re

from lxml import etree, html

from scraper.model.page import Page

MAX_TAG = 65_536
"""Characters that one start tag may take; a longer one is written by nobody and costs parsers minutes."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{MAX_TAG},}}>")
_WEB_NAMES = {
    "iso-8859-1": "windows-1252",
    "latin-1": "windows-1252",
    "us-ascii": "windows-1252",
    "ascii": "windows-1252",
}


def decode(page: Page) -> str:
    """The page's characters. Never fails: what cannot be decoded becomes U+FFFD."""
    for bom, encoding in _BOMS:
        if page.body.startswith(bom):
            return page.body[len(bom) :].decode(encoding, "replace")
    for name in (*_declared(page), "utf-8", "windows-1252"):
        try:
            return page.body.decode(_WEB_NAMES.get(name.lower(), name))
        except (LookupError, UnicodeDecodeError):
            continue
    return page.body.decode("utf-8", "replace")


def _declared(page: Page) -> list[str]:
    names = []
    if page.content_type and (match := _HEADER_CHARSET.search(page.content_type)):
        names.append(match[1])
    if in_head := _META_CHARSET.search(page.body[:4096]):
        names.append(in_head[1].decode("ascii"))
    return names


def parse(text: str) -> html.HtmlElement | None:
    """The tree of a document, without comments and processing instructions; None where there are no elements."""
    text = _CONTROLS.sub("", text)
    if len(text) > MAX_TAG:
        text = _LONG_TAG.sub("", text)
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser, ensure_head_body=False)
    except etree.LxmlError:
        return None
    return tree if len(tree) else None
