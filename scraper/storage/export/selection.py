"""Which articles are exported, and what is told about their clusters."""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from scraper.model.article import Article
from scraper.storage.archive import Archive
from scraper.storage.history import Member


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """An article on its way out."""

    article: Article
    also_from: tuple[Member, ...] = ()
    """The other stories of its cluster; empty unless clusters are wanted."""


def chosen(
    archive: Archive,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    outlet: str | None = None,
    language: str | None = None,
    query: str | None = None,
    clusters: bool = False,
) -> Iterator[Exported]:
    """Articles in the order in which they were saved; see `Archive.articles` for what the choices mean."""
    articles = archive.articles(since=since, until=until, outlet=outlet, language=language, query=query)
    return _with_clusters(archive, articles, clusters=clusters)


def newest(
    archive: Archive,
    limit: int,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    outlet: str | None = None,
    language: str | None = None,
    query: str | None = None,
) -> Iterator[Exported]:
    """The last `limit` of these articles that were saved, the newest first, as a feed wants them."""
    if since is None and until is None and query is None:
        articles = archive.newest(limit, outlet=outlet, language=language)
    else:
        found = archive.articles(since=since, until=until, outlet=outlet, language=language, query=query)
        articles = reversed(deque(found, limit))
    return _with_clusters(archive, articles, clusters=True)


def _with_clusters(archive: Archive, articles: Iterable[Article], *, clusters: bool) -> Iterator[Exported]:
    for article in articles:
        others = tuple(member for member in archive.cluster(article) if member.id != article.id) if clusters else ()
        yield Exported(article=article, also_from=others)
