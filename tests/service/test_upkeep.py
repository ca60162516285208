"""Upkeep of the archive by commands that end by themselves: nobody needs to run the daemon for it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from scraper.clock import utc_now
from scraper.dedup.fingerprint import encode, take_fingerprint
from scraper.model.backfill import Plan, Stage
from scraper.model.verdict import Kept
from scraper.service.daemon import run_once
from scraper.storage import Runs, backup
from scraper.storage.runs import KEPT_DONE
from tests.service.backfills import Backfills, settings_in
from tests.storage.samples import LEASE, NOW, entry, kept, store_in


def an_earlier_day(data):
    store = store_in(data)
    store.enqueue([entry(1)], NOW)
    (claimed,) = store.claim(NOW, 1, LEASE)
    fingerprint = encode(take_fingerprint(["Hujan deras turun sejak pagi di Bogor."], [0]))
    outcome = kept(claimed, 1)
    assert isinstance(outcome.verdict, Kept)
    verdict = replace(outcome.verdict, judged=replace(outcome.verdict.judged, fingerprint=fingerprint))
    store.commit([replace(outcome, verdict=verdict)], NOW)
    store.close()
    assert [path.suffix for path in data.rglob("part-*")] == [".jsonl"]


def test_a_short_backfill_seals_what_is_due(tmp_path):
    data, folder = tmp_path / "data", tmp_path / "pages"
    folder.mkdir()
    an_earlier_day(data)
    done = asyncio.run(Backfills(settings_in(data)).run(Plan(folders=(str(folder),))))
    assert done.stage is Stage.DONE
    assert [path.suffix for path in data.rglob("part-*")] == [".zst"]


def test_one_round_seals_what_is_due(tmp_path):
    data = tmp_path / "data"
    an_earlier_day(data)
    asyncio.run(run_once(settings_in(data), (), observe=lambda _: None, clock=utc_now, stop=asyncio.Event()))
    assert [path.suffix for path in data.rglob("part-*")] == [".zst"]


def test_backfills_long_done_go_and_all_others_stay(tmp_path):
    runs, now = Runs(tmp_path), utc_now()
    done, interrupted, running = (runs.create(Plan(), now) for _ in range(3))
    for files, stage in ((done, Stage.DONE), (interrupted, Stage.RUNNING), (running, Stage.DONE)):
        progress = files.progress
        progress.stage = stage
        files.save(progress)
    assert running.asked.hoist()
    runs.create(Plan(), now + KEPT_DONE / 2)
    assert [files.run.number for files in runs.every()] == [1, 2, 3, 4]
    runs.create(Plan(), now + KEPT_DONE + timedelta(days=1))
    assert [files.run.number for files in runs.every()] == [2, 3, 4, 5]
    running.asked.strike()


def test_a_backup_holds_the_backfills_and_a_restored_one_can_be_resumed(tmp_path):
    data, folder = tmp_path / "data", tmp_path / "pages"
    folder.mkdir()
    an_earlier_day(data)
    interrupted = Runs(data).create(Plan(folders=(str(folder),)), utc_now(), ["https://kabar.example/berita/9\n"])
    interrupted.list_is_read("https://kabar.example/sitemap.xml")
    interrupted.keep_document("https://kabar.example/a.xml", b"<urlset/>")
    backup(data, tmp_path / "copy")
    (copied,) = Runs(tmp_path / "copy").every()
    assert copied.run == interrupted.run
    assert copied.read_lists() == {"https://kabar.example/sitemap.xml"}
    assert copied.document("https://kabar.example/a.xml") == b"<urlset/>"
    assert (copied.directory / "urls.txt").read_text() == "https://kabar.example/berita/9\n"
    assert not copied.asked.flies
