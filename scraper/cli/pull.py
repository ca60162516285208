"""`scraper pull`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from scraper.cli.amounts import amount


def pull(
    url: Annotated[str, typer.Argument(metavar="URL", help="What `scraper push` brought there.")],
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new directory.")],
) -> None:
    """Bring an archive back from object storage, as of its last whole push. Interrupted, it goes on when called again.

    `scraper pull s3://bucket/news data`

    The directory is a data directory of its own: `scraper verify --data data`, `scraper run --data data`
    """
    from scraper.offsite import open_bucket  # noqa: PLC0415 - an optional extra
    from scraper.offsite import pull as bring  # noqa: PLC0415 - an optional extra

    with Progress(transient=True) as progress:
        bar = progress.add_task("fetching", total=None)
        done = bring(
            open_bucket(url), directory, lambda files, total: progress.update(bar, completed=files, total=total)
        )
    brought = f"{amount(done.articles, 'article')} in {amount(done.files, 'file')}"
    typer.echo(f"{brought} now in {directory}; fetched: {done.fetched}", err=True)
