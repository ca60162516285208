"""An article as one line of JSON, and back."""

from dataclasses import fields
from datetime import datetime
from typing import Any

import msgspec

from scraper.model.article import Article, Dateline, Image

SCHEMA = 1
"""The version of the record's form; it stands first in every line."""

_NAMES = tuple(field.name for field in fields(Article))
_decoder = msgspec.json.Decoder(Article)


def _plain(value: object) -> Any:
    match value:
        case datetime():
            return value.isoformat()
        case Image(url=url, caption=caption):
            return {"url": url, "caption": caption}
        case Dateline(verbatim=verbatim, place=place, outlet=outlet, agency=agency):
            return {"verbatim": verbatim, "place": place, "outlet": outlet, "agency": agency}
    return value


def as_mapping(article: Article) -> dict[str, Any]:
    """The record's fields in their order, in types that JSON knows; times are ISO 8601 with offset."""
    return {"schema": SCHEMA, **{name: _plain(getattr(article, name)) for name in _NAMES}}


def encode(article: Article) -> bytes:
    r"""One line of UTF-8 JSON, its line feed included; no other line feed can be in it."""
    return msgspec.json.encode(as_mapping(article)) + b"\n"


def decode(line: bytes) -> Article:
    """The article again. Raises ValueError when the line is not one."""
    return _decoder.decode(line)
