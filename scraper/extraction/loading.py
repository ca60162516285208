"""From the bytes of a page to one element tree, within bounds."""

import re

from lxml import etree, html

from scraper.charsets import decode_text
from scraper.model.page import Page

MAX_TAG = 65_536
"""Characters that one start tag may take; a longer one is written by nobody and costs parsers minutes."""

_CONTROLS = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
_NO_STRANGE = dict.fromkeys([*_CONTROLS, 0xFFFD])
_SAMPLE = 4_000
_STRANGE = 0.05
"""Share of control characters and of undecodable bytes from which bytes are no text."""
_NO_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
_LONG_TAG = re.compile(rb"<[a-zA-Z][^<>]{%d,}>" % MAX_TAG)
_HTML_ELEMENTS = etree.ElementDefaultClassLookup(element=html.HtmlElement)
"""One class for all elements, looked up without a step through Python for each."""


def decode(page: Page) -> str:
    """The page's characters; never fails."""
    return decode_text(page.body, page.content_type)


def is_text(text: str) -> bool:
    """Whether the characters can be those of a document: not those of a picture, a film or an archive."""
    sample = text[:_SAMPLE]
    strange = len(sample) - len(sample.translate(_NO_STRANGE))
    return strange <= _STRANGE * len(sample)


def parse(text: str) -> html.HtmlElement | None:
    """The tree of a document, without comments and processing instructions; None where there are no elements."""
    data = text.encode("utf-8", "replace").translate(None, _CONTROLS)
    for sign in _NO_CHARACTERS:
        data = data.replace(sign, b"")
    if any(len(piece) >= MAX_TAG for piece in data.split(b"<")):
        data = _LONG_TAG.sub(b"", data)
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    parser.set_element_class_lookup(_HTML_ELEMENTS)
    try:
        tree = etree.fromstring(data, parser)
    except etree.LxmlError:
        return None
    return tree if tree is not None and len(tree) else None
