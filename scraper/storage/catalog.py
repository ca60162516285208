"""What a group of verdicts changes in the catalog. All within the caller's transaction."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, assert_never

from scraper.model.article import Article
from scraper.model.verdict import Deferred, Dropped, DropReason, Judged, Kept, Outcome, Relation
from scraper.storage import hourly, pending
from scraper.storage.characters import storable, storable_or_none
from scraper.storage.layout import day
from scraper.storage.moments import to_micros
from scraper.storage.names import name, name_of_id, pack_cluster, pack_id
from scraper.storage.pending import State
from scraper.storage.segments import Place
from scraper.storage.words import Words

KEPT = "kept"
"""What stands for a reason in the tallies when there is none."""

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An outcome, the entry it belongs to, and where its line and its raw pages stand, if it has any."""

    number: int
    outcome: Outcome
    place: Place | None
    pages: tuple[Place, ...] = ()


class Catalog:
    """Records verdicts."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def record(self, connection: sqlite3.Connection, settled: Iterable[Settled], now: datetime) -> None:
        """Everything that the verdicts change."""
        group = _Group(connection, self._words, now)
        for one in settled:
            group.add(one)
        group.write()

    def has(self, connection: sqlite3.Connection, article: Article) -> bool:
        """Whether this very revision is saved."""
        row = connection.execute(
            "SELECT 1 FROM names JOIN articles ON articles.entry = names.entry "
            "WHERE names.hash = ? AND articles.id = ? AND articles.revision = ? AND articles.copy = 0",
            (name_of_id(article.id), pack_id(article.id), article.revision),
        ).fetchone()
        return row is not None


class _Group:
    """Rows to be written, gathered so that each table is visited once."""

    def __init__(self, connection: sqlite3.Connection, words: Words, now: datetime) -> None:
        self._connection = connection
        self._words = words
        self._today = day(now)
        self._now = to_micros(now)
        self._story: int
        (self._story,) = connection.execute(
            "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'stories'"
        ).fetchone()
        self._names: list[Row] = []
        self._articles: list[Row] = []
        self._stories: list[Row] = []
        self._judgements: list[Row] = []
        self._raw: list[Row] = []
        self._decisions: list[Row] = []
        self._finished: list[Row] = []
        self._looked_at_again: list[Row] = []
        self._superseded: list[tuple[str, Article]] = []
        self._tallies: Counter[tuple[int, str]] = Counter()
        self._hours: hourly.Counts = Counter()
        self._moment = now

    def add(self, one: Settled) -> None:
        """Take in one verdict."""
        self._names += [(name(alias), one.number) for alias in one.outcome.aliases]
        self._raw += [
            (one.number, index, to_micros(page.fetched_at), place.segment, place.offset, place.length)
            for index, (page, place) in enumerate(zip(one.outcome.pages, one.pages, strict=True))
        ]
        match one.outcome.verdict:
            case Kept(article=article, judged=judged):
                self._names.append((name_of_id(article.id), one.number))
                self._add_line(one, article, copy=False)
                if one.outcome.verdict.supersedes is not None:
                    self._superseded.append((one.outcome.verdict.supersedes, article))
                self._decide(one, State.KEPT, self._remember(one, article, judged))
            case Dropped(article=article, judged=judged) if article is not None and judged is not None:
                self._add_line(one, article, copy=True)
                self._decide(one, State.DROPPED, self._remember(one, article, judged))
            case Dropped():
                self._decide(one, State.DROPPED, None)
            case Deferred() as verdict:
                pending.defer(self._connection, one.number, one.outcome, verdict)
            case _:
                assert_never(one.outcome.verdict)

    def _number(self, text: str) -> int:
        return self._words.number(self._connection, text)

    def _add_line(self, one: Settled, article: Article, *, copy: bool) -> None:
        if one.place is None:
            return
        self._articles.append(
            (
                one.number,
                pack_id(article.id),
                article.revision,
                copy,
                one.place.segment,
                one.place.offset,
                one.place.length,
                self._now,
                to_micros(article.published or article.found_at),
                None if article.language is None else self._number(article.language),
                pack_cluster(article.cluster, article.id),
            )
        )

    def _remember(self, one: Settled, article: Article, judged: Judged) -> int:
        judgement = judged.judgement
        own = pack_id(article.id)
        cluster = pack_cluster(judgement.cluster, article.id)
        if one.outcome.pending.revision_of is not None:
            self._looked_at_again.append((one.number,))
        self._story += 1
        time = to_micros(article.published or article.found_at)
        self._stories.append(
            (self._story, one.number, own, self._number(article.outlet), time, cluster, judged.fingerprint)
        )
        if judgement.relation is not Relation.NEW:
            self._judgements.append(
                (
                    one.number,
                    own,
                    judgement.relation,
                    cluster,
                    None if judgement.of is None else pack_id(judgement.of),
                    judgement.similarity,
                    judgement.containment,
                    judgement.resemblance,
                    storable(judgement.why),
                )
            )
        return self._story

    def _decide(self, one: Settled, state: State, story: int | None) -> None:
        verdict, waiting = one.outcome.verdict, one.outcome.pending
        reason, detail = (verdict.reason.value, verdict.detail) if isinstance(verdict, Dropped) else (None, None)
        title = verdict.article.title if isinstance(verdict, Kept | Dropped) and verdict.article else None
        outlet = self._number(waiting.entry.outlet)
        self._tallies[outlet, reason or KEPT] += 1
        self._hours.update(hourly.counted(one.outcome, outlet, self._moment))
        self._finished.append((one.number,))
        if waiting.revision_of is not None and state is not State.KEPT:
            # A kept story that was looked at again and gave nothing new stays kept.
            state, reason, detail = State.KEPT, None, None
        self._decisions.append(
            (
                state,
                reason,
                storable_or_none(detail),
                self._now,
                waiting.attempts,
                storable_or_none(title),
                story,
                one.number,
            )
        )

    def write(self) -> None:
        """Put all rows in."""
        many = self._connection.executemany
        many("INSERT OR IGNORE INTO names VALUES (?, ?)", self._names)
        many("DELETE FROM stories WHERE number = (SELECT story FROM entries WHERE number = ?)", self._looked_at_again)
        many("DELETE FROM judgements WHERE entry = ?", self._looked_at_again)
        many(
            "INSERT INTO articles (entry, id, revision, copy, segment, offset, length, saved_at, time, language, "
            "cluster) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._articles,
        )
        many(
            "INSERT INTO stories (number, entry, id, outlet, time, cluster, fingerprint) VALUES (?, ?, ?, ?, ?, ?, ?)",
            self._stories,
        )
        many("INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?)", self._raw)
        many("INSERT OR REPLACE INTO judgements VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", self._judgements)
        many(
            "UPDATE entries SET state = ?, reason = ?, detail = ?, decided_at = ?, attempts = ?, "
            "title = coalesce(?, title), story = coalesce(?, story) WHERE number = ?",
            self._decisions,
        )
        for superseded, by in self._superseded:
            self._supersede(superseded, by)
        many("DELETE FROM pending WHERE entry = ?", self._finished)
        many(
            "INSERT INTO tallies VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET stories = stories + excluded.stories",
            [(self._today, outlet, reason, stories) for (outlet, reason), stories in self._tallies.items()],
        )
        hourly.add(self._connection, self._hours, self._moment)

    def _supersede(self, superseded: str, by: Article) -> None:
        """Count a kept article among the copies from now on; its line stays where it is."""
        row = self._connection.execute(
            "SELECT n.entry, e.outlet FROM names n JOIN entries e ON e.number = n.entry "
            "WHERE n.hash = ? AND e.state = ?",
            (name_of_id(superseded), State.KEPT),
        ).fetchone()
        if row is None:
            return
        entry, outlet = row
        self._connection.execute("UPDATE articles SET copy = 1 WHERE entry = ? AND copy = 0", (entry,))
        self._connection.execute(
            "UPDATE entries SET state = ?, reason = ?, detail = ? WHERE number = ?",
            (State.DROPPED, DropReason.SUPERSEDED, f"{by.id} ({by.outlet}) is kept instead", entry),
        )
        self._tallies[outlet, KEPT] -= 1
        self._tallies[outlet, DropReason.SUPERSEDED.value] += 1
