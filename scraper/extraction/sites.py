"""What a site is called: in its own statements, by its outlet file, and by its address."""

from scraper.extraction.head import Head
from scraper.extraction.jsonld import JsonObject, resolved, stated_text, types
from scraper.extraction.oneline import fold
from scraper.model.outlet import Outlet
from scraper.urls import host, registrable_domain

MAX_NAME = 80
"""Characters of a name; what is longer is a slogan."""

_NAME_META = (
    "og:site_name",
    "application-name",
    "apple-mobile-web-app-title",
    "publisher",
    "dc.publisher",
    "twitter:site",
    "cre",
    "copyright",
)
_SITE_TYPES = frozenset({"WebSite", "NewsMediaOrganization"})


def site_names(head: Head, article: JsonObject, objects: tuple[JsonObject, ...], outlet: Outlet, url: str) -> list[str]:
    """Every name of the site, each once, its hosts among them."""
    names = [*_host_names(url), outlet.name, outlet.id, *outlet.aliases, *outlet.domains]
    names += [value.lstrip("@") for value in head.all(_NAME_META)]
    for publisher in resolved(article.get("publisher"), objects):
        if isinstance(publisher, dict):
            names += [stated_text(publisher.get(key)) for key in ("name", "alternateName", "legalName")]
    names += [stated_text(value.get("name")) for value in objects if not _SITE_TYPES.isdisjoint(types(value))]
    kept: dict[str, str] = {}
    for name in names:
        if len(name) <= MAX_NAME and fold(name):
            kept.setdefault(fold(name), name)
    return list(kept.values())


def _host_names(url: str) -> tuple[str, ...]:
    """`news.kabar.example` is also `kabar.example` and `kabar`."""
    name = host(url).removeprefix("www.")
    domain = registrable_domain(name) or name
    return (name, domain, domain.partition(".")[0])
