"""Where articles and everything remembered stay.

`open_store` is the daemon's side, one writer to a directory; `open_archive` is the reader's, beside it and at any
time.
"""

from scraper.storage.archive import Archive, open_archive
from scraper.storage.backup import BackedUp, BackupRefusedError, backup
from scraper.storage.browsing import CopiedStory, Heading, Mishap
from scraper.storage.compaction import Compacted, compact
from scraper.storage.feeds import FeedTotals
from scraper.storage.figures import Size, Tally, Waiting
from scraper.storage.history import History, Member, Saved, Standing
from scraper.storage.hourly import LAG_BOUNDS, Hourly
from scraper.storage.lock import Holder, writer
from scraper.storage.opening import open_store
from scraper.storage.repair import Repaired, repair
from scraper.storage.runs import NoSuchRunError, RunFiles, Runs
from scraper.storage.search import Hit, Index, excerpt, open_index, open_index_to_read, question_for, search, terms_of
from scraper.storage.store import Store
from scraper.storage.verify import Findings, verify

__all__ = [
    "LAG_BOUNDS",
    "Archive",
    "BackedUp",
    "BackupRefusedError",
    "Compacted",
    "CopiedStory",
    "FeedTotals",
    "Findings",
    "Heading",
    "History",
    "Hit",
    "Holder",
    "Hourly",
    "Index",
    "Member",
    "Mishap",
    "NoSuchRunError",
    "Repaired",
    "RunFiles",
    "Runs",
    "Saved",
    "Size",
    "Standing",
    "Store",
    "Tally",
    "Waiting",
    "backup",
    "compact",
    "excerpt",
    "open_archive",
    "open_index",
    "open_index_to_read",
    "open_store",
    "question_for",
    "repair",
    "search",
    "terms_of",
    "verify",
    "writer",
]
