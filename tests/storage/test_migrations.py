"""A data directory of any earlier version is brought to the present one and works."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from scraper.model.failures import StoreUnavailableError
from scraper.storage import open_archive, verify
from scraper.storage.schema import MIGRATIONS, VERSION
from tests.storage.samples import NOW, article, collect, entry, store_in

SCHEMAS = Path(__file__).parent / "schemas"
EARLIER = range(1, VERSION)


def shape(path):
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'")
        return {row[:2]: " ".join(line.partition("--")[0].strip() for line in row[2].splitlines()) for row in rows}


def test_every_earlier_version_has_its_way_and_its_witness():
    assert set(MIGRATIONS) == set(EARLIER)
    assert {path.stem for path in SCHEMAS.glob("*.sql")} == {f"version-{number}" for number in EARLIER}


@pytest.mark.parametrize("version", EARLIER)
def test_an_earlier_version_becomes_the_present_one(tmp_path, version):
    old, new = tmp_path / "old", tmp_path / "new"
    store = store_in(old)
    collect(store, [1, 2])
    store.close()
    _set_back(old / "state.db", version)
    store = store_in(old)
    collect(store, [3])
    assert store.enqueue([entry(1)], NOW) == 0
    store.close()
    store_in(new).close()
    assert shape(old / "state.db") == shape(new / "state.db")
    assert verify(old).problems == []
    with open_archive(old) as archive:
        assert list(archive.articles()) == [article(number) for number in (1, 2, 3)]


@pytest.mark.parametrize("version", EARLIER)
def test_a_migration_that_fails_changes_nothing(tmp_path, version, monkeypatch):
    store_in(tmp_path).close()
    _set_back(tmp_path / "state.db", version)
    before = shape(tmp_path / "state.db")
    monkeypatch.setitem(MIGRATIONS, version, MIGRATIONS[version] + "; SELECT nonsense;")
    with pytest.raises(sqlite3.OperationalError, match="nonsense"):
        store_in(tmp_path)
    assert shape(tmp_path / "state.db") == before


def _set_back(state, version):
    """Pour the rows into the tables of an earlier version."""
    with closing(sqlite3.connect(state)) as connection:
        connection.execute("VACUUM INTO ?", (str(state.with_name("rows.db")),))
    for path in state.parent.glob("state.db*"):
        path.unlink()
    with closing(sqlite3.connect(state, isolation_level=None)) as connection:
        connection.executescript((SCHEMAS / f"version-{version}.sql").read_text())
        connection.execute("ATTACH ? AS rows", (str(state.with_name("rows.db")),))
        names = [row[0] for row in connection.execute("SELECT name FROM main.sqlite_schema WHERE type = 'table'")]
        for name in names:
            columns = {row[1] for row in connection.execute(f"PRAGMA rows.table_info({name})")}
            common = [row[1] for row in connection.execute(f"PRAGMA main.table_info({name})") if row[1] in columns]
            if common:
                listed = ", ".join(common)
                connection.execute(f"INSERT INTO main.{name} ({listed}) SELECT {listed} FROM rows.{name}")  # noqa: S608
        if version < 5:
            connection.execute("INSERT INTO main.names SELECT hash, entry FROM rows.recent_names")
        connection.execute(f"PRAGMA user_version = {version}")
    state.with_name("rows.db").unlink()


@pytest.mark.parametrize("version", EARLIER)
def test_a_reader_says_what_to_do_with_an_earlier_version(tmp_path, version):
    store_in(tmp_path).close()
    _set_back(tmp_path / "state.db", version)
    with pytest.raises(StoreUnavailableError, match="earlier version of this program"):
        open_archive(tmp_path)
    store_in(tmp_path).close()
    open_archive(tmp_path).close()
