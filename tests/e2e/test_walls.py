"""The program does its whole work behind the walls that its unit puts around it."""

import ctypes.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scraper.clock import utc_now
from scraper.demo import DemoWeb
from tests.e2e.test_process import HURRY, ids

ROOT = Path(__file__).parent.parent.parent
UNIT = ROOT / "scripts" / "systemd" / "scraper.service"
WALLED = Path(__file__).parent / "walled.py"


def walled(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(WALLED), str(UNIT), sys.executable, *command],
        env={**os.environ, **HURRY},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=90,
    )


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None or ctypes.util.find_library("seccomp") is None,
    reason="systemd-analyze or libseccomp is not installed",
)
def test_it_collects_behind_the_walls_of_its_unit(tmp_path):
    packet = walled("-c", "import socket; socket.socket(socket.AF_PACKET)")
    assert "PermissionError" in packet.stderr, "there are walls"
    with DemoWeb(utc_now()) as web:
        feeds = tmp_path / "feeds.txt"
        feeds.write_text("\n".join(url for outlet in web.outlets for url in outlet.feeds), "utf-8")
        options = ["--feeds", str(feeds), "--data", str(tmp_path / "data"), "--allow-network", "127.0.0.0/8"]
        done = walled("-m", "scraper", "run", "--once", *options)
    assert done.returncode in {0, 1}, done.stderr
    assert "Traceback" not in done.stderr
    assert len(ids(tmp_path / "data")) > 5, done.stderr
