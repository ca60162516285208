"""The program as a process: signals, kills, exit statuses."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scraper.clock import utc_now
from scraper.demo import DemoWeb

ROOT = Path(__file__).parent.parent.parent
HURRY = {
    "PYTHONPATH": str(ROOT),
    "SCRAPER_FETCH_HOST_SPACING": "0.05 s",
    "SCRAPER_POLL_FLOOR": "1 s",
    "SCRAPER_POLL_INITIAL": "1 s",
    "SCRAPER_POLL_CEILING": "2 s",
    "SCRAPER_POLL_TICK": "0.2 s",
    "SCRAPER_STORE_COMMIT_INTERVAL": "0.1 s",
    "SCRAPER_EXTRACT_WORKERS": "1",
}


@pytest.fixture
def web():
    with DemoWeb(utc_now()) as web:
        yield web


@pytest.fixture
def command(web, tmp_path):
    feeds = tmp_path / "feeds.txt"
    addresses = [url for outlet in web.outlets for url in (*outlet.feeds, *outlet.news_sitemaps)]
    feeds.write_text("\n".join(addresses), "utf-8")
    options = ["--feeds", str(feeds), "--data", str(tmp_path / "data"), "--allow-network", "127.0.0.0/8"]
    return [sys.executable, "-m", "scraper", "run", *options]


@contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    environment = {**os.environ, **HURRY}
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def run(command: list[str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **HURRY}
    return subprocess.run(
        command, env=environment, cwd=cwd, capture_output=True, text=True, encoding="utf-8", check=False, timeout=90
    )


def ids(data: Path) -> list[str]:
    """The ids of all whole lines."""
    lines = [line for part in data.glob("articles/*/*.jsonl") for line in part.read_bytes().splitlines(keepends=True)]
    return [json.loads(line)["id"] for line in lines if line.endswith(b"\n")]


def wait_for_articles(data: Path, count: int, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while len(ids(data)) < count:
        assert time.monotonic() < end, f"{len(ids(data))} of {count} articles after {seconds} s"
        time.sleep(0.05)


def test_the_daemon_collects_picks_up_what_is_new_and_ends_on_sigterm(web, command, tmp_path):
    with started(command) as daemon:
        wait_for_articles(tmp_path / "data", 5)
        before = len(ids(tmp_path / "data"))
        assert web.advance()
        wait_for_articles(tmp_path / "data", before + 1)
        begun = time.monotonic()
        daemon.send_signal(signal.SIGTERM)
        _, told = daemon.communicate(timeout=30)
        assert time.monotonic() - begun < 10
        assert daemon.returncode == 0
    records = [json.loads(line) for line in told.splitlines()]
    assert records[-1]["event"] == "stopped"
    assert all("timestamp" in record and "level" in record for record in records)


def test_killed_at_any_instant_nothing_is_lost_and_nothing_is_there_twice(web, command, tmp_path):
    while web.advance():
        pass
    for delay in (1.2, 1.6, 2.0, 2.4, 2.8):
        with started(command) as daemon:
            time.sleep(delay)
            daemon.kill()
    disturbed = run([*command, "--once", "--json"])
    assert "Traceback" not in disturbed.stderr
    found = ids(tmp_path / "data")
    assert len(found) == len(set(found))
    elsewhere = [str(tmp_path / "other") if part == str(tmp_path / "data") else part for part in command]
    run([*elsewhere, "--once"])
    assert len(found) == len(ids(tmp_path / "other"))


def test_ctrl_c_is_exit_status_130_and_a_second_instance_is_refused(command, tmp_path):
    with started(command) as daemon:
        wait_for_articles(tmp_path / "data", 1)
        second = run([*command, "--once"])
        assert second.returncode == 1
        assert str(daemon.pid) in second.stderr
        assert "Traceback" not in second.stderr
        daemon.send_signal(signal.SIGINT)
        daemon.communicate(timeout=30)
        assert daemon.returncode == 130


def _broken_outlet(root: Path) -> None:
    (root / "config/outlets/bad.toml").write_text('name = "x"\nfeeds = "no list"\n')


def _misspelt_setting(root: Path) -> None:
    (root / "config/scraper.toml").write_text("[fetch]\nconcurency = 3\n")


def _broken_toml(root: Path) -> None:
    (root / "config/scraper.toml").write_text("[fetch\n")


def _data_is_a_file(root: Path) -> None:
    (root / "data").write_text("a file")


def _unreadable_state(root: Path) -> None:
    (root / "data").mkdir()
    (root / "data/state.db").write_bytes(b"this is no database" * 1000)


@pytest.mark.parametrize(
    ("spoil", "status", "said"),
    [
        (_broken_outlet, 2, "bad.toml"),
        (_misspelt_setting, 2, "concurrency"),
        (_broken_toml, 2, "line 1"),
        (_data_is_a_file, 1, "data"),
        (_unreadable_state, 1, "state.db"),
    ],
)
def test_bad_input_is_one_clear_sentence(tmp_path, spoil, status, said):
    (tmp_path / "config/outlets").mkdir(parents=True)
    (tmp_path / "config/scraper.toml").write_text("")
    (tmp_path / "config/outlets/koran.toml").write_text(
        'name = "Koran"\ndomains = ["koran.example"]\nfeeds = ["http://127.0.0.1:9/feed"]\n'
    )
    spoil(tmp_path)
    result = run([sys.executable, "-m", "scraper", "run", "--once"], cwd=tmp_path)
    assert result.returncode == status, result.stderr
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_the_demo_shows_what_it_promises(tmp_path):
    result = run([sys.executable, "-m", "scraper", "demo", "--data", str(tmp_path / "demo")])
    assert result.returncode == 0, result.stdout + result.stderr
    for reason in ("duplicate", "robots", "too-short", "media-page", "paywalled"):
        assert reason in result.stdout
    assert len(ids(tmp_path / "demo")) > 10
