"""Addresses as pages state them."""

from urllib.parse import urljoin, urlsplit

from scraper.extraction.evidence import Evidence
from scraper.extraction.jsonld import stated_text
from scraper.urls import same_site


def absolute(stated: str, base: str) -> str:
    """The address in full, empty where it is none that can be fetched."""
    try:
        url = urljoin(base, stated.strip()) if stated else ""
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.netloc else ""


def canonical_link(evidence: Evidence) -> tuple[str | None, str | None]:
    """The address that the page names as its own, on the same site and not its front page, and where it names it."""
    head = evidence.head
    stated = [("link canonical", href) for href in head.links.get("canonical", ())]
    stated += [("meta og:url", head.first("og:url")), ("json-ld", stated_text(evidence.article.get("url")))]
    for origin, value in stated:
        url = absolute(value, evidence.url)
        if url and same_site(url, evidence.url) and urlsplit(url).path not in {"", "/"}:
            return url, origin
    return None, None
