"""Where articles and everything remembered stay.

`open_store` is the daemon's side, one writer to a directory; `open_archive` is the reader's, beside it and at any
time.
"""

from scraper.storage.archive import Archive, Size, Tally, Waiting, open_archive
from scraper.storage.backup import BackedUp, BackupRefusedError, backup
from scraper.storage.compaction import Compacted, compact
from scraper.storage.history import History, Member, Saved, Standing
from scraper.storage.repair import Repaired, repair
from scraper.storage.search import Hit, search
from scraper.storage.store import Store, open_store
from scraper.storage.verify import Findings, verify

__all__ = [
    "Archive",
    "BackedUp",
    "BackupRefusedError",
    "Compacted",
    "Findings",
    "History",
    "Hit",
    "Member",
    "Repaired",
    "Saved",
    "Size",
    "Standing",
    "Store",
    "Tally",
    "Waiting",
    "backup",
    "compact",
    "open_archive",
    "open_store",
    "repair",
    "search",
    "verify",
]
