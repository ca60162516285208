"""The program as a process: signals, kills, exit statuses."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
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


def _outlet(name: str, url: str) -> str:
    return f'name = "{name}"\ndomains = ["{name}.example"]\nfeeds = ["{url}"]\n'


def test_the_configuration_is_read_again_and_a_bad_one_is_refused_by_name(web, tmp_path):
    outlets = tmp_path / "config/outlets"
    outlets.mkdir(parents=True)
    file = tmp_path / "config/scraper.toml"
    file.write_text('[fetch]\nallow_networks = ["127.0.0.0/8"]\n')
    feeds = [outlet.feeds[0] for outlet in web.outlets if outlet.feeds]
    (outlets / "satu.toml").write_text(_outlet("satu", feeds[0]))
    options = ["--config", str(tmp_path / "config"), "--data", str(tmp_path / "data")]
    scraper = [sys.executable, "-m", "scraper"]
    assert run([*scraper, "reload", *options]).returncode == 1
    with started([*scraper, "run", *options]) as daemon:
        wait_for_articles(tmp_path / "data", 1)
        healthy = run([*scraper, "run", "--healthcheck", *options])
        assert (healthy.returncode, str(daemon.pid) in healthy.stdout) == (0, True), healthy.stdout
        (outlets / "dua.toml").write_text('name = "Dua"\nfeeds = "no list"\n')
        refused = run([*scraper, "reload", *options])
        assert (refused.returncode, "dua.toml" in refused.stderr) == (2, True), refused.stderr
        before = len(ids(tmp_path / "data"))
        (outlets / "dua.toml").write_text(_outlet("dua", feeds[1]))
        taken = run([*scraper, "reload", *options])
        assert (taken.returncode, "2 outlets" in taken.stdout) == (0, True), taken.stderr
        wait_for_articles(tmp_path / "data", before + 1)
        file.write_text("[fetch\n")
        assert run([*scraper, "run", "--healthcheck", *options]).returncode == 0, "it goes on with the earlier one"
        file.write_text('[store]\ndata = "elsewhere"\n[fetch]\nallow_networks = ["127.0.0.0/8"]\n')
        assert run([*scraper, "reload", "--data", str(tmp_path / "data")]).returncode == 0, "--data still wins"
        daemon.send_signal(signal.SIGTERM)
        _, told = daemon.communicate(timeout=60)
        assert daemon.returncode == 0
    found = ids(tmp_path / "data")
    assert len(found) == len(set(found))
    events = [json.loads(line)["event"] for line in told.splitlines()]
    assert events.count("configuration refused; the one in force stays") == 1
    assert events.count("configuration read again") == 2
    assert run([*scraper, "run", "--healthcheck", *options]).returncode == 1
    assert run([*scraper, "reload", *options]).returncode == 1


MEASURED = {
    *("scraper_polls_total", "scraper_stories_total", "scraper_fetches_total", "scraper_fetch_seconds_count"),
    *("scraper_extract_seconds_count", "scraper_list_seconds_count", "scraper_dedup_seconds_count"),
    *("scraper_commit_seconds_count", "scraper_loop_lag_seconds_count", "scraper_outlets"),
}


def wait_for_metrics(url: str, seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while missing := MEASURED - metrics_at(url):
        assert time.monotonic() < end, f"still nothing of {missing} after {seconds} s"
        time.sleep(0.2)


def wait_for(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def metrics_at(url: str) -> set[str]:
    """Names of the samples that are not zero."""
    with closing(http.client.HTTPConnection(url.split("/")[2], timeout=30)) as connection:
        connection.request("GET", "/metrics")
        told = connection.getresponse().read().decode()
    lines = [line for line in told.splitlines() if not line.startswith("#") and not line.endswith(" 0.0")]
    return {re.split(r"[{ ]", line)[0] for line in lines}


def test_a_service_manager_is_told_from_start_to_end(command, monkeypatch, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind("")  # the kernel chooses an abstract name
        manager.settimeout(60)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + manager.getsockname()[1:].decode())
        monkeypatch.setenv("WATCHDOG_USEC", "3000000")
        monkeypatch.setenv("SCRAPER_METRICS_LISTEN", "127.0.0.1:0")
        monkeypatch.setenv("SCRAPER_ALERTS_COMMAND", f'["/bin/sh", "-c", "cat > {tmp_path}/alert"]')
        monkeypatch.setenv("SCRAPER_ALERTS_AFTER", "0 s")
        monkeypatch.setenv("SCRAPER_ALERTS_DISK_LOW", "900 TB")
        with started(command) as daemon:
            assert daemon.stderr is not None
            urls = [record["url"] for _ in range(2) if "url" in (record := json.loads(daemon.stderr.readline()))]
            heard: list[str] = []
            while not any("WATCHDOG=1" in word and "kept" in word for word in heard):
                heard.append(manager.recv(4096).decode())
            wait_for_metrics(urls[0])
            wait_for((tmp_path / "alert").exists)
            daemon.send_signal(signal.SIGTERM)
            while "STOPPING=1" not in heard[-1]:
                heard.append(manager.recv(4096).decode())
            daemon.communicate(timeout=60)
            assert daemon.returncode == 0
    assert sum(word.startswith("READY=1") for word in heard) == 1
    assert json.loads((tmp_path / "alert").read_text())["notices"][0]["kind"] == "disk-low"


class Tarry(BaseHTTPRequestHandler):
    """A feed at /feed, no robots.txt, and a story that is begun and never comes."""

    asked = threading.Event()
    over = threading.Event()

    def do_GET(self):
        if self.path == "/feed":
            link = f"http://{self.headers['Host']}/read/1"
            body = f"<rss version='2.0'><channel><item><title>T</title><link>{link}</link></item></channel></rss>"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())
        elif self.path == "/read/1":
            self.asked.set()
            self.over.wait(60)
        else:
            self.send_error(404)

    def log_message(self, *_):
        pass


def test_an_end_that_takes_long_is_cut_short_by_a_second_ctrl_c(tmp_path, monkeypatch):
    monkeypatch.setenv("SCRAPER_DRAIN", "10 min")
    with ThreadingHTTPServer(("127.0.0.1", 0), Tarry) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        (tmp_path / "feeds.txt").write_text(f"http://127.0.0.1:{server.server_port}/feed\n")
        options = ["--feeds", str(tmp_path / "feeds.txt"), "--data", str(tmp_path / "data")]
        with started([sys.executable, "-m", "scraper", "run", *options, "--allow-network", "127.0.0.0/8"]) as daemon:
            assert Tarry.asked.wait(60)
            daemon.send_signal(signal.SIGINT)
            time.sleep(1)
            assert daemon.poll() is None
            daemon.send_signal(signal.SIGINT)
            _, told = daemon.communicate(timeout=30)
        Tarry.over.set()
        server.shutdown()
    assert daemon.returncode == 130
    assert json.loads(told.splitlines()[-1])["event"] == "asked twice: ended without waiting"


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
