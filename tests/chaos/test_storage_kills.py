"""No kill loses or repeats an article."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
KILLS = int(os.environ.get("SCRAPER_TEST_KILLS", "50"))
"""1,000 and more in the nightly form."""


@pytest.mark.timeout(300 + KILLS * 3)
def test_no_kill_loses_or_repeats_an_article():
    # In a process of its own: what forks must not have threads.
    seed = os.environ.get("SCRAPER_TEST_SEED", "20261123")
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.storage_killer", str(KILLS), seed],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    sys.stdout.write(done.stdout)
