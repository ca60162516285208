"""`scraper status`."""

import json
import time
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from scraper.cli.options import AsJson, ConfigDir, DataDir, settings_for
from scraper.cli.page import DEFAULT, serve
from scraper.clock import utc_now
from scraper.configfile import size_in_words
from scraper.status import FeedTrouble, OutletLine, Overview, Troubles, overview
from scraper.storage import open_archive

WATCH_S = 2.0


def status(
    config: ConfigDir = None,
    data: DataDir = None,
    web: Annotated[
        bool, typer.Option("--web", help="Serve the status page for the browser instead, until Ctrl-C.")
    ] = False,
    listen: Annotated[
        str | None,
        typer.Option(
            "--listen",
            metavar="HOST:PORT",
            help=f"Where --web serves it; overrides status.listen. [default: {DEFAULT}]",
            show_default=False,
        ),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Show it anew every two seconds, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what was collected and how each outlet is doing; works beside a running daemon.

    `scraper status`

    `scraper status --data news --json`

    `scraper status --watch` stays and follows a running daemon

    `scraper status --web` shows it in the browser, with charts, search and story clusters
    """
    settings = settings_for(config, data)
    if web:
        serve(settings, config, listen)
        return
    if watch:
        if as_json:
            raise typer.BadParameter("is for people; ask again for JSON instead", param_hint="--watch")
        _watch(settings.store.data)
        return
    report = _look(settings.store.data)
    if as_json:
        row = {**asdict(report), "kept": report.kept, "dropped": dict(report.dropped.most_common())}
        typer.echo(json.dumps(row, ensure_ascii=False, default=_as_text))
        return
    Console(highlight=False, markup=False).print(_shown(report), soft_wrap=True)


def _look(data: Path, troubles: Troubles | None = None) -> Overview:
    with open_archive(data) as archive:
        return overview(archive, utc_now(), troubles=troubles)


def _watch(data: Path) -> None:
    console, troubles = Console(highlight=False, markup=False), Troubles()
    with (
        suppress(KeyboardInterrupt),
        Live(_shown(_look(data, troubles)), console=console, screen=console.is_terminal, auto_refresh=False) as live,
    ):
        while True:
            time.sleep(WATCH_S)
            live.update(_shown(_look(data, troubles)), refresh=True)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _shown(report: Overview) -> Group:
    table = Table(
        "outlet", "kept", "dropped", "waiting", "feeds", "last new", "next poll", "remarks", box=None, pad_edge=False
    )
    for column in (1, 2, 3, 4):
        table.columns[column].justify = "right"
    for line in report.outlets:
        table.add_row(
            Text(line.outlet),
            str(line.kept),
            str(sum(line.dropped.values())),
            str(line.waiting + line.deferred),
            str(line.feeds),
            _ago(line.last_new, report.at),
            _ahead(line.next_due, report.at),
            Text(_remarks(line)),
        )
    size = report.size
    files, state = size_in_words(size.bytes), size_in_words(size.state_bytes)
    parts: list[RenderableType] = [
        table,
        Text(f"\n{size.articles} articles in {size.files} files, {files}; state {state}"),
    ]
    if report.dropped:
        reasons = ", ".join(f"{reason} {count}" for reason, count in report.dropped.most_common())
        parts.append(Text(f"dropped: {reasons}"))
    told = {trouble.outlet for trouble in report.troubles}
    parts += (
        Text(f"{line.outlet}: {line.failure or 'failing, no reason known'}")
        for line in report.outlets
        if line.feeds_failing and line.outlet not in told
    )
    parts += _hubs(report)
    parts += (_trouble(trouble) for trouble in report.troubles)
    return Group(*parts)


def _hubs(report: Overview) -> list[Text]:
    """How the subscriptions stand in one line, and each that a hub will not serve."""
    ones = report.subscriptions
    if not ones:
        return []
    live = sum(one.is_live(report.at) for one in ones)
    relied = sum(one.is_live(report.at) and one.relied for one in ones)
    pushed = max((one.pushed_at for one in ones if one.pushed_at), default=None)
    head = f"pushed by hubs: {live} of {len(ones)} subscriptions live, {relied} relied on, last push "
    return [
        Text(head + _ago(pushed, report.at)),
        *(Text(f"  {one.stage.value}: {one.feed} at {one.hub}: {one.detail}") for one in ones if one.detail),
    ]


def _trouble(trouble: FeedTrouble) -> Text:
    finding = trouble.finding
    return Text(
        f"\n{trouble.outlet}: {finding.trouble.value} since {finding.since:%Y-%m-%d %H:%M}  {trouble.feed}\n"
        f"  {finding.detail}\n  what to do: {finding.advice}",
    )


def _remarks(line: OutletLine) -> str:
    if not line.feeds_failing:
        return f"{line.deferred} deferred" if line.deferred else ""
    return f"{line.feeds_failing} failing"


def _ago(moment: datetime | None, now: datetime) -> str:
    return "never" if moment is None else f"{_span(now - moment)} ago"


def _ahead(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return ""
    return "due" if moment <= now else f"in {_span(moment - now)}"


def _span(time: timedelta) -> str:
    seconds = max(0, int(time.total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
