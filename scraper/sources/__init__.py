"""Where entries come from: feeds and news sitemaps that are polled, archives that are walked."""

from scraper.sources.lister import FeedLister

__all__ = ["FeedLister"]
