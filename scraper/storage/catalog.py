"""What a verdict changes in the catalog. All within the caller's transaction."""

import sqlite3
from datetime import datetime
from typing import assert_never

from scraper.model.article import Article
from scraper.model.verdict import Deferred, Dropped, Judged, Kept, Outcome, Relation
from scraper.storage import pending
from scraper.storage.layout import day
from scraper.storage.moments import to_micros
from scraper.storage.names import name, name_of_id, pack_cluster, pack_id
from scraper.storage.pending import State
from scraper.storage.segments import Place
from scraper.storage.words import Words

KEPT = "kept"
"""What stands for a reason in the tallies when there is none."""


class Catalog:
    """Records verdicts."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def record(
        self, connection: sqlite3.Connection, number: int, outcome: Outcome, place: Place | None, now: datetime
    ) -> None:
        """Everything that one verdict changes; `place` is where its line stands, if it has one."""
        self._add_names(connection, number, outcome.aliases)
        match outcome.verdict:
            case Kept(article=article, judged=judged):
                self._add_names(connection, number, (), article.id)
                self._add_line(connection, number, article, place, now)
                self._remember(connection, number, article, judged)
                self._decide(connection, number, outcome, State.KEPT, now)
            case Dropped(article=article, judged=judged):
                if article is not None and judged is not None:
                    self._add_line(connection, number, article, place, now, copy=True)
                    self._remember(connection, number, article, judged)
                self._decide(connection, number, outcome, State.DROPPED, now)
            case Deferred() as verdict:
                pending.defer(connection, number, outcome, verdict)
            case _:
                assert_never(outcome.verdict)

    def has(self, connection: sqlite3.Connection, article: Article) -> bool:
        """Whether this very revision is saved."""
        row = connection.execute(
            "SELECT 1 FROM names JOIN articles ON articles.entry = names.entry "
            "WHERE names.hash = ? AND articles.id = ? AND articles.revision = ? AND articles.copy = 0",
            (name_of_id(article.id), pack_id(article.id), article.revision),
        ).fetchone()
        return row is not None

    def _add_names(
        self, connection: sqlite3.Connection, number: int, keys: tuple[str, ...], article_id: str | None = None
    ) -> None:
        hashes = [name(key) for key in keys]
        if article_id is not None:
            hashes.append(name_of_id(article_id))
        connection.executemany("INSERT OR IGNORE INTO names VALUES (?, ?)", [(value, number) for value in hashes])

    def _add_line(
        self,
        connection: sqlite3.Connection,
        number: int,
        article: Article,
        place: Place | None,
        now: datetime,
        *,
        copy: bool = False,
    ) -> None:
        if place is None:
            return
        language = None if article.language is None else self._words.number(connection, article.language)
        connection.execute(
            "INSERT INTO articles (entry, id, revision, copy, segment, offset, length, saved_at, time, language, "
            "cluster) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                number,
                pack_id(article.id),
                article.revision,
                copy,
                place.segment,
                place.offset,
                place.length,
                to_micros(now),
                to_micros(article.published or article.found_at),
                language,
                pack_cluster(article.cluster, article.id),
            ),
        )

    def _remember(self, connection: sqlite3.Connection, number: int, article: Article, judged: Judged) -> None:
        judgement = judged.judgement
        own = pack_id(article.id)
        (earlier,) = connection.execute("SELECT story FROM entries WHERE number = ?", (number,)).fetchone()
        if earlier is not None:
            connection.execute("DELETE FROM stories WHERE number = ?", (earlier,))
            connection.execute("DELETE FROM judgements WHERE entry = ?", (number,))
        story = connection.execute(
            "INSERT INTO stories (entry, id, outlet, time, cluster, fingerprint) VALUES (?, ?, ?, ?, ?, ?)",
            (
                number,
                own,
                self._words.number(connection, article.outlet),
                to_micros(article.published or article.found_at),
                pack_cluster(judgement.cluster, article.id),
                judged.fingerprint,
            ),
        ).lastrowid
        connection.execute("UPDATE entries SET story = ? WHERE number = ?", (story, number))
        if judgement.relation is not Relation.NEW:
            connection.execute(
                "INSERT OR REPLACE INTO judgements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number,
                    own,
                    judgement.relation,
                    pack_cluster(judgement.cluster, article.id),
                    None if judgement.of is None else pack_id(judgement.of),
                    judgement.similarity,
                    judgement.containment,
                    judgement.resemblance,
                    judgement.why,
                ),
            )

    def _decide(
        self, connection: sqlite3.Connection, number: int, outcome: Outcome, state: State, now: datetime
    ) -> None:
        verdict = outcome.verdict
        reason, detail = (verdict.reason.value, verdict.detail) if isinstance(verdict, Dropped) else (KEPT, None)
        title = verdict.article.title if isinstance(verdict, Kept | Dropped) and verdict.article else None
        # A kept story that was looked at again and gave nothing new stays kept.
        if outcome.pending.revision_of is None or state is State.KEPT:
            connection.execute(
                "UPDATE entries SET state = ?, reason = ?, detail = ?, decided_at = ?, attempts = ?, "
                "title = coalesce(?, title) WHERE number = ?",
                (
                    state,
                    None if reason == KEPT else reason,
                    detail,
                    to_micros(now),
                    outcome.pending.attempts,
                    title,
                    number,
                ),
            )
        connection.execute("DELETE FROM pending WHERE entry = ?", (number,))
        connection.execute(
            "INSERT INTO tallies SELECT ?, outlet, ?, 1 FROM entries WHERE number = ? "
            "ON CONFLICT DO UPDATE SET stories = stories + 1",
            (day(now), reason, number),
        )
