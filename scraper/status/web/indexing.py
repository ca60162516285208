"""Keeps the search index up to date while the page is served, in a thread of its own and in small pieces."""

import shutil
import threading

from scraper.clock import Clock
from scraper.model.failures import ScraperError, StoreUnavailableError
from scraper.status.web.reading import Reading
from scraper.storage import open_archive, open_index

_PAUSE_S = 5.0
_PIECE = 200
"""Articles added at a time; about a tenth of a second."""
SPARED = 500_000_000
"""Bytes of the disk that are left to the daemon."""
_WHOLE_EVERY_S = 1800.0
"""How often it is made sure that nothing removed is left in it."""


class Indexer:
    """Runs from `start` to `stop`."""

    def __init__(self, reading: Reading, clock: Clock, *, spared: int = SPARED) -> None:
        self._reading = reading
        self._clock = clock
        self._spared = spared
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="search index", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; waits for the piece under way."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        whole_at = None
        while not self._stop.is_set():
            now = self._clock()
            whole = whole_at is None or (now - whole_at).total_seconds() >= _WHOLE_EVERY_S
            try:
                more = self._step(whole=whole)
            except (ScraperError, OSError) as error:
                self._reading.index_trouble = str(error)
                more = False
            else:
                self._reading.index_trouble = None
                whole_at = now if whole else whole_at
            self._stop.wait(0.01 if more else _PAUSE_S)

    def _step(self, *, whole: bool) -> bool:
        """Add a piece; whether there is more."""
        free = shutil.disk_usage(self._reading.data).free
        if free < self._spared:
            raise StoreUnavailableError(f"the disk has only {free // 1_000_000} MB left")
        with open_archive(self._reading.data) as archive, open_index(self._reading.data) as index:
            if whole:
                index.begin_anew_if_stale(archive)
            return index.update(archive, most=_PIECE)
