"""A new catalog for a data directory whose old one is damaged or lost."""

from collections.abc import Iterable
from datetime import datetime

from scraper.dedup import NearDuplicates
from scraper.model.article import Article
from scraper.model.outlet import Outlet
from scraper.model.verdict import Story
from scraper.settings import Settings
from scraper.storage import Repaired, repair


def rebuild_catalog(settings: Settings, outlets: Iterable[Outlet], now: datetime) -> Repaired:
    """Rebuild the catalog from the articles, with the fingerprints that recognise copies of them."""
    groups = {outlet.id: outlet.group for outlet in outlets}
    judge = NearDuplicates(settings.dedup)

    def fingerprint(article: Article) -> bytes:
        story = Story(
            id=article.id,
            outlet=article.outlet,
            group=groups.get(article.outlet),
            language=article.language,
            time=article.published or article.found_at,
            title=article.title or "",
            text=article.text,
            agencies=article.agencies,
            dateline=article.dateline.verbatim if article.dateline else None,
        )
        return judge.consider(story).fingerprint

    return repair(settings.store.data, now, fingerprint)
