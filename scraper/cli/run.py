"""`scraper run`."""

import asyncio
import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from scraper.cli.exits import Exit
from scraper.cli.options import (
    DEFAULT_CONFIG,
    AllowNetwork,
    AsJson,
    ConfigDir,
    DataDir,
    Feeds,
    OnCluster,
    configuration,
    settings_for,
)
from scraper.cli.page import StatusAt, address_for, page_beside
from scraper.cli.records import logging_of
from scraper.cli.summary import show_tally
from scraper.clock import utc_now
from scraper.engine.events import Event
from scraper.logs import Log
from scraper.model.failures import ConfigFault, ConfigurationError
from scraper.outlets import DIRECTORY
from scraper.service.announce import announcer
from scraper.service.daemon import run_daemon, run_once
from scraper.service.endpoint import Endpoint
from scraper.service.metrics import Metrics
from scraper.service.notifying import own_notifier
from scraper.service.presence import health
from scraper.service.reloading import Configuration, Reload
from scraper.service.signalling import end_late, signals
from scraper.service.tally import Tally
from scraper.settings import Settings, variable
from scraper.version import __version__


def run(
    config: ConfigDir = None,
    data: DataDir = None,
    feeds: Feeds = None,
    allow_network: AllowNetwork = None,
    cluster: OnCluster = None,
    once: Annotated[bool, typer.Option("--once", help="Ask every feed once, save what is new, and exit.")] = False,
    healthcheck: Annotated[
        bool, typer.Option("--healthcheck", help="Say whether the daemon of the data directory is alive, and exit.")
    ] = False,
    page: StatusAt = None,
    as_json: AsJson = False,
) -> None:
    """Poll the outlets' feeds and save their new articles, until told to stop.

    SIGTERM or Ctrl-C ends it within seconds; nothing is lost, and the next start goes on where this one ended. SIGHUP,
    or `scraper reload`, has it read its configuration again.

    `scraper run` collects the outlets of config/outlets day and night

    `scraper run --once` does one round and exits: for cron

    `scraper run --feeds feeds.txt --data news` needs no outlet files

    `scraper run --status 127.0.0.1:8080` shows how it is doing in the browser

    `scraper run --healthcheck` exits 0 while that daemon is alive, else 1: for containers
    """
    if healthcheck:
        _healthcheck(data or _data_of(config))
    read = partial(read_configuration, config, data=data, feeds=feeds, allow=allow_network, cluster=cluster)
    configuration = read()
    address_for(configuration.settings.status, page)  # told before anything begins when it is none
    with logging_of(configuration.settings.log) as log:
        status = asyncio.run(_run(log, configuration, read, page, once=once, as_json=as_json))
    raise typer.Exit(status)


def _data_of(config: Path | None) -> Path:
    """Where the daemon collects into. A configuration that it would refuse, and goes on without, must not hide it."""
    try:
        return settings_for(config).store.data
    except ConfigurationError:
        named = os.environ.get(variable("store", "data"))
        if named is None:
            raise
        return Path(named)


def _healthcheck(data: Path) -> NoReturn:
    found = health(data, utc_now())
    typer.echo(found.detail)
    raise typer.Exit(Exit.DONE if found.well else Exit.FAILURES)


def read_configuration(
    config: Path | None,
    *,
    data: Path | None,
    feeds: Path | None,
    allow: Sequence[str] | None,
    cluster: str | None = None,
) -> Configuration:
    """What the daemon is told by files, environment and options. Raises ConfigurationError and typer.BadParameter."""
    settings, outlets = configuration(config, data=data, allow=allow, feeds=feeds, cluster=cluster)
    if not any(outlet.feeds or outlet.news_sitemaps for outlet in outlets):
        what = "an outlet with a feed or a news sitemap to poll"
        where = str(feeds or (config or DEFAULT_CONFIG) / DIRECTORY)
        raise ConfigurationError([ConfigFault(file=where, line=None, key="", value=None, expected=what)])
    return Configuration(settings=settings, outlets=outlets)


def _again(read: Callable[[], Configuration]) -> Configuration:
    """The same while the daemon runs: a file named by an option may be gone by now."""
    try:
        return read()
    except typer.BadParameter as error:
        hint = str(error.param_hint or "")
        fault = ConfigFault(file="options", line=None, key=hint, value=None, expected=f"what can be read: {error}")
        raise ConfigurationError([fault]) from error


@contextmanager
def _metrics(settings: Settings, log: Log) -> Iterator[Metrics | None]:
    """The metrics while they are served; None when nobody wants them."""
    if settings.metrics.listen is None:
        yield None
        return
    metrics = Metrics(utc_now, settings.store.data)
    with Endpoint(settings.metrics.listen, metrics.registry) as endpoint:
        log.info("serving metrics", url=endpoint.address)
        yield metrics


async def _run(
    log: Log,
    configuration: Configuration,
    read: Callable[[], Configuration],
    page: str | None,
    *,
    once: bool,
    as_json: bool,
) -> Exit:
    settings, outlets = configuration.settings, configuration.outlets
    tally, announce = Tally(), announcer(log)

    def observe(event: Event) -> None:
        tally.observe(event)
        announce(event)

    started, reload = utc_now(), Reload(read=partial(_again, read))
    log.info("starting", version=__version__, outlets=len(outlets), data=str(settings.store.data), once=once)
    names = {outlet.id: outlet.name for outlet in outlets}
    async with signals(reload.asked) as stop, page_beside(settings, page, names, log):
        late = asyncio.create_task(end_late(stop, settings.drain, log.critical))
        if once:
            await run_once(settings, outlets, observe=observe, clock=utc_now, stop=stop)
        else:
            with _metrics(settings, log) as metrics:
                await run_daemon(
                    settings,
                    outlets,
                    observe=observe,
                    clock=utc_now,
                    stop=stop,
                    reload=reload,
                    notifier=own_notifier(),
                    metrics=metrics,
                )
        late.cancel()
    seconds = (utc_now() - started).total_seconds()
    log.info("stopped", signal=stop.asked_by.name if stop.asked_by else None, seconds=round(seconds, 1))
    if as_json:
        typer.echo(json.dumps({**tally.as_json(), "seconds": round(seconds, 2), "data": str(settings.store.data)}))
    elif once:
        show_tally(tally, seconds, settings.store.data)
    if stop.asked_by is signal.SIGINT:
        return Exit.INTERRUPTED
    return Exit.FAILURES if once and tally.failures else Exit.DONE
