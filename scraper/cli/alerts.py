"""`scraper alerts`."""

import asyncio
import json
import socket
from typing import Annotated

import typer

from scraper.alerts import Batch, Channel, Condition, Kind, Notice, Sent, Standing, Turn, channels, deliver
from scraper.cli.exits import Exit
from scraper.cli.options import AsJson, ConfigDir, DataDir, settings_for
from scraper.clock import utc_now
from scraper.service.alerting import KEY, standing_in
from scraper.storage import open_archive


def alerts(
    config: ConfigDir = None,
    data: DataDir = None,
    test: Annotated[bool, typer.Option("--test", help="Send a test over every channel that is set.")] = False,
    as_json: AsJson = False,
) -> None:
    """List what the daemon holds to be wrong, and whether somebody was told; or try the channels out.

    `scraper alerts`

    `scraper alerts --test` sends a test to the webhook, the mailboxes and the command of the configuration
    """
    settings = settings_for(config, data)
    if test:
        raise typer.Exit(asyncio.run(_test(channels(settings.alerts))))
    with open_archive(settings.store.data) as archive:
        standing = standing_in(archive.memory(KEY))
    for one in standing:
        typer.echo(json.dumps(_row(one), ensure_ascii=False) if as_json else _sentence(one))
    if not standing and not as_json:
        typer.echo("nothing is wrong" if channels(settings.alerts) else "no channel is set: see docs/alerts.md")


async def _test(ways: tuple[Channel, ...]) -> Exit:
    if not ways:
        typer.echo("scraper: no channel is set: see docs/alerts.md", err=True)
        return Exit.USAGE
    now = utc_now()
    condition = Condition(
        kind=Kind.TEST, subject="scraper", detail="somebody tries out whether this arrives", advice="nothing"
    )
    notice = Notice(turn=Turn.RAISED, at=now, since=now, condition=condition)
    batch = Batch(host=socket.gethostname(), notices=(notice,))
    results: list[Sent] = [await deliver(channel, batch) for channel in ways]
    for sent in results:
        typer.echo(f"{sent.channel}: {sent.failure or 'taken'}")
    return Exit.FAILURES if any(sent.failure for sent in results) else Exit.DONE


def _row(one: Standing) -> dict[str, object]:
    return {
        "kind": one.condition.kind.value,
        "subject": one.condition.subject,
        "detail": one.condition.detail,
        "advice": one.condition.advice,
        "since": one.since.isoformat(),
        "well_since": one.well_since.isoformat() if one.well_since else None,
        "told": one.told,
    }


def _sentence(one: Standing) -> str:
    told = "told" if one.told else "not told yet"
    well = f", well again since {one.well_since:%Y-%m-%d %H:%M}" if one.well_since else ""
    condition = one.condition
    return (
        f"{condition.subject}: {condition.kind.value} since {one.since:%Y-%m-%d %H:%M} ({told}{well})\n"
        f"  {condition.detail}\n  what to do: {condition.advice}"
    )
