"""The Python API for people who analyse: `from scraper import open_archive`.

    for article in open_archive("data").articles(outlet="antara"):
        print(article.published, article.title)

Everything here only reads, lazily, and may be used while the daemon runs.
"""

from scraper.model.article import Article
from scraper.storage import Archive, History, open_archive

__all__ = ["Archive", "Article", "History", "open_archive"]
