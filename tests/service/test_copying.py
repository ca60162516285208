import asyncio
import shutil
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("obstore", reason="object storage is an extra: pip install '.[offsite]'")

from scraper import open_archive
from scraper.engine.events import CopyFailed, CopyMade
from scraper.model.failures import MissingExtraError
from scraper.offsite import OffsiteError
from scraper.offsite.bucket import Bucket
from scraper.service.copying import copying_chores
from scraper.settings import OffsiteSettings, Settings, StoreSettings
from tests.offsite.archives import TOMORROW, fill, seal_all
from tests.storage.samples import NOW, store_in


class Watch:
    def __init__(self) -> None:
        self.now = NOW
        self.seen: list[Any] = []

    def __call__(self):
        return self.now


def settings(data: Path, url: str | None) -> Settings:
    return Settings(store=StoreSettings(data=data), offsite=OffsiteSettings(url=url))


@pytest.fixture
def data(tmp_path: Path) -> Path:
    data = tmp_path / "data"
    fill(data, range(1, 31), now=NOW, seal=True)
    fill(data, range(31, 41), now=TOMORROW)
    return data


async def test_the_whole_archive_now_and_then_and_sealed_files_in_between(data: Path, tmp_path: Path):
    watch, url = Watch(), f"file://{tmp_path}/far"
    (chore,) = copying_chores(settings(data, url), watch, watch.seen.append)
    await chore.work()
    await chore.work()
    assert [(type(event), event.articles) for event in watch.seen] == [(CopyMade, 40)]
    store = store_in(data, now=TOMORROW)
    seal_all(store, TOMORROW + timedelta(days=5))
    store.close()
    await chore.work()
    assert (watch.seen[-1].objects, watch.seen[-1].articles) == (1, None)
    (again,) = copying_chores(settings(data, url), watch, watch.seen.append)
    watch.now += timedelta(hours=5)
    await again.work()
    assert len(watch.seen) == 2, "another daemon knows when the last whole push was"
    watch.now += timedelta(hours=2)
    await again.work()
    assert watch.seen[-1].articles == 40
    with open_archive(url) as archive:
        assert archive.size().articles == 40


async def test_what_fails_is_told_once_and_tried_again(data: Path, tmp_path: Path):
    watch, far = Watch(), tmp_path / "far"
    (chore,) = copying_chores(settings(data, f"file://{far}"), watch, watch.seen.append)
    hidden = tmp_path / "hidden"
    shutil.move(data, hidden)
    await chore.work()
    await chore.work()
    assert [type(event) for event in watch.seen] == [CopyFailed]
    assert "\n" not in watch.seen[0].detail
    shutil.move(hidden, data)
    await chore.work()
    assert type(watch.seen[-1]) is CopyMade


async def test_leaving_does_not_wait_for_an_upload(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    entered, leave, left = asyncio.Event(), threading.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def endless(*_):
        loop.call_soon_threadsafe(entered.set)
        leave.wait(60)
        left.set()
        raise OffsiteError("gone")

    monkeypatch.setattr(Bucket, "deposit", endless)
    watch = Watch()
    (chore,) = copying_chores(settings(data, f"file://{tmp_path}/far"), watch, watch.seen.append)
    working = asyncio.ensure_future(chore.work())
    await asyncio.wait_for(entered.wait(), 60)
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(working, 60)
    leave.set()
    assert left.wait(60)
    assert watch.seen == []


def test_no_address_no_chore(data: Path):
    assert copying_chores(settings(data, None), Watch(), print) == ()


def test_without_the_extra_the_start_says_what_to_install(data: Path, monkeypatch: pytest.MonkeyPatch):
    for name in [name for name in sys.modules if name.startswith("scraper.offsite")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(MissingExtraError, match=r"pip install '.\[offsite\]'"):
        copying_chores(settings(data, "s3://bucket/news"), Watch(), print)
