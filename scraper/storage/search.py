"""Full-text search over the archive: an index of its own beside the catalog, made when first asked for.

The index (`search.db`, SQLite FTS5) is derived and may be deleted at any time. It holds words and no texts; words are
folded to lower case without accents, which serves Indonesian and English alike.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from scraper.model.article import Article
from scraper.model.failures import StoreDamagedError
from scraper.storage.archive import Archive
from scraper.storage.errors import translated
from scraper.storage.layout import Layout

_VERSION = 1
_BATCH = 2000
_AROUND = 80
"""Characters shown on each side of the first word that was found."""
_PHRASES = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"\w", re.UNICODE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One article that was found."""

    article: Article
    excerpt: str
    """The text around the first of the words."""


def search(
    data: Path,
    words: str,
    *,
    limit: int = 20,
    since: datetime | None = None,
    until: datetime | None = None,
    outlet: str | None = None,
    language: str | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Iterator[Hit]:
    """The articles that say all of the words, the best first; words in "quotation marks" stand together.

    Brings the index up to date first; `progress` is told how many articles were added to it.
    """
    question = _question(words)
    if not question:
        return
    layout = Layout(data)
    with Archive(data) as archive, _index(layout.root / "search.db") as index:
        update(archive, index, progress)
        hits = index.execute("SELECT rowid FROM pages WHERE pages MATCH ? ORDER BY bm25(pages, 4.0, 1.0)", (question,))
        found = 0
        for (number,) in hits:
            article = archive.by_number(number, since=since, until=until, outlet=outlet, language=language)
            if article is None:
                continue
            yield Hit(article=article, excerpt=_excerpt(article.text, words))
            found += 1
            if found == limit:
                return


def update(archive: Archive, index: sqlite3.Connection, progress: Callable[[int], None] = lambda _done: None) -> None:
    """Add what is new; begin anew when articles have been removed, so that nothing of them stays."""
    (last,) = index.execute("SELECT coalesce(max(rowid), 0) FROM known").fetchone()
    (count,) = index.execute("SELECT count(*) FROM known").fetchone()
    if archive.count_to(last) != count:
        _begin_anew(index)
        last = 0
    added = 0
    while True:
        batch = archive.numbered_after(last, _BATCH)
        if not batch:
            return
        index.execute("BEGIN IMMEDIATE")
        index.executemany(
            "INSERT INTO pages (rowid, title, text) VALUES (?, ?, ?)",
            [(number, article.title or "", article.text) for number, article in batch],
        )
        index.executemany("INSERT INTO known VALUES (?)", [(number,) for number, _ in batch])
        index.execute("COMMIT")
        last = batch[-1][0]
        added += len(batch)
        progress(added)


@contextmanager
def _index(path: Path) -> Iterator[sqlite3.Connection]:
    with translated(path), closing(_open(path)) as connection:
        yield connection


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _connect(path)
    except StoreDamagedError:
        raise
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode not in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
            raise
        # It is derived: a broken one is made again.
        path.unlink()
        return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=30)
    try:
        connection.execute("PRAGMA synchronous=NORMAL")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version != _VERSION:
            connection.execute("BEGIN IMMEDIATE")
            _begin_anew(connection)
            connection.execute(f"PRAGMA user_version={_VERSION}")
            connection.execute("COMMIT")
    except BaseException:
        connection.close()
        raise
    return connection


def _begin_anew(connection: sqlite3.Connection) -> None:
    connection.execute("DROP TABLE IF EXISTS pages")
    connection.execute("DROP TABLE IF EXISTS known")
    connection.execute(
        "CREATE VIRTUAL TABLE pages USING fts5(title, text, content='', tokenize='unicode61 remove_diacritics 2')"
    )
    connection.execute("CREATE TABLE known (number INTEGER PRIMARY KEY)")


def _question(words: str) -> str:
    """The words in the index's own language; whatever its signs mean there, here they are text."""
    terms = [phrase or word for phrase, word in _PHRASES.findall(words)]
    return " ".join('"' + term.replace('"', "") + '"' for term in terms if _WORD.search(term))


def _excerpt(text: str, words: str) -> str:
    plain = text.replace("\n", " ")
    terms = [phrase or word for phrase, word in _PHRASES.findall(words)]
    at = min((place for term in terms if (place := plain.casefold().find(term.casefold())) >= 0), default=0)
    start, end = max(0, at - _AROUND), at + _AROUND
    return ("…" if start else "") + plain[start:end].strip() + ("…" if end < len(plain) else "")
