"""Formats for machines: JSON lines, CSV, Parquet."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import msgspec

from scraper.model.article import Article
from scraper.model.failures import ScraperError
from scraper.storage.export.selection import Exported
from scraper.storage.history import Member
from scraper.storage.records import as_mapping

_ROW_GROUP = 2000
"""Articles in one row group: some 5 MB of text, so that memory stays small and groups are worth skipping."""

_LISTS = ("authors", "editors", "agencies", "tags", "pages", "dropped_lines")
_TIMES = ("published", "modified", "found_at", "fetched_at")
_FLAGS = ("paywalled", "from_feed")
_NUMBERS = ("revision",)
_COLUMNS = (
    "id",
    "revision",
    "outlet",
    "url",
    "canonical_url",
    "title",
    "published",
    "modified",
    "found_at",
    "fetched_at",
    "language",
    "authors",
    "editors",
    "place",
    "agencies",
    "section",
    "tags",
    "image",
    "paywalled",
    "from_feed",
    "pages",
    "source",
    "cluster",
    "also_from",
    "text",
)
_SEPARATOR = "; "


class MissingLibraryError(ScraperError):
    """An optional library is not installed; the message names the extra that brings it."""


def _also(members: Iterable[Member]) -> list[dict[str, Any]]:
    return [
        {
            "id": member.id,
            "outlet": member.outlet,
            "url": member.url,
            "title": member.title,
            "time": member.time.isoformat(),
            "kept": member.standing.value == "kept",
            "similarity": None if member.judgement is None else member.judgement.similarity,
        }
        for member in members
    ]


def write_jsonl(articles: Iterable[Exported], out: BinaryIO) -> int:
    """The archive's own records, one a line; `also_from` stands last where clusters are wanted."""
    count = 0
    for exported in articles:
        record = as_mapping(exported.article)
        if exported.also_from:
            record["also_from"] = _also(exported.also_from)
        out.write(msgspec.json.encode(record) + b"\n")
        count += 1
    return count


def flat(exported: Exported) -> dict[str, Any]:
    """One article as a row: lists stay lists, times stay times, nested values give their main part."""
    article: Article = exported.article
    row = {column: getattr(article, column) for column in _COLUMNS if hasattr(article, column)}
    row["place"] = article.dateline.place if article.dateline else None
    row["image"] = article.image.url if article.image else None
    row["also_from"] = [member.url for member in exported.also_from]
    return {column: list(row[column]) if isinstance(row[column], tuple) else row[column] for column in _COLUMNS}


def write_csv(articles: Iterable[Exported], out: BinaryIO) -> int:
    """Comma-separated values (RFC 4180) with a header; lists are joined with `; `."""
    text = io.TextIOWrapper(out, encoding="utf-8", newline="", write_through=True)
    writer = csv.DictWriter(text, fieldnames=_COLUMNS)
    writer.writeheader()
    count = 0
    for exported in articles:
        writer.writerow({column: _cell(value) for column, value in flat(exported).items()})
        count += 1
    text.detach()
    return count


def _cell(value: Any) -> Any:
    if isinstance(value, list):
        return _SEPARATOR.join(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def write_parquet(articles: Iterable[Exported], out: BinaryIO) -> int:
    """Apache Parquet with typed columns, compressed with zstd; needs the extra `parquet`."""
    try:
        import pyarrow as pa  # noqa: PLC0415 - optional
        from pyarrow import parquet  # noqa: PLC0415 - optional
    except ImportError as error:
        raise MissingLibraryError("Parquet needs a package that is not installed: pip install '.[parquet]'.") from error
    schema = pa.schema([(column, _arrow_type(pa, column)) for column in _COLUMNS])
    count = 0
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for rows in _batches(map(flat, articles)):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema))
            count += len(rows)
    return count


def _arrow_type(pa: Any, column: str) -> Any:
    if column in (*_LISTS, "also_from"):
        return pa.list_(pa.string())
    if column in _TIMES:
        return pa.timestamp("us", tz="UTC")
    if column in _FLAGS:
        return pa.bool_()
    return pa.int32() if column in _NUMBERS else pa.string()


def _batches(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == _ROW_GROUP:
            yield batch
            batch = []
    if batch:
        yield batch
