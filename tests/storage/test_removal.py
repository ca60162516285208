"""What is removed is gone everywhere and does not come back."""

import errno
import os
from dataclasses import replace
from datetime import timedelta

import pytest

from scraper.model.failures import StoreUnavailableError
from scraper.model.page import Page
from scraper.settings import StoreSettings
from scraper.storage import Standing, backup, compact, open_archive, open_store, repair, search, verify
from scraper.storage.disk import Disk
from tests.chaos.storage_life import unpacked
from tests.storage.samples import LEASE, NOW, collect, entry, kept, store_in

DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path)
    yield opened
    opened.close()


def upkeep(store, now):
    while store.maintain(now):
        pass


def everything(data):
    return b"".join(unpacked(path) for path in data.rglob("part-*"))


def ids(data):
    with open_archive(data) as archive:
        return [int(found.id, 16) for found in archive.articles()]


@pytest.mark.parametrize("sealed", [False, True])
def test_a_removed_story_is_gone_from_readers_at_once_and_from_files_after(store, tmp_path, sealed):
    collect(store, range(5))
    if sealed:
        upkeep(store, NOW + 3 * DAY)
    now = NOW + 4 * DAY
    assert store.remove([entry(1).key, f"{3:016x}", "unknown"], "the publisher asked", now) == 2
    assert ids(tmp_path) == [0, 2, 4]
    assert b"/berita/1" in everything(tmp_path)
    upkeep(store, now)
    assert ids(tmp_path) == [0, 2, 4]
    assert b"/berita/1" not in everything(tmp_path)
    assert b"/berita/3" not in everything(tmp_path)
    assert [path.suffix for path in tmp_path.rglob("part-*")] == [".zst"]
    assert store.enqueue([entry(1), entry(3)], now) == 0
    assert store.remove([entry(1).key], "again", now) == 0
    with open_archive(tmp_path) as archive:
        told = archive.explain(entry(1).key)
        assert told is not None
        assert (told.standing, told.detail, told.title, told.saved) == (
            Standing.REMOVED,
            "the publisher asked",
            None,
            (),
        )
        assert archive.article(f"{1:016x}") is None
    assert f"{1:016x}" not in [story.id for story in store.remembered()]
    assert verify(tmp_path).problems == []


def test_a_part_of_which_nothing_stays_is_removed(store, tmp_path):
    collect(store, range(3))
    store.remove([entry(number).key for number in range(3)], "all", NOW)
    upkeep(store, NOW)
    assert list(tmp_path.rglob("part-*")) == []
    collect(store, [4])
    assert ids(tmp_path) == [4]
    assert verify(tmp_path).problems == []


def test_raw_pages_go_too(tmp_path):
    store = store_in(tmp_path, archive=True)
    store.enqueue([entry(1), entry(2)], NOW)
    for number, claimed in enumerate(store.claim(NOW, 2, LEASE), 1):
        page = Page(url=claimed.entry.url, requested_url=claimed.entry.url, body=b"<p>%d</p>" % number, fetched_at=NOW)
        store.commit([replace(kept(claimed, number), pages=(page,))], NOW)
    store.remove([entry(1).key], "asked", NOW)
    upkeep(store, NOW)
    with open_archive(tmp_path) as archive:
        assert archive.raw_pages(entry(1).key) == ()
        assert [page.body for page in archive.raw_pages(entry(2).key)] == [b"<p>2</p>"]
    assert b"<p>1</p>" not in everything(tmp_path)
    store.close()
    assert verify(tmp_path).problems == []


def test_articles_are_kept_for_their_days(tmp_path):
    store = open_store(
        StoreSettings(data=tmp_path, keep_days=10), lambda: NOW, keep_days={"pendek": 2, "panjang": 1000}
    )
    for number, outlet in enumerate(("pendek", "biasa", "panjang")):
        collect(store, [number], outlet)
    expected = [[0, 1, 2]] * 3 + [[1, 2]] * 8 + [[2]] * 3
    for days, remaining in enumerate(expected):
        upkeep(store, NOW + days * DAY)
        assert ids(tmp_path) == remaining, days
    store.close()
    assert verify(tmp_path).problems == []


def test_a_reader_under_way_is_not_disturbed(store, tmp_path):
    collect(store, range(6))
    with open_archive(tmp_path) as archive:
        reading = archive.articles()
        assert int(next(reading).id, 16) == 0
        store.remove([entry(1).key, entry(4).key], "asked", NOW)
        upkeep(store, NOW + 4 * DAY)
        archive._reader.lines.close()
        assert [int(found.id, 16) for found in reading] == [2, 3, 5]


def test_what_was_derived_goes_too(store, tmp_path):
    collect(store, range(4))
    list(search(tmp_path, "banjir"))
    compact(tmp_path, tmp_path / "parquet", NOW + 3 * DAY)
    assert list((tmp_path / "parquet").rglob("*.parquet"))
    store.remove([entry(1).key], "asked", NOW)
    assert not (tmp_path / "search.db").exists()
    assert len(list(search(tmp_path, "banjir"))) == 3
    upkeep(store, NOW)
    assert list((tmp_path / "parquet").rglob("*.parquet")) == []
    assert compact(tmp_path, tmp_path / "parquet", NOW + 3 * DAY).articles == 3


def test_the_judge_is_told_what_was_removed(store):
    collect(store, range(3))
    store.remove([entry(1).key], "asked", NOW)
    assert [number for number in range(4) if store.is_removed(f"{number:016x}")] == [1]


@pytest.mark.parametrize("upkept", [False, True])
def test_what_was_removed_stays_removed_when_the_catalog_is_lost(tmp_path, upkept):
    store = store_in(tmp_path)
    collect(store, range(5))
    store.remove([entry(1).key, entry(3).key], "the publisher asked", NOW)
    with (tmp_path / "removed.jsonl").open("ab") as file:
        file.write(b'{"at":"2026-')  # a crash tore it
    store.remove([entry(4).key], "asked later", NOW + DAY)
    if upkept:
        upkeep(store, NOW + DAY)
    store.close()
    for path in tmp_path.glob("state.db*"):
        path.unlink()
    assert repair(tmp_path, NOW + 2 * DAY).removed == 3
    assert ids(tmp_path) == [0, 2]
    store = store_in(tmp_path, now=NOW + 2 * DAY)
    assert store.enqueue([entry(number) for number in range(5)], NOW + 2 * DAY) == 0
    upkeep(store, NOW + 2 * DAY)
    store.close()
    assert b"/berita/3" not in everything(tmp_path)
    assert verify(tmp_path).problems == []
    with open_archive(tmp_path) as archive:
        told = archive.explain(entry(4).key)
        assert told is not None
        assert (told.standing, told.detail) == (Standing.REMOVED, "asked later")
    backup(tmp_path, tmp_path / "copy")
    assert (tmp_path / "copy/removed.jsonl").read_bytes() == (tmp_path / "removed.jsonl").read_bytes()


def test_a_removal_that_ended_between_its_line_and_its_transaction_is_carried_out_by_a_repair(tmp_path):
    class Refusing(Disk):
        refuses = False

        def before(self, step, path):
            if self.refuses and step in {"begin", "commit"}:
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    disk = Refusing()
    store = store_in(tmp_path, disk=disk)
    collect(store, range(3))
    disk.refuses = True
    with pytest.raises(StoreUnavailableError):
        store.remove([entry(1).key], "asked", NOW)
    disk.refuses = False
    assert ids(tmp_path) == [0, 1, 2]
    assert len((tmp_path / "removed.jsonl").read_text().splitlines()) == 1
    store.close()
    store = store_in(tmp_path)
    assert ids(tmp_path) == [0, 1, 2]
    store.close()
    assert verify(tmp_path).problems == []
    assert repair(tmp_path, NOW).removed == 1
    assert ids(tmp_path) == [0, 2]
    store = store_in(tmp_path)
    assert store.enqueue([entry(1)], NOW) == 0
    store.close()
