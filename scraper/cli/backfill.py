"""`scraper backfill`."""

import asyncio
import json
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, timedelta
from glob import glob
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from typer.core import TyperGroup

from scraper.cli.display import display_for, facts, failed_of, log_of, table_of
from scraper.cli.exits import Exit
from scraper.cli.lines import open_lines
from scraper.cli.options import (
    AllowNetwork,
    AsJson,
    ConfigDir,
    DataDir,
    OnCluster,
    chosen,
    configuration,
    day_after,
    hand_down,
    moment,
    settings_for,
)
from scraper.cli.records import logging_of
from scraper.clock import utc_now
from scraper.model.backfill import Plan, Progress, Source, Stage
from scraper.model.entry import Entry
from scraper.model.outlet import Outlet
from scraper.model.span import Span
from scraper.service.announce import announcer
from scraper.service.backfill import PATIENCE, Watching, run_backfill
from scraper.service.forecast import Outlook, Politeness
from scraper.service.listings import Step, names_any
from scraper.service.preview import Preview, Reckoned
from scraper.service.signalling import end_late, signals
from scraper.settings import Settings
from scraper.sources import Unwalked, Walked
from scraper.storage import NoSuchRunError, RunFiles, Runs

LATEST = "latest"
SOURCES = ", ".join(Source)
LISTS = {Source.NEWS: "news_sitemaps", Source.INDEX: "index_pages", Source.FEED: "feeds"}
"""What an outlet's file calls them."""
_MOST_TOLD = 5


class Backfills(TyperGroup):
    """Lets `--resume` stand without a number, and `--warc` before a pattern that the shell has filled in."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put in what is meant."""
        rest: list[str] = super().parse_args(ctx, list(_spelled_out(args)))
        return rest


def _spelled_out(words: Sequence[str]) -> Iterator[str]:
    option = before = ""
    for word in words:
        if before == "--resume" and word.startswith("-"):
            yield LATEST
        if word.startswith("-"):
            option = word
        elif option == "--warc" != before and Path(word).is_file():
            yield option
        yield word
        before = word
    if before == "--resume":
        yield LATEST


def _source(name: str) -> Source:
    try:
        return Source(name)
    except ValueError:
        raise typer.BadParameter(f"there is no source {name!r}; there are {SOURCES}") from None


app = typer.Typer(
    cls=Backfills,
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def backfill(
    ctx: typer.Context,
    config: ConfigDir = None,
    data: DataDir = None,
    outlet: Annotated[
        list[str] | None,
        typer.Option("--outlet", metavar="ID", help="Only this outlet; `*` matches any characters. May be repeated."),
    ] = None,
    source: Annotated[
        list[Source] | None,
        typer.Option(
            "--source",
            metavar="SOURCE",
            parser=_source,
            autocompletion=lambda: list(Source),
            help=f"Look here instead of where each outlet has most: {SOURCES}. May be repeated.",
        ),
    ] = None,
    sitemap: Annotated[
        list[str] | None,
        typer.Option("--sitemap", metavar="URL", help="Walk this sitemap instead of those in the outlet file."),
    ] = None,
    urls: Annotated[
        Path | None,
        typer.Option("--urls", metavar="FILE", help="Fetch the addresses in this file, one a line; - reads them here."),
    ] = None,
    folder: Annotated[
        list[Path] | None,
        typer.Option("--folder", metavar="DIR", help="Read the saved HTML pages below this directory. Repeatable."),
    ] = None,
    warc: Annotated[
        list[str] | None,
        typer.Option("--warc", metavar="GLOB", help="Read the pages in these web archives (WARC). Repeatable."),
    ] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day (UTC) or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day (UTC) or earlier.")] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N", help="Take at most N new stories.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="List what would be fetched; keep nothing.")] = False,
    resume: Annotated[
        str | None,
        typer.Option(metavar="[N]", help="Go on with backfill N, or with the latest one that was interrupted."),
    ] = None,
    allow_network: AllowNetwork = None,
    cluster: OnCluster = None,
    as_json: AsJson = False,
) -> None:
    """Fill the archive from the past, beside a running daemon or without one.

    The same line, the same near-duplicate judge and the same storage as the daemon. Interrupt it at any time:
    `--resume` goes on without fetching or saving anything twice.

    `scraper backfill --outlet liputan6 --since 2026-01-01 --until 2026-01-31`

    `scraper backfill --outlet 'tribun*' --source sitemap --limit 1000 --dry-run`

    `scraper backfill --warc 'CC-NEWS-*.warc.gz'` takes in what others crawled

    `scraper backfill --resume` goes on; `scraper backfill list` tells what there is
    """
    if ctx.invoked_subcommand:
        hand_down(ctx)
        return
    settings, known = configuration(
        config, data=data, allow=allow_network, cluster=cluster, required=not (urls or folder or warc or resume)
    )
    if resume is not None:
        if any((outlet, source, sitemap, urls, folder, warc, since, until, limit, dry_run)):
            raise typer.BadParameter("goes on with what was asked for then; give it alone", param_hint="--resume")
        files = _found(Runs(settings.store.data), resume)
        raise typer.Exit(asyncio.run(_run(settings, known, files, as_json=as_json)))
    outlets = chosen(known, outlet or [])
    plan = Plan(
        outlets=tuple(one.id for one in outlets),
        every_outlet=not outlet,
        sources=tuple(source or ()),
        sitemaps=tuple(sitemap or ()),
        folders=tuple(dict.fromkeys(map(_directory, folder or ()))),
        warcs=tuple(dict.fromkeys(path for pattern in warc or () for path in _archives(pattern))),
        span=_span(since, until),
        limit=limit,
    )
    _refuse_what_makes_no_sense(plan, outlets)
    if dry_run:
        # What the list names is not copied to a run's directory; that there is one is enough.
        plan = replace(plan, urls=str(urls)) if urls else plan
        with open_lines(urls) if urls else nullcontext() as lines:
            preview = Preview(settings, known, plan, utc_now)
            raise typer.Exit(asyncio.run(_list(settings, known, preview.look(lines), as_json=as_json)))
    with open_lines(urls) if urls else nullcontext() as addresses:
        files = Runs(settings.store.data).create(plan, utc_now(), addresses)
    raise typer.Exit(asyncio.run(_run(settings, known, files, as_json=as_json)))


@app.command("list")
def list_runs(config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """List the backfills of the data directory and how each stands.

    `scraper backfill list`
    """
    settings = settings_for(config, data)
    runs = Runs(settings.store.data)
    table = Table("run", "started (UTC)", "how it stands", "found", "kept", box=None, pad_edge=False)
    table.add_column("what was asked for", overflow="fold")
    for files in runs.every():
        stage, progress, run = runs.standing(files), files.progress, files.run
        total = progress.total
        if as_json:
            row = {"run": run.number, "created": run.created.isoformat(), **facts(progress, Outlook())}
            typer.echo(json.dumps({**row, "stage": stage.value, "asked": asked_for(run.plan)}, ensure_ascii=False))
            continue
        stands = f"{stage.value}{', with failures' if stage is Stage.DONE and progress.failed else ''}"
        started = f"{run.created.astimezone(UTC):%Y-%m-%d %H:%M}"
        counts = (f"{total.found:,}", f"{total.kept:,}")
        table.add_row(str(run.number), started, stands, *counts, asked_for(run.plan))
    if not as_json:
        console = Console(highlight=False, markup=False, soft_wrap=True)
        console.print(table if table.rows else f"No backfill has been run in {settings.store.data}.")


def _refuse_what_makes_no_sense(plan: Plan, outlets: Sequence[Outlet]) -> None:
    if plan.sitemaps and len(outlets) != 1:
        raise typer.BadParameter("name the one outlet that it belongs to with --outlet", param_hint="--sitemap")
    for address in plan.sitemaps:
        if not address.startswith(("http://", "https://")):
            raise typer.BadParameter(f"{address!r} is no web address", param_hint="--sitemap")
    if Source.INDEX in plan.sources and plan.span.since is None:
        raise typer.BadParameter("dated lists are walked from --since on; give it too", param_hint="--source index")
    for source in plan.sources:
        if not any(names_any(outlet, source) for outlet in outlets):
            what = LISTS.get(source, "domains")
            raise typer.BadParameter(f"no outlet that is asked for names any {what}", param_hint=f"--source {source}")


def asked_for(plan: Plan) -> str:
    """What a plan asks for, in a line."""
    few = ", ".join(plan.outlets[:3]) + (f" and {len(plan.outlets) - 3} more" if len(plan.outlets) > 3 else "")  # noqa: PLR2004 - three fit a line
    parts = [*plan.warcs[:2], *plan.folders[:2], *((plan.urls,) if plan.urls else ())]
    parts += [few] if plan.walks or not plan.every_outlet else []
    parts += [source.value for source in plan.sources]
    parts += [f"since {plan.span.since.date()}"] if plan.span.since else []
    parts += [f"before {plan.span.until.date()}"] if plan.span.until else []
    parts += [f"at most {plan.limit}"] if plan.limit else []
    return "; ".join(parts)


def _directory(path: Path) -> str:
    if not path.is_dir():
        raise typer.BadParameter(f"{path} is no directory", param_hint="--folder")
    return str(path.absolute())


def _archives(pattern: str) -> list[str]:
    """The files that a pattern names, in the order of their names."""
    named = glob(pattern, recursive=True)  # noqa: PTH207 - Path.glob takes no absolute patterns
    found = sorted(path for path in named if Path(path).is_file())
    if not found:
        hint = f" but a directory; name the files in it: '{pattern.rstrip('/')}/*.warc.gz'" if named else ""
        raise typer.BadParameter(f"{pattern!r} matches no file{hint}", param_hint="--warc")
    return [str(Path(path).absolute()) for path in found]


def _span(since: str | None, until: str | None) -> Span:
    span = Span(since=moment(since, "--since"), until=day_after(until, "--until"))
    if span.since and span.until and span.since >= span.until:
        raise typer.BadParameter(f"--until {until} is before --since {since}", param_hint="--until")
    return span


def _found(runs: Runs, number: str) -> RunFiles:
    if number != LATEST:
        try:
            return runs.open(int(number))
        except (ValueError, NoSuchRunError) as error:
            why = error if isinstance(error, NoSuchRunError) else f"{number!r} is no number of a backfill."
            raise typer.BadParameter(f"{why} {_latest(runs)}", param_hint="--resume") from None
    unfinished = {Stage.INTERRUPTED, Stage.FAILED}
    latest = [files for files in runs.every() if runs.standing(files) in unfinished]
    if not latest:
        again = [
            str(files.run.number)
            for files in runs.every()
            if files.progress.stage is Stage.DONE and files.progress.failed
        ]
        hint = f"`--resume {again[-1]}` tries again what failed" if again else "see `scraper backfill list`"
        raise NoSuchRunError(f"There is no interrupted backfill to go on with; {hint}.")
    return latest[-1]


def _latest(runs: Runs) -> str:
    """The backfills that may be meant instead."""
    told = [f"{files.run.number} ({runs.standing(files).value})" for files in runs.every()]
    return f"The latest are {', '.join(told[: -_MOST_TOLD - 1 : -1])}." if told else "None was run there."


async def _run(settings: Settings, outlets: Sequence[Outlet], files: RunFiles, *, as_json: bool) -> Exit:
    async with signals() as stop:
        with display_for(files.run, settings.log, as_json=as_json) as (display, log):

            def tell_late(why: str) -> None:
                log.critical(why)
                # The table that is shown on a terminal hides it.
                Console(stderr=True).show_cursor()

            late = asyncio.create_task(end_late(stop, settings.drain + PATIENCE, tell_late))
            watching = Watching(observe=announcer(log), told=display.tell, shown=display.show)
            progress = await run_backfill(settings, outlets, files, watching=watching, clock=utc_now, stop=stop)
            late.cancel()
    report = _report(files, progress)
    if as_json:
        typer.echo(json.dumps({"event": "end", **report, "report": str(files.directory / "report.json")}))
    else:
        _show_end(files, progress, settings.store.data)
    if stop.asked_by is signal.SIGINT:
        return Exit.INTERRUPTED
    return Exit.DONE if progress.is_whole else Exit.FAILURES


def _report(files: RunFiles, progress: Progress) -> dict[str, object]:
    """What a run did, also written beside it."""
    outlets = {
        name: {
            "found": count.found,
            "fetched": count.fetched,
            "kept": count.kept,
            "duplicates": count.duplicates,
            "dropped": count.dropped,
            "deferred": count.deferred,
        }
        for name, count in sorted(progress.outlets.items())
    }
    report: dict[str, object] = {
        "run": files.run.number,
        **facts(progress, Outlook(rate=progress.total.settled / progress.seconds if progress.seconds else 0.0)),
        "cpu_seconds": progress.cpu_seconds,
        "passed_over": progress.passed_over,
        "outlets": outlets,
        "failures": progress.failures,
    }
    files.write("report.json", json.dumps(report, ensure_ascii=False, indent=1).encode())
    return report


def _show_end(files: RunFiles, progress: Progress, data: Path) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    console.print(table_of(progress))
    for reason, number in sorted(progress.passed_over.items()):
        console.print(f"{number:,} passed over: {reason}")
    if progress.known:
        console.print(f"{progress.known:,} were known already")
    for what, why in list(progress.failures.items())[-5:]:
        console.print(f"failed: {why if what in why else f'{what}: {why}'}")
    failed = f", {failed_of(progress)}" if progress.failed else ""
    took = f"{progress.stage.value}{failed}, {progress.seconds:.1f} s"
    console.print(f"Backfill {files.run.number}: {took} {progress.detail}".strip())
    if not progress.is_whole:
        what = "Try what failed again" if progress.stage is Stage.DONE else "Go on"
        console.print(f"{what} with `scraper backfill --resume {files.run.number}`")
    console.print(f"Articles are in {data / 'articles'}, the report in {files.directory / 'report.json'}")


async def _list(
    settings: Settings, outlets: Sequence[Outlet], steps: AsyncIterator[Step | Reckoned], *, as_json: bool
) -> Exit:
    wanted: Counter[str] = Counter()
    politeness = Politeness(outlets, settings.fetch)
    listed = failed = 0
    reading = Reckoned(pages=0, seconds=0.0)
    with logging_of(log_of(settings.log, as_json=as_json)) as log:
        async for step in steps:
            if isinstance(step, Entry):
                wanted[step.outlet] += 1
                listed += 1
                politeness.ask(step.url, step.outlet)
                published = step.published.isoformat() if step.published else None
                row = {"outlet": step.outlet, "url": step.url, "published": published, "title": step.title}
                typer.echo(json.dumps(row, ensure_ascii=False) if as_json else step.url)
            elif isinstance(step, Walked):
                for address in (step.url, *step.further):
                    politeness.ask(address)
            elif isinstance(step, Unwalked):
                failed += 1
                log.warning("list failed", url=step.url, detail=step.detail)
            elif isinstance(step, Reckoned):
                reading = step
    # Pages at hand ask nobody for anything.
    least = timedelta() if reading.pages == listed else politeness.least
    if as_json:
        told = {"stories": listed, "outlets": len(wanted), "at_least_seconds": round(least.total_seconds())}
        at_hand = (
            {"pages_at_hand": reading.pages, "reading_seconds": round(reading.seconds, 1)} if reading.pages else {}
        )
        typer.echo(json.dumps({"event": "end", **told, **at_hand, "failed": failed}))
    else:
        typer.echo(_in_words(wanted, least, reading), err=True)
    return Exit.FAILURES if failed else Exit.DONE


def _in_words(wanted: Counter[str], least: timedelta, reading: Reckoned) -> str:
    """What a backfill would do, and how long it would take."""
    parts = [f"{wanted.total():,} stories of {len(wanted):,} outlets"]
    if reading.pages < wanted.total() or not reading.pages:
        parts.append(f"politely at least {least}")
    if reading.pages:
        about = timedelta(seconds=max(1, round(reading.seconds)))
        parts.append(f"reading {reading.pages:,} pages at hand takes about {about} on this machine")
    return "; ".join(parts) + "."
