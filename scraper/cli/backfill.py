"""`scraper backfill`."""

import asyncio
import json
import signal
from dataclasses import replace
from typing import Annotated

import typer

from scraper.cli.exits import Exit
from scraper.cli.options import (
    AllowNetwork,
    AsJson,
    ConfigDir,
    DataDir,
    OnCluster,
    chosen,
    configuration,
    day_after,
    moment,
)
from scraper.cli.records import logging_of
from scraper.cli.summary import show_tally
from scraper.clock import utc_now
from scraper.engine.events import Event
from scraper.logs import Log
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.span import Span
from scraper.service.announce import announcer
from scraper.service.backfill import Enqueued, list_backfill, run_backfill
from scraper.service.signalling import signals
from scraper.service.tally import Tally
from scraper.settings import Settings
from scraper.sources import Unwalked, Walked


def backfill(
    config: ConfigDir = None,
    data: DataDir = None,
    outlet: Annotated[
        list[str] | None,
        typer.Option("--outlet", metavar="ID", help="Only this outlet; `*` matches any characters. May be repeated."),
    ] = None,
    sitemap: Annotated[
        list[str] | None,
        typer.Option("--sitemap", metavar="URL", help="Walk this sitemap instead of those in the outlet file."),
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day (UTC) or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day (UTC) or earlier.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Take at most N new stories.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be looked at; keep nothing.")] = False,
    allow_network: AllowNetwork = None,
    cluster: OnCluster = None,
    as_json: AsJson = False,
) -> None:
    """Fill the archive from the past: walk the outlets' sitemaps and save what is not here yet.

    The same line, the same near-duplicate judge and the same storage as the daemon. Interrupt it at any time: run it
    again and it goes on without fetching or saving anything twice.

    `scraper backfill --outlet liputan6 --since 2026-01-01 --until 2026-01-31`

    `scraper backfill --outlet 'tribun*' --limit 1000 --dry-run`
    """
    settings, known = configuration(config, data=data, allow=allow_network, cluster=cluster)
    outlets = chosen(known, outlet or [])
    if sitemap:
        if len(outlets) != 1:
            raise typer.BadParameter("name the one outlet that it belongs to with --outlet", param_hint="--sitemap")
        outlets = (replace(outlets[0], sitemaps=tuple(sitemap)),)
    span = Span(since=moment(since, "--since"), until=day_after(until, "--until"))
    with logging_of(settings.log) as log:
        work = _list if dry_run else _run
        status = asyncio.run(work(log, settings, outlets, span, limit, as_json=as_json))
    raise typer.Exit(status)


async def _run(
    log: Log, settings: Settings, outlets: tuple[Outlet, ...], span: Span, limit: int | None, *, as_json: bool
) -> Exit:
    tally, announce, failed = Tally(), announcer(log), 0

    def observe(event: Event) -> None:
        tally.observe(event)
        announce(event)

    def progress(step: Enqueued | Walked | Unwalked) -> None:
        nonlocal failed
        failed += isinstance(step, Unwalked)
        tally.found += step.found if isinstance(step, Enqueued) else 0
        _tell(log, step)

    started = utc_now()
    async with signals() as stop:
        await run_backfill(
            settings,
            outlets,
            span=span,
            limit=limit,
            observe=observe,
            progress=progress,
            clock=utc_now,
            stop=stop,
        )
    seconds = (utc_now() - started).total_seconds()
    if as_json:
        row = {**tally.as_json(), "sitemaps_failed": failed, "seconds": round(seconds, 2)}
        typer.echo(json.dumps({**row, "data": str(settings.store.data)}))
    else:
        show_tally(tally, seconds, settings.store.data)
    if stop.asked_by is signal.SIGINT:
        return Exit.INTERRUPTED
    return Exit.FAILURES if tally.failures or failed else Exit.DONE


async def _list(
    log: Log, settings: Settings, outlets: tuple[Outlet, ...], span: Span, limit: int | None, *, as_json: bool
) -> Exit:
    listed, failed = 0, 0
    async for step in list_backfill(settings, outlets, span=span, limit=limit, clock=utc_now):
        if isinstance(step, Entry):
            listed += 1
            published = step.published.isoformat() if step.published else None
            row = {"outlet": step.outlet, "url": step.url, "published": published, "title": step.title}
            typer.echo(json.dumps(row, ensure_ascii=False) if as_json else step.url)
        else:
            failed += isinstance(step, Unwalked)
            _tell(log, step)
    spacing = settings.fetch.host_spacing.total_seconds()
    log.info("dry run", stories=listed, at_least_minutes=round(listed * spacing / 60 / max(1, len(outlets)), 1))
    return Exit.FAILURES if failed else Exit.DONE


def _tell(log: Log, step: Enqueued | Walked | Unwalked) -> None:
    match step:
        case Enqueued(outlet=outlet, listed=listed, found=found):
            log.info("stories listed", outlet=outlet, listed=listed, found=found)
        case Walked(url=url, entries=entries, children=children, passed_over=passed_over):
            log.info("sitemap walked", url=url, entries=entries, sitemaps=children, passed_over=passed_over)
        case Unwalked(url=url, detail=detail):
            log.warning("sitemap failed", url=url, detail=detail)
