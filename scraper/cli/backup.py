"""`scraper backup`."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from scraper.cli.amounts import amount
from scraper.cli.options import ConfigDir, DataDir, settings_for
from scraper.storage import backup as make_backup


def backup(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty directory.")],
    config: ConfigDir = None,
    data: DataDir = None,
) -> None:
    """Copy the data directory as it is at this moment; works beside a running daemon.

    `scraper backup /backups/monday`

    The copy is a data directory of its own: `scraper verify --data /backups/monday`
    """
    settings = settings_for(config, data)
    with Progress(console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as progress:
        bar = progress.add_task("copying", total=None)
        done = make_backup(
            settings.store.data, directory, lambda files, total: progress.update(bar, completed=files, total=total)
        )
    copied = f"{amount(done.articles, 'article')} in {amount(done.files, 'file')}, {done.bytes / 1e6:.1f} MB"
    typer.echo(f"{copied}, copied to {directory}", err=True)
