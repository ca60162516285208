"""`scraper compact`."""

from pathlib import Path
from typing import Annotated

import typer

from scraper.cli.options import ConfigDir, DataDir, settings_for
from scraper.clock import utc_now
from scraper.storage import compact as make_parquet


def compact(
    directory: Annotated[
        Path | None, typer.Argument(metavar="DIR", help="Where the copy goes.", show_default="parquet/ in the data")
    ] = None,
    config: ConfigDir = None,
    data: DataDir = None,
) -> None:
    """Copy finished days as Parquet sorted by outlet, for questions over millions of articles.

    Run it again, from cron for example, and it does what is new. Works beside a running daemon.

    `scraper compact`

    `scraper compact /warehouse/news`
    """
    settings = settings_for(config, data)
    target = directory or settings.store.data / "parquet"
    done = make_parquet(settings.store.data, target, utc_now(), lambda date: typer.echo(date, err=True))
    typer.echo(f"{done.made} days with {done.articles} articles made, {done.removed} removed, in {target}", err=True)
