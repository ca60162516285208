"""The Python API for people who analyse: `from scraper import open_archive`.

    for article in open_archive("data").articles(outlet="antara"):
        print(article.published, article.title)

Everything here only reads, lazily, and may be used while the daemon runs. An archive in object storage is read in the
same way: `open_archive("s3://bucket/prefix")`.
"""

from pathlib import Path

from scraper import storage
from scraper.model.article import Article
from scraper.storage import Archive, History

__all__ = ["Archive", "Article", "History", "open_archive"]


def open_archive(where: Path | str, *, cache: Path | None = None) -> Archive:
    """Open a data directory, or what `scraper push` brought to object storage, for reading.

    `where` is a path or an address: `s3://bucket/prefix`, `gs://…`, `az://…`, `file:///…`. From an address the catalog
    is fetched at once, and kept in the directory `cache` if one is given; articles are fetched as they are read.
    Raises StoreUnavailableError when there is no archive in a directory; OffsiteError when there is none at an address
    or it cannot be reached; MissingExtraError when object storage is not installed.
    """
    if isinstance(where, str) and "://" in where:
        from scraper.offsite import open_offsite  # noqa: PLC0415 - an optional extra

        return open_offsite(where, cache)
    return storage.open_archive(where)
