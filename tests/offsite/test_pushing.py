import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.clock import utc_now
from scraper.offsite import Mirror, OffsiteError, Rules, open_bucket, pull
from scraper.offsite.failures import CorruptedError
from scraper.storage import repair, verify
from tests.offsite.archives import TOMORROW, fill, records, seal_all
from tests.offsite.s3 import S3
from tests.storage.samples import NOW, entry, store_in

DAY = timedelta(days=1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two sealed days and one that is still open."""
    data = tmp_path / "data"
    fill(data, range(1, 31), now=NOW, raw=False, seal=True)
    fill(data, range(31, 61), now=TOMORROW, seal=False)
    return data


def objects(place: str) -> dict[str, int]:
    return open_bucket(place).names()


def test_everything_is_there_after_a_push_and_reads_like_the_data_directory(data: Path, place: str):
    done = Mirror(data, open_bucket(place)).push(utc_now())
    assert (done.articles, done.removed, done.mended) == (60, 0, ())
    assert records(place) == records(data)
    kinds = sorted({name.partition("/")[0] for name in objects(place)})
    assert kinds == ["archive.json", "articles", "catalog", "manifests", "tails"]


def test_a_second_push_puts_nothing_but_its_manifest(data: Path, place: str):
    Mirror(data, open_bucket(place)).push(utc_now())
    before = objects(place)
    again = Mirror(data, open_bucket(place)).push(utc_now())
    assert again.objects == 1
    assert {name for name in objects(place) if name not in before} == {
        name for name in objects(place) if name.startswith("manifests/") and name not in before
    }
    assert again.articles == 60


def test_sealed_files_are_put_once_and_only_them(data: Path, place: str):
    mirror = Mirror(data, open_bucket(place))
    first = mirror.push_sealed()
    assert first.objects == 1
    assert [name for name in objects(place) if name.startswith("tails/")] == []
    assert mirror.push_sealed().objects == 0
    store = store_in(data, now=TOMORROW)
    seal_all(store, TOMORROW + 5 * DAY)
    store.close()
    assert mirror.push_sealed().objects == 1
    assert mirror.push(utc_now()).articles == 60
    assert records(place) == records(data)


def test_another_archive_is_refused(data: Path, place: str, tmp_path: Path):
    Mirror(data, open_bucket(place)).push(utc_now())
    other = tmp_path / "other"
    fill(other, range(100, 110))
    with pytest.raises(OffsiteError, match="holds the archive of another data directory"):
        Mirror(other, open_bucket(place)).push(utc_now())
    assert len(records(place)) == 60


def test_only_so_many_moments_stay_and_removed_articles_go(data: Path, place: str):
    rules = Rules(keep=2)
    Mirror(data, open_bucket(place), rules).push(utc_now())
    store = store_in(data, now=TOMORROW)
    store.remove(["https://kabar.example/berita/3"], "asked to", TOMORROW)
    seal_all(store, TOMORROW + 5 * DAY)
    store.close()
    gone = 0
    for _ in range(3):
        gone += Mirror(data, open_bucket(place), rules).push(utc_now()).removed
    assert gone >= 3, "the file with the removed article, the tail and the catalog of the first moment"
    left = objects(place)
    assert sum(name.startswith("manifests/") for name in left) == 2
    assert len(records(place)) == 59
    assert not any("/part-1-" in name for name in left if name.startswith("articles/date=2026-11-23"))


def test_a_push_beside_another_one_waits_for_its_turn(data: Path, s3: S3):
    began, go_on = threading.Event(), threading.Event()

    def slow(_name: str, body: bytes) -> bytes:
        began.set()
        go_on.wait(60)
        return body

    s3.on_put = slow
    first = threading.Thread(target=lambda: Mirror(data, open_bucket("s3://news/a")).push(utc_now()))
    first.start()
    assert began.wait(60)
    with pytest.raises(OffsiteError, match=r"Another push of .* is under way"):
        Mirror(data, open_bucket("s3://news/a")).push(utc_now())
    go_on.set()
    first.join(60)
    assert len(records("s3://news/a")) == 60


def test_what_arrives_changed_is_noticed_and_put_again(data: Path, s3: S3):
    damaged: list[str] = []

    def damage_once(name: str, body: bytes) -> bytes:
        if "/articles/date=" in name and not damaged:
            damaged.append(name)
            return body[:-1] + bytes([body[-1] ^ 1])
        return body

    s3.on_put = damage_once
    Mirror(data, open_bucket("s3://news/a")).push(utc_now())
    assert damaged
    assert records("s3://news/a") == records(data)


def test_a_place_that_always_damages_is_given_up(data: Path, s3: S3):
    s3.on_put = lambda name, body: body[:-1] if "/articles/" in name else body
    with pytest.raises(CorruptedError, match="came back changed 3 times"):
        Mirror(data, open_bucket("s3://news/a")).push(utc_now())
    with pytest.raises(OffsiteError, match="There is no archive at s3://news/a"):
        records("s3://news/a")
    s3.on_put = lambda _name, body: body
    Mirror(data, open_bucket("s3://news/a")).push(utc_now())
    assert records("s3://news/a") == records(data)


def test_verify_mends_what_rotted_there(data: Path, tmp_path: Path):
    place = f"file://{tmp_path}/far"
    Mirror(data, open_bucket(place)).push(utc_now())
    (rotten,) = (tmp_path / "far" / "articles").rglob("part-*")
    body = rotten.read_bytes()
    rotten.write_bytes(body[:50] + b"?" + body[51:])
    assert Mirror(data, open_bucket(place)).push(utc_now()).mended == ()
    done = Mirror(data, open_bucket(place), Rules(verify=True)).push(utc_now())
    assert done.mended == (str(rotten.relative_to(tmp_path / "far")),)
    assert records(place) == records(data)


def _push(data: Path, place: str, s3: S3) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "scraper", "push", "--data", str(data), "--to", place]
    environment = {**os.environ, **s3.environment}
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@pytest.mark.parametrize("stop_at", [0, 1, 2, 3])
def test_killed_in_the_middle_of_an_upload_it_goes_on_where_it_was(data: Path, s3: S3, stop_at: int):
    hanging, release = threading.Event(), threading.Event()

    def hang(_name: str, body: bytes) -> bytes:
        if len(s3.puts) == stop_at + 1 and not release.is_set():
            hanging.set()
            release.wait(60)
            raise ConnectionError("the uploader is gone")
        return body

    s3.on_put = hang
    killed = _push(data, "s3://news/a", s3)
    assert hanging.wait(60)
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    release.set()
    again = _push(data, "s3://news/a", s3)
    _, said = again.communicate(timeout=100)
    assert (again.returncode, said.decode()[:15]) == (0, "60 articles are")
    assert len(s3.stored) == len(set(s3.stored)), "nothing is put where it is already"
    assert records("s3://news/a") == records(data)
    assert not [path for path in data.iterdir() if path.name.startswith(".push.catalog")]


@pytest.mark.usefixtures("s3")
def test_missing_credentials_are_one_sentence(data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    for secret in ("", "y"):
        if secret:
            monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(OffsiteError) as told:
            Mirror(data, open_bucket("s3://news/a")).push(utc_now())
        assert str(told.value).startswith("There are no credentials for s3://news/a: set AWS_ACCESS_KEY_ID")
        assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("ftp://host/x", "is no address of object storage"),
        ("news", "is no address of object storage"),
        ("s3://", "names no bucket"),
        ("s3:///prefix", "names no bucket"),
        ("file://news", "wants a path"),
        ("s3://[", "is no address of object storage"),
    ],
)
def test_an_address_of_no_use_is_one_sentence(address: str, why: str):
    with pytest.raises(OffsiteError, match=why):
        open_bucket(address)


@pytest.mark.usefixtures("s3")
def test_a_bucket_that_is_not_there_is_one_sentence(data: Path):
    with pytest.raises(OffsiteError, match="There is no bucket for s3://other/a: create it first"):
        Mirror(data, open_bucket("s3://other/a")).push(utc_now())


@pytest.mark.usefixtures("s3")
def test_a_server_that_is_down_is_one_sentence(data: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    started = time.monotonic()
    with pytest.raises(OffsiteError, match=r"^Cannot use s3://news/a: http://127.0.0.1:9/") as told:
        Mirror(data, open_bucket("s3://news/a")).push(utc_now())
    assert "\n" not in str(told.value)
    assert time.monotonic() - started < 60


def test_the_archive_pushed_is_whole(data: Path, place: str, tmp_path: Path):
    Mirror(data, open_bucket(place)).push(utc_now())
    pull(open_bucket(place), tmp_path / "back")
    assert verify(tmp_path / "back").problems == []


def test_what_was_removed_stays_removed_in_what_is_pulled_even_when_its_catalog_is_lost(
    data: Path, place: str, tmp_path: Path
):
    store = store_in(data, now=TOMORROW)
    assert store.remove([entry(7).key], "asked for", TOMORROW) == 1
    seal_all(store, TOMORROW)
    store.close()
    mirror = Mirror(data, open_bucket(place))
    mirror.push(utc_now())
    assert mirror.push(utc_now()).removed == 0
    back = tmp_path / "back"
    assert pull(open_bucket(place), back).articles == 59
    for catalog in back.glob("state.db*"):
        catalog.unlink()
    assert repair(back, TOMORROW).removed == 1
    store = store_in(back, now=TOMORROW)
    assert store.enqueue([entry(7)], TOMORROW) == 0
    store.close()
    assert len(records(back)) == 59
