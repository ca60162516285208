"""The real program, killed at random and at every step on the disk: nothing is lost, nothing twice, no byte left over.

Each cycle is one data directory, killed again and again and then brought to its end. The normal run makes some sixty
kills; `make torture` makes more than a thousand.
"""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from scraper.clock import utc_now
from scraper.demo import DemoWeb
from scraper.storage import verify

ROOT = Path(__file__).parent.parent.parent
CYCLES = int(os.environ.get("SCRAPER_TEST_DAEMON_CYCLES", "5"))
KILLS = 5
LEAST_AT_STEPS = 25
STRIDE = 3
STRIDES = int(os.environ.get("SCRAPER_TEST_DAEMON_STRIDES", "1"))
"""So many directories are killed at every third step each, beginning at another one; three of them take every step."""
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


class Lives:
    """Lives of the program, one after the other, raised by a process that has imported it."""

    def __init__(self) -> None:
        self._raiser = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.daemon_life"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def live(self, argv: list[str], output: Path, *, step: int = 0, seconds: float | None = None) -> int:
        """One life; gives its exit code, or the signal that killed it, negative."""
        order = {"argv": argv, "environment": PACE, "step": step, "seconds": seconds, "output": str(output)}
        assert self._raiser.stdin is not None
        assert self._raiser.stdout is not None
        self._raiser.stdin.write(json.dumps(order) + "\n")
        self._raiser.stdin.flush()
        return os.waitstatus_to_exitcode(int(self._raiser.stdout.readline()))

    def close(self) -> None:
        self._raiser.communicate()


@pytest.fixture(scope="module")
def lives():
    raised = Lives()
    yield raised
    raised.close()


def lines(data: Path, stream: str) -> list[str]:
    """The ids of every line, whole or not: a torn one is an error here."""
    parts = sorted(data.glob(f"{stream}/date=*/part-*.jsonl"))
    return [json.loads(line)["id"] for part in parts for line in part.read_text("utf-8").splitlines()]


class Collection:
    """One data directory that the program fills from the bundled web, whatever befalls it."""

    def __init__(self, web: DemoWeb, root: Path, lives: Lives) -> None:
        while web.advance():
            pass
        self.web, self.data, self.output, self.lives = web, root / "data", root / "output", lives
        feeds = root / "feeds.txt"
        feeds.write_text("\n".join(url for outlet in web.outlets for url in (*outlet.feeds, *outlet.news_sitemaps)))
        self.argv = ["run", "--feeds", str(feeds), "--data", str(self.data), "--allow-network", "127.0.0.0/8"]

    def run_and_kill(self, seconds: float) -> None:
        assert self.lives.live(self.argv, self.output, seconds=seconds) == -signal.SIGKILL, self.output.read_text()

    def run_until_step(self, step: int) -> bool:
        """One round on a disk that kills the process before this step; whether it came to that."""
        ended = self.lives.live([*self.argv, "--once"], self.output, step=step)
        assert ended in {-signal.SIGKILL, 0}, self.output.read_text()
        return ended == -signal.SIGKILL

    def end_and_examine(self) -> None:
        """Bring it to its end; then everything is there, once, and the catalog agrees with every byte."""
        last = subprocess.run(
            [sys.executable, "-m", "scraper", *self.argv, "--once"],
            env={**os.environ, **PACE},
            capture_output=True,
            text=True,
            check=False,
            timeout=900,
        )
        assert last.returncode in {0, 1}, last.stderr
        assert "Traceback" not in last.stderr
        kept, copies = lines(self.data, "articles"), lines(self.data, "duplicates")
        assert len(kept) == len(set(kept))
        assert len(copies) == len(set(copies))
        assert not set(kept) & set(copies)
        never = [story for story in self.web.expected if story.reason and not story.copy_of]
        assert len(kept) + len(copies) == len(self.web.expected) - len(never)
        assert verify(self.data).problems == []


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("cycle", range(CYCLES))
def test_a_daemon_killed_at_random_loses_and_repeats_nothing(cycle, tmp_path, lives):
    chance = random.Random(os.environ.get("SCRAPER_TEST_SEED", "kill") + str(cycle))  # noqa: S311 - spreads the kills
    with DemoWeb(utc_now()) as web:
        collection = Collection(web, tmp_path, lives)
        for _ in range(KILLS):
            collection.run_and_kill(chance.uniform(0.1, 2.5))
        collection.end_and_examine()
        sys.stdout.write(f"{KILLS} kills of the daemon at random: 0 lost, 0 twice, 0 bytes left over\n")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("first", range(1, 1 + STRIDES))
def test_a_daemon_killed_at_a_step_on_the_disk_loses_and_repeats_nothing(first, tmp_path, lives):
    """Each directory is killed at step after step: the first ones of its opening, then ever later ones.

    With those at random these kills are fifty. How many steps a round takes depends on how its stories fall into
    groups; where one directory is filled by fewer lives, another one follows.
    """
    with DemoWeb(utc_now()) as web:
        killed = directories = 0
        while killed < LEAST_AT_STEPS:
            directories += 1
            root = tmp_path / str(directories)
            root.mkdir()
            collection, step = Collection(web, root, lives), first
            while collection.run_until_step(step):
                killed += 1
                step += STRIDE
            collection.end_and_examine()
        sys.stdout.write(f"{killed} kills of the daemon at steps on the disk: 0 lost, 0 twice, 0 bytes left over\n")
