"""`scraper push`."""

from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn

from scraper.cli.options import ConfigDir, DataDir, settings_for
from scraper.clock import utc_now


def push(
    config: ConfigDir = None,
    data: DataDir = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="URL", help="s3://bucket/prefix, gs://…, az://… or file:///directory."),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Read back all that is there, and put anew what is damaged.")
    ] = False,
) -> None:
    """Bring the archive to object storage: what is not there yet, each file once, each read back.

    Works beside a running daemon, and may be interrupted and called again at any time.

    `scraper push --to s3://bucket/news`

    `scraper push` pushes to offsite.url of scraper.toml, as the daemon does by itself
    """
    from scraper.offsite import Mirror, Rules, open_bucket  # noqa: PLC0415 - an optional extra

    settings = settings_for(config, data)
    url = to or settings.offsite.url
    if url is None:
        raise typer.BadParameter("name an address, here or as offsite.url in scraper.toml", param_hint="--to")
    rules = Rules(keep=settings.offsite.keep_catalogs, verify=verify)
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), transient=True) as progress:
        task = progress.add_task("looking what is there")
        mirror = Mirror(settings.store.data, open_bucket(url), rules)
        done = mirror.push(utc_now(), lambda name: progress.update(task, description=name))
    for name in done.mended:
        typer.echo(f"mended {name}, which did not hold what was put there", err=True)
    typer.echo(
        f"{done.articles} articles are at {url}; {done.objects} files, {done.bytes / 1e6:.1f} MB, were new, "
        f"{done.removed} old ones removed",
        err=True,
    )
