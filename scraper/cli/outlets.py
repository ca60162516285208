"""`scraper outlets`."""

import asyncio
import dataclasses
import json
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from scraper.cli.exits import Exit
from scraper.cli.options import (
    DEFAULT_CONFIG,
    AllowNetwork,
    AsJson,
    ConfigDir,
    Feeds,
    chosen,
    configuration,
    hand_down,
    outlets_for,
    settings_for,
)
from scraper.clock import utc_now
from scraper.configfile import in_words
from scraper.model.outlet import Outlet
from scraper.outlets import DIRECTORY, load_outlets, to_toml, url_fault
from scraper.service.checkup import Health, OutletTried, try_outlets
from scraper.service.discovery import discover
from scraper.settings import Settings

app = typer.Typer(invoke_without_command=True, add_completion=False, rich_markup_mode="markdown")


@app.callback()
def outlets(
    ctx: typer.Context,
    config: ConfigDir = None,
    feeds: Feeds = None,
    as_json: AsJson = False,
) -> None:
    """List the outlets and what is known about each; a broken file is told with its line.

    `scraper outlets` lists all of config/outlets

    `scraper outlets show detik` tells all that is known about one

    `scraper outlets validate` checks every file and says nothing else

    `scraper outlets add https://www.example.com/` writes the beginning of a file

    `scraper outlets check detik` asks its feeds and reads a story, and says what to change

    `scraper outlets import feeds.opml` writes a file for each outlet of a reader's list

    `scraper outlets export > feeds.opml` takes the feeds to any reader
    """
    if ctx.invoked_subcommand:
        hand_down(ctx)
        return
    known = outlets_for(config, feeds)
    if as_json:
        for outlet in known:
            row = {
                "id": outlet.id,
                "name": outlet.name,
                "country": outlet.country,
                "languages": outlet.languages,
                "group": outlet.group,
                "feeds": outlet.feeds,
                "news_sitemaps": outlet.news_sitemaps,
                "sitemaps": outlet.sitemaps,
                "rules": bool(outlet.selectors.body),
            }
            typer.echo(json.dumps(row, ensure_ascii=False))
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("id", "name", "lang", "feeds", "news", "archive", "rules"):
        table.add_column(heading, no_wrap=True, min_width=len(heading))
    for outlet in known:
        table.add_row(
            outlet.id,
            outlet.name,
            " ".join(outlet.languages),
            str(len(outlet.feeds)),
            str(len(outlet.news_sitemaps)),
            str(len(outlet.sitemaps) + len(outlet.index_pages)),
            "own" if outlet.selectors.body else "-",
        )
    Console(highlight=False, markup=False).print(table)


@app.command("show")
def show(
    outlet: Annotated[list[str], typer.Argument(metavar="ID", help="`*` matches any characters.")],
    config: ConfigDir = None,
    as_json: AsJson = False,
) -> None:
    """Tell all that is known about an outlet, as it was read from its file.

    `scraper outlets show detik`

    `scraper outlets show 'antara*' --json`
    """
    for number, one in enumerate(chosen(outlets_for(config), outlet)):
        facts = dict(_facts(one))
        if as_json:
            typer.echo(json.dumps(facts, ensure_ascii=False))
            continue
        if number:
            typer.echo()
        for key, value in facts.items():
            _tell(key, value)


@app.command("check")
def check(
    outlet: Annotated[list[str] | None, typer.Argument(metavar="ID", help="`*` matches any characters.")] = None,
    config: ConfigDir = None,
    feeds: Feeds = None,
    allow_network: AllowNetwork = None,
    as_json: AsJson = False,
) -> None:
    """Try outlets out over the network: ask their feeds, read one story of each, and say what to change.

    `scraper outlets check liputan6`

    `scraper outlets check 'tribun*' --json`

    Exit status 1 when one of them is broken: no address answers, or nothing that is listed can be read.
    """
    settings, known = configuration(config, allow=allow_network, feeds=feeds)
    raise typer.Exit(asyncio.run(_check(settings, chosen(known, outlet or []), as_json=as_json)))


async def _check(settings: Settings, known: Sequence[Outlet], *, as_json: bool) -> Exit:
    broken = 0
    async for tried in try_outlets(settings, known, utc_now):
        broken += tried.health is Health.BROKEN
        if as_json:
            typer.echo(json.dumps(_tried_row(tried), ensure_ascii=False))
        else:
            _tell_tried(tried)
    return Exit.FAILURES if broken else Exit.DONE


def _tried_row(tried: OutletTried) -> dict[str, object]:
    draft = tried.sample.draft if tried.sample else None
    return {
        "id": tried.outlet.id,
        "health": tried.health.value,
        "addresses": [
            {"url": address.url, "entries": len(address.entries), "failure": address.failure}
            for address in tried.addresses
        ],
        "sample": tried.sample.sample.url if tried.sample else None,
        "title": draft.title if draft else None,
        "characters": len(draft.text) if draft else None,
        "advice": [one.text for one in tried.advice],
    }


def _tell_tried(tried: OutletTried) -> None:
    answering = sum(address.failure is None for address in tried.addresses)
    entries = sum(len(address.entries) for address in tried.addresses)
    draft = tried.sample.draft if tried.sample else None
    read = f", read {len(draft.text)} characters of {draft.title!r}" if draft else ""
    told = f"{answering} of {len(tried.addresses)} addresses answer, {entries} stories listed{read}"
    typer.echo(f"{tried.health.value:<7} {tried.outlet.id}: {told}")
    for one in tried.advice:
        typer.echo(f"        {one.text}")


@app.command("add")
def add(
    url: Annotated[str, typer.Argument(metavar="URL", help="The outlet's front page, or one of its feeds.")],
    config: ConfigDir = None,
    allow_network: AllowNetwork = None,
    outlet_id: Annotated[
        str | None, typer.Option("--id", help="The file's name; else it is made from the host.")
    ] = None,
) -> None:
    """Describe a new outlet: find its feeds and sitemaps, read a story, and write the beginning of its file.

    `scraper outlets add https://www.example.com/`

    A file that is there already is left alone.
    """
    if fault := url_fault(url):
        raise typer.BadParameter(f"{url!r}: expected {fault}", param_hint="URL")
    settings = settings_for(config, allow=allow_network)
    found = asyncio.run(discover(url, settings, utc_now))
    if isinstance(found, str):
        typer.echo(f"scraper: {found}", err=True)
        raise typer.Exit(Exit.FAILURES)
    file = (config or DEFAULT_CONFIG) / DIRECTORY / f"{outlet_id or found.outlet.id}.toml"
    text = found.file(f"{utc_now():%Y-%m-%d}")
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as opened:
            opened.write(text)
    except FileExistsError:
        raise typer.BadParameter(f"{file} is there already; give another --id", param_hint="URL") from None
    _tell_tried(found.tried)
    typer.echo(f"{file}:\n\n{text}", nl=False)
    raise typer.Exit(Exit.FAILURES if found.tried.health is Health.BROKEN else Exit.DONE)


@app.command("validate")
def validate(config: ConfigDir = None) -> None:
    """Check scraper.toml and every outlet file; exit status 2 with all errors when there are any."""
    _, known = configuration(config)
    typer.echo(f"{len(known)} outlet{'s' * (len(known) != 1)}, no errors")


@app.command("opml", hidden=True)
@app.command("export")
def export(
    config: ConfigDir = None,
    outlet: Annotated[
        list[str] | None, typer.Option("--outlet", metavar="ID", help="Only this one; `*` matches any characters.")
    ] = None,
) -> None:
    """Write the feeds of the outlets as OPML, which every feed reader takes.

    `scraper outlets export > feeds.opml`
    """
    from scraper.outlets import to_opml  # noqa: PLC0415 - needed here alone

    typer.echo(to_opml(chosen(outlets_for(config), outlet or [])), nl=False)


@app.command("import")
def import_feeds(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="OPML, or feed addresses, one a line.")],
    config: ConfigDir = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be written; write nothing.")] = False,
) -> None:
    """Write an outlet file for each host of a feed reader's list.

    An outlet that is known already keeps its file; feeds that it lacks are told, for you to judge.

    `scraper outlets import feeds.opml`

    `scraper outlets import feeds.opml --dry-run`
    """
    given = outlets_for(None, file)
    directory = (config or DEFAULT_CONFIG) / DIRECTORY
    known = load_outlets(directory.parent) if any(directory.glob("*.toml")) else ()
    by_domain = {domain: outlet for outlet in known for domain in outlet.domains}
    taken = {outlet.id for outlet in known}
    for outlet in given:
        same = next((by_domain[domain] for domain in outlet.domains if domain in by_domain), None)
        if same is not None:
            lacking = [url for url in outlet.feeds if url not in same.feeds]
            typer.echo(f"{same.id}: known already" + "".join(f"\n  without {url}" for url in lacking))
            continue
        target = directory / f"{_free_id(outlet.id, taken)}.toml"
        typer.echo(f"{target}: {len(outlet.feeds)} feed{'s' * (len(outlet.feeds) != 1)}")
        if not dry_run:
            directory.mkdir(parents=True, exist_ok=True)
            head = (f"Imported from {file.name} on {utc_now():%Y-%m-%d}; `scraper outlets check` tries it out.",)
            target.write_text(to_toml(outlet, head=head), "utf-8")


def _free_id(wanted: str, taken: set[str]) -> str:
    number, name = 1, wanted
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    taken.add(name)
    return name


def _facts(value: Any, above: str = "") -> Iterator[tuple[str, object]]:
    """Key paths with what was given for them; a duration as it would be written in the file."""
    for field in dataclasses.fields(value):
        key, given = f"{above}{field.name}", getattr(value, field.name)
        if dataclasses.is_dataclass(given):
            yield from _facts(given, f"{key}.")
        elif given is None or given == () or given == _default(field):
            continue
        elif key == "policy.headers":
            yield key, dict(given)
        else:
            yield key, in_words(given) if isinstance(given, timedelta) else given


def _default(field: "dataclasses.Field[object]") -> object:
    return () if field.default is dataclasses.MISSING else field.default


def _tell(key: str, value: object) -> None:
    if isinstance(value, tuple):
        typer.echo(f"{key}:")
        for item in value:
            typer.echo(f"  {item}")
    else:
        typer.echo(f"{key}: {value}")
