"""A disk that refuses: the store says so, loses nothing, and goes on when the disk does."""

import errno
import os
import resource
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from scraper.model.failures import StoreUnavailableError
from tests.chaos.storage_life import Again, Counting, Journal, examine, expected_at_the_end, live
from tests.storage.samples import LEASE, NOW, collect, entry, kept, lines, store_in

EVERY = int(os.environ.get("SCRAPER_TEST_FAULT_STRIDE", "13"))
"""Each so-many-th step fails in turn; 1 in the nightly form."""
FAULTS = (errno.ENOSPC, errno.EROFS, errno.EIO)


@pytest.fixture
def memory() -> Iterator[Path]:
    """A directory where a sync costs nothing; there are hundreds of lives to live."""
    shared = Path("/dev/shm")  # noqa: S108 - as said
    root = Path(tempfile.mkdtemp(dir=shared if shared.is_dir() else None))
    yield root
    shutil.rmtree(root)


class Refusing(Counting):
    """Fails at one step and at some after it; a write that fails has written a part."""

    def __init__(self, at: int, times: int) -> None:
        super().__init__()
        self._refused = range(at, at + times)
        self._fault = FAULTS[at % len(FAULTS)]

    def before(self, step: str, path: Path) -> None:
        super().before(step, path)
        # `committed` is a moment, not an operation that a disk could refuse.
        if len(self.steps) in self._refused and step != "committed":
            raise OSError(self._fault, os.strerror(self._fault), str(path))

    def write(self, descriptor: int, data: bytes, offset: int, path: Path) -> None:
        if len(self.steps) + 1 in self._refused:
            os.pwrite(descriptor, data[: len(data) // 3], offset)
        super().write(descriptor, data, offset, path)


@pytest.mark.timeout(600 + 3000 // EVERY)
@pytest.mark.parametrize("times", [1, 4])
def test_every_step_may_fail(memory, times):
    counting = Counting()
    live(memory / "whole", counting, lambda _: None)
    for at in range(1 + times % EVERY, len(counting.steps) + 1, EVERY):
        data, journal, again = memory / str(at), Journal(memory / f"{at}.notes"), Again()
        live(data, Refusing(at, times), journal, attempt=again)
        assert again.said or counting.steps[at - 1] in {"truncate", "committed"}, counting.steps[at - 1]
        assert examine(data, journal.notes()) == [], (at, counting.steps[at - 1])
        assert expected_at_the_end(data) == [], (at, counting.steps[at - 1])
        journal.close()
        shutil.rmtree(data)


@pytest.mark.timeout(600 + 3000 // EVERY)
def test_a_disk_that_is_full_at_any_byte(memory):
    """The kernel refuses to let any file grow beyond a size: this reaches into SQLite's own writes and commits."""
    live(memory / "whole", Counting(), lambda _: None)
    largest = max(path.stat().st_size for path in (memory / "whole").rglob("*") if path.is_file())
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    assert signal.getsignal(signal.SIGXFSZ) is signal.SIG_IGN
    paused = 0
    for limit in range(5000, largest, max(1, largest * EVERY // 150)):
        data, journal = memory / str(limit), Journal(memory / f"{limit}.notes")
        refusals = 0

        def relent() -> None:
            nonlocal refusals
            refusals += 1
            if refusals % 3 == 0:
                resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)

        again = Again(relent)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, unlimited[1]))
        try:
            live(data, Counting(), journal, attempt=again)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
        paused += bool(again.said)
        assert examine(data, journal.notes()) == [], limit
        assert expected_at_the_end(data) == [], limit
        journal.close()
        shutil.rmtree(data)
    assert paused > 3


def test_a_commit_in_doubt_leaves_its_bytes_alone_until_it_cannot_come_back(memory):
    """When COMMIT itself fails, a crash could still bring it back: its lines must stay until a later one is durable."""
    store = store_in(memory)
    collect(store, [1])
    store.enqueue([entry(2), entry(3)], NOW)
    second, third = store.claim(NOW, 2, LEASE)
    log = memory / "state.db-wal"
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, unlimited[1]))
    try:
        with pytest.raises(StoreUnavailableError, match=r"state\.db"):
            store.commit([kept(second, 2)], NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
    assert len(lines(memory)) == 2
    store.commit([kept(third, 3)], NOW)
    assert len(list(memory.rglob("part-*"))) == 2
    assert len(lines(memory)) == 2
    store.commit([kept(second, 2)], NOW)
    assert len(lines(memory)) == 3
    store.close()
    assert examine(memory, ["Kept 1", "Kept 2", "Kept 3"]) == []


def test_an_interruption_right_after_the_commit_loses_nothing(memory):
    class Interrupted(Counting):
        at_opening = 1000

        def before(self, step: str, path: Path) -> None:
            super().before(step, path)
            if step == "committed" and path.name == "state.db" and self.steps.count("write") == 1 + self.at_opening:
                raise KeyboardInterrupt

    disk = Interrupted()
    store = store_in(memory, disk=disk)
    disk.at_opening = disk.steps.count("write")
    store.enqueue([entry(1), entry(2)], NOW)
    first, second = store.claim(NOW, 2, LEASE)
    with pytest.raises(KeyboardInterrupt):
        store.commit([kept(first, 1)], NOW)
    store.commit([kept(first, 1), kept(second, 2)], NOW)
    store.close()
    assert len(lines(memory)) == 2
    assert examine(memory, ["Kept 1", "Kept 2"]) == []


def test_a_directory_that_cannot_be_written_is_said_in_a_sentence(tmp_path):
    class ReadOnly(Counting):
        def before(self, step: str, path: Path) -> None:
            raise OSError(errno.EROFS, f"Read-only file system: {step}", str(path))

    with pytest.raises(StoreUnavailableError, match=r"Cannot use .*new: Read-only file system: mkdir"):
        store_in(tmp_path / "new", disk=ReadOnly())
