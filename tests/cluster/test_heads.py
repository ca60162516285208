"""A head that `ray start` started with its token, and commands that join it from outside, as the documentation says."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.scenario import records
from tests.cluster.village import Village

ROOT = Path(__file__).parent.parent.parent
UP_S, DONE_S, DOWN_S = 90.0, 150.0, 45.0
TOKEN = "0123456789abcdef" * 4

pytestmark = pytest.mark.timeout(400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A head of this machine alone, and where its token is."""

    address: str
    place: Path
    """Its own directory for what it keeps, whose name is short enough for its sockets."""

    def environment(self, home: str = "home") -> dict[str, str]:
        others = {name: value for name, value in os.environ.items() if not name.startswith("RAY_")}
        return {
            **others,
            "HOME": str(self.place / home),
            "RAY_TMPDIR": str(self.place),  # where `auto` looks for the cluster of this machine
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
            "RAY_USAGE_STATS_ENABLED": "0",
            "PYTHONPATH": str(ROOT),
        }

    def scraper(self, directory: Path, *arguments: str, home: str = "home") -> "subprocess.CompletedProcess[str]":
        with (directory / "said").open("w+") as said, (directory / "told").open("w+") as told:
            # Files, not pipes: what Ray leaves behind for a moment would hold a pipe open.
            done = subprocess.run(
                [sys.executable, "-m", "scraper", *arguments, "--config", str(directory)],
                cwd=directory,
                env=self.environment(home),
                stdin=subprocess.DEVNULL,
                stdout=told,
                stderr=said,
                timeout=DONE_S,
                check=False,
            )
        output, errors = ((directory / name).read_text("utf-8") for name in ("told", "said"))
        return subprocess.CompletedProcess(done.args, done.returncode, output, errors)


def configure(directory: Path, village: Village) -> None:
    text = '[fetch]\nhost_spacing = "0.1s"\nallow_networks = ["127.0.0.0/8"]\n'
    (directory / "scraper.toml").write_text(text, "utf-8")
    (directory / "outlets").mkdir()
    for outlet in village.configured():
        said = {"name": outlet.name, "domains": list(outlet.domains), "feeds": list(outlet.feeds)}
        lines = "".join(f"{name} = {json.dumps(value)}\n" for name, value in said.items())
        (directory / f"outlets/{outlet.id}.toml").write_text(lines, "utf-8")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def head() -> Iterator[Head]:
    with tempfile.TemporaryDirectory(prefix="r", ignore_cleanup_errors=True) as name:
        head = Head(address=f"127.0.0.1:{free_port()}", place=Path(name))
        (head.place / "home/.ray").mkdir(parents=True)
        (head.place / "home/.ray/auth_token").write_text(TOKEN, "utf-8")
        (head.place / "stranger").mkdir()
        with running(head):
            yield head


@contextmanager
def running(head: Head) -> Iterator[None]:
    host, _, port = head.address.rpartition(":")
    options = (
        f"--node-ip-address={host}",
        f"--port={port}",
        "--num-cpus=2",
        "--object-store-memory=80000000",
        "--include-dashboard=false",
        "--disable-usage-stats",
    )
    with (head.place / "head").open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block", *options],
            cwd=ROOT,
            env=head.environment(),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
    try:
        latest = time.monotonic() + UP_S
        while "Ray runtime started" not in (told := (head.place / "head").read_text("utf-8")):
            assert process.poll() is None, told
            assert time.monotonic() < latest, told
            time.sleep(0.1)
        yield
    finally:
        # Blocked, it ends all that it started when it is ended.
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(DOWN_S)
        finally:
            process.kill()


def test_commands_that_join_a_head_by_its_token_keep_what_one_process_keeps(head: Head, tmp_path: Path):
    village = Village(outlets=2, stories=3, every=0.0)
    addresses = tmp_path / "addresses.txt"
    with village.open():
        configure(tmp_path, village)
        addresses.write_text("".join(f"{link}\n" for link in sorted(village.all_links())), "utf-8")
        kept: list[list[dict[str, Any]]] = []
        for command, way in (
            (("run", "--once"), ()),
            (("run", "--once"), ("--cluster", "auto")),
            (("backfill", "--urls", str(addresses)), ()),
            (("backfill", "--urls", str(addresses)), ("--cluster", head.address)),
        ):
            data = tmp_path / f"data-{len(kept)}"
            done = head.scraper(tmp_path, *command, *way, "--data", str(data))
            assert done.returncode == 0, done.stderr[-4000:]
            kept.append([{**record, "source": record["source"].removeprefix(str(data))} for record in records(data)])
    polled, polled_there, filled, filled_there = kept
    assert {record["url"] for record in polled} == {village.story(n, k) for n in range(2) for k in range(3)}
    assert polled_there == polled
    assert {record["url"] for record in filled} == {record["url"] for record in polled}
    assert filled_there == filled


def test_who_has_not_its_token_is_told_what_may_be_wrong(head: Head, tmp_path: Path):
    configure(tmp_path, Village(outlets=1, stories=1, every=0.0, port=9))
    command = ("run", "--once", "--data", str(tmp_path / "data"), "--cluster", head.address)
    done = head.scraper(tmp_path, *command, home="stranger")
    assert done.returncode == 1, done.stderr[-4000:]
    assert f"Cannot join a cluster at {head.address}: check " in done.stderr
    assert "~/.ray/auth_token is the same here and there" in done.stderr
