"""`scraper retry`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from scraper.cli.choosing import OneOutlet, choice, tell_unknown
from scraper.cli.exits import Exit
from scraper.cli.options import ConfigDir, DataDir, settings_for
from scraper.clock import utc_now
from scraper.model.verdict import DropReason
from scraper.storage import open_archive, open_store


def retry(
    stories: Annotated[
        list[str] | None, typer.Argument(metavar="URL", help="Addresses of stories that were dropped.")
    ] = None,
    reason: Annotated[
        list[str] | None,
        typer.Option("--reason", metavar="REASON", help="All that were dropped for it. May be repeated."),
    ] = None,
    outlet: OneOutlet = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Dropped on this day (UTC) or later.")] = None,
    config: ConfigDir = None,
    data: DataDir = None,
) -> None:
    """Have stories that were dropped fetched and judged once more, by the rules of today. Stop the daemon first.

    For what was dropped before a rule was mended or while a server was down. The next `scraper run` does the work.

    `scraper retry https://www.example.com/news/1`

    `scraper retry --reason wrong-language --outlet antara`

    `scraper retry --reason fetch-failed --since 2026-03-01`
    """
    made, reasons = choice(since, None, outlet, None), [_reason(text) for text in reason or ()]
    if bool(stories) == bool(reasons):
        raise typer.BadParameter("either addresses or --reason are needed", param_hint="URL")
    if stories and (outlet or since):
        raise typer.BadParameter("goes with --reason", param_hint="--outlet" if outlet else "--since")
    directory = settings_for(config, data).store.data
    with open_archive(directory):
        pass  # nothing is made where nothing was collected
    store, now = open_store(settings_for(config, data).store, utc_now), utc_now()
    try:
        left = [story for story in stories or () if not store.retry([story], now)]
        count = len(stories or ()) - len(left)
        if reasons:
            count = store.retry_dropped(reasons, now, outlet=made.outlet, since=made.since)
    finally:
        store.close()
    _tell_left(directory, left)
    if reasons and not count:
        with open_archive(directory) as archive:
            tell_unknown(archive, made)
    wait = "story waits" if count == 1 else "stories wait"
    typer.echo(f"{count} {wait} to be fetched again", err=True)
    raise typer.Exit(Exit.FAILURES if left else Exit.DONE)


def _reason(text: str) -> DropReason:
    try:
        return DropReason(text)
    except ValueError:
        known = ", ".join(DropReason)
        raise typer.BadParameter(f"there is no reason {text!r}; there are {known}", param_hint="--reason") from None


def _tell_left(data: Path, left: Sequence[str]) -> None:
    """Say of each story why it is not tried again."""
    if not left:
        return
    with open_archive(data) as archive:
        for story in left:
            told = archive.explain(story)
            fate = "never seen" if told is None else " ".join(filter(None, (told.standing.value, told.reason)))
            typer.echo(f"{story} is not tried again: {fate}", err=True)
