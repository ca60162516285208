"""What a group of verdicts changes in the catalog. All within the caller's transaction."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, assert_never

from scraper.model.article import Article
from scraper.model.verdict import Deferred, Dropped, DropReason, Judged, Kept, Outcome, Relation
from scraper.storage import hourly, pending, rows
from scraper.storage.characters import storable, storable_or_none
from scraper.storage.layout import Stream, day
from scraper.storage.moments import to_micros
from scraper.storage.names import name, name_of_id, pack_cluster, pack_id
from scraper.storage.naming import Names
from scraper.storage.pending import State
from scraper.storage.segments import Place
from scraper.storage.words import Words

KEPT = "kept"
"""What stands for a reason in the tallies when there is none."""

Row = tuple[Any, ...]

_DECIDE = (
    (
        "UPDATE entries SET state = column1, reason = column2, detail = column3, decided_at = column4, "
        "attempts = column5, title = coalesce(column6, title), story = coalesce(column7, story)"
    ),
    "number = column8",
)


@dataclass(slots=True)
class Settled:
    """An outcome on its way into the catalog: the entry it belongs to, and the line and the raw pages it has."""

    outcome: Outcome
    name: int
    """What the entry's key is called."""
    number: int
    """0 while its entry was never queued."""
    stream: Stream | None = None
    """Where its line goes, if it has one."""
    line: bytes = b""
    place: Place | None = None
    pages: list[Place] = field(default_factory=list)


class Catalog:
    """Records verdicts."""

    def __init__(self, words: Words, names: Names) -> None:
        self._words = words
        self._names = names

    def record(self, connection: sqlite3.Connection, settled: Iterable[Settled], now: datetime) -> None:
        """Everything that the verdicts change."""
        group = _Group(connection, self._words, self._names, now)
        for one in settled:
            group.add(one)
        group.write()

    def has(self, connection: sqlite3.Connection, article: Article) -> bool:
        """Whether this very revision is saved."""
        row = connection.execute(
            "SELECT 1 FROM articles WHERE entry = ? AND id = ? AND revision = ? AND copy = 0",
            (self._names.entry(connection, name_of_id(article.id)), pack_id(article.id), article.revision),
        ).fetchone()
        return row is not None


class _Group:
    """Rows to be written, gathered so that each table is visited once."""

    def __init__(self, connection: sqlite3.Connection, words: Words, names: Names, now: datetime) -> None:
        self._connection = connection
        self._words = words
        self._names = names
        self._today = day(now)
        self._now = to_micros(now)
        self._story: int
        (self._story,) = connection.execute(
            "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'stories'"
        ).fetchone()
        self._new_names: list[tuple[int, int]] = []
        self._articles: list[Row] = []
        self._stories: list[Row] = []
        self._judgements: list[Row] = []
        self._raw: list[Row] = []
        self._decisions: list[Row] = []
        self._finished: list[int] = []
        self._looked_at_again: list[Row] = []
        self._superseded: list[tuple[str, Article]] = []
        self._tallies: Counter[tuple[int, str]] = Counter()
        self._hours: hourly.Counts = Counter()
        self._moment = now

    def add(self, one: Settled) -> None:
        """Take in one verdict."""
        self._new_names += [(name(alias), one.number) for alias in one.outcome.aliases]
        if one.pages:
            self._add_pages(one)
        match one.outcome.verdict:
            case Kept(article=article, judged=judged):
                identity = name_of_id(article.id)
                if identity != one.name:
                    self._new_names.append((identity, one.number))
                story = self._add_article(one, article, judged, copy=False)
                if one.outcome.verdict.supersedes is not None:
                    self._superseded.append((one.outcome.verdict.supersedes, article))
                self._decide(one, State.KEPT, story)
            case Dropped(article=article, judged=judged) if article is not None and judged is not None:
                self._decide(one, State.DROPPED, self._add_article(one, article, judged, copy=True))
            case Dropped():
                self._decide(one, State.DROPPED, None)
            case Deferred() as verdict:
                pending.defer(self._connection, one.number, one.outcome, verdict)
            case _:
                assert_never(one.outcome.verdict)

    def _add_pages(self, one: Settled) -> None:
        self._raw += [
            (one.number, index, to_micros(page.fetched_at), place.segment, place.offset, place.length)
            for index, (page, place) in enumerate(zip(one.outcome.pages, one.pages, strict=True))
        ]

    def _number(self, text: str) -> int:
        return self._words.number(self._connection, text)

    def _add_article(self, one: Settled, article: Article, judged: Judged, *, copy: bool) -> int:
        """Its line, where it has one, and what the judge must remember of it; gives the number of the story."""
        own, time = pack_id(article.id), to_micros(article.published or article.found_at)
        if one.place is not None:
            self._articles.append(
                (
                    one.number,
                    own,
                    article.revision,
                    copy,
                    one.place.segment,
                    one.place.offset,
                    one.place.length,
                    self._now,
                    time,
                    None if article.language is None else self._number(article.language),
                    pack_cluster(article.cluster, article.id),
                )
            )
        return self._remember(one, article, judged, (own, time))

    def _remember(self, one: Settled, article: Article, judged: Judged, own_time: tuple[bytes | str, int]) -> int:
        (own, time), judgement = own_time, judged.judgement
        cluster = pack_cluster(judgement.cluster, article.id)
        if one.outcome.pending.revision_of is not None:
            self._looked_at_again.append((one.number,))
        self._story += 1
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
        hourly.count(self._hours, one.outcome, outlet, self._moment)
        self._finished.append(one.number)
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
        self._names.add(self._connection, self._new_names)
        many("DELETE FROM stories WHERE number = (SELECT story FROM entries WHERE number = ?)", self._looked_at_again)
        many("DELETE FROM judgements WHERE entry = ?", self._looked_at_again)
        rows.insert(
            self._connection,
            "INSERT INTO articles (entry, id, revision, copy, segment, offset, length, saved_at, time, language, "
            "cluster)",
            self._articles,
        )
        rows.insert(
            self._connection,
            "INSERT INTO stories (number, entry, id, outlet, time, cluster, fingerprint)",
            self._stories,
        )
        rows.insert(self._connection, "INSERT INTO raw", self._raw)
        rows.insert(self._connection, "INSERT OR REPLACE INTO judgements", self._judgements)
        rows.update(self._connection, _DECIDE, self._decisions)
        for superseded, by in self._superseded:
            self._supersede(superseded, by)
        rows.delete(self._connection, "pending WHERE entry", self._finished)
        rows.insert(
            self._connection,
            "INSERT INTO tallies",
            [(self._today, outlet, reason, stories) for (outlet, reason), stories in sorted(self._tallies.items())],
            "ON CONFLICT DO UPDATE SET stories = stories + excluded.stories",
        )
        hourly.add(self._connection, self._hours, self._moment)

    def _supersede(self, superseded: str, by: Article) -> None:
        """Count a kept article among the copies from now on; its line stays where it is."""
        row = self._connection.execute(
            "SELECT number, outlet FROM entries WHERE number = ? AND state = ?",
            (self._names.entry(self._connection, name_of_id(superseded)), State.KEPT),
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
