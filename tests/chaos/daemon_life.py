"""The program as it is, on a disk that kills it at one chosen step: daemon_life.py STEP ARGUMENT...

STEP counts the writes, syncs, renames and the like of the process from 1; 0 lets it live. The steps taken are told in
the file that SCRAPER_TEST_STEPS names, for whoever wants to choose.
"""

import os
import signal
import sys
from functools import partial
from pathlib import Path

from scraper.cli import main
from scraper.service import wiring
from scraper.storage import open_store
from scraper.storage.disk import Disk


class Deadly(Disk):
    """Kills its process before the step of this number."""

    def __init__(self, step: int) -> None:
        self._left = step
        self._taken = 0

    def before(self, step: str, path: Path) -> None:  # noqa: ARG002 - the seam gives both
        self._taken += 1
        if told := os.environ.get("SCRAPER_TEST_STEPS"):
            Path(told).write_text(str(self._taken), "utf-8")
        if self._taken == self._left:
            os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    disk = Deadly(int(sys.argv.pop(1)))
    vars(wiring)["open_store"] = partial(open_store, disk=disk)
    main()
