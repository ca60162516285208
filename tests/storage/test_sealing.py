"""Files that no longer grow are compressed, and read as before."""

from datetime import timedelta

import pytest
import zstandard

from scraper.storage import open_archive
from scraper.storage.records import decode
from tests.storage.samples import LEASE, NOW, article, collect, entry, kept, lines, store_in

LATER = NOW + timedelta(days=3)


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path, seal_bytes=20_000)
    yield opened
    opened.close()


def seal_all(store, now=LATER):
    while store.maintain(now):
        pass


def names(data):
    return sorted(str(path.relative_to(data)) for path in data.rglob("*part-*"))


def test_a_full_file_is_sealed_at_once_and_a_growing_one_is_not(store, tmp_path):
    for start in range(0, 60, 20):
        collect(store, range(start, start + 20))
    seal_all(store, NOW)
    assert names(tmp_path) == [f"articles/date=2026-11-23/{name}" for name in ("part-1.jsonl.zst", "part-2.jsonl")]


def test_a_day_that_is_over_is_sealed_after_its_time(store, tmp_path):
    collect(store, [1])
    seal_all(store, NOW.replace(hour=0) + timedelta(days=2, seconds=-1))
    assert [name[-6:] for name in names(tmp_path)] == [".jsonl"]
    seal_all(store, NOW.replace(hour=0) + timedelta(days=2))
    assert [name[-4:] for name in names(tmp_path)] == [".zst"]


def test_sealed_articles_read_as_before(store, tmp_path):
    for start in range(0, 90, 30):
        collect(store, range(start, start + 30))
    with open_archive(tmp_path) as archive:
        reading = archive.articles()
        first = next(reading)
        seal_all(store)
        assert [first, *reading] == [article(number) for number in range(90)]
        assert archive.article(f"{77:016x}") == article(77)
        assert archive.article(f"{3:016x}") == article(3)
        told = archive.explain(entry(3).key)
        assert told is not None
        assert told.saved[0].file.name == "part-1.jsonl.zst"
        assert archive.size().articles == 90
    assert lines(tmp_path) == []


def test_a_sealed_file_is_one_frame_that_any_reader_reads(store, tmp_path):
    collect(store, range(50))
    seal_all(store)
    (sealed,) = tmp_path.rglob("*.zst")
    data = sealed.read_bytes()
    whole = zstandard.ZstdDecompressor().decompress(data)
    assert zstandard.frame_content_size(data) == len(whole)
    assert zstandard.get_frame_parameters(data).has_checksum
    assert [decode(line) for line in whole.splitlines()] == [article(number) for number in range(50)]


def test_articles_go_on_in_a_new_file_of_the_same_day(store, tmp_path):
    collect(store, range(50))
    seal_all(store, NOW)
    collect(store, [50])
    assert names(tmp_path) == [f"articles/date=2026-11-23/{name}" for name in ("part-1.jsonl.zst", "part-2.jsonl")]


def test_revisions_of_sealed_articles_are_found(store, tmp_path):
    collect(store, [1])
    seal_all(store)
    store.revisit([entry(1).key], LATER)
    (again,) = store.claim(LATER, 1, LEASE)
    store.commit([kept(again, 1, revision=1)], LATER)
    with open_archive(tmp_path) as archive:
        assert [found.revision for found in archive.articles(revisions=True)] == [0, 1]


def test_sealing_that_is_not_finished_begins_anew(tmp_path):
    store = store_in(tmp_path)
    collect(store, range(9))
    assert store.maintain(LATER)
    store.close()
    assert [path.name for path in tmp_path.rglob(".part-*")] == [".part-1.unfinished"]
    store = store_in(tmp_path, now=LATER)
    assert any("sealing was not finished" in sentence for sentence in store.recovered)
    seal_all(store)
    store.close()
    assert names(tmp_path) == ["articles/date=2026-11-23/part-1.jsonl.zst"]
