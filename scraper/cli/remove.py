"""`scraper remove`."""

from typing import Annotated

import typer

from scraper.cli.exits import Exit
from scraper.cli.options import ConfigDir, DataDir, settings_for
from scraper.clock import utc_now
from scraper.storage import open_store


def remove(
    stories: Annotated[list[str], typer.Argument(metavar="URL_OR_ID", help="Addresses or article ids.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Kept with the tombstone.")] = "removed by hand",
    config: ConfigDir = None,
    data: DataDir = None,
) -> None:
    """Remove stories everywhere and for good; they are not collected again. Stop the daemon first.

    `scraper remove https://www.example.com/news/1 --why "the publisher asked"`
    """
    settings = settings_for(config, data)
    store = open_store(settings.store, utc_now)
    try:
        left = [story for story in stories if not store.remove([story], why, utc_now())]
        while store.maintain(utc_now()):
            pass
    finally:
        store.close()
    for story in left:
        typer.echo(f"{story} is no story with an article here; `scraper explain` tells what became of it", err=True)
    typer.echo(f"{len(stories) - len(left)} of {len(stories)} removed", err=True)
    if left:
        raise typer.Exit(Exit.FAILURES)
