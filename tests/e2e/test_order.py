"""The order in which stories come in does not change which are kept, up to the rule `dedup.keep`."""

import asyncio
from dataclasses import replace

import pytest

from scraper.clock import utc_now
from scraper.demo import DemoWeb
from scraper.model.backfill import Plan, Stage
from scraper.model.outlet import Outlet
from scraper.service.daemon import run_daemon
from scraper.service.tally import Tally
from scraper.storage import open_archive, verify
from tests.e2e.test_backfill import backfills, recent, until
from tests.service.backfills import Backfills, lines, settings_in
from tests.sources import warcs

LINES = tuple(
    f"Pemerintah {place} membangun {what} baru senilai {number * 37} miliar rupiah untuk warga di tepi {place} kini."
    for number, (place, what) in enumerate(
        (
            ("Ambon", "dermaga"),
            ("Kupang", "bendungan"),
            ("Sorong", "pasar ikan"),
            ("Palu", "rumah sakit"),
            ("Bima", "jembatan"),
            ("Ternate", "terminal"),
            ("Manado", "perpustakaan"),
            ("Kendari", "sekolah"),
        ),
        start=1,
    )
)
VERSIONS = {
    "pagi": (LINES, 9),
    "siang": (LINES[:7], 12),
    "salinan": (LINES, 13),
    "sore": ((*LINES, LINES[0].replace("Ambon", "Buru")), 15),
}
"""Outlets with one story: what each has of it, and the hour at which it published that."""
OUTLETS = tuple(
    Outlet(id=name, name=name.title(), domains=(f"{name}.example",), zone="Asia/Jakarta") for name in VERSIONS
)


def record(name: str) -> bytes:
    said, hour = VERSIONS[name]
    body = "".join(f"<p>{line}</p>" for line in said)
    html = (
        f'<html lang="id"><head><title>Pembangunan di timur dimulai</title><meta property="article:published_time" '
        f'content="2026-02-01T{hour:02}:00:00+07:00"></head><body><article><h1>Pembangunan di timur dimulai</h1>'
        f"{body}</article></body></html>"
    )
    return warcs.response(f"https://{name}.example/berita/timur-2026", html.encode())


async def kept_of(tmp_path, order, keep="first", *, group=64, at_once=True):
    """Which versions are kept when they come in this order, and the archive."""
    settings = settings_in(tmp_path / "data")
    settings = replace(
        settings,
        dedup=replace(settings.dedup, keep=keep),
        store=replace(settings.store, commit_articles=group),
    )
    backfill = Backfills(settings, OUTLETS)
    for number, names in enumerate([order] if at_once else [[name] for name in order]):
        path = tmp_path / f"{number}.warc.gz"
        path.write_bytes(warcs.gzipped([record(name) for name in names]))
        assert (await backfill.run(Plan(warcs=(str(path),)))).stage is Stage.DONE
    assert verify(tmp_path / "data").problems == []
    with open_archive(tmp_path / "data") as archive:
        return [article.outlet for article in archive.articles()]


@pytest.mark.parametrize("group", [1, 64])
async def test_the_longest_is_kept_however_stories_are_grouped_for_their_commit(tmp_path, group):
    assert await kept_of(tmp_path, ["siang", "pagi", "sore"], "longest", group=group) == ["sore"]


async def test_the_longest_is_kept_where_it_comes_in_before_the_others(tmp_path):
    assert await kept_of(tmp_path, ["sore", "siang", "pagi"], "longest") == ["sore"]


@pytest.mark.parametrize("order", [["pagi", "salinan"], ["salinan", "pagi"]])
async def test_of_versions_of_one_length_the_first_one_is_kept_whichever_comes_in_first(tmp_path, order):
    assert await kept_of(tmp_path, order, "longest", at_once=False) == ["pagi"]


@pytest.mark.parametrize("at_once", [True, False])
async def test_what_was_published_first_is_kept_as_origin_though_it_is_found_last(tmp_path, at_once):
    assert await kept_of(tmp_path, ["sore", "siang", "pagi"], "origin", at_once=at_once) == ["pagi"]


async def test_an_older_original_that_is_found_late_joins_the_cluster_as_its_first(tmp_path):
    assert await kept_of(tmp_path, ["siang", "pagi"], at_once=False) == ["siang"]
    with open_archive(tmp_path / "data") as archive:
        (kept,) = archive.articles()
        members = sorted(archive.cluster(kept), key=lambda member: member.time)
    copies = lines(tmp_path / "data", "duplicates")
    assert [(line["outlet"], line["cluster"]) for line in copies] == [("pagi", kept.cluster)]
    assert [member.id for member in members] == [copies[0]["id"], kept.id]


async def test_a_backfill_during_the_daemon_keeps_what_one_after_it_keeps(tmp_path):
    with DemoWeb(utc_now()) as web:
        while web.advance():
            pass
        origin = {story.url: story.copy_of or story.url for story in web.expected}
        kept = []
        for name in ("during", "alone"):
            backfill = backfills(web, tmp_path / name)
            daemon, stop = Tally(), asyncio.Event()
            running = asyncio.create_task(
                run_daemon(backfill.settings, web.outlets, observe=daemon.observe, clock=utc_now, stop=stop)
            )
            await until(lambda backfill=backfill: backfill.runs.served.flies)
            if name == "during":
                assert (await backfill.run(recent())).stage is Stage.DONE
            await until(lambda daemon=daemon: daemon.feeds >= len(web.outlets), patience=120)
            stop.set()
            await running
            # What was under way when the daemon ended is ended here.
            assert (await backfill.run(recent())).stage is Stage.DONE
            kept.append(sorted(origin[line["url"].partition("?")[0]] for line in lines(tmp_path / name / "data")))
        assert kept[0] == kept[1]
        assert len(kept[0]) == len(set(kept[0]))
