"""From the bytes of a page to one element tree, within bounds."""

import re

from lxml import etree, html

from scraper.charsets import decode_text
from scraper.model.page import Page

MAX_TAG = 65_536
"""Characters that one start tag may take; a longer one is written by nobody and costs parsers minutes."""

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_LONG_TAG = re.compile(rf"<[a-zA-Z][^<>]{{{MAX_TAG},}}>")


def decode(page: Page) -> str:
    """The page's characters; never fails."""
    return decode_text(page.body, page.content_type)


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
