"""Web archives on a cluster: unpacked by tasks that may die, and the same stories kept as without it."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from scraper import open_archive
from scraper.cluster.files import in_batches
from scraper.sources.warc import WarcFile
from scraper.storage import Runs
from tests.cluster.village import Village
from tests.sources import warcs

ROOT = Path(__file__).parent.parent.parent
HERE = {**os.environ, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "RAY_USAGE_STATS_ENABLED": "0"}


def ran(directory: Path, *arguments: str, cwd: Path = ROOT) -> str:
    with (directory / "said").open("wb") as said, (directory / "told").open("wb") as told:
        # Files, not pipes: what Ray leaves behind for a moment would hold a pipe open.
        done = subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=cwd,
            env={**HERE, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=told,
            stderr=said,
            timeout=280,
            check=False,
        )
    assert done.returncode == 0, (directory / "said").read_text("utf-8", "replace")[-4000:]
    return (directory / "told").read_text("utf-8")


def test_batches_are_neither_long_nor_large_and_keep_the_order(tmp_path: Path):
    bodies = [b"<p>" + b"x" * (1_500_000 if number % 9 == 4 else 10) for number in range(100)]
    path = tmp_path / "a.warc"
    path.write_bytes(
        warcs.plain([warcs.response(f"https://a.example/{number}", body) for number, body in enumerate(bodies)])
    )
    batches = list(in_batches(WarcFile(path).records()))
    assert [record for batch in batches for record in batch] == list(WarcFile(path).records())
    assert max(map(len, batches)) <= 32
    assert len(batches) >= 4


@pytest.mark.timeout(300)
def test_tasks_that_die_while_they_unpack_lose_and_repeat_nothing(tmp_path: Path):
    path = tmp_path / "a.warc.gz"
    body = b"<p>" + os.urandom(30_000).hex().encode()
    path.write_bytes(warcs.gzipped([warcs.response(f"https://a.example/{number}", body) for number in range(400)]))
    text = ran(tmp_path, "tests.cluster.streaming", str(path), "--kills", "3")
    told = json.loads(text[text.index('{"marks"') :])
    assert told["killed"] >= 3
    assert told["marks"] == [record.mark for record in WarcFile(path).records()]


def kept(data: Path) -> list[dict[str, Any]]:
    with open_archive(data) as archive:
        return sorted((asdict(article) for article in archive.articles()), key=lambda record: record["id"])


@pytest.mark.timeout(600)
def test_a_backfill_of_web_archives_keeps_the_same_on_a_cluster(tmp_path: Path):
    village = Village(outlets=3, stories=8, every=0.0)
    for number in range(3):
        pages = [
            warcs.response(
                f"https://desa{number}.example/berita/{story}.html", village.page(number - story % 2, story).encode()
            )
            for story in range(8)
        ]
        (tmp_path / f"{number}.warc.gz").write_bytes(warcs.gzipped([*pages, *pages[:2]]))
    files = [part for number in range(3) for part in ("--warc", str(tmp_path / f"{number}.warc.gz"))]
    for name, cluster in (("here", ()), ("there", ("--cluster", "local"))):
        (tmp_path / name).mkdir()
        ran(tmp_path, "scraper", "backfill", "--data", str(tmp_path / name), *cluster, *files, cwd=tmp_path / name)
    assert kept(tmp_path / "there") == kept(tmp_path / "here")
    assert len(kept(tmp_path / "here")) > 12
    here, there = (Runs(tmp_path / name).open(1).progress for name in ("here", "there"))
    assert there.captured == here.captured
    assert (there.records, there.known, there.total.found) == (30, 6, 24)
