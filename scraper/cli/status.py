"""`scraper status`."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from scraper.cli.amounts import amount
from scraper.cli.options import AsJson, ConfigDir, DataDir, settings_for
from scraper.cli.page import DEFAULT, serve
from scraper.clock import utc_now
from scraper.configfile import size_in_words
from scraper.status import FeedTrouble, OutletLine, Overview, Troubles, overview
from scraper.storage import open_archive

WATCH_S = 2.0
_TABLE_HEAD = 2
"""Lines that the table takes beside its rows."""
_NAME, _GAP = 12, 2
"""Columns that an outlet's name has at least, and those between two cells."""


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

    def look() -> Group:
        report = _look(data, troubles)
        return _on_screen(report, console) if console.is_terminal else _shown(report)

    live = Live(look(), console=console, screen=console.is_terminal, auto_refresh=False)
    # Not as a context: Ctrl-C may come while it begins, and the terminal shall be as it was all the same.
    try:
        live.start(refresh=True)
        while True:
            time.sleep(WATCH_S)
            live.update(look(), refresh=True)
    except KeyboardInterrupt:
        pass
    finally:
        live.stop()


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _shown(report: Overview) -> Group:
    told = {trouble.outlet for trouble in report.troubles}
    failing = (
        Text(f"{line.outlet}: {line.failure or 'failing, no reason known'}")
        for line in report.outlets
        if line.feeds_failing and line.outlet not in told
    )
    parts: list[RenderableType] = [_table(report.outlets, report.at), Text(), *_summary(report), *failing]
    return Group(*parts, *_hubs(report), *(_trouble(trouble) for trouble in report.troubles))


def _on_screen(report: Overview, console: Console) -> Group:
    """As much of it as fits, what needs a look first: below the last line of a screen nobody would see it."""
    head: list[Text] = [*_summary(report), *_hubs(report)]
    room = console.height - _height(head, console) - _TABLE_HEAD
    shown: list[Text] = []
    for trouble in report.troubles:
        text = _trouble(trouble)
        if _height([*shown, text], console) > room // 2:
            break
        shown.append(text)
    if hidden := len(report.troubles) - len(shown):
        shown.append(Text(f"\n{hidden} more findings: `scraper status` tells all of them"))
    room -= _height(shown, console)
    troubled = {trouble.outlet for trouble in report.troubles}
    lines = sorted(
        report.outlets,
        key=lambda line: (
            line.outlet not in troubled,
            not line.feeds_failing,
            -(line.last_new.timestamp() if line.last_new else 0.0),
            line.outlet,
        ),
    )
    more = len(lines) - max(room, 1)
    rows = lines if more <= 0 else lines[: max(room - 1, 1)]
    rest = [Text(f"{len(lines) - len(rows)} more outlets")] if more > 0 else []
    return Group(*head, *shown, Text(), _table(rows, report.at, console.width), *rest)


def _height(texts: Sequence[Text], console: Console) -> int:
    return len(console.render_lines(Group(*texts), pad=False)) if texts else 0


def _table(lines: Sequence[OutletLine], now: datetime, width: int | None = None) -> Table:
    """An outlet a row. Within a `width` each stays on one line, and it is the name that is cut."""
    headings = ("outlet", "kept", "dropped", "waiting", "feeds", "last new", "next poll", "remarks")
    rows = [_cells(line, now) for line in lines]
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    table = Table(box=None, pad_edge=False)
    for heading, longest in zip(headings, widths, strict=True):
        cut = max(_NAME, min(longest, (width or 0) - sum(widths[1:]) - _GAP * len(widths[1:])))
        table.add_column(
            heading,
            justify="right" if heading in {"kept", "dropped", "waiting", "feeds"} else "left",
            no_wrap=width is not None,
            width=None if width is None else cut if heading == headings[0] else longest,
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _cells(line: OutletLine, now: datetime) -> tuple[str, ...]:
    return (
        line.outlet,
        str(line.kept),
        str(sum(line.dropped.values())),
        str(line.waiting + line.deferred),
        str(line.feeds),
        _ago(line.last_new, now),
        _ahead(line.next_due, now),
        _remarks(line),
    )


def _summary(report: Overview) -> list[Text]:
    size = report.size
    files, state = size_in_words(size.bytes), size_in_words(size.state_bytes)
    told = [Text(f"{amount(size.articles, 'article')} in {amount(size.files, 'file')}, {files}; state {state}")]
    if report.dropped:
        reasons = ", ".join(f"{reason} {count}" for reason, count in report.dropped.most_common())
        told.append(Text(f"dropped: {reasons}"))
    return told


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
    finding, where = trouble.finding, f"  {trouble.feed}" if trouble.feed else ""
    return Text(
        f"\n{trouble.outlet}: {finding.trouble.value} since {finding.since:%Y-%m-%d %H:%M}{where}\n"
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
