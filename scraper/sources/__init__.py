"""Where entries come from: feeds and news sitemaps that are polled, archives that are walked."""

from scraper.sources.lister import FeedLister
from scraper.sources.sitemap import Range
from scraper.sources.walk import SitemapWalk, Unwalked, Walked

__all__ = ["FeedLister", "Range", "SitemapWalk", "Unwalked", "Walked"]
