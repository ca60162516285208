"""`scraper verify`."""

import json

import typer

from scraper.cli.amounts import amount
from scraper.cli.exits import Exit
from scraper.cli.options import AsJson, ConfigDir, DataDir, settings_for
from scraper.storage import verify as verify_directory


def verify(config: ConfigDir = None, data: DataDir = None, as_json: AsJson = False) -> None:
    """Check that everything in the data directory is there and agrees; changes nothing.

    Exit status 1 when something is wrong. Works beside a running daemon.

    `scraper verify`

    `scraper verify --data news --json`
    """
    settings = settings_for(config, data)
    found = verify_directory(settings.store.data)
    if as_json:
        row = {"articles": found.articles, "files": found.files, "problems": found.problems, "notes": found.notes}
        typer.echo(json.dumps(row, ensure_ascii=False))
    else:
        for note in found.notes:
            typer.echo(f"note: {note}")
        for problem in found.problems:
            typer.echo(f"problem: {problem}")
        articles = amount(found.articles, "article")
        typer.echo(f"{articles} in {amount(found.files, 'file')}, {amount(len(found.problems), 'problem')}")
        if found.problems and found.files:
            typer.echo(
                "To mend it, stop the daemon and run `scraper repair`: it builds the catalog anew from the articles "
                "that are there. Nothing is deleted.",
                err=True,
            )
    raise typer.Exit(Exit.FAILURES if found.problems else Exit.DONE)
