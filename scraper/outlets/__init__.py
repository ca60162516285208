"""Loads and validates what is known about each outlet."""

from scraper.outlets.feedlists import outlets_from_feeds, to_opml
from scraper.outlets.finding import OutletsByDomain
from scraper.outlets.loading import load_outlets

__all__ = ["OutletsByDomain", "load_outlets", "outlets_from_feeds", "to_opml"]
