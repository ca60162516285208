"""A data directory that is deleted while a process writes there, and a reader that goes away: both end it."""

import json
import shutil
import signal
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.e2e.test_process import run, started, wait_for, wait_for_articles

STORIES = 40
WORDS = ("sungai", "jembatan", "warga", "perahu", "dermaga", "hujan", "bendungan", "pompa", "pasar", "kereta", "museum")


class Slow(BaseHTTPRequestHandler):
    """Many stories and a feed that names them; all but the first few take a second each."""

    def do_GET(self) -> None:
        if self.path == "/feed":
            links = (f"http://{self.headers['Host']}/berita/{n}-kabar" for n in range(1000, 1000 + STORIES))
            items = "".join(f"<item><title>Kabar</title><link>{link}</link></item>" for link in links)
            self.tell(f"<rss version='2.0'><channel><title>Kabar</title>{items}</channel></rss>")
        elif self.path.startswith("/berita/"):
            number = int(self.path.split("/")[2].split("-")[0])
            time.sleep(0.0 if number < 1004 else 1.0)
            self.tell(story(number))
        else:
            self.send_error(404)

    def tell(self, text: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None:
        """Not printed."""


def story(number: int) -> str:
    paragraphs = "".join(
        f"<p>Laporan {number} bagian {n}: "
        + " ".join(WORDS[(number * n + m * m) % len(WORDS)] for m in range(40))
        + "</p>"
        for n in range(1, 9)
    )
    return (
        f"<html lang='id'><head><title>Kabar {number}</title></head><body><article>{paragraphs}</article></body></html>"
    )


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("SCRAPER_DRAIN", "1 s")
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def command(home: str, tmp_path, how: str) -> list[str]:
    options = ["--data", str(tmp_path / "data"), "--allow-network", "127.0.0.0/8"]
    if how == "backfill":
        (tmp_path / "urls.txt").write_text("".join(f"{home}/berita/{n}-kabar\n" for n in range(1000, 1000 + STORIES)))
        return [sys.executable, "-m", "scraper", "backfill", "--urls", str(tmp_path / "urls.txt"), *options]
    (tmp_path / "feeds.txt").write_text(f"{home}/feed\n")
    once = ["--once"] if how == "once" else []
    return [sys.executable, "-m", "scraper", "run", "--feeds", str(tmp_path / "feeds.txt"), *once, *options]


def delete(data: Path) -> None:
    """Delete it at once: one that is taken apart file by file may get new files meanwhile."""
    gone = data.with_name("gone")
    data.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


@pytest.mark.parametrize("number", [None, signal.SIGTERM, signal.SIGINT], ids=["alone", "SIGTERM", "SIGINT"])
@pytest.mark.parametrize("how", ["backfill", "run", "once"])
def test_a_process_whose_data_directory_is_deleted_ends_with_a_sentence(home, tmp_path, how, number):
    with started(command(home, tmp_path, how)) as process:
        wait_for_articles(tmp_path / "data", 1)
        delete(tmp_path / "data")
        if number is not None:
            process.send_signal(number)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 1, told
    assert f"{tmp_path / 'data'} was deleted, moved or replaced while this process wrote there" in told
    assert "Traceback" not in told
    assert not (tmp_path / "data").exists(), "nothing begins there anew"


def test_a_backfill_whose_own_directory_is_deleted_ends_with_a_sentence(home, tmp_path):
    with started(command(home, tmp_path, "backfill")) as process:
        wait_for_articles(tmp_path / "data", 1)
        delete(tmp_path / "data" / "backfill" / "1")
        _, told = process.communicate(timeout=30)
    assert process.returncode == 1, told
    assert "Backfill 1 was deleted while it ran" in told
    assert "Traceback" not in told
    assert run([sys.executable, "-m", "scraper", "verify", "--data", str(tmp_path / "data")]).returncode == 0


def test_a_backfill_whose_output_nobody_reads_any_more_ends_and_can_be_resumed(home, tmp_path):
    with started([*command(home, tmp_path, "backfill"), "--json"]) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        process.stdout = None
        wait_for(lambda: process.poll() is not None, 30)
    listed = run([sys.executable, "-m", "scraper", "backfill", "list", "--json", "--data", str(tmp_path / "data")])
    assert json.loads(listed.stdout)["stage"] == "interrupted"
