"""Where entries come from: feeds and news sitemaps that are polled, archives that are walked."""

from scraper.sources.front import Front, read_front
from scraper.sources.indexpages import IndexWalk
from scraper.sources.lister import FeedLister
from scraper.sources.pagedfeed import PagedFeedWalk
from scraper.sources.walk import Asking, SitemapWalk, Unwalked, Walked
from scraper.sources.wayback import WaybackWalk

__all__ = [
    "Asking",
    "FeedLister",
    "Front",
    "IndexWalk",
    "PagedFeedWalk",
    "SitemapWalk",
    "Unwalked",
    "Walked",
    "WaybackWalk",
    "read_front",
]
