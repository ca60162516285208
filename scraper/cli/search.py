"""`scraper search`."""

import json
from typing import Annotated

import typer

from scraper.cli.choosing import OneLanguage, OneOutlet, Since, Until, choice, tell_unknown
from scraper.cli.exits import Exit
from scraper.cli.options import AsJson, ConfigDir, DataDir, settings_for
from scraper.storage import open_archive, terms_of
from scraper.storage import search as find


def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help='All of them; "in quotes" they stand together.')],
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="Show at most so many.")] = 20,
    since: Since = None,
    until: Until = None,
    outlet: OneOutlet = None,
    language: OneLanguage = None,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Find collected articles by their words, the best first; works beside a running daemon.

    Capitals and accents make no difference. Exit status 1 when nothing is found, as with grep.

    `scraper search harga cabai`

    `scraper search 'pemerintah*'` finds pemerintahan and pemerintahnya too

    `scraper search '"central bank" rates' --language en --since 2026-03-01`
    """
    question = " ".join(f'"{word}"' if " " in word and '"' not in word else word for word in words)
    if not terms_of(question):
        raise typer.BadParameter(f"there is no word in {question!r}", param_hint="WORDS")
    made, directory = choice(since, until, outlet, language), settings_for(config, data).store.data
    hits = find(
        directory,
        question,
        limit=limit,
        since=made.since,
        until=made.until,
        outlet=made.outlet,
        language=made.language,
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
        with open_archive(directory) as archive:
            tell_unknown(archive, made)
        raise typer.Exit(Exit.FAILURES)
