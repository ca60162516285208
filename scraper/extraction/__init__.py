"""What a page says: its text, and all that is known about it."""

from scraper.extraction.article import read_pages
from scraper.extraction.extractor import ArticleExtractor

__all__ = ["ArticleExtractor", "read_pages"]
