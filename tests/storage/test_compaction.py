"""Finished days as Parquet."""

from datetime import timedelta

import pytest

from scraper.storage import compact
from tests.storage.samples import NOW, collect, entry, store_in

parquet = pytest.importorskip("pyarrow.parquet")
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path):
    opened = store_in(tmp_path / "data")
    for day in range(3):
        collect(opened, [10 * day, 10 * day + 1], "suara", NOW + day * DAY)
        collect(opened, [10 * day + 2], "kabar", NOW + day * DAY)
    yield opened
    opened.close()


def table(target, date):
    return parquet.ParquetFile(target / f"date={date}" / "articles-1.parquet").read().to_pylist()


def test_finished_days_are_copied_sorted_by_outlet_and_only_once(store, tmp_path):
    target = tmp_path / "parquet"
    done = compact(tmp_path / "data", target, NOW + 2 * DAY)
    assert (done.made, done.removed, done.articles) == (2, 0, 6)
    assert sorted(path.name for path in target.iterdir()) == ["date=2026-11-23", "date=2026-11-24"]
    rows = table(target, "2026-11-23")
    assert [row["outlet"] for row in rows] == ["kabar", "suara", "suara"]
    assert rows[0]["id"] == f"{2:016x}"
    assert compact(tmp_path / "data", target, NOW + 2 * DAY).made == 0
    assert compact(tmp_path / "data", target, NOW + 3 * DAY).made == 1
    assert store.enqueue([entry(1, "suara")], NOW) == 0


def test_sealing_changes_nothing_and_removal_does(store, tmp_path):
    target, later = tmp_path / "parquet", NOW + 9 * DAY
    compact(tmp_path / "data", target, later)
    while store.maintain(later):
        pass
    assert compact(tmp_path / "data", target, later).made == 0
    store.remove([entry(1, "suara").key, *(entry(10 + n, outlet).key for n, outlet in _OF_DAY_TWO)], "asked", later)
    assert compact(tmp_path / "data", target, later).made == 2
    while store.maintain(later):
        pass
    done = compact(tmp_path / "data", target, later)
    assert (done.made, done.removed) == (1, 1)
    assert [row["id"] for row in table(target, "2026-11-23")] == [f"{2:016x}", f"{0:016x}"]


_OF_DAY_TWO = ((0, "suara"), (1, "suara"), (2, "kabar"))


def test_a_day_that_was_interrupted_is_made_anew(store, tmp_path):
    target = tmp_path / "parquet"
    compact(tmp_path / "data", target, NOW + 3 * DAY)
    (target / "date=2026-11-24/.state").unlink()
    (target / "date=2026-11-24/articles-1.parquet").write_bytes(b"half")
    assert compact(tmp_path / "data", target, NOW + 3 * DAY).made == 1
    assert len(table(target, "2026-11-24")) == 3
    assert store.enqueue([entry(1, "suara")], NOW) == 0
