"""Web archives and directories of pages through the line: killed at any record, the result is that of a quiet run."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.clock import utc_now
from scraper.demo import DemoWeb
from scraper.engine.events import StorySettled
from scraper.model.backfill import Plan, Stage
from scraper.model.span import Span
from scraper.storage import Runs, verify
from tests.service.backfills import Backfills, lines, settings_in
from tests.sources import warcs

ROOT = Path(__file__).parent.parent.parent
KILLS = 3
ROUNDS = 3
"""How often the pages of the small web stand in the archive, each time with other addresses and figures."""


@pytest.fixture(scope="module")
def web():
    with DemoWeb(utc_now()) as web:
        while web.advance():
            pass
        yield web


@pytest.fixture(scope="module")
def archive(web, tmp_path_factory):
    """All stories of the small web, and the same again with edits, as a crawler would have saved them."""
    records = [warcs.info()]
    for number in range(ROUNDS):
        for story in web.expected:
            if story.reason is not None:
                continue
            body = fetched(story.url)
            url = story.url if number == 0 else f"{story.url}?edition={number}"
            edited = body.replace(b"</p>", f" Edisi {number} {story.title[::-1]} {number * 7919}.</p>".encode())
            records.append(warcs.response(url, edited if number else body))
    path = tmp_path_factory.mktemp("archive") / "pages.warc.gz"
    path.write_bytes(warcs.gzipped(records))
    return path


def fetched(url):
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - an address of our own web on loopback
        return answer.read()


def backfills(web, data):
    settings = settings_in(data)
    settings = replace(settings, store=replace(settings.store, commit_articles=2))
    return Backfills(settings, web.outlets)


def told(data):
    """The articles in their order, without the moments at which they were saved."""
    return [{name: value for name, value in line.items() if name != "source"} for line in lines(data)]


@pytest.fixture(scope="module")
def quiet(web, archive, tmp_path_factory):
    data = tmp_path_factory.mktemp("quiet") / "data"
    done = asyncio.run(backfills(web, data).run(Plan(warcs=(str(archive),))))
    assert done.stage is Stage.DONE
    assert done.records == 1 + done.total.found + done.known
    assert done.passed_over == {"warcinfo record": 1}
    assert done.bytes_read == done.bytes_all == archive.stat().st_size
    assert done.total.kept == len(lines(data)) > ROUNDS
    return data


async def test_one_thread_reads_all_records_for_memory_stays_with_the_thread_that_took_it(web, archive, tmp_path):
    backfill = backfills(web, tmp_path / "data")
    readers: set[str] = set()
    backfill.observers.append(
        lambda _: readers.update(thread.name for thread in threading.enumerate() if thread.name.startswith("records"))
    )
    done = await backfill.run(Plan(warcs=(str(archive), str(archive)), limit=12))
    assert done.stage is Stage.DONE
    assert readers == {"records_0"}


def counts(progress):
    """What is counted of records, whatever became of the stories among them."""
    found = {outlet: count.found for outlet, count in progress.outlets.items() if count.found}
    return progress.records, progress.taken, progress.known, progress.passed_over, found


@pytest.mark.parametrize("lost", [False, True], ids=["counts saved", "counts lost"])
@pytest.mark.parametrize("limit", [None, 30])
async def test_a_run_that_is_stopped_counts_each_record_once(web, archive, tmp_path, limit, lost):
    plan = Plan(warcs=(str(archive), str(archive)), limit=limit)
    quiet = await backfills(web, tmp_path / "quiet").run(plan)
    backfill = backfills(web, tmp_path / "data")
    progress, stops = None, 0
    while progress is None or progress.stage is not Stage.DONE:
        stop = asyncio.Event()
        settled = backfill.tally.kept + backfill.tally.dropped.total()

        def after_some(event, stop=stop, enough=settled + 9):
            if isinstance(event, StorySettled) and backfill.tally.kept + backfill.tally.dropped.total() >= enough:
                stop.set()

        backfill.observers[1:] = [after_some]
        if progress is None:
            progress = await backfill.run(plan, stop)
        else:
            if lost:
                # As a kill leaves them that comes before they were saved for the first time.
                (tmp_path / "data" / "backfill" / "1" / "progress.json").unlink()
            stops += 1
            progress = await backfill.go_on(1, stop)
    assert stops >= 2
    assert counts(progress) == counts(quiet)
    assert limit is None or progress.taken == limit
    assert told(tmp_path / "data") == told(tmp_path / "quiet")


async def test_an_archive_that_is_read_with_stops_gives_the_same_articles(web, archive, quiet, tmp_path):
    backfill = backfills(web, tmp_path / "data")
    stops = 0
    while True:
        stop, settled = asyncio.Event(), backfill.tally.kept + backfill.tally.dropped.total()

        def after_some(event, stop=stop, enough=settled + 12):
            count = backfill.tally.kept + backfill.tally.dropped.total()
            if isinstance(event, StorySettled) and count >= enough:
                stop.set()

        backfill.observers[1:] = [after_some]
        progress = await (backfill.go_on(1, stop) if stops else backfill.run(Plan(warcs=(str(archive),)), stop))
        if progress.stage is Stage.DONE:
            break
        stops += 1
    assert stops >= 2
    assert told(tmp_path / "data") == told(quiet)
    assert verify(tmp_path / "data").problems == []


def test_the_program_killed_while_it_reads_gives_the_same_articles(archive, tmp_path):
    command = [sys.executable, "-m", "scraper", "backfill", "--data", str(tmp_path / "data"), "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SCRAPER_STORE_COMMIT_ARTICLES": "2"}
    environment |= {"SCRAPER_STORE_COMMIT_INTERVAL": "0.05 s", "SCRAPER_EXTRACT_WORKERS": "1"}
    undisturbed = run([*command[:-2], str(tmp_path / "other"), "--json", "--warc", str(archive)], environment)
    assert undisturbed["stage"] == "done"
    options, kills = ["--warc", str(archive)], 0
    while kills < KILLS and kill_amid(command + options, environment, tmp_path / "data", articles=1 + 3 * kills):
        options, kills = ["--resume"], kills + 1
    assert kills, "it is killed after its first article at the latest"
    if kills == KILLS:
        assert run([*command, "--resume"], environment)["stage"] == "done"
    assert told(tmp_path / "data") == told(tmp_path / "other")
    first, second = (Runs(tmp_path / name).open(1).progress for name in ("other", "data"))
    assert counts(second) == counts(first)
    assert verify(tmp_path / "data").problems == []


def kill_amid(command, environment, data, articles):
    """Kill the program as soon as it has saved so many articles; False when it came to its end before."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, env=environment, stdout=quiet, stderr=quiet) as process:
        while process.poll() is None:
            if sum(part.read_bytes().count(b"\n") for part in data.glob("articles/date=*/part-*.jsonl")) >= articles:
                process.send_signal(signal.SIGKILL)
            time.sleep(0.005)
    return process.returncode == -signal.SIGKILL


def run(command, environment):
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr + done.stdout
    return json.loads(done.stdout.splitlines()[-1])


async def test_outlets_dates_and_a_limit_narrow_what_is_taken(web, archive, tmp_path):
    outlet = web.outlets[0].id
    backfill = Backfills(settings_in(tmp_path / "one"), web.outlets)
    one = await backfill.run(Plan(warcs=(str(archive),), outlets=(outlet,), every_outlet=False))
    assert set(one.outlets) == {outlet}
    assert one.passed_over["another outlet's"] > 0
    backfill = Backfills(settings_in(tmp_path / "late"), web.outlets)
    late = await backfill.run(Plan(warcs=(str(archive),), span=Span(since=utc_now() + timedelta(days=1))))
    assert (late.total.found, late.passed_over["captured before the range"]) == (0, late.records - 1)
    backfill = Backfills(settings_in(tmp_path / "few"), web.outlets)
    few = await backfill.run(Plan(warcs=(str(archive),), limit=4))
    assert few.total.settled == few.total.found == 4


async def test_a_missing_or_broken_file_is_told_and_the_others_are_read(web, archive, tmp_path):
    broken = tmp_path / "broken.warc"
    broken.write_text("<html>")
    backfill = Backfills(settings_in(tmp_path / "data"), web.outlets)
    progress = await backfill.run(Plan(warcs=(str(tmp_path / "none.warc"), str(broken), str(archive)), limit=3))
    assert progress.stage is Stage.DONE
    assert progress.total.settled == 3
    assert progress.failures == {
        str(tmp_path / "none.warc"): "No such file or directory",
        str(broken): "not a WARC file, plain, gzip or zstd",
    }


async def test_a_file_that_failed_is_read_by_a_run_that_goes_on_and_all_is_counted_once(web, archive, tmp_path):
    late, folder = tmp_path / "late.warc.gz", tmp_path / "saved"
    plan = Plan(warcs=(str(late), str(archive)), folders=(str(folder),))
    backfill = backfills(web, tmp_path / "data")
    first = await backfill.run(plan)
    assert (first.stage, first.failed, first.is_whole) == (Stage.DONE, 2, False)
    late.write_bytes(archive.read_bytes())
    second = await backfill.go_on(1)
    assert set(second.failures) == {str(folder)}
    assert second.records == 2 * first.records
    assert second.total.found == first.total.found
    assert second.known == first.known + first.total.found + first.known
    assert (second.bytes_read, second.bytes_all) == (2 * first.bytes_read, 2 * first.bytes_all)
    folder.mkdir()
    third = await backfill.go_on(1)
    assert third.is_whole
    assert counts(third) == counts(second)
    kept = lines(tmp_path / "data")
    assert await backfill.go_on(1) == third
    assert len(kept) == third.total.kept


async def test_a_run_that_is_killed_goes_on_with_files_that_had_failed(web, archive, tmp_path):
    late = tmp_path / "late.warc.gz"
    backfill = backfills(web, tmp_path / "data")
    stop = asyncio.Event()

    def stop_soon(_event):
        if backfill.tally.kept >= 2:
            stop.set()

    backfill.observers.append(stop_soon)
    stopped = await backfill.run(Plan(warcs=(str(late), str(archive))), stop)
    assert stopped.stage is Stage.INTERRUPTED
    # As a kill leaves it that comes before the failure was saved.
    (tmp_path / "data" / "backfill" / "1" / "progress.json").unlink()
    late.write_bytes(archive.read_bytes())
    done = await backfill.go_on(1)
    assert done.is_whole
    assert done.records == 2 * (done.records // 2)
    assert done.bytes_read == done.bytes_all == 2 * archive.stat().st_size


async def test_saved_pages_and_lists_of_addresses_go_the_same_way(web, tmp_path):
    stories = [story for story in web.expected if story.reason is None][:4]
    folder = tmp_path / "saved"
    folder.mkdir()
    for number, story in enumerate(stories[:2]):
        page = await asyncio.to_thread(fetched, story.url)
        note = f"<!-- saved from url=(0031){story.url} -->".encode()
        (folder / f"{number}.html").write_bytes(note + page)
    backfill = Backfills(settings_in(tmp_path / "data"), web.outlets)
    read = await backfill.run(Plan(folders=(str(folder),)))
    assert (read.total.kept, read.records) == (2, 2)
    files = backfill.runs.create(Plan(), utc_now(), (f"{story.url}\n" for story in stories))
    listed = await backfill.go_on(files.run.number)
    assert (listed.total.found, listed.known) == (2, 2)
    assert {line["url"] for line in lines(tmp_path / "data")} <= {story.url for story in stories}
