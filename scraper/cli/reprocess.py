"""`scraper reprocess`."""

import asyncio
import json
from typing import Annotated

import typer

from scraper.cli.choosing import OneOutlet, Since, Until, choice, tell_unknown
from scraper.cli.exits import Exit
from scraper.cli.options import AsJson, ConfigDir, DataDir, configuration
from scraper.clock import utc_now
from scraper.service.reprocessing import Reread
from scraper.service.reprocessing import reprocess as read_again
from scraper.storage import open_archive


def reprocess(
    since: Since = None,
    until: Until = None,
    outlet: OneOutlet = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would change; keep nothing.")] = False,
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Read the archived raw pages again with the rules of today; what says something else becomes a new revision.

    Needs the pages that `store.archive = true` keeps. Stop the daemon first.

    `scraper reprocess --outlet liputan6 --dry-run`

    `scraper reprocess --since 2026-01-01`
    """
    made = choice(since, until, outlet, None)
    settings, outlets = configuration(config, data=data)

    async def run() -> tuple[int, int, int]:
        read = changed = failed = 0
        rereads = read_again(
            settings,
            outlets,
            clock=utc_now,
            since=made.since,
            until=made.until,
            outlet=made.outlet,
            dry_run=dry_run,
        )
        async for one in rereads:
            read, changed, failed = read + 1, changed + one.changed, failed + one.failed
            if one.changed or one.failed:
                typer.echo(_line(one, as_json=as_json))
        return read, changed, failed

    read, changed, failed = asyncio.run(run())
    typer.echo(f"{read} read again: {changed} changed, {failed} would not be kept today (they stay)", err=True)
    if not read:
        with open_archive(settings.store.data) as archive:
            tell_unknown(archive, made)
    raise typer.Exit(Exit.FAILURES if failed else Exit.DONE)


def _line(one: Reread, *, as_json: bool) -> str:
    fate = "changed" if one.changed else "not kept today"
    detail = getattr(one.outcome.verdict, "detail", "")
    if as_json:
        row = {"id": one.article.id, "url": one.article.url, "fate": fate, "detail": detail}
        return json.dumps(row, ensure_ascii=False)
    return f"{fate}: {one.article.url}" + (f" ({detail})" if detail else "")
