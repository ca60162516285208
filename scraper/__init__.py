"""scraper: a news-collection daemon that saves clean articles."""

from typing import TYPE_CHECKING, Any

from scraper.version import __version__ as __version__

if TYPE_CHECKING:
    from scraper.archive import open_archive as open_archive

__all__ = ["__version__", "open_archive"]


def __getattr__(name: str) -> Any:
    # Imported only when asked for: every part of the program passes through here.
    if name == "open_archive":
        from scraper.archive import open_archive  # noqa: PLC0415 - see above

        return open_archive
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
