"""The reader's side: typed, lazy, and unable to change anything, beside a running daemon or without one."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

from scraper.model.article import Article
from scraper.model.entry import Entry
from scraper.model.feed import FeedState
from scraper.model.page import Page
from scraper.model.span import Span
from scraper.storage import browsing, feeds, figures, history, hourly, pending
from scraper.storage.browsing import CopiedStory, Heading, Mishap
from scraper.storage.database import connect_to_read
from scraper.storage.errors import translated
from scraper.storage.feeds import FeedTotals
from scraper.storage.figures import Size, Tally, Waiting
from scraper.storage.history import History, Member
from scraper.storage.hourly import Hourly
from scraper.storage.layout import Layout
from scraper.storage.lines import Files
from scraper.storage.lock import Holder, holder
from scraper.storage.names import name, name_of_id, pack_id
from scraper.storage.naming import Names
from scraper.storage.reading import Reader, place_of, selection
from scraper.storage.segments import Place

_CHUNK = 500
"""Rows taken at a time: no read transaction stays open between chunks, so the writer's log can be folded in."""


class Archive:
    """One data directory, read-only. Used by one thread at a time; a context manager, or `close` it."""

    def __init__(self, data: Path, files: Files | None = None) -> None:
        self._layout = Layout(data)
        self._connection = connect_to_read(self._layout.state)
        self._names = Names(walks=16)
        self._reader = Reader(self._connection, self._layout, files)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        self._reader.close()
        self._connection.close()

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with translated(self._layout.state):
            yield self._connection

    def _entry(self, value: int) -> int | None:
        """The entry that goes by this name."""
        self._names.refresh(self._connection)
        return self._names.entry(self._connection, value)

    def knows(self, key: str, span: Span) -> bool:
        """Whether a story goes by this key or alias that a backfill of the span which finds it would not bring back."""
        with self._reading() as connection:
            number = self._entry(name(key))
            return number is not None and not pending.is_aged(connection, number, span)

    def article(self, article_id: str, revision: int | None = None, *, copy: bool = False) -> Article | None:
        """One article by its id: the newest revision unless another one is named. `copy` looks among saved copies."""
        with self._reading() as connection:
            row = connection.execute(
                "SELECT segment, offset, length FROM articles WHERE entry = ? AND id = ? AND copy = ? "
                "AND (? IS NULL OR revision = ?) ORDER BY revision DESC LIMIT 1",
                (self._entry(name_of_id(article_id)), pack_id(article_id), copy, revision, revision),
            ).fetchone()
            return None if row is None else self._reader.article(place_of(row))

    def kept_version(self, cluster: str) -> Article | None:
        """The article that is kept of a story cluster; of several the one that was saved last."""
        packed = pack_id(cluster)
        with self._reading() as connection:
            row = connection.execute(
                "SELECT segment, offset, length FROM articles WHERE copy = 0 AND (cluster = ? OR (cluster IS NULL AND "
                "id = ? AND entry = ?)) ORDER BY number DESC LIMIT 1",
                (packed, packed, self._entry(name_of_id(cluster))),
            ).fetchone()
            return None if row is None else self._reader.article(place_of(row))

    def articles(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        outlet: str | None = None,
        language: str | None = None,
        query: str | None = None,
        copies: bool = False,
        revisions: bool = False,
    ) -> Iterator[Article]:
        """Articles in the order in which they were saved, read as they are asked for.

        `since` (inclusive) and `until` (exclusive) look at the time of publication, or of discovery where that is
        not known. `query` wants all its words in title or text, in any case and order. `copies` gives the saved
        duplicates instead of the articles. `revisions` gives every revision instead of the newest one.
        """
        words = query.casefold().split() if query else []
        for number, place in self._places(since, until, outlet, language, copies=copies, revisions=revisions):
            article = self._reader.row(number, place)
            if article is not None and (not words or _mentions(article, words)):
                yield article

    def raw_pages(self, text: str) -> tuple[Page, ...]:
        """The pages of a story (by address, key or article id) as they were fetched the last time, in their order.

        Empty when the archive of raw pages was off.
        """
        with self._reading() as connection:
            self._names.refresh(connection)
            number = history.find(connection, self._names, text)
            rows = connection.execute(
                "SELECT segment, offset, length FROM raw r WHERE entry = ? AND (segment, offset) >= "
                "(SELECT segment, offset FROM raw WHERE entry = r.entry AND place = 0 "
                "ORDER BY segment DESC, offset DESC LIMIT 1) ORDER BY segment, offset",
                (number,),
            ).fetchall()
        return tuple(self._reader.page(place_of(row)) for row in rows)

    def entry_of(self, article: Article) -> Entry:
        """The entry that an article came from, as its source listed it; what was needed to fetch it alone is gone."""
        told = self.explain(article.id)
        return Entry(
            key=article.url if told is None else told.key,
            url=article.url if told is None else told.url,
            outlet=article.outlet,
            source=article.source,
            title=article.title,
            published=None if told is None else told.published,
        )

    def newest(self, limit: int, *, outlet: str | None = None, language: str | None = None) -> Iterator[Article]:
        """The newest revisions of the last `limit` articles that were saved, the last one first."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT segment, offset, length FROM articles a WHERE copy = 0 AND NOT EXISTS "
                "(SELECT 1 FROM articles b WHERE b.entry = a.entry AND b.id = a.id AND b.copy = 0 "
                "AND b.revision > a.revision) "
                "AND (:outlet IS NULL OR (SELECT w.text FROM entries e JOIN words w ON w.number = e.outlet "
                "WHERE e.number = a.entry) = :outlet) "
                "AND (:language IS NULL OR (SELECT text FROM words WHERE number = a.language) = :language) "
                "ORDER BY number DESC LIMIT :limit",
                {"outlet": outlet, "language": language, "limit": limit},
            ).fetchall()
        # Sealed files are read in one pass, forwards; a feed is short enough to be held.
        loaded = [self._reader.article(place_of(row)) for row in reversed(rows)]
        yield from reversed(loaded)

    def count_to(self, number: int) -> int:
        """How many lines up to a row's number are articles still; for what is derived from the archive."""
        with self._reading() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM articles WHERE number <= ? AND copy = 0", (number,)
            ).fetchone()
        return int(count)

    def numbered_after(self, number: int, limit: int) -> list[tuple[int, Article]]:
        """The next articles behind a row's number, revisions each, with their numbers."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT number, segment, offset, length FROM articles WHERE number > ? AND copy = 0 "
                "ORDER BY number LIMIT ?",
                (number, limit),
            ).fetchall()
        return self._numbered(rows)

    def days(self) -> list[tuple[str, str]]:
        """The UTC days on which articles were saved, each with a text that changes when its articles do."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT s.date, group_concat(s.part || ':' || s.lines || ':' || (SELECT count(*) FROM articles a "
                "WHERE a.segment = s.number AND a.copy = 0), ' ') FROM (SELECT * FROM segments ORDER BY part) s "
                "WHERE s.stream = 'articles' AND s.lines > 0 AND s.state < 3 GROUP BY s.date ORDER BY s.date"
            )
            return [(row[0], row[1]) for row in rows]

    def numbered_of_day(self, date: str, number: int, limit: int) -> list[tuple[int, Article]]:
        """The next articles behind a row's number that were saved on a UTC day, revisions each, with their numbers."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT number, segment, offset, length FROM articles WHERE number > ? AND copy = 0 AND segment IN "
                "(SELECT number FROM segments WHERE stream = 'articles' AND date = ?) ORDER BY number LIMIT ?",
                (number, date, limit),
            ).fetchall()
        return self._numbered(rows)

    def _numbered(self, rows: list[tuple[int, int, int, int]]) -> list[tuple[int, Article]]:
        loaded = [(row[0], self._reader.row(row[0], place_of(row[1:]))) for row in rows]
        return [(number, article) for number, article in loaded if article is not None]

    def by_number(
        self,
        number: int,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        outlet: str | None = None,
        language: str | None = None,
    ) -> Article | None:
        """The article of a row, if it is the newest revision and among those that are asked for."""
        sql, values = selection(since, until, outlet, language, copies=False, revisions=False)
        with self._reading() as connection:
            row = connection.execute(f"{sql} AND a.number = :number", values | {"number": number}).fetchone()
        return None if row is None else self._reader.row(row[0], place_of(row[1:]))

    def cluster(self, article: Article) -> tuple[Member, ...]:
        """All stories of an article's cluster, itself included, in the order of their times; empty when alone."""
        with self._reading() as connection:
            self._names.refresh(connection)
            return history.cluster(connection, self._names, article.cluster)

    def _places(
        self,
        since: datetime | None,
        until: datetime | None,
        outlet: str | None,
        language: str | None,
        *,
        copies: bool,
        revisions: bool,
    ) -> Iterator[tuple[int, Place]]:
        sql, values = selection(since, until, outlet, language, copies=copies, revisions=revisions)
        sql += f" AND a.number > :after ORDER BY a.number LIMIT {_CHUNK}"
        values["after"] = 0
        while True:
            with self._reading() as connection:
                rows = connection.execute(sql, values).fetchall()
            for row in rows:
                yield row[0], place_of(row[1:])
            if len(rows) < _CHUNK:
                return
            values["after"] = rows[-1][0]

    def explain(self, text: str, *, thorough: bool = True) -> History | None:
        """What became of the story with this address, key or article id; None when it was never seen.

        Without `thorough` an address that leads on to the one the story goes by may not be recognised: that takes a
        walk through all entries.
        """
        with self._reading() as connection:
            self._names.refresh(connection)
            number = history.find(connection, self._names, text, thorough=thorough)
            return None if number is None else history.read(connection, self._names, self._reader.lines, number)

    def feeds(self, outlet: str | None = None) -> list[FeedState]:
        """All polled feeds, or those of one outlet, by outlet and address."""
        with self._reading() as connection:
            return feeds.every(connection, outlet)

    def feeds_after(self, url: str, limit: int) -> list[FeedState]:
        """Polled feeds whose addresses come after this one, in the order of addresses."""
        with self._reading() as connection:
            return feeds.after(connection, url, limit)

    def feeds_at(self, urls: Iterable[str]) -> list[FeedState]:
        """Those of these addresses that are polled."""
        with self._reading() as connection:
            return feeds.at(connection, urls)

    def feeds_polled_since(self, moment: datetime) -> list[FeedState]:
        """Feeds that were asked at this moment or later."""
        with self._reading() as connection:
            return feeds.polled_since(connection, moment)

    def feed_totals(self) -> list[FeedTotals]:
        """The polled feeds in numbers, by outlet."""
        with self._reading() as connection:
            return feeds.totals(connection)

    def tallies(self, since_day: str = "") -> list[Tally]:
        """Verdicts by day, outlet and reason, from a UTC day (YYYY-MM-DD) on."""
        with self._reading() as connection:
            return figures.tallies(connection, since_day)

    def totals(self) -> list[Tally]:
        """Verdicts by outlet and reason since the beginning; the day is empty."""
        with self._reading() as connection:
            return figures.totals(connection)

    def languages(self) -> list[str]:
        """The languages that articles were saved in."""
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT text FROM words WHERE number IN (SELECT DISTINCT language FROM articles) ORDER BY text"
            )
            return [text for (text,) in rows]

    def hours(self, since: datetime, until: datetime, outlet: str | None = None) -> list[Hourly]:
        """Verdicts by hour and outlet, with the time from publication to verdict; of the last two weeks."""
        with self._reading() as connection:
            return hourly.read(connection, since, until, outlet)

    def headings(self, limit: int, *, before: int | None = None) -> list[Heading]:
        """The articles saved last, the last first; with `before`, those whose number is smaller."""
        with self._reading() as connection:
            return browsing.newest(connection, before, limit)

    def headings_of(self, numbers: Sequence[int]) -> list[Heading]:
        """The articles with these numbers, in their order, as far as they are there and the newest revisions."""
        with self._reading() as connection:
            return browsing.numbered(connection, numbers)

    def copied_lately(self, limit: int) -> list[CopiedStory]:
        """Stories of which copies came lately, those copied by most outlets first."""
        with self._reading() as connection:
            self._names.refresh(connection)
            return browsing.copied_lately(connection, self._names, limit)

    def mishaps(self, limit: int, outlet: str | None = None) -> list[Mishap]:
        """Stories that could not be had lately, the last first."""
        with self._reading() as connection:
            return browsing.mishaps(connection, limit, outlet)

    def holder(self) -> Holder | None:
        """The process that writes into the directory now; None when there is none."""
        return holder(self._layout.root)

    def waiting(self) -> list[Waiting]:
        """Stories that wait for their verdict, by outlet."""
        with self._reading() as connection:
            return figures.waiting(connection)

    def size(self) -> Size:
        """How large the archive is."""
        with self._reading() as connection:
            return figures.size(connection, self._layout)

    def memory(self, name: str) -> bytes | None:
        """What the daemon remembered under this name."""
        with self._reading() as connection:
            row = connection.execute("SELECT value FROM memories WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])


def _mentions(article: Article, words: list[str]) -> bool:
    text = f"{article.title or ''}\n{article.text}".casefold()
    return all(word in text for word in words)


def open_archive(data: Path | str) -> Archive:
    """Open a data directory for reading. Raises StoreUnavailableError when there is none."""
    return Archive(Path(data))
