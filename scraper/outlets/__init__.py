"""Loads and validates what is known about each outlet."""

from scraper.outlets.checks import url_fault
from scraper.outlets.feedlists import outlets_from_feeds, to_opml
from scraper.outlets.finding import OutletsByDomain
from scraper.outlets.guessing import country_of, id_for, zone_of_country
from scraper.outlets.loading import DIRECTORY, load_outlets
from scraper.outlets.writing import to_toml

__all__ = [
    "DIRECTORY",
    "OutletsByDomain",
    "country_of",
    "id_for",
    "load_outlets",
    "outlets_from_feeds",
    "to_opml",
    "to_toml",
    "url_fault",
    "zone_of_country",
]
