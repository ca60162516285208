"""A real cluster of several nodes on this machine, shot at while it collects, against a run in one process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MANY = int(os.environ.get("SCRAPER_TEST_CLUSTER_KILLS", "0"))
"""Set it to 100 for the long form, some twenty minutes."""


@pytest.mark.timeout(3600 if MANY else 400)
def test_nothing_is_lost_repeated_or_fetched_impolitely_whatever_dies(tmp_path: Path):
    size = ("--outlets", "8", "--stories", str(MANY), "--every", "6", "--pause", "6", "--limit", "3000")
    small = ("--kills", "4", "--outlets", "4", "--stories", "4", "--every", "1", "--nodes", "2", "--shards", "2")
    arguments = ("--kills", str(MANY), *size) if MANY else small
    with (tmp_path / "said").open("wb") as said, (tmp_path / "told").open("wb") as told:
        # Files, not pipes: what Ray leaves behind for a moment would hold a pipe open.
        done = subprocess.run(
            [sys.executable, "-m", "tests.cluster.scenario", str(tmp_path), *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=said,
            timeout=3500 if MANY else 380,
            check=False,
        )
    assert done.returncode == 0, (tmp_path / "said").read_text("utf-8", "replace")[-4000:]
    # What Ray has to say of processes that died is not for standard output.
    found = json.loads((tmp_path / "told").read_text("utf-8"))
    assert sum(found["shots"].values()) >= (MANY or 3), found
    assert (found["lost"], found["twice"], found["settled twice"], found["problems"]) == ([], [], [], []), found
    assert found["defects"] == [], found
    assert found["same"], "what the cluster saved is not what one process saves"
    assert found["cluster"] == found["stories"]
    assert found["impolite"] == [], found
