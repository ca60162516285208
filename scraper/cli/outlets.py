"""`scraper outlets`."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from scraper.cli.options import AsJson, ConfigDir, Feeds, chosen, outlets_for, settings_for

app = typer.Typer(no_args_is_help=False, invoke_without_command=True)


@app.callback()
def outlets(
    ctx: typer.Context,
    config: ConfigDir = None,
    feeds: Feeds = None,
    as_json: AsJson = False,
) -> None:
    """List the outlets and what is known about each; a broken file is told with its line.

    `scraper outlets` lists all of config/outlets

    `scraper outlets validate` checks every file and says nothing else

    `scraper outlets opml > feeds.opml` takes the feeds to any reader
    """
    if ctx.invoked_subcommand:
        return
    known = outlets_for(config, feeds)
    if as_json:
        for outlet in known:
            rules = bool(outlet.selectors.body)
            row = {
                "id": outlet.id,
                "name": outlet.name,
                "country": outlet.country,
                "languages": outlet.languages,
                "group": outlet.group,
                "feeds": outlet.feeds,
                "news_sitemaps": outlet.news_sitemaps,
                "sitemaps": outlet.sitemaps,
                "rules": rules,
            }
            typer.echo(json.dumps(row, ensure_ascii=False))
        return
    table = Table("id", "name", "country", "languages", "feeds", "sitemaps", "group", "rules", box=None, pad_edge=False)
    for outlet in known:
        table.add_row(
            outlet.id,
            outlet.name,
            outlet.country or "",
            " ".join(outlet.languages),
            str(len(outlet.feeds)),
            str(len(outlet.news_sitemaps) + len(outlet.sitemaps)),
            outlet.group or "",
            "yes" if outlet.selectors.body else "general",
        )
    Console(highlight=False, markup=False).print(table)


@app.command("validate")
def validate(config: ConfigDir = None) -> None:
    """Check scraper.toml and every outlet file; exit status 2 with all errors when there are any."""
    settings_for(config)
    typer.echo(f"{len(outlets_for(config))} outlets, no errors")


@app.command("opml")
def opml(
    config: ConfigDir = None,
    outlet: Annotated[
        list[str] | None, typer.Option("--outlet", metavar="ID", help="Only this one; `*` matches any characters.")
    ] = None,
) -> None:
    """Write the feeds of the outlets as OPML."""
    from scraper.outlets import to_opml  # noqa: PLC0415 - needed here alone

    typer.echo(to_opml(chosen(outlets_for(config), outlet or [])))
