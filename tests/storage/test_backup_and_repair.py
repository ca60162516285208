"""A backup is a whole data directory; a repair brings back what the articles know, and more where it can."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from scraper.model.failures import StoreBusyError, StoreDamagedError
from scraper.model.page import Page
from scraper.storage import BackupRefusedError, Standing, backup, open_archive, repair, verify
from tests.storage.samples import (
    LEASE,
    NOW,
    article,
    collect,
    dropped,
    duplicate,
    entry,
    feed,
    kept,
    store_in,
)

LATER = NOW + timedelta(days=3)


def page(number):
    return Page(url=entry(number).url, requested_url=entry(number).url, body=b"<p>isi</p>" * 9, fetched_at=NOW)


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path / "data", seal_bytes=5_000, keep_duplicates=True)
    opened.record_poll(feed(etag=b"7"), [], NOW)
    opened.remember("robots", b"remembered")
    collect(opened, range(8))
    while opened.maintain(NOW):
        pass
    opened.enqueue([entry(number) for number in range(8, 12)], NOW)
    first, second, third = opened.claim(NOW, 3, LEASE)
    opened.commit([dropped(first), duplicate(second, 9, of=1), replace(kept(third, 10), pages=(page(10),))], NOW)
    yield opened
    opened.close()


@pytest.fixture
def data(tmp_path, store):
    store.close()
    return tmp_path / "data"


class TestBackup:
    def test_a_backup_beside_the_daemon_is_whole(self, store, tmp_path):
        told = []
        done = backup(tmp_path / "data", tmp_path / "copy", lambda done, total: told.append((done, total)))
        collect(store, [20])
        assert (done.articles, done.files) == (9, 4)
        assert told[-1] == (4, 4)
        assert verify(tmp_path / "copy").problems == []
        with open_archive(tmp_path / "copy") as archive:
            assert len(list(archive.articles())) == 9
        with store_in(tmp_path / "copy", now=LATER)._database.transaction():
            pass

    def test_what_is_not_committed_stays_out(self, store, tmp_path):
        (part,) = (tmp_path / "data/articles").rglob("part-2.jsonl")
        with part.open("ab") as file:
            file.write(b"half a li")
        backup(tmp_path / "data", tmp_path / "copy")
        found = verify(tmp_path / "copy")
        assert (found.problems, found.notes) == ([], [])
        assert store.enqueue([entry(1)], LATER) == 0

    def test_a_part_that_was_sealed_meanwhile_is_unpacked(self, store, tmp_path):
        def seal(done, _total):
            if done == 0:
                while store.maintain(LATER):
                    pass

        backup(tmp_path / "data", tmp_path / "copy", seal)
        assert verify(tmp_path / "copy").problems == []

    def test_a_full_directory_is_refused(self, tmp_path, data):
        (tmp_path / "copy").mkdir()
        (tmp_path / "copy/mine").write_text("precious")
        with pytest.raises(BackupRefusedError, match="is not empty"):
            backup(data, tmp_path / "copy")
        assert [path.name for path in (tmp_path / "copy").iterdir()] == ["mine"]

    def test_a_missing_file_is_told_and_no_backup_pretends(self, tmp_path, data):
        next(data.rglob("*.zst")).unlink()
        with pytest.raises(StoreDamagedError, match="is missing"):
            backup(data, tmp_path / "copy")
        assert not (tmp_path / "copy/state.db").exists()


class TestRepair:
    def test_a_lost_catalog_is_rebuilt_from_the_articles(self, data):
        for path in data.glob("state.db*"):
            path.unlink()
        done = repair(data, LATER)
        assert (done.articles, done.files) == (9, 4)
        assert "could not be taken over" in done.problems[0]
        assert verify(data).problems == []
        with open_archive(data) as archive:
            assert [found.id for found in archive.articles()] == [f"{n:016x}" for n in [*range(8), 10]]
            assert archive.raw_pages(f"{10:016x}") == (page(10),)
            assert [found.id for found in archive.articles(copies=True)] == [f"{9:016x}"]
            assert archive.size().articles == 9
        store = store_in(data, now=LATER)
        assert store.enqueue([entry(number) for number in range(8)], LATER) == 0
        collect(store, [30], now=LATER)
        store.close()

    def test_a_damaged_catalog_gives_what_can_be_read(self, data):
        state = data / "state.db"
        content = bytearray(state.read_bytes())
        content[-1500:-1000] = b"\x55" * 500
        state.write_bytes(content)
        done = repair(data, LATER)
        assert done.salvaged["feeds"] == 1
        assert (data / "aside-20261126T080000Z/state.db").read_bytes() == bytes(content)
        assert verify(data).problems == []

    def test_a_repair_that_was_interrupted_is_run_again_and_takes_over_the_same(self, data):
        aside = data / "aside-20261126T075900Z"
        aside.mkdir()
        for path in data.glob("state.db*"):
            path.rename(aside / path.name)
        done = repair(data, LATER)
        assert (done.salvaged["feeds"], done.problems) == (1, [])
        assert verify(data).problems == []

    def test_a_page_whose_article_is_lost_stays_for_its_days(self, data):
        next((data / "articles").rglob("part-2.jsonl")).unlink()
        assert "1 raw pages belong to no article" in repair(data, LATER).problems[0]
        assert verify(data).problems == []
        assert list((data / "raw").rglob("part-*"))
        store = store_in(data, now=NOW + timedelta(days=40), keep_days=30)
        while store.maintain(NOW + timedelta(days=40)):
            pass
        store.close()
        assert list((data / "raw").rglob("part-*")) == []
        assert verify(data).problems == []

    def test_a_whole_catalog_gives_all_but_what_cannot_matter(self, data):
        repair(data, LATER)
        assert verify(data).problems == []
        with open_archive(data) as archive:
            standings = [told.standing for number in (8, 11, 9) if (told := archive.explain(entry(number).key))]
            assert standings == [Standing.DROPPED, Standing.PENDING, Standing.DROPPED]
            assert [member.id for member in archive.cluster(article(1))] == [f"{1:016x}", f"{9:016x}"]
            assert archive.feeds() == [feed(etag=b"7")]
        store = store_in(data, now=LATER)
        assert [story.fingerprint for story in store.remembered()][:2] == [b"print 0", b"print 1"]
        assert store.memory("robots") == b"remembered"
        assert len(store.claim(LATER, 9, LEASE)) == 1
        store.close()

    def test_what_was_removed_does_not_come_back(self, store, tmp_path):
        data = tmp_path / "data"
        store.remove([entry(2).key, entry(10).key], "asked", LATER)
        store.close()
        repair(data, LATER)
        assert verify(data).problems == []
        with open_archive(data) as archive:
            assert archive.article(f"{2:016x}") is None
            assert archive.raw_pages(entry(10).key) == ()
            told = archive.explain(entry(2).key)
            assert told is not None
            assert (told.standing, told.detail, told.title) == (Standing.REMOVED, "asked", None)
        store = store_in(data, now=LATER)
        while store.maintain(LATER):
            pass
        store.close()
        assert verify(data).problems == []

    def test_fingerprints_can_be_made_anew(self, data):
        for path in data.glob("state.db*"):
            path.unlink()
        repair(data, LATER, lambda found: (found.title or "").encode())
        store = store_in(data, now=LATER)
        assert next(iter(store.remembered())).fingerprint == "Berita 0: “hujan” — deras".encode()
        store.close()

    def test_torn_ends_and_doubled_parts_are_set_aside(self, data):
        (part,) = (data / "articles").rglob("part-2.jsonl")
        part.write_bytes(part.read_bytes() + b'{"schema":1,')
        (sealed,) = data.rglob("*.zst")
        sealed.with_suffix("").write_bytes(b"left over\n")
        done = repair(data, LATER)
        assert max(path.name for path in done.set_aside).endswith("state.db")
        kept_aside = {path.name: path.read_bytes() for path in done.set_aside if "date=" in path.name}
        assert kept_aside == {
            "date=2026-11-23-part-1.jsonl": b"left over\n",
            "date=2026-11-23-part-2.jsonl.rest": b'{"schema":1,',
        }
        assert verify(data).problems == []

    def test_a_catalog_of_a_newer_version_is_left_alone(self, data):
        with closing(sqlite3.connect(data / "state.db")) as connection:
            connection.execute("PRAGMA user_version = 9999")
        before = sorted(path for path in data.rglob("*"))
        with pytest.raises(StoreDamagedError, match="newer than this program"):
            repair(data, LATER)
        assert sorted(path for path in data.rglob("*")) == before

    def test_a_running_daemon_is_left_alone(self, store, tmp_path):
        with pytest.raises(StoreBusyError):
            repair(tmp_path / "data", LATER)
        assert store.enqueue([entry(1)], LATER) == 0
