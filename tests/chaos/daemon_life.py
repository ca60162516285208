"""Raises lives of the real program by fork, so that fifty of them import it once; each ends as it is told to.

Reads a line of JSON for each life (`argv`, `environment`, `step`, `seconds`, `output`) and answers with its exit status
as `os.waitpid` gives it. A life is killed before its step of that number on the disk (0: never), or after so many
seconds (null: never). What it says goes to the file `output`.
"""

import json
import os
import select
import signal
import sys
import time
from functools import partial
from pathlib import Path

from scraper.cli import main
from scraper.service import books
from scraper.storage import open_store
from scraper.storage.disk import Disk


class Deadly(Disk):
    """Kills its process before the step of this number, counting writes, syncs, renames and the like from 1."""

    def __init__(self, step: int) -> None:
        self._left = step

    def before(self, step: str, path: Path) -> None:  # noqa: ARG002 - the seam gives both
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _live(argv: list[str], environment: dict[str, str], step: int, output: str) -> None:
    said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for stream in (1, 2):
        os.dup2(said, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.environ.update(environment)
    assert vars(books)["open_store"] is open_store, "the line opens its store here"
    vars(books)["open_store"] = partial(open_store, disk=Deadly(step))
    sys.argv = ["scraper", *argv]
    code = 1
    try:
        main()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _end(pid: int, seconds: float | None) -> int:
    """Wait for a life's end, or bring it about."""
    if seconds is not None:
        began = time.monotonic()
        handle = os.pidfd_open(pid)
        select.select([handle], [], [], max(0.0, seconds - (time.monotonic() - began)))
        os.close(handle)
        os.kill(pid, signal.SIGKILL)
    return os.waitpid(pid, 0)[1]


if __name__ == "__main__":
    for order in iter(sys.stdin.readline, ""):
        life = json.loads(order)
        pid = os.fork()
        if pid == 0:
            _live(life["argv"], life["environment"], life["step"], life["output"])
        sys.stdout.write(f"{_end(pid, life['seconds'])}\n")
        sys.stdout.flush()
