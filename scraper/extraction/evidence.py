"""All that one page states about itself, collected once for the readers of the single fields."""

from dataclasses import dataclass

import lxml.html

from scraper.extraction.head import Head
from scraper.extraction.jsonld import JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A page's tree and its statements."""

    tree: lxml.html.HtmlElement
    head: Head
    url: str = ""
    """The address that answered."""
    objects: tuple[JsonObject, ...] = ()
    """Every JSON-LD object."""
    article: JsonObject
    """The one that describes the page's own story, empty where none does."""
    language: str | None = None
    sites: tuple[str, ...] = ()
    """The names of the site, its domains among them."""
