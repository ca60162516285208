"""`scraper search`."""

import json
from typing import Annotated

import typer

from scraper.cli.exits import Exit
from scraper.cli.options import AsJson, ConfigDir, DataDir, day_after, moment, settings_for
from scraper.storage import search as find


def search(
    words: Annotated[
        list[str], typer.Argument(metavar="WORDS...", help='All of them; "in quotes" they stand together.')
    ],
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="Show at most so many.")] = 20,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day (UTC) or later.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day (UTC) or earlier.")] = None,
    outlet: Annotated[str | None, typer.Option(metavar="ID", help="Only this outlet.")] = None,
    language: Annotated[str | None, typer.Option(metavar="CODE", help="Only this language, e.g. id.")] = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Find collected articles by their words, the best first; works beside a running daemon.

    `scraper search harga cabai`

    `scraper search '"central bank" rates' --language en --since 2026-03-01`
    """
    question = " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)
    hits = find(
        settings_for(config, data).store.data,
        question,
        limit=limit,
        since=moment(since, "--since"),
        until=day_after(until, "--until"),
        outlet=outlet,
        language=language,
    )
    count = 0
    for hit in hits:
        count += 1
        if as_json:
            row = {"id": hit.article.id, "url": hit.article.url, "title": hit.article.title, "excerpt": hit.excerpt}
            typer.echo(json.dumps(row, ensure_ascii=False))
        else:
            when = (hit.article.published or hit.article.found_at).date()
            typer.echo(f"{hit.article.title or hit.article.url}\n  {when} {hit.article.outlet} {hit.article.url}")
            typer.echo(f"  {hit.excerpt}\n")
    if not count:
        typer.echo(f"nothing says {question}", err=True)
        raise typer.Exit(Exit.FAILURES)
