"""Which of two versions of a story is kept: the setting dedup.keep, applied to articles."""

from collections.abc import Mapping

from scraper.dedup import Member, representative
from scraper.engine.settling import Prefers
from scraper.model.article import Article
from scraper.model.outlet import Outlet


def preference(keep: str, outlets: Mapping[str, Outlet]) -> Prefers:
    """Whether a new version is preferred to the kept one, by the rule `keep`: first, longest or origin."""

    def prefers(new: Article, kept: Article) -> bool:
        members = [_member(kept, new, outlets), _member(new, kept, outlets)]
        return representative(members, keep).id == new.id

    return prefers


def _member(article: Article, other: Article, outlets: Mapping[str, Outlet]) -> Member:
    outlet = outlets.get(article.outlet)
    return Member(
        id=article.id,
        time=article.published or article.found_at,
        length=len(article.text),
        priority=outlet.priority if outlet else 0,
        credits=int(outlet is not None and _names(other, outlet)),
    )


def _names(article: Article, outlet: Outlet) -> bool:
    """Whether the article names the outlet as its source."""
    known = {name.casefold() for name in (outlet.name, *outlet.aliases)}
    return any(agency.casefold() in known for agency in article.agencies)
