"""`scraper run`."""

import asyncio
import json
import signal
from typing import Annotated

import typer

from scraper.cli.exits import Exit
from scraper.cli.options import AllowNetwork, AsJson, ConfigDir, DataDir, Feeds, configuration
from scraper.cli.records import logging_of
from scraper.cli.summary import show_tally
from scraper.clock import utc_now
from scraper.engine.events import Event
from scraper.logs import Log
from scraper.model.outlet import Outlet
from scraper.service.announce import announcer
from scraper.service.daemon import run_daemon, run_once, signals
from scraper.service.tally import Tally
from scraper.settings import Settings


def run(
    config: ConfigDir = None,
    data: DataDir = None,
    feeds: Feeds = None,
    allow_network: AllowNetwork = None,
    once: Annotated[bool, typer.Option("--once", help="Ask every feed once, save what is new, and exit.")] = False,
    as_json: AsJson = False,
) -> None:
    """Poll the outlets' feeds and save their new articles, until told to stop.

    SIGTERM or Ctrl-C ends it within seconds; nothing is lost, and the next start goes on where this one ended.

    `scraper run` collects the outlets of config/outlets day and night

    `scraper run --once` does one round and exits: for cron

    `scraper run --feeds feeds.txt --data news` needs no outlet files
    """
    settings, outlets = configuration(config, data=data, allow=allow_network, feeds=feeds)
    if not any(outlet.feeds or outlet.news_sitemaps for outlet in outlets):
        raise typer.BadParameter("no outlet has a feed or a news sitemap to poll", param_hint="--config")
    with logging_of(settings.log) as log:
        status = asyncio.run(_run(log, settings, outlets, once=once, as_json=as_json))
    raise typer.Exit(status)


async def _run(log: Log, settings: Settings, outlets: tuple[Outlet, ...], *, once: bool, as_json: bool) -> Exit:
    tally, announce = Tally(), announcer(log)

    def observe(event: Event) -> None:
        tally.observe(event)
        announce(event)

    started = utc_now()
    log.info("starting", outlets=len(outlets), data=str(settings.store.data), once=once)
    async with signals() as stop:
        work = run_once if once else run_daemon
        await work(settings, outlets, observe=observe, clock=utc_now, stop=stop)
    seconds = (utc_now() - started).total_seconds()
    log.info("stopped", signal=stop.asked_by.name if stop.asked_by else None, seconds=round(seconds, 1))
    if as_json:
        typer.echo(json.dumps({**tally.as_json(), "seconds": round(seconds, 2), "data": str(settings.store.data)}))
    elif once:
        show_tally(tally, seconds, settings.store.data)
    if stop.asked_by is signal.SIGINT:
        return Exit.INTERRUPTED
    return Exit.FAILURES if once and tally.failures else Exit.DONE
