"""The part of the site that a story is filed in."""

from collections.abc import Iterable, Iterator

import lxml.html

from scraper.extraction.evidence import Evidence
from scraper.extraction.jsonld import JsonObject, stated_text, types
from scraper.extraction.oneline import fold, plain

SECTION_META = (
    "article:section",
    "og:article:section",
    "section",
    "parsely-section",
    "content_category",
    "cxenseparse:recs:category",
    "kanal",
    "channel",
)
"""Meta elements that name the page's section."""
MAX_SECTION = 60
"""Characters of a section's name."""

_FRONT = frozenset(
    fold(name)
    for name in (
        "home", "beranda", "homepage", "startseite", "start", "accueil", "inicio", "portada", "index", "top", "トップ",
        "website", "article", "articles", "uncategorized", "tidak berkategori",
    )
)  # fmt: skip
_GENERAL = frozenset({"news", "berita", "nachrichten", "nyheter", "noticias", "actualités", "notizie", "ニュース"})
"""Names of a section that say nothing where a further step of the trail says more."""


def read_section(evidence: Evidence, selected: Iterable[lxml.html.HtmlElement] = ()) -> tuple[str | None, str | None]:
    """The section and where it is named; `selected` is what the outlet's selectors point at."""
    stated = (
        *(("selectors.section", plain(node.text_content())) for node in selected),
        ("json-ld", stated_text(evidence.article.get("articleSection"))),
        ("meta", evidence.head.first(*SECTION_META)),
        ("breadcrumb", _breadcrumb(evidence)),
    )
    for origin, text in stated:
        if 0 < len(text) <= MAX_SECTION:
            return text, origin
    return None, None


def _breadcrumb(evidence: Evidence) -> str:
    """The first step of the page's trail that is neither the front page nor the story itself."""
    sites = {fold(site) for site in evidence.sites}
    headline = fold(stated_text(evidence.article.get("headline")))
    for trail in _trails(evidence.objects):
        names = [name for item in _steps(trail) if fold(name := _step_name(item))]
        inner = [name for name in names if fold(name) not in sites | _FRONT and fold(name) != headline]
        steps = [name for name in inner if name != names[-1]] if len(names) > 1 else []
        if steps:
            return next((name for name in steps if fold(name) not in _GENERAL), steps[0])
    return ""


def _trails(objects: Iterable[JsonObject]) -> Iterator[JsonObject]:
    for value in objects:
        if "BreadcrumbList" in types(value):
            yield value
        elif isinstance(value.get("breadcrumb"), dict):
            yield value["breadcrumb"]


def _steps(trail: JsonObject) -> list[object]:
    steps = trail.get("itemListElement")
    return steps[:10] if isinstance(steps, list) else []


def _step_name(item: object) -> str:
    if not isinstance(item, dict):
        return ""
    inner = item.get("item")
    return stated_text(item.get("name")) or (stated_text(inner.get("name")) if isinstance(inner, dict) else "")
