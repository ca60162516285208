"""`scraper status --web`, and the addresses that commands take."""

import re
import signal
import subprocess
import sys

import httpx
import pytest
from typer.testing import CliRunner

from scraper.cli.app import app
from tests.storage.samples import collect, store_in


@pytest.mark.parametrize("arguments", [("status", "--web", "--listen"), ("run", "--status"), ("demo", "--status")])
def test_an_address_that_is_none_is_told(tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "feeds.txt").write_text("https://kabar.example/feed\n")
    store_in(tmp_path / "data").close()
    more = ("--feeds", "feeds.txt") if arguments[0] == "run" else ()
    result = CliRunner().invoke(app, [*arguments, "127.0.0.1:99999", *more])
    assert result.exit_code == 2
    told = " ".join(result.output.replace("│", " ").split())
    assert f"for {arguments[-1]}: '127.0.0.1:99999' is no address" in told


def test_the_page_is_served_until_it_is_interrupted(tmp_path):
    store = store_in(tmp_path)
    collect(store, [1, 2])
    store.close()
    command = [sys.executable, "-m", "scraper", "status", "--web", "--listen", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as page:
        assert page.stderr is not None
        told = page.stderr.readline()
        found = re.match(r"(http://127\.0\.0\.1:\d+/) ", told)
        assert found, told
        assert (
            "2 articles" in httpx.get(found[1] + "articles?q=warga", timeout=60).text or httpx.get(found[1]).is_success
        )
        page.send_signal(signal.SIGINT)
        assert page.wait(60) == 0
        assert page.stderr.read() == ""


def test_without_an_archive_it_says_so(tmp_path):
    command = [sys.executable, "-m", "scraper", "status", "--web", "--listen", "0", "--data", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, timeout=100)
    assert (done.returncode, "There is no archive in" in done.stderr, len(done.stderr.splitlines())) == (1, True, 1)
