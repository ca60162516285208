"""How a backfill shows itself: a live table on a terminal, lines elsewhere, JSON for programs."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

import typer
from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from scraper.cli.records import logging_of
from scraper.logs import Log
from scraper.model.backfill import Count, Progress, Run
from scraper.service.forecast import Forecast, Outlook
from scraper.settings import LogSettings
from scraper.sources import Unwalked, Walked

LINE_S = 10.0
"""How often a line tells the progress where there is no terminal."""
_MOST_ROWS = 12
_NAME = 15
"""Columns that an outlet's name has at least: most of them fit."""


class Display(Protocol):
    """Shows what happens while it runs."""

    def show(self, progress: Progress) -> None:
        """Show how far it has come."""
        ...

    def tell(self, step: object) -> None:
        """Tell of one list that was read, or could not be."""
        ...


def log_of(settings: LogSettings, *, as_json: bool) -> LogSettings:
    """The log of a command that people start: plain lines wherever they go, unless JSON was asked for."""
    return replace(settings, format="text") if settings.format == "auto" and not as_json else settings


@contextmanager
def display_for(run: Run, settings: LogSettings, *, as_json: bool) -> Iterator[tuple[Display, Log]]:
    """The display that suits where the output goes, and the log that goes with it."""
    settings = log_of(settings, as_json=as_json)
    if as_json:
        with logging_of(settings) as log:
            yield JsonEvents(run), log
    elif sys.stderr.isatty():
        console = Console(stderr=True, highlight=False)
        with Live(console=console, refresh_per_second=4, transient=True) as live:
            # A line for each story would push the table away; what needs a look stays above it.
            quiet = settings if settings.level == "error" else replace(settings, level="warning")
            with logging_of(quiet) as log:
                yield LiveTable(run, live), log
    else:
        with logging_of(settings) as log:
            yield Lines(run, log), log


class LiveTable:
    """A table that is drawn again and again in its place."""

    def __init__(self, run: Run, live: Live) -> None:
        self._run = run
        self._live = live
        self._forecast = Forecast()

    def show(self, progress: Progress) -> None:
        """Draw it."""
        outlook = self._forecast.look(progress, time.monotonic())
        self._live.update(Group(_headline(self._run, progress, outlook), table_of(progress, most=_MOST_ROWS)))

    def tell(self, step: object) -> None:
        """A failure stays above the table."""
        if isinstance(step, Unwalked):
            self._live.console.print(f"{step.url}: {step.detail}", markup=False, soft_wrap=True)


class Lines:
    """A line in the log now and then."""

    def __init__(self, run: Run, log: Log) -> None:
        self._run = run
        self._log = log
        self._forecast = Forecast()
        self._next = time.monotonic()

    def show(self, progress: Progress) -> None:
        """Write a line when it is time for one."""
        now = time.monotonic()
        outlook = self._forecast.look(progress, now)
        if now < self._next:
            return
        self._next = now + LINE_S
        self._log.info("backfill", run=self._run.number, **facts(progress, outlook))

    def tell(self, step: object) -> None:
        """Write what became of a list."""
        match step:
            case Walked(url=url, entries=entries, children=children, passed_over=passed_over):
                self._log.info("list read", url=url, stories=entries, lists=children, passed_over=passed_over)
            case Unwalked(url=url, detail=detail):
                self._log.warning("list failed", url=url, detail=detail)


class JsonEvents:
    """An object a line on standard output, each with its `event`."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._forecast = Forecast()
        self._last: dict[str, object] = {}

    def show(self, progress: Progress) -> None:
        """Tell what changed."""
        row = facts(progress, self._forecast.look(progress, time.monotonic()))
        seen = {name: value for name, value in row.items() if name not in {"rate", "eta_seconds", "seconds"}}
        if seen != self._last:
            self._last = seen
            _write("progress", run=self._run.number, **row)

    def tell(self, step: object) -> None:
        """Tell what became of a list."""
        match step:
            case Walked(url=url, entries=entries, children=children, passed_over=passed_over):
                _write("list-read", url=url, stories=entries, lists=children, passed_over=passed_over)
            case Unwalked(url=url, detail=detail):
                _write("list-failed", url=url, detail=detail)


def _write(event: str, **facts_: object) -> None:
    typer.echo(json.dumps({"event": event, **facts_}, ensure_ascii=False))


def facts(progress: Progress, outlook: Outlook) -> dict[str, object]:
    """The state of a run in a few words and numbers."""
    total = progress.total
    row: dict[str, object] = {"stage": progress.stage.value}
    if progress.detail:
        row["detail"] = progress.detail
    row |= {"found": total.found, "fetched": total.fetched, "kept": total.kept, "duplicates": total.duplicates}
    row |= {"dropped": sum(total.dropped.values()), "deferred": sum(total.deferred.values()), "known": progress.known}
    if progress.records:
        row["records"] = progress.records
    if progress.bytes_all:
        row |= {"bytes_read": progress.bytes_read, "bytes_all": progress.bytes_all}
    if progress.failed:
        row["failed"] = progress.failed
    return row | {
        "rate": round(outlook.rate, 2),
        "eta_seconds": None if outlook.seconds is None else round(outlook.seconds),
        "seconds": progress.seconds,
    }


def _headline(run: Run, progress: Progress, outlook: Outlook) -> Text:
    parts = [f"backfill {run.number}: {progress.stage.value}"]
    if progress.detail:
        parts.append(progress.detail)
    if progress.bytes_all:
        parts.append(f"{progress.bytes_read / progress.bytes_all:.0%} of {progress.bytes_all / 1e6:,.0f} MB read")
    if progress.known:
        parts.append(f"{progress.known:,} known already")
    if progress.failed:
        parts.append(failed_of(progress))
    parts.append(f"{outlook.rate:.1f} stories/s")
    if outlook.seconds:
        # Lists that are still to be read may name more.
        parts.append(f"at least {timedelta(seconds=round(outlook.seconds))} left")
    return Text(" · ".join(parts))


def failed_of(progress: Progress) -> str:
    """How many lists and files could not be read."""
    return "a list or file failed" if progress.failed == 1 else f"{progress.failed:,} lists or files failed"


def table_of(progress: Progress, most: int | None = None) -> Table:
    """What became of the stories, outlet by outlet, the busiest first.

    With `most`, no more rows than that, each a single line.
    """
    ranked = sorted(progress.outlets.items(), key=lambda item: (-item[1].found, item[0]))
    rows = ranked[:most]
    if len(ranked) > len(rows):
        rest = Count()
        for _, count in ranked[most:]:
            rest.add(count)
        rows.append((f"{len(ranked) - len(rows)} more", rest))
    if len(ranked) != 1:
        rows.append(("all", progress.total))
    # Few stories are ever deferred; without them there is more room for the reasons.
    deferred = any(count.deferred for _, count in rows)
    headings = ("found", "fetched", "kept", "duplicates", "dropped", *(("deferred",) if deferred else ()))
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("outlet", no_wrap=True, min_width=_NAME)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True, min_width=len(heading))
    table.add_column("why", no_wrap=most is not None, overflow="ellipsis")
    for name, count in rows:
        lost = (sum(count.dropped.values()), sum(count.deferred.values()))
        numbers = (count.found, count.fetched, count.kept, count.duplicates, *lost)
        cells = (f"{number:,}" for number in numbers[: len(headings)])
        table.add_row(Text(name, overflow="ellipsis"), *cells, Text(_why(count), overflow="ellipsis"))
    return table


def _why(count: Count) -> str:
    """The commonest reasons; each stays in one piece when the line is broken."""
    reasons = Counter(count.dropped) + Counter(count.deferred)
    return ", ".join(f"{reason}={number:,}" for reason, number in reasons.most_common(5))
