"""The real daemon, killed at random while it collects: nothing is lost, nothing is there twice, no byte is left over.

Each cycle is one data directory, killed KILLS times and then brought to its end. In the nightly form
SCRAPER_TEST_DAEMON_CYCLES=200 makes a thousand kills of it.
"""

import json
import os
import random
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


@pytest.mark.timeout(300)
@pytest.mark.parametrize("cycle", range(CYCLES))
def test_a_killed_daemon_loses_and_repeats_nothing(cycle, tmp_path):
    chance = random.Random(os.environ.get("SCRAPER_TEST_SEED", "kill") + str(cycle))  # noqa: S311 - spreads the kills
    with DemoWeb(utc_now()) as web:
        while web.advance():
            pass
        feeds = tmp_path / "feeds.txt"
        feeds.write_text("\n".join(url for outlet in web.outlets for url in (*outlet.feeds, *outlet.news_sitemaps)))
        data = tmp_path / "data"
        command = [sys.executable, "-m", "scraper", "run", "--feeds", str(feeds), "--data", str(data)]
        command += ["--allow-network", "127.0.0.0/8"]
        environment = {**os.environ, **PACE}
        for _ in range(KILLS):
            with subprocess.Popen(
                command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as daemon:
                time.sleep(chance.uniform(0.8, 3.2))
                daemon.kill()
        last = subprocess.run([*command, "--once"], env=environment, capture_output=True, text=True, check=False)
        assert "Traceback" not in last.stderr
        kept, copies = lines(data, "articles"), lines(data, "duplicates")
        assert len(kept) == len(set(kept))
        assert len(copies) == len(set(copies))
        assert not set(kept) & set(copies)
        expected = {story.url: story for story in web.expected}
        gone = {story.url for story in web.expected if story.reason and not story.copy_of}
        assert len(kept) + len(copies) == len(expected) - len(gone)
    assert verify(data).problems == []
