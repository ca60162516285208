"""Names are found the same before, while and after they are sorted in."""

import sqlite3
from contextlib import closing

import pytest

from scraper.model.failures import StoreUnavailableError
from scraper.storage import naming, open_archive, repair, verify
from scraper.storage.disk import Disk
from tests.storage.samples import LEASE, NOW, collect, entry, kept, store_in


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch):
    monkeypatch.setattr(naming, "_FEWEST", 20)
    monkeypatch.setattr(naming, "_STEP", 7)


def counts(data):
    with closing(sqlite3.connect(data / "state.db")) as state:
        (sorted_in,) = state.execute("SELECT count(*) FROM names").fetchone()
        (recent,) = state.execute("SELECT count(*) FROM recent_names").fetchone()
    return sorted_in, recent


def test_all_names_are_known_at_each_step_of_the_sorting(tmp_path):
    store = store_in(tmp_path)
    seen = set()
    with open_archive(tmp_path) as archive:
        for number in range(40):
            collect(store, [number])
            seen.add(counts(tmp_path))
            assert store.enqueue([entry(each) for each in range(number + 1)], NOW) == 0
            assert archive.article(f"{number:016x}") is not None
            assert all(archive.explain(entry(each).key) for each in range(number + 1))
    store.close()
    assert {names for names, _ in seen} >= {0, 7, 14, 21}, "the names were moved in portions"
    assert min(recent for names, recent in seen if names) < 10, "those that were moved are recent no more"
    assert verify(tmp_path).problems == []


def test_one_who_asks_a_little_or_a_lot_is_told_the_same(tmp_path):
    store = store_in(tmp_path)
    for number in range(25):
        collect(store, [number])
    store.close()
    assert all(counts(tmp_path))
    with open_archive(tmp_path) as archive:
        for _ in range(2):
            assert [archive.article(f"{number:016x}") is not None for number in range(26)] == [*[True] * 25, False]


def test_a_store_opened_anew_knows_sorted_and_recent_names(tmp_path):
    store = store_in(tmp_path)
    for number in range(25):
        collect(store, [number])
    store.close()
    assert all(counts(tmp_path)), "some are sorted, some are not"
    store = store_in(tmp_path)
    assert store.enqueue([entry(number) for number in range(25)], NOW) == 0
    store.close()


def test_names_of_a_transaction_that_failed_are_not_known(tmp_path):
    disk = Failing()
    store = store_in(tmp_path, disk=disk)
    disk.fails_after = 0
    with pytest.raises(StoreUnavailableError):
        store.enqueue([entry(1)], NOW)
    disk.fails_after = None
    assert store.enqueue([entry(1)], NOW) == 1
    store.close()


def test_a_sorting_that_is_refused_stops_the_commit_and_begins_anew(tmp_path):
    disk = Failing()
    store = store_in(tmp_path, disk=disk)
    collect(store, range(15))
    store.enqueue([entry(20)], NOW)
    (claimed,) = store.claim(NOW, 1, LEASE)
    disk.fails_after = disk.commits + 1
    with pytest.raises(StoreUnavailableError):
        store.commit([kept(claimed, 20)], NOW)
    assert counts(tmp_path) == (0, 31)
    disk.fails_after = None
    for number in range(21, 30):
        store.commit([kept(claimed, 20)], NOW)
        collect(store, [number])
    store.close()
    assert counts(tmp_path)[0] >= 31
    assert verify(tmp_path).problems == []
    with open_archive(tmp_path) as archive:
        assert len(list(archive.articles())) == 25


def test_a_repair_takes_over_what_goes_by_recent_names(tmp_path):
    store = store_in(tmp_path)
    collect(store, range(3))
    store.enqueue([entry(9)], NOW)
    store.close()
    assert repair(tmp_path, NOW).salvaged["stories"] == 1
    store = store_in(tmp_path)
    assert store.enqueue([entry(9), entry(2)], NOW) == 0
    store.close()


class Failing(Disk):
    """Refuses commits: all of them, or those after the first few."""

    def __init__(self):
        self.fails_after = None
        self.commits = 0

    def before(self, step, path):  # noqa: ARG002 - the seam gives both
        if step == "commit":
            self.commits += 1
            if self.fails_after is not None and self.commits > self.fails_after:
                raise OSError(28, "No space left on device")


def test_one_who_is_alone_asks_only_the_sorted_names_once_the_recent_ones_are_read():
    with closing(sqlite3.connect(":memory:")) as state:
        state.execute("CREATE TABLE names (hash INTEGER PRIMARY KEY, entry INTEGER)")
        state.execute("CREATE TABLE recent_names (number INTEGER PRIMARY KEY, hash INTEGER, entry INTEGER)")
        names = naming.Names(alone=True)
        names.refresh(state)
        names.append(state, [(11, 1)])
        asked: list[str] = []
        state.set_trace_callback(asked.append)
        assert names.entries(state, [11, 12]) == {11: 1}
        assert names.entry(state, 12) is None
        assert asked
        assert not [each for each in asked if "recent_names" in each]
