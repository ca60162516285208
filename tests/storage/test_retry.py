"""What was dropped is tried again when somebody asks."""

from datetime import timedelta

import pytest

from scraper.model.verdict import DropReason
from scraper.storage import Standing, open_archive, verify
from tests.storage.samples import LEASE, NOW, collect, dropped, duplicate, entry, kept, store_in

LATER = NOW + timedelta(days=2)


@pytest.fixture
def store(tmp_path):
    made = store_in(tmp_path)
    yield made
    made.close()


def drop(store, number, reason=DropReason.TOO_SHORT, outlet="kabar", now=NOW):
    store.enqueue([entry(number, outlet)], now)
    (claimed,) = store.claim(now, 1, LEASE)
    store.commit([dropped(claimed, reason)], now)


def test_a_dropped_story_is_fetched_and_judged_as_if_it_were_listed_now(store, tmp_path):
    drop(store, 1)
    store.enqueue([entry(1)], LATER)
    assert store.claim(LATER, 9, LEASE) == []
    assert store.retry([entry(1).url + "#bottom"], LATER) == 1
    with open_archive(tmp_path) as archive:
        told = archive.explain(entry(1).url)
    assert told is not None
    assert (told.standing, told.reason, told.attempts, told.decided_at) == (Standing.PENDING, None, 0, None)
    (claimed,) = store.claim(LATER, 9, LEASE)
    assert (claimed.entry.key, claimed.entry.title, claimed.attempts) == (entry(1).key, entry(1).title, 1)
    store.commit([kept(claimed, 1)], LATER)
    assert store.retry([entry(1).url], LATER) == 0
    with open_archive(tmp_path) as archive:
        assert [article.url for article in archive.articles()] == [entry(1).url]
    assert not verify(tmp_path).problems


def test_what_is_known_removed_or_waiting_stays_as_it_is(store, tmp_path):
    collect(store, range(2))
    store.enqueue([entry(2)], NOW)
    (claimed,) = store.claim(NOW, 1, LEASE)
    store.commit([duplicate(claimed, 2, of=0)], NOW)
    store.remove([entry(1).url], "asked", NOW)
    store.enqueue([entry(3)], NOW)
    stories = [entry(number).url for number in range(4)]
    assert store.retry([*stories, "https://unknown.example/"], LATER) == 0
    assert store.retry_dropped(list(DropReason), LATER) == 0
    assert [one.entry.key for one in store.claim(LATER, 9, LEASE)] == [entry(3).key]
    assert not verify(tmp_path).problems


def test_all_that_was_dropped_for_a_reason_is_chosen_by_outlet_and_time(store):
    drop(store, 1)
    drop(store, 2, DropReason.WRONG_LANGUAGE)
    drop(store, 3, DropReason.WRONG_LANGUAGE, outlet="suara")
    drop(store, 4, DropReason.WRONG_LANGUAGE, now=LATER)
    wrong = [DropReason.WRONG_LANGUAGE]
    assert store.retry_dropped(wrong, LATER, outlet="suara") == 1
    assert store.retry_dropped(wrong, LATER, since=LATER) == 1
    assert store.retry_dropped(wrong, LATER) == 1
    assert store.retry_dropped(wrong, LATER) == 0
    waiting = {one.entry.key for one in store.claim(LATER, 9, LEASE)}
    assert waiting == {entry(2).key, entry(3, "suara").key, entry(4).key}
