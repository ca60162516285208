"""Reads the raw pages in the archive again, with the rules of today; what now says something else is a new revision."""

from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice

from scraper.clock import Clock
from scraper.dedup import NearDuplicates
from scraper.engine.settling import Settler
from scraper.engine.steps import Reading
from scraper.extraction import ArticleExtractor
from scraper.model.article import Article, Draft
from scraper.model.entry import Pending
from scraper.model.outlet import Outlet
from scraper.model.verdict import Dropped, DropReason, Kept, Outcome
from scraper.service.books import load_deduplicator, open_settings_store
from scraper.service.hands import open_sandbox
from scraper.service.memories import remembered_furniture
from scraper.service.preference import preference
from scraper.settings import Settings
from scraper.storage import Archive, Store, open_archive

_GROUP = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Reread:
    """An article that was read again."""

    article: Article
    """As it was kept until now."""
    outcome: Outcome

    @property
    def changed(self) -> bool:
        """Whether there is a new revision."""
        return isinstance(self.outcome.verdict, Kept)

    @property
    def failed(self) -> bool:
        """Whether the rules of today would not keep it; the article stays as it is."""
        return not self.changed and getattr(self.outcome.verdict, "reason", None) is not DropReason.SAME_TEXT


async def reprocess(
    settings: Settings,
    outlets: Iterable[Outlet],
    *,
    clock: Clock,
    since: datetime | None = None,
    until: datetime | None = None,
    outlet: str | None = None,
    dry_run: bool = False,
) -> AsyncIterator[Reread]:
    """Read again all articles whose raw pages are kept, in the order in which they were saved.

    Revisions are committed in groups, unless `dry_run`. An outlet that is no longer configured is passed over. Raises
    StoreBusyError while a daemon runs.
    """
    by_id = {each.id: each for each in outlets}
    # What is read again brings no new pages: those that it was read from are in the archive.
    settings = replace(settings, store=replace(settings.store, archive=False))
    store = open_settings_store(settings, tuple(by_id.values()), clock)
    try:
        judge = load_deduplicator(settings, store, tuple(by_id.values()))
        with open_archive(settings.store.data) as archive, open_archive(settings.store.data) as earlier:
            settler = _settler(settings, store, judge, earlier, by_id)
            articles = archive.articles(since=since, until=until, outlet=outlet)
            async with open_sandbox(settings.extract) as sandbox:
                extractor = ArticleExtractor(sandbox, settings.extract)
                while group := list(islice(articles, _GROUP)):
                    reread = [
                        Reread(article=article, outcome=outcome)
                        for article in group
                        if (outcome := await _read(article, earlier, extractor, settler, by_id)) is not None
                    ]
                    _commit(store, reread, clock(), dry_run=dry_run)
                    for one in reread:
                        yield one
    finally:
        store.close()


def _settler(
    settings: Settings, store: Store, judge: NearDuplicates, archive: Archive, outlets: dict[str, Outlet]
) -> Settler:
    return Settler(
        # What the daemon learned of each outlet's furniture helps here; what is learned here is not kept.
        junk=remembered_furniture(store),
        deduplicator=judge,
        previous=archive.article,
        kept_version=archive.kept_version,
        prefers=preference(settings.dedup.keep, outlets),
        settings=settings,
    )


async def _read(
    article: Article, archive: Archive, extractor: ArticleExtractor, settler: Settler, outlets: dict[str, Outlet]
) -> Outcome | None:
    outlet, pages = outlets.get(article.outlet), archive.raw_pages(article.id)
    if outlet is None or not pages:
        return None
    entry = archive.entry_of(article)
    pending = Pending(entry=entry, found_at=article.found_at, attempts=1, revision_of=article.id)
    result = await extractor.extract(pages, outlet, entry)
    if isinstance(result, Draft):
        return settler.settle(Reading(pending=pending, draft=result, pages=pages), pending, outlet)
    return Outcome(pending=pending, verdict=Dropped(reason=result.reason, detail=result.detail))


def _commit(store: Store, reread: Iterable[Reread], now: datetime, *, dry_run: bool) -> None:
    revisions = [one.outcome for one in reread if one.changed]
    if revisions and not dry_run:
        store.commit(revisions, now)
