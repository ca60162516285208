"""The reader's side."""

from datetime import timedelta

import pytest

from scraper import open_archive
from scraper.model.failures import StoreUnavailableError
from scraper.storage import Standing, Tally, Waiting
from tests.storage.samples import (
    LEASE,
    NOW,
    article,
    collect,
    deferred,
    dropped,
    duplicate,
    entry,
    feed,
    kept,
    store_in,
)


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def archive(store):
    with open_archive(store._settings.data) as opened:
        yield opened


def test_an_article_comes_back_as_it_was_kept(store, archive):
    collect(store, [1, 2, 3])
    assert archive.article(f"{2:016x}") == article(2)
    assert archive.article(f"{9:016x}") is None


def test_articles_come_lazily_in_the_order_of_their_saving(store, archive):
    collect(store, range(1200))
    articles = archive.articles()
    first = next(articles)
    collect(store, [1200])
    assert [first, *articles] == [article(number) for number in range(1201)]


def test_articles_can_be_chosen(store, archive):
    collect(store, [1], "satu")
    collect(store, [2], "dua")
    (early,) = _claimed(store, 3)
    store.commit([kept(early, 3, published=NOW - timedelta(days=9), language="en", title="Harbour Lights")], NOW)
    assert [found.outlet for found in archive.articles(outlet="dua")] == ["dua"]
    assert [found.id for found in archive.articles(language="en")] == [f"{3:016x}"]
    assert [found.id for found in archive.articles(since=NOW - timedelta(days=1))] == [f"{1:016x}", f"{2:016x}"]
    assert [found.id for found in archive.articles(until=NOW - timedelta(days=1))] == [f"{3:016x}"]
    assert [found.id for found in archive.articles(query="LIGHTS harbour")] == [f"{3:016x}"]
    assert list(archive.articles(outlet="tiada")) == []


def test_the_newest_revision_is_given_unless_all_are_wanted(store, archive):
    collect(store, [1])
    store.revisit([entry(1).key], NOW)
    (again,) = store.claim(NOW, 1, LEASE)
    store.commit([kept(again, 1, revision=1, text="Baru.")], NOW)
    assert [found.revision for found in archive.articles()] == [1]
    assert [found.revision for found in archive.articles(revisions=True)] == [0, 1]
    assert archive.article(f"{1:016x}").text == "Baru."
    assert archive.article(f"{1:016x}", revision=0) == article(1)


def test_copies_are_asked_for_by_name(tmp_path):
    with_copies = store_in(tmp_path, keep_duplicates=True)
    collect(with_copies, [1])
    (second,) = _claimed(with_copies, 2)
    with_copies.commit([duplicate(second, 2, of=1)], NOW)
    with open_archive(tmp_path) as archive:
        assert [found.id for found in archive.articles()] == [f"{1:016x}"]
        assert [found.id for found in archive.articles(copies=True)] == [f"{2:016x}"]
    with_copies.close()


class TestExplain:
    def test_what_was_never_seen_is_none(self, archive):
        assert archive.explain("https://kabar.example/9") is None
        assert archive.explain("no address at all") is None

    def test_a_waiting_story(self, store, archive):
        store.enqueue([entry(1, key="kabar:1")], NOW)
        for text in ("kabar:1", entry(1).url):
            told = archive.explain(text)
            assert (told.standing, told.key, told.ready_at) == (Standing.PENDING, "kabar:1", NOW)
        store.claim(NOW, 1, LEASE)
        assert archive.explain("kabar:1").standing is Standing.CLAIMED

    def test_a_deferred_story(self, store, archive):
        (claimed,) = _claimed(store, 1)
        store.commit([deferred(claimed, NOW + LEASE)], NOW)
        told = archive.explain(entry(1).key)
        assert (told.standing, told.reason, told.detail) == (Standing.DEFERRED, "fetch-failed", "status 503")
        assert (told.attempts, told.ready_at) == (1, NOW + LEASE)

    def test_a_dropped_story(self, store, archive):
        (claimed,) = _claimed(store, 1)
        store.commit([dropped(claimed)], NOW + LEASE)
        told = archive.explain(entry(1).key)
        assert (told.standing, told.reason, told.detail) == (Standing.DROPPED, "too-short", "41 characters")
        assert (told.decided_at, told.published, told.source) == (NOW + LEASE, entry(1).published, entry(1).source)

    def test_a_kept_story_is_found_by_every_name(self, store, archive, tmp_path):
        (claimed,) = _claimed(store, 1)
        store.commit([kept(claimed, 1, aliases=("https://kabar.example/lain",))], NOW)
        for text in (entry(1).key, f"{1:016x}", "https://kabar.example/lain", entry(1).key + "?utm_source=x"):
            told = archive.explain(text)
            assert (told.standing, told.article_id) == (Standing.KEPT, f"{1:016x}")
        (saved,) = told.saved
        assert saved.file == tmp_path / "articles/date=2026-11-23/part-1.jsonl"
        with saved.file.open("rb") as file:
            file.seek(saved.offset)
            assert f'"id":"{1:016x}"'.encode() in file.read(saved.length)

    def test_a_cluster_names_its_members(self, store, archive):
        collect(store, [1])
        (claimed,) = _claimed(store, 2)
        store.commit([duplicate(claimed, 2, of=1)], NOW)
        told = archive.explain(entry(2).key)
        assert (told.standing, told.reason) == (Standing.DROPPED, "duplicate")
        assert (told.judgement.of, told.judgement.similarity) == (f"{1:016x}", 0.97)
        assert "97%" in told.judgement.why
        assert [(member.id, member.standing) for member in told.cluster] == [
            (f"{1:016x}", Standing.KEPT),
            (f"{2:016x}", Standing.DROPPED),
        ]
        assert archive.explain(entry(1).key).cluster == told.cluster


class TestNumbers:
    def test_verdicts_are_counted_by_day_outlet_and_reason(self, store, archive):
        collect(store, [1, 2])
        (claimed,) = _claimed(store, 3)
        store.commit([dropped(claimed)], NOW + timedelta(days=1))
        assert archive.tallies() == [
            Tally(day="2026-11-23", outlet="kabar", reason="kept", stories=2),
            Tally(day="2026-11-24", outlet="kabar", reason="too-short", stories=1),
        ]
        assert len(archive.tallies("2026-11-24")) == 1

    def test_what_waits_is_counted_by_outlet(self, store, archive):
        (claimed,) = _claimed(store, 1)
        store.commit([deferred(claimed, NOW + LEASE)], NOW)
        store.enqueue([entry(2), entry(3)], NOW)
        store.claim(NOW, 1, LEASE)
        assert archive.waiting() == [Waiting(outlet="kabar", ready=1, claimed=1, deferred=1)]

    def test_feeds_and_size(self, store, archive, tmp_path):
        store.register([feed("dua"), feed("satu")])
        collect(store, [1])
        assert archive.feeds() == [feed("dua"), feed("satu")]
        size = archive.size()
        (part,) = tmp_path.rglob("part-*")
        assert (size.articles, size.files, size.bytes) == (1, 1, part.stat().st_size)
        assert size.state_bytes > 0


class TestOpening:
    def test_nothing_there_is_said_in_a_sentence(self, tmp_path):
        with pytest.raises(StoreUnavailableError, match="There is no archive in"):
            open_archive(tmp_path / "nothing")
        assert not (tmp_path / "nothing").exists()

    def test_reading_needs_no_daemon(self, tmp_path):
        store = store_in(tmp_path)
        collect(store, [1])
        store.close()
        with open_archive(str(tmp_path)) as archive:
            assert list(archive.articles()) == [article(1)]


def _claimed(store, number):
    store.enqueue([entry(number)], NOW)
    return store.claim(NOW, 1, LEASE)
