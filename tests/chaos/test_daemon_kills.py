"""The real program, killed at random and at every step on the disk: nothing is lost, nothing twice, no byte left over.

Each cycle is one data directory, killed KILLS times and then brought to its end. In the nightly form
SCRAPER_TEST_DAEMON_CYCLES=200 makes a thousand kills of it.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scraper.clock import utc_now
from scraper.demo import DemoWeb
from scraper.storage import verify

ROOT = Path(__file__).parent.parent.parent
CYCLES = int(os.environ.get("SCRAPER_TEST_DAEMON_CYCLES", "10"))
KILLS = 5
STRIDES = int(os.environ.get("SCRAPER_TEST_DAEMON_STRIDES", "3"))
"""Every step is the point of a kill once; with as many directories as this, each takes every so manieth."""
PACE = {
    "PYTHONPATH": str(ROOT),
    "SCRAPER_FETCH_HOST_SPACING": "0.25 s",
    "SCRAPER_POLL_FLOOR": "1 s",
    "SCRAPER_POLL_INITIAL": "1 s",
    "SCRAPER_POLL_CEILING": "2 s",
    "SCRAPER_POLL_TICK": "0.2 s",
    "SCRAPER_STORE_COMMIT_ARTICLES": "2",
    "SCRAPER_STORE_COMMIT_INTERVAL": "0.05 s",
    "SCRAPER_EXTRACT_WORKERS": "1",
    "SCRAPER_DEDUP_KEEP_DUPLICATES": "true",
    "SCRAPER_STORE_ARCHIVE": "true",
}


def lines(data: Path, stream: str) -> list[str]:
    """The ids of every line, whole or not: a torn one is an error here."""
    parts = sorted(data.glob(f"{stream}/date=*/part-*.jsonl"))
    return [json.loads(line)["id"] for part in parts for line in part.read_text("utf-8").splitlines()]


class Collection:
    """One data directory that the program fills from the bundled web, whatever befalls it."""

    def __init__(self, web: DemoWeb, root: Path) -> None:
        while web.advance():
            pass
        self.web, self.data, self.steps = web, root / "data", root / "steps"
        feeds = root / "feeds.txt"
        feeds.write_text("\n".join(url for outlet in web.outlets for url in (*outlet.feeds, *outlet.news_sitemaps)))
        self.options = ["run", "--feeds", str(feeds), "--data", str(self.data), "--allow-network", "127.0.0.0/8"]
        self.environment = {**os.environ, **PACE, "SCRAPER_TEST_STEPS": str(self.steps)}

    def run_and_kill(self, seconds: float) -> None:
        command = [sys.executable, "-m", "scraper", *self.options]
        quiet = subprocess.DEVNULL
        with subprocess.Popen(command, env=self.environment, stdout=quiet, stderr=quiet) as daemon:
            time.sleep(seconds)
            daemon.kill()

    def run_until_step(self, step: int) -> subprocess.CompletedProcess[str]:
        """One round on a disk that kills the process before this step; step 0 lets it live."""
        command = [sys.executable, "-m", "tests.chaos.daemon_life", str(step), *self.options, "--once"]
        return subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
        )

    def end_and_examine(self) -> None:
        """Bring it to its end; then everything is there, once, and the catalog agrees with every byte."""
        last = self.run_until_step(0)
        assert last.returncode in {0, 1}, last.stderr
        assert "Traceback" not in last.stderr
        kept, copies = lines(self.data, "articles"), lines(self.data, "duplicates")
        assert len(kept) == len(set(kept))
        assert len(copies) == len(set(copies))
        assert not set(kept) & set(copies)
        never = [story for story in self.web.expected if story.reason and not story.copy_of]
        assert len(kept) + len(copies) == len(self.web.expected) - len(never)
        assert verify(self.data).problems == []


@pytest.mark.timeout(300)
@pytest.mark.parametrize("cycle", range(CYCLES))
def test_a_daemon_killed_at_random_loses_and_repeats_nothing(cycle, tmp_path):
    chance = random.Random(os.environ.get("SCRAPER_TEST_SEED", "kill") + str(cycle))  # noqa: S311 - spreads the kills
    with DemoWeb(utc_now()) as web:
        collection = Collection(web, tmp_path)
        for _ in range(KILLS):
            collection.run_and_kill(chance.uniform(0.8, 3.2))
        collection.end_and_examine()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", range(1, 1 + STRIDES))
def test_a_daemon_killed_at_a_step_on_the_disk_loses_and_repeats_nothing(first, tmp_path):
    """Each directory is killed at step after step: the first ones of its opening, then ever later ones."""
    with DemoWeb(utc_now()) as web:
        collection = Collection(web, tmp_path)
        killed, step = 0, first
        while collection.run_until_step(step).returncode == -signal.SIGKILL:
            killed += 1
            step += STRIDES
        assert killed, "the process takes more steps than the first"
        collection.end_and_examine()
