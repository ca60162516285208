
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
  entry INTEGER NOT NULL,
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
  what INTEGER NOT NULL,       -- 0 kept, 1 a copy, 2 dropped for another reason; 16 and above: kept, by class of lag
  hour INTEGER NOT NULL,       -- since 1970
  stories INTEGER NOT NULL,
  PRIMARY KEY (slot, outlet, what)
) WITHOUT ROWID;
CREATE TABLE memories (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
);
