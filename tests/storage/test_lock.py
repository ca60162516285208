"""One writer to a directory, and never a stale lock."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scraper.model.failures import StoreBusyError, StoreUnavailableError
from scraper.storage.runs import Flag
from tests.storage.samples import store_in

ROOT = Path(__file__).parent.parent.parent
HOLDER = """
import os, sys, time
from pathlib import Path
from tests.storage.samples import store_in
store = store_in(Path(sys.argv[1]))
child = os.fork()
if child:
    print(child, flush=True)
time.sleep(60)
"""


def test_a_killed_writers_lock_is_free_even_while_its_children_live(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        child = int(holder.stdout.readline())
        try:
            with pytest.raises(StoreBusyError, match=f"pid {holder.pid}, started 2026"):
                store_in(tmp_path)
            holder.kill()
            holder.wait()
            os.kill(child, 0)
            store_in(tmp_path).close()
        finally:
            holder.kill()
            os.kill(child, signal.SIGKILL)


def test_a_refused_writer_leaves_the_holders_name(tmp_path):
    store = store_in(tmp_path)
    for _ in range(2):
        with pytest.raises(StoreBusyError, match=f"pid {os.getpid()}"):
            store_in(tmp_path)
    store.close()


def test_a_flag_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    with pytest.raises(StoreUnavailableError, match=r"Cannot use .*served"):
        Flag(tmp_path / "missing" / "served").hoist()
