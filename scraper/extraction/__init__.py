"""What a page says: its text, and all that is known about it."""

from typing import TYPE_CHECKING, Any

from scraper.extraction.extractor import ArticleExtractor
from scraper.extraction.furniture import Furniture, look

if TYPE_CHECKING:
    from scraper.extraction.article import read_pages as read_pages

__all__ = ["ArticleExtractor", "Furniture", "look", "read_pages"]


def __getattr__(name: str) -> Any:
    # Reading pages takes trafilatura and its kin: only those who read in their own process import them.
    if name == "read_pages":
        from scraper.extraction.article import read_pages  # noqa: PLC0415 - see above

        return read_pages
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
