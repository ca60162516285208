"""What became of one story: everything that the catalog knows about an entry."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from scraper.model.verdict import Judgement, Relation
from scraper.storage.lines import Lines
from scraper.storage.moments import from_micros, from_micros_or_none
from scraper.storage.names import name, name_of_id, pack_id, unpack_cluster, unpack_id
from scraper.storage.naming import Names
from scraper.storage.pending import State
from scraper.urls import canonical

_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)


class Standing(StrEnum):
    """Where a story is on its way, as a person is told."""

    PENDING = "pending"
    CLAIMED = "claimed"
    """Being worked on right now."""
    DEFERRED = "deferred"
    KEPT = "kept"
    DROPPED = "dropped"
    REMOVED = "removed"
    """Was kept, and taken out by retention or by hand; it is not collected again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One line of the archive."""

    id: str
    revision: int
    copy: bool
    """It stands among the duplicates."""
    file: Path
    offset: int
    """In bytes, as they are before compression."""
    length: int
    saved_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A story of the same cluster."""

    id: str
    outlet: str
    url: str
    title: str | None
    time: datetime
    standing: Standing
    judgement: Judgement | None
    """None for the story that opened the cluster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What became of one story."""

    key: str
    url: str
    outlet: str
    source: str
    title: str | None
    published: datetime | None
    """As the source listed it."""
    found_at: datetime
    standing: Standing
    reason: str | None
    """Why it was dropped, or why it was deferred the last time."""
    detail: str | None
    attempts: int
    ready_at: datetime | None
    """When it may be fetched, while it waits; when the claim on it ends, while it is worked on."""
    decided_at: datetime | None
    article_id: str | None
    """The id of the article, kept or copy, where there is one."""
    saved: tuple[Saved, ...]
    judgement: Judgement | None
    cluster: tuple[Member, ...]
    """All stories of its cluster in the order of their times, itself included; empty when it is alone."""


def find(connection: sqlite3.Connection, names: Names, text: str, *, thorough: bool = True) -> int | None:
    """The entry that goes by a key, an address in any of its forms, or an article id.

    `thorough` walks through all entries for an address that is neither a key nor an alias.
    """
    hashes = [name(text)]
    if _ID.fullmatch(text):
        hashes.append(name_of_id(text))
    folded = canonical(text)
    if folded is not None:
        hashes.append(name(folded))
    for value in hashes:
        number = names.entry(connection, value)
        if number is not None:
            return number
    if not thorough or _ID.fullmatch(text):
        return None
    row = connection.execute("SELECT number FROM entries WHERE url = ? LIMIT 1", (text,)).fetchone()
    return None if row is None else int(row[0])


def read(connection: sqlite3.Connection, names: Names, lines: Lines, number: int) -> History:
    """The history of an entry."""
    row = connection.execute(
        "SELECT e.key, e.url, o.text, s.text, e.title, e.published, e.found_at, e.state, "
        "coalesce(p.reason, e.reason), coalesce(p.detail, e.detail), coalesce(p.attempts, e.attempts), p.ready_at, "
        "p.leased, e.decided_at FROM entries e LEFT JOIN pending p ON p.entry = e.number "
        "JOIN words o ON o.number = e.outlet JOIN words s ON s.number = e.source WHERE e.number = ?",
        (number,),
    ).fetchone()
    saved = tuple(_saved(connection, lines, number))
    story = connection.execute(
        "SELECT st.id, st.cluster FROM entries e JOIN stories st ON st.number = e.story WHERE e.number = ?", (number,)
    ).fetchone()
    own = unpack_id(story[0]) if story is not None else (saved[-1].id if saved else None)
    company = () if own is None or story is None else cluster(connection, names, unpack_cluster(story[1], own))
    return History(
        key=row[0],
        url=row[0] if row[1] is None else row[1],
        outlet=row[2],
        source=row[3],
        title=row[4],
        published=None if row[5] is None else datetime.fromisoformat(row[5]),
        found_at=from_micros(row[6]),
        standing=_standing(row[7], ready=row[11] is not None, leased=bool(row[12]), reason=row[8]),
        reason=row[8],
        detail=row[9],
        attempts=row[10],
        ready_at=from_micros_or_none(row[11]),
        decided_at=from_micros_or_none(row[13]),
        article_id=own,
        saved=saved,
        judgement=_judgement(connection, number),
        cluster=company,
    )


def _standing(state: int, *, ready: bool, leased: bool, reason: str | None) -> Standing:
    if state != State.PENDING or not ready:
        return {State.KEPT: Standing.KEPT, State.REMOVED: Standing.REMOVED}.get(State(state), Standing.DROPPED)
    if leased:
        return Standing.CLAIMED
    return Standing.DEFERRED if reason is not None else Standing.PENDING


def _saved(connection: sqlite3.Connection, lines: Lines, number: int) -> Iterator[Saved]:
    rows = connection.execute(
        "SELECT id, revision, copy, segment, offset, length, saved_at FROM articles WHERE entry = ? AND copy < 2 "
        "ORDER BY revision, number",
        (number,),
    ).fetchall()
    for row in rows:
        yield Saved(
            id=unpack_id(row[0]),
            revision=row[1],
            copy=bool(row[2]),
            file=lines.file(row[3]),
            offset=row[4],
            length=row[5],
            saved_at=from_micros(row[6]),
        )


def _judgement(connection: sqlite3.Connection, number: int) -> Judgement | None:
    row = connection.execute(
        "SELECT id, relation, cluster, of, similarity, containment, resemblance, why FROM judgements WHERE entry = ?",
        (number,),
    ).fetchone()
    return None if row is None else judgement_of(row)


def judgement_of(row: tuple[Any, ...]) -> Judgement:
    """The judgement that a row (id, relation, cluster, of, similarity, containment, resemblance, why) holds."""
    return Judgement(
        relation=Relation(row[1]),
        cluster=unpack_cluster(row[2], unpack_id(row[0])),
        of=None if row[3] is None else unpack_id(row[3]),
        similarity=row[4],
        containment=row[5],
        resemblance=row[6],
        why=row[7],
    )


def cluster(connection: sqlite3.Connection, names: Names, identity: str) -> tuple[Member, ...]:
    """The stories of a cluster in the order of their times; empty when there is only one."""
    rows = connection.execute(
        "SELECT st.id, o.text, e.key, e.url, e.title, st.time, e.state, "
        "j.id, j.relation, j.cluster, j.of, j.similarity, j.containment, j.resemblance, j.why "
        "FROM entries e JOIN stories st ON st.number = e.story JOIN words o ON o.number = st.outlet "
        "LEFT JOIN judgements j ON j.entry = e.number WHERE e.number IN "
        "(SELECT entry FROM judgements WHERE cluster = ? UNION SELECT ?) "
        "ORDER BY st.time, st.number",
        (pack_id(identity), names.entry(connection, name_of_id(identity))),
    ).fetchall()
    if len(rows) < 2:  # noqa: PLR2004 - one is no company
        return ()
    return tuple(
        Member(
            id=unpack_id(row[0]),
            outlet=row[1],
            url=row[2] if row[3] is None else row[3],
            title=row[4],
            time=from_micros(row[5]),
            standing=_standing(row[6], ready=False, leased=False, reason=None),
            judgement=None if row[7] is None else judgement_of(row[7:]),
        )
        for row in rows
    )
