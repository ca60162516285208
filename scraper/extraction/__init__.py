"""What a page says: its text, and all that is known about it."""

from scraper.extraction.article import read_pages
from scraper.extraction.extractor import ArticleExtractor
from scraper.extraction.furniture import Furniture

__all__ = ["ArticleExtractor", "Furniture", "read_pages"]
