"""`scraper demo`."""

import asyncio
import signal
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from scraper.cli.exits import Exit
from scraper.cli.options import DEFAULT_CONFIG
from scraper.cli.page import StatusAt, page_beside
from scraper.clock import utc_now
from scraper.demo import SITES
from scraper.engine.events import Event, FeedAsked, StorySettled
from scraper.logs import open_log
from scraper.model.article import Article
from scraper.model.feed import Listed
from scraper.model.verdict import Deferred, Dropped, Kept, Outcome
from scraper.service.demonstration import Shown, demo_settings, run_demo
from scraper.service.signalling import signals
from scraper.settings import Settings

COLOURS = {"kept": "green", "duplicate": "yellow", "update": "yellow"}


def demo(
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="DIR", help="Keep the articles here. [default: a new temporary directory]"),
    ] = None,
    status: StatusAt = None,
) -> None:
    """Show the whole job without a network: a small web of invented outlets, collected before your eyes.

    Starts six outlets on loopback addresses, runs the daemon against them, and tells what was kept, what was dropped
    and why. Takes some ten seconds.

    `scraper demo`

    `scraper demo --data demo` keeps what was collected in ./demo

    `scraper demo --status 127.0.0.1:8080` shows it in the browser too, until Ctrl-C
    """
    directory = data or Path(tempfile.mkdtemp(prefix="scraper-demo-"))
    if data is not None and data.is_dir() and any(data.iterdir()):
        raise typer.BadParameter(f"{data} is not empty; the demo wants a directory of its own", param_hint="--data")
    raise typer.Exit(asyncio.run(_demo(demo_settings(Settings(), directory), directory, status)))


async def _demo(settings: Settings, directory: Path, status: str | None) -> Exit:
    console = Console(highlight=False, markup=False)
    console.print("A small web of invented outlets is starting on loopback; the daemon begins to poll it.\n")
    started = utc_now()
    names = {site.id: site.name for site in SITES}
    async with page_beside(settings, status, names, open_log(settings.log)):
        async with signals() as stop:
            shown = await run_demo(settings, observe=lambda event: _follow(console, event), clock=utc_now, stop=stop)
            asked_by = stop.asked_by
        seconds = (utc_now() - started).total_seconds()
        _show_verdicts(console, shown)
        _show_article(console, shown)
        _show_next_steps(console, directory, seconds, shown)
        if status is not None and asked_by is None:
            console.print("\nThe status page stays until Ctrl-C.")
            async with signals() as end:
                await end.wait()
    if asked_by is signal.SIGINT:
        return Exit.INTERRUPTED
    return Exit.DONE if all(_as_expected(story) for story in shown) else Exit.FAILURES


def _follow(console: Console, event: Event) -> None:
    if isinstance(event, FeedAsked) and isinstance(event.poll, Listed) and event.found:
        count = f"{event.found} new stor{'y' if event.found == 1 else 'ies'}"
        console.print(Text(f"polled   {event.state.outlet:16} {count}", style="dim"))
    elif isinstance(event, StorySettled):
        word = _fate(event.outcome)
        entry = event.outcome.pending.entry
        line = Text(f"{'kept' if word == 'kept' else 'dropped':8} {entry.outlet:16} {entry.title or entry.url}")
        line.stylize(COLOURS.get(word, "cyan"), 0, 8)
        if word != "kept":
            line.append(f"  ({word})", style="dim")
        console.print(line, soft_wrap=True)


def _fate(outcome: Outcome) -> str:
    match outcome.verdict:
        case Kept():
            return "kept"
        case Dropped(reason=reason) | Deferred(reason=reason):
            return reason.value


def _as_expected(story: Shown) -> bool:
    """Of a story and its copies the first to be read is kept, so either may be the one."""
    if story.outcome is None:
        return False
    fate = _fate(story.outcome)
    if story.expected.reason is None or story.expected.copy_of:
        return fate in {"kept", "duplicate", "update"}
    return fate == story.expected.reason.value


def _show_verdicts(console: Console, shown: Sequence[Shown]) -> None:
    fates = Counter(_fate(story.outcome) if story.outcome else "not settled in time" for story in shown)
    console.print(f"\n{fates.pop('kept', 0)} articles kept. Not kept, and why:\n")
    table = Table("reason", "outlet", "story", "in words", box=None, pad_edge=False)
    for story in shown:
        verdict = story.outcome.verdict if story.outcome else None
        if isinstance(verdict, Dropped | Deferred):
            row = (verdict.reason.value, story.expected.outlet, story.expected.title, verdict.detail)
            table.add_row(*(Text(cell, overflow="fold") for cell in row))
        elif verdict is None:
            table.add_row("not settled", story.expected.outlet, Text(story.expected.title), "")
    console.print(table)


def _show_article(console: Console, shown: Sequence[Shown]) -> None:
    """The most telling article: the one with the longest attribution chain, then the most dropped lines."""
    kept = [
        story.outcome.verdict.article for story in shown if story.outcome and isinstance(story.outcome.verdict, Kept)
    ]
    if not kept:
        return
    article = max(kept, key=lambda one: (len(one.agencies), len(one.pages), len(one.dropped_lines)))
    console.print("\nOne of the articles, as it was saved:\n")
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in _facts(article):
        if value:
            table.add_row(name, Text(value))
    console.print(table)


def _facts(article: Article) -> list[tuple[str, str]]:
    return [
        ("title", article.title or ""),
        ("published", article.published.isoformat() if article.published else ""),
        ("authors", ", ".join(article.authors)),
        ("dateline", article.dateline.verbatim if article.dateline else ""),
        ("agencies", " <- ".join(article.agencies)),
        ("pages", str(len(article.pages))),
        ("text", article.text),
        ("dropped lines", "\n".join(article.dropped_lines)),
    ]


def _show_next_steps(console: Console, directory: Path, seconds: float, shown: Sequence[Shown]) -> None:
    config = "" if DEFAULT_CONFIG.is_dir() else " (in a directory with config/)"
    copies = [story.expected.url for story in shown if story.outcome and _fate(story.outcome) == "duplicate"]
    explain = f"  scraper explain {copies[0]} --data {directory}\n" if copies else ""
    console.print(
        f"\n{seconds:.1f} seconds. Look around:\n"
        f"  scraper status --data {directory}\n"
        f"{explain}"
        f"  scraper export --data {directory} --format txt\n"
        f"  head -n 1 {directory}/articles/*/*.jsonl\n"
        f"Then collect the real thing: scraper run --once{config}",
        soft_wrap=True,
    )
