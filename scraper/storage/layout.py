"""Names and places in the data directory. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path


class Stream(StrEnum):
    """What is appended to; the value is the name of its directory."""

    ARTICLES = "articles"
    DUPLICATES = "duplicates"
    """Texts of stories that were dropped as copies, where those are kept."""
    RAW = "raw"
    """Raw pages as WARC records."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file of a stream. `number` counts from 1 within its day."""

    stream: Stream
    date: str
    """The UTC day on which its first line was saved, YYYY-MM-DD."""
    number: int


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is below one data directory."""

    root: Path

    @property
    def state(self) -> Path:
        """The SQLite file of everything remembered."""
        return self.root / "state.db"

    @property
    def schema(self) -> Path:
        """The form of an article's line, as JSON Schema."""
        return self.root / "schema.json"

    @property
    def removed(self) -> Path:
        """Names of what was taken out again, a line of JSON each."""
        return self.root / "removed.jsonl"

    @property
    def search(self) -> Path:
        """The full-text index; derived."""
        return self.root / "search.db"

    @property
    def parquet(self) -> Path:
        """Finished days as Parquet, where they are asked for; derived."""
        return self.root / "parquet"

    @property
    def lock(self) -> Path:
        """Locked by the process that writes here; its text names that process."""
        return self.root / "lock"

    def directory(self, part: Part) -> Path:
        """The day's directory, in the form that DuckDB, Arrow and Spark read as a partition."""
        return self.root / part.stream / f"date={part.date}"

    def open_file(self, part: Part) -> Path:
        """The file that still grows."""
        suffix = "warc.gz.open" if part.stream is Stream.RAW else "jsonl"
        return self.directory(part) / f"part-{part.number}.{suffix}"

    def sealed_file(self, part: Part) -> Path:
        """The file that never changes again."""
        suffix = "warc.gz" if part.stream is Stream.RAW else "jsonl.zst"
        return self.directory(part) / f"part-{part.number}.{suffix}"

    def unfinished_file(self, part: Part) -> Path:
        """The sealed file while it is being written; hidden, so that no pattern of a reader finds it."""
        return self.directory(part) / f".part-{part.number}.unfinished"


def day(moment: datetime) -> str:
    """The UTC day that a line saved at `moment` belongs to."""
    return moment.astimezone(UTC).date().isoformat()
