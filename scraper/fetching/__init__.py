"""How to ask a server: politely, safely, bounded."""

from scraper.fetching.client import HttpFetcher
from scraper.fetching.hosts import SHARE

__all__ = ["SHARE", "HttpFetcher"]
