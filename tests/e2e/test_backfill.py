"""Backfill over real sockets: the daemon's own line on a finite source, alone and beside the daemon."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scraper.clock import utc_now
from scraper.demo import DemoWeb
from scraper.engine.events import StorySettled
from scraper.model.backfill import Plan, Stage
from scraper.model.span import Span
from scraper.service.backfill import RunBusyError
from scraper.service.daemon import run_daemon, run_once
from scraper.service.reloading import Configuration, Reload
from scraper.service.tally import Tally
from tests.service.backfills import Backfills, lines, settings_in

SLOW = timedelta(seconds=5)
"""Between two requests to a host: so slow that another process takes over before all is done."""


def backfills(web, tmp_path, **fetch):
    return Backfills(settings_in(tmp_path / "data", **fetch), web.outlets)


def recent():
    return Plan(span=Span(since=utc_now() - timedelta(days=2)))


async def test_lists_go_through_the_same_line_and_nothing_is_saved_twice(tmp_path):
    with DemoWeb(utc_now()) as web:
        backfill = backfills(web, tmp_path)
        early = await backfill.run(Plan(span=Span(until=datetime(2020, 1, 1, tzinfo=UTC))))
        assert (early.stage, early.total.kept) == (Stage.DONE, 0)
        progress = await backfill.run(recent())
        kept = lines(tmp_path / "data")
        total = progress.total
        assert 0 < total.kept == len(kept) == backfill.tally.kept
        assert total.found == total.settled
        again = await backfill.run(recent())
        assert again.total.found == 0
        assert again.known >= total.found
        daemon = Tally()
        await run_once(backfill.settings, web.outlets, observe=daemon.observe, clock=utc_now, stop=asyncio.Event())
        assert daemon.kept == 0, "the daemon finds nothing that the backfill did not"
        assert lines(tmp_path / "data") == kept


async def test_a_limit_holds_over_all_outlets_and_the_rest_comes_next_time(tmp_path):
    with DemoWeb(utc_now()) as web:
        backfill = backfills(web, tmp_path)
        first = await backfill.run(Plan(limit=3))
        assert first.total.settled == first.taken == 3
        second = await backfill.run(Plan())
        assert second.total.settled > 0


async def test_a_run_that_is_stopped_goes_on_and_asks_for_nothing_twice(tmp_path):
    with DemoWeb(utc_now()) as web:
        backfill = backfills(web, tmp_path, host_spacing=timedelta(milliseconds=40))
        stop = asyncio.Event()

        def stop_soon(_event):
            if backfill.tally.kept >= 2:
                stop.set()

        backfill.observers.append(stop_soon)
        stopped = await backfill.run(recent(), stop)
        assert stopped.stage is Stage.INTERRUPTED
        assert backfill.runs.standing(backfill.runs.open(1)) is Stage.INTERRUPTED
        done = await backfill.go_on(1)
        assert done.stage is Stage.DONE
        assert done.total.kept == len(lines(tmp_path / "data"))
        asked = Counter(exchange.url for exchange in web.exchanges if not exchange.url.endswith("/robots.txt"))
        interrupted = len(stopped.outlets) * 2
        assert sum(times - 1 for times in asked.values()) <= interrupted, "only what was under way is asked for again"
        assert not [url for url, times in asked.items() if times > 1 and url.endswith(".xml")]


async def test_two_commands_do_not_work_one_run(tmp_path):
    with DemoWeb(utc_now()) as web:
        backfill = backfills(web, tmp_path)
        files = backfill.runs.create(recent(), utc_now())
        other = backfill.runs.open(files.run.number)
        assert other.asked.hoist()
        with pytest.raises(RunBusyError):
            await backfill.go_on(files.run.number)
        other.asked.strike()


async def until(condition, patience=60.0):
    async with asyncio.timeout(patience):
        while not condition():  # noqa: ASYNC110 - what is waited for happens in other processes too
            await asyncio.sleep(0.02)


async def test_a_backfill_beside_the_daemon_is_worked_by_it(tmp_path):
    with DemoWeb(utc_now()) as web:
        backfill = backfills(web, tmp_path)
        daemon, stop = Tally(), asyncio.Event()
        running = asyncio.create_task(
            run_daemon(backfill.settings, web.outlets, observe=daemon.observe, clock=utc_now, stop=stop)
        )
        await until(lambda: backfill.runs.served.flies)
        progress = await backfill.run(recent())
        assert progress.stage is Stage.DONE
        assert backfill.tally.kept == 0, "the daemon writes, the backfill watches"
        await until(lambda: daemon.kept >= len({a["id"] for a in lines(tmp_path / "data")}))
        stop.set()
        await running
        ids = [article["id"] for article in lines(tmp_path / "data")]
        assert len(ids) == len(set(ids)) == daemon.kept


async def test_a_daemon_that_starts_takes_over_and_the_backfill_goes_on_as_its_guest(tmp_path):
    with DemoWeb(utc_now()) as web:
        backfill = backfills(web, tmp_path, host_spacing=SLOW)
        running = asyncio.create_task(backfill.run(recent()))
        await until(lambda: backfill.tally.kept >= 1)
        daemon, stop = Tally(), asyncio.Event()
        daemon_runs = asyncio.create_task(
            run_daemon(settings_in(tmp_path / "data"), web.outlets, observe=daemon.observe, clock=utc_now, stop=stop)
        )
        progress = await running
        assert progress.stage is Stage.DONE
        assert daemon.kept >= 1
        stop.set()
        await daemon_runs
        ids = [article["id"] for article in lines(tmp_path / "data")]
        assert len(ids) == len(set(ids)) == backfill.tally.kept + daemon.kept


async def test_a_guest_goes_on_alone_when_the_daemon_ends(tmp_path):
    with DemoWeb(utc_now()) as web:
        backfill = backfills(web, tmp_path)
        daemon, stop = Tally(), asyncio.Event()

        def observe(event):
            daemon.observe(event)
            if isinstance(event, StorySettled) and event.outcome.pending.entry.run is not None:
                stop.set()

        silent = [replace(outlet, feeds=(), news_sitemaps=()) for outlet in web.outlets]
        daemon_runs = asyncio.create_task(
            run_daemon(
                settings_in(tmp_path / "data", host_spacing=SLOW), silent, observe=observe, clock=utc_now, stop=stop
            )
        )
        await until(lambda: backfill.runs.served.flies)
        progress = await backfill.run(recent())
        await daemon_runs
        assert progress.stage is Stage.DONE
        assert backfill.tally.kept >= 1
        ids = [article["id"] for article in lines(tmp_path / "data")]
        assert len(ids) == len(set(ids)) == backfill.tally.kept + daemon.kept


async def test_a_guest_waits_through_a_reload_and_goes_on_with_the_outlets_that_were_read_anew(tmp_path):
    with DemoWeb(utc_now()) as web:
        backfill = backfills(web, tmp_path)
        silent = tuple(replace(outlet, feeds=(), news_sitemaps=()) for outlet in web.outlets)
        slow = settings_in(tmp_path / "data", host_spacing=SLOW)
        reload = Reload(read=lambda: Configuration(settings=backfill.settings, outlets=silent))
        daemon, stop = Tally(), asyncio.Event()

        def observe(event):
            daemon.observe(event)
            if daemon.kept == 1:
                reload.asked.set()

        daemon_runs = asyncio.create_task(
            run_daemon(slow, silent[:-1], observe=observe, clock=utc_now, stop=stop, reload=reload)
        )
        await until(lambda: backfill.runs.served.flies)
        progress = await backfill.run(recent())
        assert progress.stage is Stage.DONE
        assert backfill.tally.kept == 0, "the daemon wrote all of it, before the reload and after it"
        assert progress.total.found == progress.total.settled
        assert silent[-1].id in progress.outlets, "the outlet that the daemon did not know at its start"
        stop.set()
        await daemon_runs
        ids = [article["id"] for article in lines(tmp_path / "data")]
        assert len(ids) == len(set(ids)) == daemon.kept


async def test_before_or_after_the_daemon_the_same_stories_are_kept(tmp_path):
    kept = []
    with DemoWeb(utc_now()) as web:
        while web.advance():
            pass
        origin = {story.url: story.copy_of or story.url for story in web.expected}

        async def collect(backfill):
            await run_once(backfill.settings, web.outlets, observe=Tally().observe, clock=utc_now, stop=asyncio.Event())

        for name in ("before", "after"):
            backfill = backfills(web, tmp_path / name)
            if name == "after":
                await collect(backfill)
            assert (await backfill.run(recent())).stage is Stage.DONE
            if name == "before":
                await collect(backfill)
            kept.append(sorted(origin[line["url"].partition("?")[0]] for line in lines(tmp_path / name / "data")))
    assert kept[0] == kept[1]
    assert len(kept[0]) == len(set(kept[0])), "each story once, whichever of its copies was first"
