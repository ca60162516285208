"""The store in another process: every promise of the store, and what happens when that process is lost."""

import pickle
import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from scraper.cluster.keeping import Keeper, NewEpochError, RemoteStore
from scraper.engine.settling import Finished
from scraper.engine.steps import Reading
from scraper.model.article import Draft
from scraper.model.failures import ScraperError, StoreBusyError, StoreFencedError, StoreUnavailableError
from scraper.model.feed import FeedState
from scraper.model.outlet import Outlet
from scraper.model.verdict import Dropped, DropReason, Kept
from scraper.service.books import Books, books_here
from scraper.settings import Settings, StoreSettings
from scraper.storage import Store, open_archive, verify
from tests.cluster.village import WORDS
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


def test_a_poll_is_remembered_with_its_entries_and_pushed_ones_beside_it(store: Store):
    feed = FeedState(url="https://kabar.example/feed", outlet="kabar", next_due=NOW)
    store.register([feed])
    assert [state.url for state in store.due(NOW, 5)] == [feed.url]
    polled = replace(feed, next_due=NOW + timedelta(hours=1), etag=b'"caf\xe9"')
    assert store.record_poll(polled, [entry(1), entry(2)], NOW) == 2
    assert store.due(NOW, 5) == []
    assert store.feeds() == [polled]
    assert store.add([entry(2), entry(3)], NOW) == 1
    assert len(store.claim(NOW, 9, LEASE)) == 3


def test_pages_at_hand_are_wanted_while_their_stories_are_unknown(store: Store):
    store.enqueue([entry(1)], NOW)
    store.commit([kept(pending, 1) for pending in store.claim(NOW, 1, LEASE)], NOW)
    assert store.wanted([entry(1).key, entry(2).key]) == {entry(2).key}


def _drafts() -> list[Draft]:
    """Stories, copies, a story under other lines, and furniture in all of them."""
    dice = random.Random(1)  # noqa: S311 - invents stories
    said = [[" ".join(dice.choices(WORDS, k=40)).capitalize() + "." for _ in range(6)] for _ in range(12)]
    texts = [[*said[number % 12], "Unduh aplikasi Kabar di ponsel Anda"] for number in range(30)]
    texts[20] = texts[20][1:]
    return [
        Draft(title=" ".join(lines[0].split()[:6]), text="\n".join(lines), language="id", published=NOW)
        for lines in texts
    ]


def test_stories_are_judged_alike_here_and_elsewhere(tmp_path: Path):
    """The near-duplicate judge, what the outlet teaches of its furniture, and what becomes durable of both."""
    store: Any
    commit: Any
    verdicts, saved = [], []
    for place in ("here", "elsewhere"):
        data = tmp_path / place
        if place == "here":
            books = books_here(Settings(store=StoreSettings(data=data)), OUTLETS, lambda: NOW)
            store, commit, close = books.store, partial(books.commit, now=NOW, remember={}), books.close
        else:
            remote = RemoteStore(Process(data), data)
            remote.open()
            store, commit, close = remote, partial(remote.commit_group, remember={}), remote.close
        store.enqueue([entry(number) for number in range(30)], NOW)
        claimed = sorted(store.claim(NOW, 30, LEASE), key=lambda pending: pending.entry.key)
        group = [
            Finished(pending=pending, outlet=OUTLETS[0], result=Reading(pending=pending, draft=draft, pages=()))
            for pending, draft in zip(claimed, _drafts(), strict=True)
        ]
        verdicts.append([commit(part) for part in (group[:13], group[13:])])
        close()
        with open_archive(data) as archive:
            saved.append(list(archive.articles()))
    assert verdicts[0] == verdicts[1]
    assert saved[0] == saved[1]
    kinds = Counter(type(outcome.verdict) for part in verdicts[0] for outcome in part.outcomes if outcome)
    assert min(kinds[Kept], kinds[Dropped]) >= 12
    assert any("Unduh aplikasi Kabar di ponsel Anda" in article.dropped_lines for article in saved[0])


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
