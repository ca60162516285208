"""How to ask a server: politely, safely, bounded."""

from scraper.fetching.client import HttpFetcher

__all__ = ["HttpFetcher"]
