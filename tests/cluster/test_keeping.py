"""The store in another process: every promise of the store, and what happens when that process is lost."""

import pickle
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from scraper.cluster.keeping import Keeper, NewEpochError, RemoteStore
from scraper.engine.settling import Finished
from scraper.model.failures import ScraperError, StoreBusyError, StoreFencedError, StoreUnavailableError
from scraper.model.outlet import Outlet
from scraper.model.verdict import Dropped, DropReason
from scraper.service.books import Books, books_here
from scraper.settings import Settings, StoreSettings
from scraper.storage import Store, open_archive, verify
from tests.storage.samples import LEASE, NOW, article, entry, kept, store_in

OUTLETS = (Outlet(id="kabar", name="Kabar", domains=("kabar.example",)),)


def _carried(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own


class Process:
    """The keeper's process without one: what goes in and comes out is pickled, and it can be lost before or after."""

    def __init__(self, data: Path) -> None:
        self.settings = Settings(store=StoreSettings(data=data))
        self.lose: str | None = None
        self.births = 0
        self._start()

    def _start(self) -> None:
        self.keeper = Keeper(partial(books_here, self.settings, OUTLETS, lambda: NOW), lambda: NOW)
        self.births += 1

    def send(self, method: str, *args):
        args = _carried(args)
        if self.lose == "before":
            self._die()
        try:
            value = getattr(self.keeper, method)(*args)
        except (ScraperError, NewEpochError) as error:
            raise _carried(error) from None
        if self.lose == "after":
            self._die()
        return _carried(value)

    def _die(self) -> None:
        """As by SIGKILL: nothing is saved, the kernel lets go of the lock and the files."""
        self.lose = None
        books, self.keeper._books = self.keeper._books, None
        if isinstance(books, Books):
            books.done.close()
        self._start()
        raise StoreUnavailableError("the process was lost")


@pytest.fixture
def process(tmp_path: Path) -> Process:
    return Process(tmp_path / "data")


@pytest.fixture(params=["here", "elsewhere"])
def store(request: pytest.FixtureRequest, process: Process):
    """The same store in this process and in one of its own."""
    if request.param == "here":
        own = store_in(process.settings.store.data)
        yield own
        own.close()
        return
    remote = RemoteStore(process, process.settings.store.data)
    remote.open()
    yield remote
    remote.close()


def test_what_is_enqueued_is_claimed_once_and_committed(store: Store, process: Process):
    assert store.enqueue([entry(number) for number in range(5)], NOW) == 5
    assert store.enqueue([entry(3)], NOW) == 0
    claimed = store.claim(NOW, 3, LEASE)
    assert len(claimed) == 3
    assert len(store.claim(NOW, 9, LEASE)) == 2
    store.commit([kept(pending, number) for number, pending in enumerate(claimed, 1)], NOW)
    with open_archive(process.settings.store.data) as archive:
        assert [found.id for found in archive.articles()] == [article(number).id for number in (1, 2, 3)]


def test_what_is_released_or_whose_lease_is_over_can_be_claimed_again(store: Store):
    store.enqueue([entry(1), entry(2)], NOW)
    first, second = store.claim(NOW, 2, LEASE)
    store.release([first.entry.key])
    assert [pending.entry.key for pending in store.claim(NOW, 2, LEASE)] == [first.entry.key]
    later = NOW + LEASE + timedelta(seconds=1)
    assert {pending.entry.key for pending in store.claim(later, 2, LEASE)} == {first.entry.key, second.entry.key}


def test_values_are_remembered(store: Store):
    assert store.memory("thing") is None
    store.remember("thing", b"\0value")
    assert store.memory("thing") == b"\0value"
    assert store.maintain(NOW) is False


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_group_whose_answer_was_lost_is_committed_once(process: Process, when: str):
    remote = RemoteStore(process, process.settings.store.data)
    remote.open()
    remote.enqueue([entry(1), entry(2)], NOW)
    group = [
        Finished(
            pending=pending,
            outlet=OUTLETS[0],
            result=Dropped(reason=DropReason.TOO_SHORT, detail="41 characters"),
        )
        for pending in remote.claim(NOW, 2, LEASE)
    ]
    process.lose = when
    with pytest.raises(StoreUnavailableError):
        remote.commit_group(group, {"note": b"with it"})
    committed = remote.commit_group(group, {"note": b"with it"})
    assert [outcome and outcome.verdict for outcome in committed.outcomes] == [finished.result for finished in group]
    assert process.births == 2
    assert remote.memory("note") == b"with it"
    remote.close()
    with open_archive(process.settings.store.data) as archive:
        assert [(tally.reason, tally.stories) for tally in archive.tallies()] == [("too-short", 2)]
    assert verify(process.settings.store.data).problems == []


def test_a_caller_of_an_epoch_that_is_over_is_told_the_new_one(process: Process):
    remote = RemoteStore(process, process.settings.store.data)
    remote.open()
    process.lose = "before"
    with pytest.raises(StoreUnavailableError):
        remote.memory("thing")
    with pytest.raises(NewEpochError) as news:
        process.keeper.call(1, "memory", ("thing",), {})
    assert news.value.args == (2,)
    assert remote.memory("thing") is None
    remote.close()


def test_where_somebody_else_writes_the_first_opening_says_so_and_a_later_one_waits(process: Process):
    data = process.settings.store.data
    other = store_in(data)
    remote = RemoteStore(process, data)
    with pytest.raises(StoreBusyError):
        remote.open()
    with pytest.raises(StoreUnavailableError):
        process.keeper.call(7, "memory", ("thing",), {})
    other.close()
    remote.open()
    remote.close()


def test_a_writer_that_was_taken_over_from_writes_no_more(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    zombie = store_in(tmp_path / "data")
    zombie.begin_epoch()
    zombie.enqueue([entry(1), entry(2)], NOW)
    claimed = zombie.claim(NOW, 2, LEASE)
    zombie.commit([kept(claimed[0], 1)], NOW)
    # As on a file system whose locks hold nobody off.
    monkeypatch.setattr("scraper.storage.lock._locked", lambda _descriptor: True)
    successor = store_in(tmp_path / "data")
    assert successor.begin_epoch() == 2
    for write in (
        lambda: zombie.commit([kept(claimed[1], 2)], NOW),
        lambda: zombie.enqueue([entry(3)], NOW),
        lambda: zombie.remember("thing", b"value"),
    ):
        with pytest.raises(StoreFencedError, match="writes no more"):
            write()
    successor.commit([kept(pending, 2) for pending in successor.claim(NOW, 2, LEASE)], NOW)
    successor.close()
    zombie._segments.abandon()
    zombie.close()
    assert verify(tmp_path / "data").problems == []
    with open_archive(tmp_path / "data") as archive:
        assert archive.size().articles == 2
