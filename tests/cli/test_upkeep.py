"""What is done with a data directory, as a user does it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scraper.cli.app import app
from scraper.model.feed import FeedMemory, PollHints
from scraper.settings import WebSubSettings
from scraper.storage import Standing, open_archive
from scraper.websub import SUBSCRIPTIONS, Subscriptions
from tests.storage.samples import LEASE, NOW, collect, dropped, entry, feed, store_in

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def scraper(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SCRAPER_CONFIG", raising=False)
    store = store_in(tmp_path / "data")
    collect(store, range(5))
    store.close()
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, list(arguments), catch_exceptions=False)


@pytest.mark.parametrize("command", ["verify", "backup", "repair", "remove", "search", "compact", "reprocess"])
def test_each_teaches_by_example(scraper, command):
    assert f"scraper {command}" in scraper(command, "--help").stdout


def test_damage_is_found_and_mended(scraper, tmp_path):
    assert "5 articles in 1 file, 0 problems" in scraper("verify").stdout
    (tmp_path / "data/state.db").write_bytes(b"rubbish" * 999)
    found = scraper("verify")
    assert found.exit_code == 1
    assert "is damaged" in found.stdout
    assert "Known again: 5 articles in 1 file;" in scraper("repair").stderr
    told = json.loads(scraper("verify", "--json").stdout)
    assert (told["articles"], told["problems"]) == (5, [])


def test_a_backup_can_be_verified(scraper):
    assert "5 articles" in scraper("backup", "copy").stderr
    assert scraper("verify", "--data", "copy").exit_code == 0


def test_removed_stories_stay_away(scraper, tmp_path):
    done = scraper("remove", entry(1).url, "https://unknown.example/", "--why", "asked")
    assert "1 of 2 removed" in done.stderr
    assert "https://unknown.example/ is no story with an article here" in done.stderr
    with open_archive(tmp_path / "data") as archive:
        told = archive.explain(entry(1).url)
        assert told is not None
        assert (told.standing, told.detail) == (Standing.REMOVED, "asked")


def test_words_find_articles(scraper):
    assert "Berita 3" in scraper("search", "warga", "3").stdout
    row = json.loads(scraper("search", "kata warga 4", "--json").stdout)
    assert row["url"] == entry(4).url
    assert "Berita 3" in scraper("search", "warg*", "3").stdout
    nothing = scraper("search", "tiada", "--outlet", "kabr")
    assert (nothing.exit_code, nothing.stdout) == (1, "")
    assert "Is kabar meant?" in nothing.stderr
    assert scraper("search", '"*" (').exit_code == 2


def test_alerts_lists_what_is_wrong_and_tries_the_ways_out(scraper, tmp_path):
    taken = tmp_path / "taken.json"
    (tmp_path / "config/outlets").mkdir(parents=True)
    file = tmp_path / "config/scraper.toml"
    file.write_text("")
    assert scraper("alerts", "--test").exit_code == 2
    file.write_text(f'[alerts]\ncommand = ["/bin/sh", "-c", "cat > {taken}"]\n')
    tried = scraper("alerts", "--test")
    assert (tried.exit_code, tried.stdout) == (0, "command /bin/sh: taken\n")
    assert json.loads(taken.read_text())["notices"][0]["kind"] == "test"
    file.write_text('[alerts]\ncommand = ["/bin/false"]\n')
    assert scraper("alerts", "--test").exit_code == 1


@pytest.fixture
def hearing_ctrl_c():
    """Tests that were started in the background are deaf to Ctrl-C, and so would be what they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("hearing_ctrl_c")
def test_watching_goes_on_until_interrupted(scraper, tmp_path):
    assert scraper("status", "--watch", "--json").exit_code == 2
    words = [sys.executable, "-m", "scraper", "status", "--watch", "--data", str(tmp_path / "data")]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "FORCE_COLOR": "1"}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as watching:
        assert watching.stdout is not None
        seen = b""
        while b"5 articles" not in seen:
            seen += os.read(watching.stdout.fileno(), 65536)
        assert watching.poll() is None
        watching.send_signal(signal.SIGINT)
        _, said = watching.communicate(timeout=60)
    assert (watching.returncode, said) == (0, b"")


def test_shells_complete_commands(tmp_path):
    environment = {**os.environ, "_SCRAPER_COMPLETE": "complete_bash", "COMP_WORDS": "scraper re", "COMP_CWORD": "1"}
    program = Path(sys.executable).with_name("scraper")
    done = subprocess.run([program], env=environment, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.stdout.split() == ["reload", "repair", "remove", "retry", "reprocess"]


def test_status_shows_hubs_and_keeps_long_reasons_out_of_the_table(scraper, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    subscriptions = Subscriptions(
        WebSubSettings(callback="https://us.example/hook"), key=bytes(32), outlets={}, fetch=never, clock=lambda: NOW
    )
    pushed = feed(url="https://harian.example/feed", memory=FeedMemory(hints=PollHints(hub="https://hub.example/")))
    subscriptions.saw(pushed, 0)
    saved = subscriptions.saved()
    assert saved is not None
    why = "no connection to 203.0.113.9: Connection refused " * 4
    store = store_in(tmp_path / "data")
    store.remember(SUBSCRIPTIONS, saved)
    store.register([feed(url="https://a.example/f", failures=1, failing_since=NOW, last_failure=why)])
    store.close()
    shown = scraper("status").stdout
    assert "pushed by hubs: 0 of 1 subscriptions live" in shown
    (row,) = (line for line in shown.splitlines() if "1 failing" in line)
    assert len(row) <= 80
    assert why.strip() in shown
    told = json.loads(scraper("status", "--json").stdout)["subscriptions"]
    assert [(one["feed"], one["stage"]) for one in told] == [("https://harian.example/feed", "wanted")]


async def never(_request):
    raise AssertionError("nobody is asked here")


def test_dropped_stories_are_tried_again(tmp_path, scraper):
    store = store_in(tmp_path / "data")
    store.enqueue([entry(7), entry(8)], NOW)
    store.commit([dropped(claimed) for claimed in store.claim(NOW, 2, LEASE)], NOW)
    store.close()
    told = scraper("explain", entry(7).url).stdout
    assert f"Then `scraper retry {entry(7).url}`." in told
    done = scraper("retry", entry(7).url)
    assert (done.exit_code, done.stderr) == (0, "1 story waits to be fetched again\n")
    left = scraper("retry", entry(7).url, entry(1).url, "https://unknown.example/")
    assert left.exit_code == 1
    assert f"{entry(7).url} is not tried again: pending\n" in left.stderr
    assert f"{entry(1).url} is not tried again: kept\n" in left.stderr
    assert "https://unknown.example/ is not tried again: never seen\n" in left.stderr
    assert scraper("retry", "--reason", "too-short", "--outlet", "kabar").stderr.startswith("1 story")
    assert "Is kabar meant?" in scraper("retry", "--reason", "too-short", "--outlet", "kabr").stderr


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--reason", "frob"),
        ("--outlet", "kabar"),
        ("https://a.example/1", "--reason", "gone"),
        ("x", "--since", "2026-01-01"),
    ],
)
def test_retry_needs_to_know_what(scraper, arguments):
    assert scraper("retry", *arguments).exit_code == 2
