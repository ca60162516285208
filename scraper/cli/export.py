"""`scraper export`."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from scraper.cli.choosing import OneLanguage, OneOutlet, Since, Until, choice, tell_unknown
from scraper.cli.exits import Exit
from scraper.cli.options import ConfigDir, DataDir, settings_for
from scraper.storage import open_archive
from scraper.storage.export import FILE_FORMATS, STREAM_FORMATS, Exported, chosen, newest, write, write_files

FEEDS = ("feed", "json-feed")
FEED_LENGTH = 200
PROGRESS_EVERY = 100


def export(
    form: Annotated[str, typer.Option("--format", metavar="FORMAT", help=", ".join(STREAM_FORMATS))] = "jsonl",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="PATH", help="A file, or for txt and md a directory; standard output otherwise."),
    ] = None,
    since: Since = None,
    until: Until = None,
    outlet: OneOutlet = None,
    language: OneLanguage = None,
    query: Annotated[str | None, typer.Option(metavar="WORDS", help="All these words in title or text.")] = None,
    clusters: Annotated[bool, typer.Option("--clusters", help="Tell who else ran each story.")] = False,
    config: ConfigDir = None,
    data: DataDir = None,
) -> None:
    """Write the collected articles in another form, to a file or a pipe; works beside a running daemon.

    `scraper export --since 2026-03-01 --language id > march.jsonl`

    `scraper export --format txt --out texts/` writes the clean text, one file an article

    `scraper export --format parquet --out news.parquet` needs `pip install '.[parquet]'`

    `scraper export --format feed --query banjir --out news.xml` is an Atom feed of the last 200, to subscribe to
    """
    if form not in STREAM_FORMATS:
        raise typer.BadParameter(
            f"there is no format {form!r}; there are {', '.join(STREAM_FORMATS)}", param_hint="--format"
        )
    settings = settings_for(config, data)
    made = choice(since, until, outlet, language)
    with open_archive(settings.store.data) as archive:
        if form in FEEDS:
            articles = newest(
                archive,
                FEED_LENGTH,
                since=made.since,
                until=made.until,
                outlet=made.outlet,
                language=made.language,
                query=query,
            )
        else:
            articles = chosen(
                archive,
                since=made.since,
                until=made.until,
                outlet=made.outlet,
                language=made.language,
                query=query,
                clusters=clusters,
            )
        count = _write(form, _with_progress(articles), out)
        typer.echo(f"{count} article{'s' * (count != 1)}", err=True)
        if not count:
            tell_unknown(archive, made)


def _with_progress(articles: Iterator[Exported]) -> Iterator[Exported]:
    """The articles as they are, while a person at a terminal sees how many there were."""
    if not sys.stderr.isatty():
        yield from articles
        return
    with Console(stderr=True).status("exporting") as status:
        for count, article in enumerate(articles, start=1):
            yield article
            if count % PROGRESS_EVERY == 0:
                status.update(f"{count} articles")


def _write(form: str, articles: Iterator[Exported], out: Path | None) -> int:
    if out is None:
        return write(form, articles, sys.stdout.buffer)
    try:
        if form in FILE_FORMATS and (out.is_dir() or not out.suffix):
            return write_files(form, articles, out)
        if out.exists() and not out.is_file():
            with out.open("wb") as target:
                return write(form, articles, target)
        return _replace(form, articles, out)
    except OSError as error:
        typer.echo(f"scraper: {out}: {error.strerror or error}", err=True)
        raise typer.Exit(Exit.FAILURES) from error


def _replace(form: str, articles: Iterator[Exported], out: Path) -> int:
    """Write the file under a hidden name first: whoever reads it at any moment finds a whole one."""
    out = out.resolve()  # a link stays one
    unfinished = out.with_name(f".{out.name}.{os.getpid()}.unfinished")
    try:
        with unfinished.open("wb") as target:
            count = write(form, articles, target)
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)
    return count
