"""Looks at the collection ahead of those who ask, in a thread of its own, so that no page waits for the counting."""

import threading
from collections.abc import Callable

from scraper.status.web.reading import Reading, Snapshot


class Refresher:
    """Runs from `start` to `stop`. Looks once at the start, and then whenever what is remembered was found stale.

    After each look `prepare` is called, which may do ahead what the next page with it would take long for.
    """

    def __init__(self, reading: Reading, prepare: Callable[[Snapshot], None]) -> None:
        self._reading = reading
        self._prepare = prepare
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="snapshots", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._reading.stale.set()
        self._thread.start()

    def stop(self) -> None:
        """End; waits for a look under way."""
        self._stopped = True
        self._reading.stale.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            self._reading.stale.wait()
            self._reading.stale.clear()
            if self._stopped:
                return
            try:
                self._prepare(self._reading.refresh())
            except Exception:  # noqa: BLE001, S112 - a defect in one look must not be the end of all
                # Whoever asks is told: with nothing fresh to show, their own look meets the same failure.
                continue
