"""Where articles and everything remembered stay.

`open_store` is the daemon's side, one writer to a directory; `Archive` is the reader's, beside it and at any time.
"""

from scraper.storage.store import Store, open_store

__all__ = ["Store", "open_store"]
