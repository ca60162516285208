from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from scraper import open_archive
from scraper.cli.app import app
from scraper.clock import utc_now
from scraper.model.failures import StoreDamagedError
from scraper.offsite import Mirror, OffsiteError, open_bucket, pull
from scraper.storage import Archive, verify
from tests.offsite.archives import TOMORROW, fill, records
from tests.offsite.s3 import S3
from tests.storage.samples import NOW, store_in


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    fill(data, range(1, 31), now=NOW, raw=True, seal=True)
    fill(data, range(31, 61), now=TOMORROW, raw=True)
    return data


@pytest.fixture
def pushed(data: Path, place: str) -> str:
    Mirror(data, open_bucket(place)).push(utc_now())
    return place


def asked(archive: Archive):
    return [
        [article.id for article in archive.articles(since=NOW - timedelta(days=9), outlet="kabar", query="berita")],
        archive.article(f"{7:016x}"),
        archive.article(f"{47:016x}"),
        archive.article("f" * 16),
        archive.raw_pages("https://kabar.example/berita/5"),
        archive.raw_pages("https://kabar.example/berita/55"),
        archive.kept_version(f"{9:016x}"),
        archive.days(),
        archive.tallies(),
        archive.size().articles,
        list(archive.newest(3)),
    ]


def test_whatever_is_asked_the_answer_is_that_of_the_data_directory(data: Path, pushed: str):
    with open_archive(data) as here, open_archive(pushed) as there:
        assert asked(there) == asked(here)
        assert asked(there)[4][0].body == b"<p>https://kabar.example/berita/5</p>"


def test_it_stays_as_of_its_push_while_the_archive_goes_on(data: Path, pushed: str):
    fill(data, range(61, 71), now=TOMORROW)
    assert len(records(pushed)) == 60
    Mirror(data, open_bucket(pushed)).push(utc_now())
    assert records(pushed) == records(data)


def test_articles_are_fetched_only_as_they_are_read(data: Path, s3: S3):
    Mirror(data, open_bucket("s3://news/a")).push(utc_now())
    s3.reads.clear()
    with open_archive("s3://news/a") as archive:
        assert not [name for name in s3.reads if "/articles/" in name]
        assert archive.article(f"{7:016x}") is not None
    assert len({name for name in s3.reads if "/articles/" in name}) == 1
    assert not [name for name in s3.reads if "/raw/" in name]


def test_a_kept_catalog_is_fetched_again_only_after_another_push(data: Path, s3: S3, tmp_path: Path):
    def catalogs() -> int:
        return len([name for name in s3.reads if "/catalog/" in name])

    Mirror(data, open_bucket("s3://news/a")).push(utc_now())
    s3.reads.clear()
    for _ in range(3):
        with open_archive("s3://news/a", cache=tmp_path / "cache") as archive:
            assert archive.size().articles == 60
    assert catalogs() == 1
    fill(data, range(61, 71), now=TOMORROW)
    Mirror(data, open_bucket("s3://news/a")).push(utc_now())
    with open_archive("s3://news/a", cache=tmp_path / "cache") as archive:
        assert archive.size().articles == 70
    assert len(list((tmp_path / "cache").rglob("state.db"))) == 1


def test_nothing_is_left_of_a_catalog_that_is_not_kept(pushed: str):
    archive = open_archive(pushed)
    directory = archive._layout.root
    assert directory.exists()
    archive.close()
    assert not directory.exists()


def test_damage_there_is_told(data: Path, tmp_path: Path):
    place = f"file://{tmp_path}/far"
    Mirror(data, open_bucket(place)).push(utc_now())
    (sealed,) = (tmp_path / "far" / "articles").rglob("part-*")
    body = sealed.read_bytes()
    sealed.write_bytes(body[:40] + bytes(200) + body[240:])
    with pytest.raises(StoreDamagedError, match="far/articles/date="):
        records(place)
    sealed.unlink()
    with pytest.raises(StoreDamagedError, match=r"far/articles/date=.* is missing"):
        records(place)
    (catalog,) = (tmp_path / "far" / "catalog").iterdir()
    catalog.write_bytes(b"no catalog")
    with pytest.raises(OffsiteError, match="does not hold what was put there"):
        records(place)
    (manifest,) = (tmp_path / "far" / "manifests").iterdir()
    manifest.write_bytes(b"{}")
    with pytest.raises(OffsiteError, match="cannot be read as a list"):
        records(place)


def test_what_is_brought_back_is_the_same_and_can_be_gone_on_with(data: Path, pushed: str, tmp_path: Path):
    back = tmp_path / "back"
    done = pull(open_bucket(pushed), back)
    assert (done.articles, done.files, done.fetched) == (60, 4, 4)
    assert verify(back).problems == []
    assert records(back) == records(data)
    fill(back, range(61, 71), now=TOMORROW)
    assert Mirror(back, open_bucket(pushed)).push(utc_now()).articles == 70, "it is the same archive still"
    assert len(records(pushed)) == 70
    with pytest.raises(OffsiteError, match="There is an archive in"):
        pull(open_bucket(pushed), back)


def test_bringing_back_goes_on_where_it_was_interrupted(pushed: str, tmp_path: Path):
    class EnoughError(Exception):
        pass

    def give_up(done: int, _all: int) -> None:
        if done == 3:
            raise EnoughError

    back = tmp_path / "back"
    with pytest.raises(EnoughError):
        pull(open_bucket(pushed), back, give_up)
    assert not (back / "state.db").exists()
    half = next((back / "articles").rglob("part-*"))
    half.write_bytes(half.read_bytes()[:-9])
    assert pull(open_bucket(pushed), back).fetched == 2
    assert verify(back).problems == []
    store_in(back).close()


def test_where_nothing_was_pushed_there_is_no_archive(place: str, tmp_path: Path):
    for attempt in (lambda: open_archive(place), lambda: pull(open_bucket(place), tmp_path / "back")):
        with pytest.raises(OffsiteError, match="There is no archive at"):
            attempt()


def test_the_command_brings_it_back_and_says_so(pushed: str, tmp_path: Path):
    done = CliRunner().invoke(app, ["pull", pushed, str(tmp_path / "back")])
    assert done.exit_code == 0, done.output
    assert "60 articles in 4 files" in done.output
    assert len(records(tmp_path / "back")) == 60
