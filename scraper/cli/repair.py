"""`scraper repair`."""

import typer

from scraper.cli.amounts import amount
from scraper.cli.options import ConfigDir, DataDir, configuration
from scraper.clock import utc_now
from scraper.service.rebuilding import rebuild_catalog


def repair(config: ConfigDir = None, data: DataDir = None) -> None:
    """Rebuild a damaged or lost catalog from the articles themselves. Nothing is deleted: the old one is set aside.

    Stop the daemon first. What the articles do not tell (feeds' states, dropped and waiting stories) is taken over
    from the damaged file as far as it can be read.

    `scraper repair`
    """
    settings, outlets = configuration(config, data=data, required=False)
    done = rebuild_catalog(settings, outlets, utc_now())
    for problem in done.problems:
        typer.echo(problem)
    for path in done.set_aside:
        typer.echo(f"Set aside: {path}")
    if done.removed:
        typer.echo(f"{done.removed} stories that were removed stay removed.")
    saved = ", ".join(f"{count} {what}" for what, count in done.salvaged.items() if count) or "nothing"
    known = f"{amount(done.articles, 'article')} in {amount(done.files, 'file')}"
    typer.echo(f"Known again: {known}; taken over: {saved}", err=True)
