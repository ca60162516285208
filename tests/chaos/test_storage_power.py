"""A power cut keeps what was synced; of all else, any sector may be old, new or zero, and any name may be missing."""

import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.storage.disk import Disk
from tests.chaos.storage_life import START, Counting, examine, expected_at_the_end, live
from tests.storage.samples import store_in

CUTS = int(os.environ.get("SCRAPER_TEST_POWER_CUTS", "40"))
SECTOR = 512


@pytest.fixture
def memory() -> Iterator[Path]:
    shared = Path("/dev/shm")  # noqa: S108 - the cut is simulated; a sync need cost nothing
    root = Path(tempfile.mkdtemp(dir=shared if shared.is_dir() else None))
    yield root
    shutil.rmtree(root)


class Powered(Disk):
    """Remembers what is durable, and at chosen steps makes a picture of what a power cut could leave."""

    def __init__(self, root: Path, data: Path, steps: int, chance: random.Random) -> None:
        self._root = root
        self._data = data
        self._chance = chance
        self._share = CUTS / steps
        self._contents: dict[int, bytes] = {}
        self._names: dict[Path, dict[str, int]] = {}
        self._cuts = 0
        self.notes: list[str] = []

    # What becomes durable.

    def sync(self, descriptor: int, path: Path) -> None:
        super().sync(descriptor, path)
        self._contents[path.stat().st_ino] = path.read_bytes()

    def sync_directory(self, path: Path) -> None:
        super().sync_directory(path)
        self._names[path] = {entry.name: entry.inode() for entry in os.scandir(path)}

    def _sync_state(self) -> None:
        """SQLite's own files: synced by each commit; their names by SQLite itself."""
        names = self._names.setdefault(self._data, {})
        for path in self._data.glob("state.db*"):
            self._contents[path.stat().st_ino] = path.read_bytes()
            names[path.name] = path.stat().st_ino

    # Cuts.

    def before(self, step: str, path: Path) -> None:
        if step in {"begin", "commit"}:
            self._sync_state()
        if self._names.get(self._data):
            # More cuts than steps: several at each, every one torn in another way.
            for _ in range(int(self._share + self._chance.random())):
                self._cut(f"{step} {path.name}")
        if step == "committed":
            self._sync_state()

    def _cut(self, where: str) -> None:
        self._cuts += 1
        picture = self._root / f"picture-{self._cuts}"
        self._draw(self._data, picture)
        store_in(picture, now=START + timedelta(days=9)).close()
        wrong = examine(picture, self.notes)
        assert wrong == [], (where, wrong)
        if self._cuts % 4 == 0:
            live(picture, Disk(), lambda _: None, START + timedelta(days=9))
            assert expected_at_the_end(picture) == [], where
        shutil.rmtree(picture)

    def _draw(self, source: Path, target: Path) -> None:
        target.mkdir()
        durable = self._names.get(source, {})
        now = {entry.name: entry.inode() for entry in os.scandir(source)}
        for name in durable.keys() | now.keys():
            if name == "state.db-shm":
                continue  # memory
            if durable.get(name) != now.get(name) and self._chance.random() < 0.5:
                inode = durable.get(name)
                if inode is not None:
                    self._place(None, self._contents.get(inode, b""), target / name)
            elif name not in now:
                self._place(None, self._contents.get(durable[name], b""), target / name)
            elif (source / name).is_dir():
                self._draw(source / name, target / name)
            else:
                old = self._contents.get(now[name], b"")
                self._place((source / name).read_bytes(), old, target / name)

    def _place(self, new: bytes | None, old: bytes, target: Path) -> None:
        target.write_bytes(old if new is None else self._torn(old, new))

    def _torn(self, old: bytes, new: bytes) -> bytes:
        if old == new or self._chance.random() < 0.2:
            return new
        size = self._chance.randint(min(len(old), len(new)), max(len(old), len(new)))
        sectors = []
        for start in range(0, size, SECTOR):
            chosen = old if self._chance.random() < 0.5 else new
            sectors.append(chosen[start : start + SECTOR].ljust(SECTOR, b"\0"))
        return b"".join(sectors)[:size]


@pytest.mark.timeout(900 + 2 * CUTS)
def test_no_power_cut_loses_or_repeats_an_article(memory):
    counting = Counting()
    live(memory / "whole", counting, lambda _: None)
    seed = int(os.environ.get("SCRAPER_TEST_SEED", "20261123"))
    disk = Powered(memory, memory / "data", len(counting.steps), random.Random(seed))  # noqa: S311 - chance, not secrecy
    live(memory / "data", disk, disk.notes.append)
    assert disk._cuts > CUTS // 2
    sys.stdout.write(f"{disk._cuts} power cuts at {len(counting.steps)} steps: 0 lost, 0 twice\n")
