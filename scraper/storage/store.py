"""The store: everything that is remembered, changed by whole transactions.

A commit appends the article lines and makes one SQLite transaction that says how many bytes of each file count,
together with all that refers to them; it is committed when the lines are on the disk. What a crash leaves beyond those
bytes was never acknowledged, and the next start cuts it off.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from sqlite3 import Connection
from types import MappingProxyType

from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedState
from scraper.model.span import Span
from scraper.model.verdict import DropReason, Outcome, Remembered
from scraper.settings import StoreSettings
from scraper.storage import feeds, pending, warc
from scraper.storage.catalog import Catalog, Settled
from scraper.storage.database import Database
from scraper.storage.errors import InDoubtError, translated
from scraper.storage.fencing import begin_epoch
from scraper.storage.history import find
from scraper.storage.layout import Stream
from scraper.storage.lock import Lock
from scraper.storage.moments import from_micros, to_micros
from scraper.storage.names import name, name_of_id, unpack_cluster, unpack_id
from scraper.storage.naming import Names
from scraper.storage.pending import State
from scraper.storage.planning import Planner
from scraper.storage.removal import Remover, entries_of
from scraper.storage.sealing import Sealer
from scraper.storage.segments import Segments
from scraper.storage.words import Words

_NO_GROUPS: Mapping[str, str | None] = MappingProxyType({})
Memory = Mapping[str, bytes | None]
_NOTHING: Memory = MappingProxyType({})


class Store:
    """Implements `scraper.engine.ports.Store`. Used by one thread at a time; close it when done."""

    def __init__(
        self,
        settings: StoreSettings,
        database: Database,
        segments: Segments,
        lock: Lock,
        *,
        sealer: Sealer,
        remover: Remover,
        keep_duplicates: bool,
        keep_days: Mapping[str, int],
    ) -> None:
        self._sealer = sealer
        self._remover = remover
        self._keep_days = keep_days
        self._settings = settings
        self._database = database
        self._segments = segments
        self._lock = lock
        self._words = Words()
        self._names = Names(alone=True)
        self._sorting: Iterator[None] | None = None
        self._rooms: dict[str, int] = {}
        """How many more stories of an outlet may wait, at the least."""
        self._catalog = Catalog(self._words, self._names)
        self._planner = Planner(self._names, self._catalog, keep_duplicates=keep_duplicates)
        self.recovered: tuple[str, ...] = ()
        """What the start had to mend, a sentence each."""

    @property
    def _read(self) -> Connection:
        return self._database.connection

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        self.check()
        try:
            with self._database.transaction() as connection:
                self._names.refresh(connection)
                yield connection
        except BaseException:
            self._words.forget()
            self._names.forget()
            raise

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        self.check()
        with translated(self._settings.data):
            yield self._read

    def check(self) -> None:
        """Raise StoreGoneError when the data directory was deleted or replaced; every other call does so too."""
        self._lock.check()

    def register(self, feeds_: Iterable[FeedState], /) -> None:
        """Make sure each feed has a state; feeds not named are retired."""
        with self._transaction() as connection:
            feeds.register(connection, list(feeds_))

    def due(self, now: datetime, limit: int) -> list[FeedState]:
        """Feeds to be asked by `now`, the longest due first."""
        with self._reading() as connection:
            return feeds.due(connection, now, limit)

    def feeds(self) -> list[FeedState]:
        """Every feed that is not retired, by outlet and address."""
        with self._reading() as connection:
            return feeds.every(connection)

    def record_poll(self, state: FeedState, entries: Sequence[Entry], now: datetime) -> int:
        """Remember the feed's new state and its new entries, together."""
        with self._transaction() as connection:
            taken = pending.add(connection, self._words, self._names, entries, now, rooms=self._rooms)
            feeds.save(connection, feeds.crowded(state, taken.passed_over, now) if taken.passed_over else state)
            return taken.new

    def add(self, entries: Sequence[Entry], now: datetime) -> int:
        """Remember entries that a feed's publisher pushed."""
        with self._transaction() as connection:
            return pending.add(connection, self._words, self._names, entries, now, rooms=self._rooms).new

    def hasten(self, feed: str, now: datetime, floor: timedelta) -> bool:
        """Have a feed asked as soon as `floor` after its last poll, unless it is failing; whether that is sooner."""
        with self._transaction() as connection:
            return feeds.hasten(connection, feed, now, floor)

    def enqueue(
        self, entries: Sequence[Entry], now: datetime, limit: int | None = None, span: Span | None = None
    ) -> int:
        """Remember entries of a finite source as pending work, at most `limit` of them."""
        with self._transaction() as connection:
            span = span or Span()
            return pending.enqueue(connection, self._words, self._names, entries, now, limit=limit, span=span)

    def judged_before(self, keys: Sequence[str], moment: datetime) -> int:
        """How many of the keys are of stories that had their verdict before a moment."""
        with self._reading() as connection:
            self._names.refresh(connection)
            return pending.judged_before(connection, self._names, keys, moment)

    def claim(
        self,
        now: datetime,
        limit: int,
        lease: timedelta,
        skip_outlets: frozenset[str] = frozenset(),
        each: int | None = None,
    ) -> list[Pending]:
        """Take pending entries that are ready, at most `each` of an outlet.

        Outlets take turns; each one's longest ready comes first.
        """
        with self._reading() as connection:
            if not pending.any_ready(connection, now):
                return []
        with self._transaction() as connection:
            skip = frozenset(self._words.number(connection, outlet) for outlet in skip_outlets)
            return pending.claim(connection, now, limit, lease, skip=skip, each=limit if each is None else each)

    def release(self, keys: Sequence[str]) -> None:
        """Give claimed entries back untried."""
        with self._transaction() as connection:
            pending.release(connection, self._names, keys)

    def revisit(self, keys: Sequence[str], at: datetime) -> int:
        """Have kept stories looked at again from `at` on, as a possible new revision. Returns how many will be."""
        with self._transaction() as connection:
            return sum(pending.revisit(connection, self._names, key, at) for key in keys)

    def wanted(self, keys: Sequence[str]) -> frozenset[str]:
        """Which of the keys a page at hand would answer: unknown ones, and those dropped for want of the page."""
        with self._reading() as connection:
            self._names.refresh(connection)
            known = self._names.entries(connection, tuple(map(name, keys)))
            return frozenset(
                key for key in keys if not (number := known.get(name(key))) or pending.lacks_page(connection, number)
            )

    def waiting(self, run: int) -> int:
        """How many entries of a backfill wait for their first try, or are being tried."""
        with self._reading() as connection:
            return pending.of_run(connection, run)

    def commit(self, outcomes: Sequence[Outcome], now: datetime, remember: Memory = _NOTHING) -> None:
        """Make all outcomes durable and visible together, and with them the values to remember, by their names.

        An outcome whose entry was decided before is passed over, so the same call may be made again.
        """
        with self._reading() as connection:
            self._sort_names()
            self._names.refresh(connection)
            plan = self._planner.plan(connection, outcomes)
        if not plan:
            self.remember_all(remember)
            return
        try:
            with translated(self._settings.data):
                self._database.guard(self._read)
                self._append(plan, now)
            with self._transaction() as connection:
                self._take_in(connection, plan)
                self._catalog.record(connection, plan, now)
                self._segments.record(connection)
                _remember(connection, remember)
        except InDoubtError:
            self._segments.abandon()
            raise
        except BaseException:
            self._give_up_group()
            raise
        self._segments.accept()

    def _sort_names(self) -> None:
        """Sort a portion of the recent names in, when they are many."""
        if self._sorting is None and self._names.are_many(self._read):
            self._sorting = self._names.sort_in(self._database)
        if self._sorting is not None:
            try:
                next(self._sorting)
            except StopIteration:
                self._sorting = None
            except BaseException:
                self._sorting = None
                raise

    def _give_up_group(self) -> None:
        try:
            self._segments.roll_back()
        except sqlite3.Error:
            # Whether the group counts cannot be known now: what follows goes to new files, the next start decides.
            self._segments.abandon()

    def _append(self, plan: Sequence[Settled], now: datetime) -> None:
        for stream in (Stream.ARTICLES, Stream.DUPLICATES):
            chosen = [settled for settled in plan if settled.stream is stream]
            places = self._segments.append(stream, [settled.line for settled in chosen], now)
            for settled, place in zip(chosen, places, strict=True):
                settled.place = place
        self._append_pages(plan, now)

    def _append_pages(self, plan: Sequence[Settled], now: datetime) -> None:
        owners = [(settled, page) for settled in plan for page in settled.outcome.pages]
        if not owners:
            return
        raw = [warc.encode(page) for _, page in owners]
        for (settled, _), place in zip(
            owners, self._segments.append(Stream.RAW, raw, now, warc.preamble(now)), strict=True
        ):
            settled.pages.append(place)

    def _take_in(self, connection: Connection, plan: Sequence[Settled]) -> None:
        for settled in plan:
            if not settled.number:
                waiting = settled.outcome.pending
                entry, found_at = waiting.entry, waiting.found_at
                settled.number = pending.insert(connection, self._words, self._names, entry, found_at)

    def maintain(self, now: datetime) -> bool:
        """Do a small piece of housekeeping: seal files that are full or whose day is over, remove what has expired.

        Takes some 50 ms. Returns whether there is more to do, so that the caller comes back soon. What fails
        raises StoreUnavailableError and begins anew.
        """
        self.check()
        with translated(self._settings.data):
            self._remover.expire(self._settings.keep_days, self._keep_days, now)
            if self._remover.step(now):
                # A file that is being sealed may be the one that is written anew: sealing begins again.
                self._sealer.close()
                return True
            return self._sealer.step(now)

    def retry(self, stories: Sequence[str], now: datetime) -> int:
        """Have dropped stories (addresses or keys) fetched and judged once more. Returns how many will be."""
        with self._transaction() as connection:
            self._names.refresh(connection)
            found = dict.fromkeys(find(connection, self._names, story) for story in stories)
            return pending.retry(connection, [number for number in found if number is not None], now)

    def retry_dropped(
        self, reasons: Sequence[DropReason], now: datetime, *, outlet: str | None = None, since: datetime | None = None
    ) -> int:
        """The same for all that were dropped for one of the reasons, since a moment where one is named."""
        with self._transaction() as connection:
            return pending.retry(connection, pending.dropped_for(connection, reasons, outlet=outlet, since=since), now)

    def remove(self, stories: Sequence[str], why: str, now: datetime) -> int:
        """Remove stories (addresses, keys or article ids) for good. Returns how many there were.

        They are gone for readers at once; `maintain` then takes their bytes out of the files.
        """
        with self._reading() as connection:
            self._names.refresh(connection)
            found = entries_of(connection, [find(connection, self._names, story) for story in stories])
        if found:
            with translated(self._settings.data):
                self._remover.mark(found, why, now)
        return len(found)

    def is_removed(self, story: str) -> bool:
        """Whether the story with this article id was taken out again."""
        # Asked for each copy: that the directory is ours is looked at by the commit of the copy's group.
        with translated(self._settings.data):
            connection = self._read
            self._names.refresh(connection)
            number = self._names.entry(connection, name_of_id(story))
            row = connection.execute("SELECT state FROM entries WHERE number = ?", (number,)).fetchone()
        return row is not None and row[0] == State.REMOVED

    def remembered(
        self, after_seq: int = 0, groups: Mapping[str, str | None] = _NO_GROUPS, since: datetime | None = None
    ) -> Iterator[Remembered]:
        """Judged stories in the order of their commits, for the near-duplicate judge.

        `groups` gives the publisher group of each outlet; `since` leaves out stories that are older.
        """
        start = to_micros(since) if since is not None else -(1 << 62)
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT s.number, s.id, w.text, s.time, s.cluster, s.fingerprint FROM stories s "
                "JOIN words w ON w.number = s.outlet WHERE s.number > ? AND s.time >= ? ORDER BY s.number",
                (after_seq, start),
            )
            for number, stored, outlet, time, cluster, fingerprint in rows:
                own = unpack_id(stored)
                yield Remembered(
                    seq=number,
                    id=own,
                    outlet=outlet,
                    group=groups.get(outlet),
                    time=from_micros(time),
                    cluster=unpack_cluster(cluster, own),
                    fingerprint=fingerprint,
                )

    def memory(self, name: str) -> bytes | None:
        """What was remembered under this name."""
        with self._reading() as connection:
            row = connection.execute("SELECT value FROM memories WHERE name = ?", (name,)).fetchone()
        return None if row is None else bytes(row[0])

    def remember(self, name: str, value: bytes) -> None:
        """Keep a value under a name; an earlier one is replaced."""
        self.remember_all({name: value})

    def remember_all(self, values: Memory) -> None:
        """Keep values under their names, together; None forgets what stood under its name."""
        if not values:
            return
        with self._transaction() as connection:
            _remember(connection, values)

    def begin_epoch(self) -> int:
        """Shut out whoever wrote here before, dead or only thought so. Returns the number of the epoch."""
        return begin_epoch(self._database)

    def close(self) -> None:
        """Let go of the files and the lock."""
        self._sealer.close()
        self._remover.close()
        self._segments.close()
        self._database.close()
        self._lock.release()


def _remember(connection: Connection, values: Memory) -> None:
    for title, value in values.items():
        if value is None:
            connection.execute("DELETE FROM memories WHERE name = ?", (title,))
        else:
            connection.execute("INSERT OR REPLACE INTO memories VALUES (?, ?)", (title, value))
