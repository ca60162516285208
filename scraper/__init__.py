"""scraper: a news-collection daemon that saves clean articles."""

__version__ = "0.1.0"
