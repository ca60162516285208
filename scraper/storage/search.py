"""Full-text search over the archive: an index of its own beside the catalog, made when first asked for.

The index (`search.db`, SQLite FTS5) is derived and may be deleted at any time. It holds words and no texts; words are
folded to lower case without accents, which serves Indonesian and English alike. Chinese and Japanese, which put no
space between words, stand in it sign by sign. Outlet, language and day of publication stand in it as words of their
own, so that a choice among them costs no walk through the catalog.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from scraper.model.article import Article
from scraper.model.failures import StoreDamagedError
from scraper.storage.archive import Archive
from scraper.storage.database import read_address
from scraper.storage.errors import translated
from scraper.storage.layout import Layout

_VERSION = 3
_BATCH = 2000
_AROUND = 80
"""Characters shown on each side of the first word that was found."""
_PHRASES = re.compile(r'"([^"]*)"|(\S+)')
_WORD = re.compile(r"\w", re.UNICODE)
_UNSPACED = re.compile(
    "([\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f])"
)
"""Signs of scripts that are written without spaces between words."""


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
    """The articles that say all of the words, the best first.

    Words in "quotation marks" stand together; a star ends the beginning of a word. Brings the index up to date first;
    `progress` is told how many articles were added to it.
    """
    question = question_for(words, outlet=outlet, language=language) if _terms(words) else ""
    if not question:
        return
    with Archive(data) as archive, open_index(data) as index:
        index.update(archive, progress)
        found = 0
        for number in index.best(question):
            article = archive.by_number(number, since=since, until=until, outlet=outlet, language=language)
            if article is None:
                continue
            yield Hit(article=article, excerpt=excerpt(article.text, words))
            found += 1
            if found == limit:
                return


class Index:
    """The index of one data directory. Used by one thread at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def update(
        self, archive: Archive, progress: Callable[[int], None] = lambda _done: None, *, most: int | None = None
    ) -> bool:
        """Add what is new; begin anew when articles have been removed, so that nothing of them stays.

        With `most`, ends after about so many articles and without looking for removed ones. Returns whether it may
        have left some out. Others may do the same at the same time.
        """
        if most is None:
            self.begin_anew_if_stale(archive)
        last, added = self.last(), 0
        while most is None or added < most:
            batch = archive.numbered_after(last, min(_BATCH, most or _BATCH))
            if not batch:
                return False
            added += self._add(last, batch)
            last = self.last()
            progress(added)
        return True

    def begin_anew_if_stale(self, archive: Archive) -> None:
        """Empty it when articles that it knows have been removed, so that nothing of them stays."""
        if archive.count_to(self.last()) != self._count():
            _begin_anew(self._connection)

    def _add(self, last: int, batch: list[tuple[int, Article]]) -> int:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            # Another process may have added the same meanwhile.
            added = batch if self.last() == last else []
            self._connection.executemany(
                "INSERT INTO pages (rowid, title, text, about) VALUES (?, ?, ?, ?)",
                [
                    (number, _spaced(article.title or ""), _spaced(article.text), _about(article))
                    for number, article in added
                ],
            )
            self._connection.executemany("INSERT INTO known VALUES (?)", [(number,) for number, _ in added])
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
        return len(added)

    def last(self) -> int:
        """The number of the last article in it; 0 when it is empty."""
        return int(self._connection.execute("SELECT coalesce(max(number), 0) FROM known").fetchone()[0])

    def _count(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM known").fetchone()[0])

    def best(self, question: str) -> Iterator[int]:
        """Numbers of the articles that answer a question of `question_for`, the best first."""
        rows = self._connection.execute(
            "SELECT rowid FROM pages WHERE pages MATCH ? ORDER BY bm25(pages, 4.0, 1.0, 0.0)", (question,)
        )
        return (number for (number,) in rows)

    def newest(self, question: str, before: int | None, limit: int) -> list[int]:
        """The same, those saved last first; with `before`, smaller numbers only."""
        rows = self._connection.execute(
            "SELECT rowid FROM pages WHERE pages MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?",
            (question, 1 << 62 if before is None else before, limit),
        )
        return [number for (number,) in rows]

    def count(self, question: str, most: int) -> int:
        """How many there are, counted no further than `most`."""
        row = self._connection.execute(
            "SELECT count(*) FROM (SELECT 1 FROM pages WHERE pages MATCH ? LIMIT ?)", (question, most)
        )
        return int(row.fetchone()[0])


@contextmanager
def open_index(data: Path) -> Iterator[Index]:
    """The index beside an archive, made when there is none. Raises StoreUnavailableError when it cannot be."""
    path = Layout(data).search
    with translated(path), closing(_open(path)) as connection:
        yield Index(connection)


@contextmanager
def open_index_to_read(data: Path) -> Iterator[Index | None]:
    """The index as it stands, to be asked and not changed; None when there is none yet, or one of another version."""
    path = Layout(data).root / "search.db"
    if not path.is_file():
        yield None
        return
    with translated(path), closing(sqlite3.connect(read_address(path), uri=True, timeout=5)) as connection:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        yield Index(connection) if version == _VERSION else None


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
        # Readers go on while it is written.
        connection.execute("PRAGMA journal_mode=WAL")
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
        "CREATE VIRTUAL TABLE pages "
        "USING fts5(title, text, about, content='', tokenize='unicode61 remove_diacritics 2')"
    )
    connection.execute("CREATE TABLE known (number INTEGER PRIMARY KEY)")


def question_for(words: str, *, outlet: str | None = None, language: str | None = None, day: date | None = None) -> str:
    """A question in the index's own language; whatever signs of the words mean there, here they are text.

    `day` is the one of publication, in UTC. Empty when nothing is asked.
    """
    about = [_outlet(outlet)] if outlet else []
    about += [_language(language)] if language else []
    about += [_day(day)] if day else []
    parts = [f"{{title text}} : ({' AND '.join(_terms(words))})"] if _terms(words) else []
    return " AND ".join((*parts, *(f'about : "{word}"' for word in about)))


def terms_of(words: str) -> list[str]:
    """The words and phrases of a question as they were written, without the star at the end of a word."""
    return [term for term, _ in _asked(words)]


def _asked(words: str) -> Iterator[tuple[str, bool]]:
    """Each word and phrase, and whether it is the beginning of what is looked for."""
    for phrase, word in _PHRASES.findall(words):
        term = phrase or word.rstrip("*")
        if _WORD.search(term):
            yield term, word.endswith("*")


def _terms(words: str) -> list[str]:
    asked = ((_spaced(term.replace('"', "").replace("\0", "")), begins) for term, begins in _asked(words))
    return [f'"{term}"*' if begins else f'"{term}"' for term, begins in asked]


def _spaced(text: str) -> str:
    return _UNSPACED.sub(r" \1 ", text)


def _about(article: Article) -> str:
    when = (article.published or article.found_at).astimezone(UTC).date()
    told = [_outlet(article.outlet), _day(when)]
    return " ".join(told if article.language is None else [*told, _language(article.language)])


def _outlet(identity: str) -> str:
    return f"o{identity.encode(errors='replace').hex()}"


def _language(code: str) -> str:
    return f"l{code.encode(errors='replace').hex()}"


def _day(day: date) -> str:
    return f"d{day:%Y%m%d}"


def excerpt(text: str, words: str, around: int = _AROUND) -> str:
    """The text around the first of the words; its beginning when none of them stands there as it was written."""
    plain = text.replace("\n", " ")
    at = min((place for term in terms_of(words) if (place := plain.casefold().find(term.casefold())) >= 0), default=0)
    start, end = max(0, at - around), at + around
    return ("…" if start else "") + plain[start:end].strip() + ("…" if end < len(plain) else "")
