"""The catalog's tables, and the way from each earlier version to this one."""

import re
import sqlite3
from collections.abc import Mapping

VERSION = 5

# Random access is dear: only `names` is keyed by something random, and it is written in large sorted portions.
_TABLES = """
CREATE TABLE words (           -- outlet ids, languages, sources: written once, referred to by number
  number INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
);
CREATE TABLE feeds (
  url TEXT PRIMARY KEY,
  outlet TEXT NOT NULL,
  kind TEXT NOT NULL,
  next_due INTEGER NOT NULL,
  etag BLOB,
  last_modified BLOB,
  body_digest BLOB,
  interval INTEGER,
  polled_at INTEGER,
  succeeded_at INTEGER,
  new_at INTEGER,
  failures INTEGER NOT NULL,
  failing_since INTEGER,
  last_failure TEXT,
  polls INTEGER NOT NULL,
  entries_found INTEGER NOT NULL,
  memory BLOB NOT NULL,        -- what polling has learnt (FeedMemory as MessagePack)
  retired INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX feeds_due ON feeds (next_due) WHERE retired = 0;
CREATE TABLE names (           -- every key, alias and article id by which an entry is known
  hash INTEGER PRIMARY KEY,
  entry INTEGER NOT NULL
);
CREATE TABLE recent_names (    -- those that came last, in the order of their coming
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  hash INTEGER NOT NULL,
  entry INTEGER NOT NULL
);
CREATE TABLE entries (
  number INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  url TEXT,                    -- NULL: the key is the address
  outlet INTEGER NOT NULL,
  source INTEGER NOT NULL,
  title TEXT,
  published TEXT,
  found_at INTEGER NOT NULL,
  state INTEGER NOT NULL,
  reason TEXT,
  detail TEXT,
  decided_at INTEGER,
  attempts INTEGER NOT NULL DEFAULT 0,
  story INTEGER
);
CREATE TABLE pending (
  entry INTEGER PRIMARY KEY,
  outlet INTEGER NOT NULL,
  ready_at INTEGER NOT NULL,
  leased INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  revision_of BLOB,
  extra BLOB,                  -- authors, guid and content of the entry, packed
  reason TEXT,
  detail TEXT
);
CREATE INDEX pending_ready ON pending (outlet, ready_at, entry);
CREATE INDEX pending_leased ON pending (entry) WHERE leased = 1;
CREATE TABLE segments (
  number INTEGER PRIMARY KEY,
  stream TEXT NOT NULL,
  date TEXT NOT NULL,
  part INTEGER NOT NULL,
  state INTEGER NOT NULL,
  bytes INTEGER NOT NULL,      -- committed ones, as they are before compression
  lines INTEGER NOT NULL,
  stored INTEGER,              -- bytes of the sealed file
  opened_at INTEGER NOT NULL,
  UNIQUE (stream, date, part)
);
CREATE INDEX segments_unsealed ON segments (stream) WHERE state < 2;
CREATE TABLE articles (        -- one row a line, copies included
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  entry INTEGER NOT NULL,
  id BLOB NOT NULL,
  revision INTEGER NOT NULL,
  copy INTEGER NOT NULL,       -- 1: among the duplicates; 2: removed, its bytes are still to follow
  segment INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  saved_at INTEGER NOT NULL,
  time INTEGER NOT NULL,       -- published, else found
  language INTEGER,
  cluster BLOB                 -- NULL: its own
);
CREATE INDEX articles_entry ON articles (entry);
CREATE INDEX articles_segment ON articles (segment);
CREATE INDEX articles_removed ON articles (segment) WHERE copy = 2;
CREATE INDEX articles_cluster ON articles (cluster) WHERE cluster IS NOT NULL;
CREATE TABLE stories (         -- what the near-duplicate judge must remember
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  entry INTEGER NOT NULL,
  id BLOB NOT NULL,
  outlet INTEGER NOT NULL,
  time INTEGER NOT NULL,
  cluster BLOB,
  fingerprint BLOB NOT NULL
);
CREATE TABLE judgements (      -- of stories that came near another one
  entry INTEGER PRIMARY KEY,
  id BLOB NOT NULL,
  relation TEXT NOT NULL,
  cluster BLOB,
  of BLOB,
  similarity REAL NOT NULL,
  containment REAL NOT NULL,
  resemblance REAL NOT NULL,
  why TEXT NOT NULL
);
CREATE INDEX judgements_cluster ON judgements (cluster) WHERE cluster IS NOT NULL;
CREATE TABLE raw (             -- where an entry's pages stand in the WARC files
  entry INTEGER NOT NULL,      -- 0: of a story that was lost before a repair
  place INTEGER NOT NULL,      -- page of the story, from 0; negative: removed, its bytes are still to follow
  fetched_at INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  PRIMARY KEY (entry, segment, offset)
) WITHOUT ROWID;
CREATE INDEX raw_segment ON raw (segment);
CREATE INDEX raw_removed ON raw (segment) WHERE place < 0;
CREATE TABLE tallies (         -- verdicts by day; the reason of a kept story is 'kept'
  day TEXT NOT NULL,
  outlet INTEGER NOT NULL,
  reason TEXT NOT NULL,
  stories INTEGER NOT NULL,
  PRIMARY KEY (day, outlet, reason)
) WITHOUT ROWID;
CREATE TABLE hours (           -- verdicts by the hour, the last two weeks of them
  slot INTEGER NOT NULL,       -- the hour's place in the ring
  outlet INTEGER NOT NULL,
  what INTEGER NOT NULL,       -- 16 and above: kept, by class of lag; 0 kept without a lag, 1 a copy, 2 dropped
  hour INTEGER NOT NULL,       -- since 1970
  stories INTEGER NOT NULL,
  PRIMARY KEY (slot, outlet, what)
) WITHOUT ROWID;
CREATE TABLE memories (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
);
"""

MIGRATIONS: Mapping[int, str] = {
    # Nothing was ever written to the first form of this table.
    1: """
DROP TABLE raw;
CREATE TABLE raw (
  entry INTEGER NOT NULL,
  place INTEGER NOT NULL,
  fetched_at INTEGER NOT NULL,
  segment INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  length INTEGER NOT NULL,
  PRIMARY KEY (entry, segment, offset)
) WITHOUT ROWID;
CREATE INDEX articles_segment ON articles (segment);
CREATE INDEX raw_segment ON raw (segment);
""",
    2: """
CREATE INDEX articles_removed ON articles (segment) WHERE copy = 2;
CREATE INDEX raw_removed ON raw (segment) WHERE place < 0;
""",
    # The past days are told by the lines that were saved in them.
    3: """
CREATE TABLE hours (
  slot INTEGER NOT NULL,
  outlet INTEGER NOT NULL,
  what INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  stories INTEGER NOT NULL,
  PRIMARY KEY (slot, outlet, what)
) WITHOUT ROWID;
INSERT INTO hours
SELECT a.saved_at / 3600000000 % 336, e.outlet, a.copy, a.saved_at / 3600000000, count(*)
FROM articles a JOIN entries e ON e.number = a.entry
WHERE a.copy < 2 AND a.saved_at / 3600000000 > (SELECT max(saved_at) / 3600000000 - 336 FROM articles)
GROUP BY a.saved_at / 3600000000, e.outlet, a.copy;
""",
    4: """
CREATE TABLE recent_names (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  hash INTEGER NOT NULL,
  entry INTEGER NOT NULL
);
""",
}
"""What leads from each version to the next one."""


def tables() -> tuple[str, ...]:
    """The names of the present version's tables."""
    return tuple(re.findall(r"^CREATE TABLE (\w+)", _TABLES, re.MULTILINE))


def create(connection: sqlite3.Connection) -> None:
    """Make the tables of the present version, all or none."""
    _run(connection, _TABLES, VERSION)


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a file of an earlier version to the present one, a version at a time, each all or nothing."""
    for earlier in range(version, VERSION):
        _run(connection, MIGRATIONS[earlier], earlier + 1)


def _run(connection: sqlite3.Connection, script: str, version: int) -> None:
    try:
        connection.executescript(f"BEGIN IMMEDIATE;{script};PRAGMA user_version={version};COMMIT;")
    except sqlite3.Error:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
