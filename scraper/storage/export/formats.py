"""The formats by name."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from scraper.model.failures import ScraperError
from scraper.storage.export.feeds import write_atom, write_json_feed
from scraper.storage.export.pages import write_html
from scraper.storage.export.selection import Exported
from scraper.storage.export.tables import write_csv, write_jsonl, write_parquet
from scraper.storage.export.texts import file_name, markdown, plain, write_markdown, write_plain


class UnknownFormatError(ScraperError):
    """A format that is not known; the message lists those that are."""


STREAM_FORMATS: Mapping[str, Callable[[Iterable[Exported], BinaryIO], int]] = MappingProxyType(
    {
        "jsonl": write_jsonl,
        "csv": write_csv,
        "parquet": write_parquet,
        "txt": write_plain,
        "md": write_markdown,
        "html-feed": write_html,
        "feed": write_atom,
        "json-feed": write_json_feed,
    }
)
"""What can be written to a file or a pipe. `feed` is Atom (RFC 4287); the feeds want `newest` articles."""

FILE_FORMATS: Mapping[str, Callable[[Exported], str]] = MappingProxyType({"txt": plain, "md": markdown})
"""What can be written as one file an article."""


def write(form: str, articles: Iterable[Exported], out: BinaryIO) -> int:
    """Write articles in a format, as they come. Returns how many they were."""
    if form not in STREAM_FORMATS:
        raise UnknownFormatError(f"There is no format {form!r}; there are {', '.join(STREAM_FORMATS)}.")
    return STREAM_FORMATS[form](articles, out)


def write_files(form: str, articles: Iterable[Exported], directory: Path) -> int:
    """Write one file an article, named by date, outlet and slug. Returns how many there were."""
    if form not in FILE_FORMATS:
        raise UnknownFormatError(f"{form!r} is not written as files; {' and '.join(FILE_FORMATS)} are.")
    directory.mkdir(parents=True, exist_ok=True)
    count = 0
    for name, exported in _named(articles):
        target = directory / f"{name}.{form}"
        try:
            target.write_text(FILE_FORMATS[form](exported), encoding="utf-8")
        except OSError:
            # A disk that is full must leave no half of a text behind.
            target.unlink(missing_ok=True)
            raise
        count += 1
    return count


def _named(articles: Iterable[Exported]) -> Iterator[tuple[str, Exported]]:
    taken: set[str] = set()
    for exported in articles:
        name = file_name(exported.article)
        if name in taken:
            # Two stories of one outlet, day and title are told apart by their ids.
            name = f"{name}-{exported.article.id}"
        taken.add(name)
        yield name, exported
