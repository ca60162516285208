"""`scraper extract`."""

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from scraper.cli.exits import Exit
from scraper.cli.lines import open_lines
from scraper.cli.options import AllowNetwork, AsJson, ConfigDir, configuration
from scraper.clock import utc_now
from scraper.model.article import Draft
from scraper.model.outlet import Outlet
from scraper.service.inspection import Finding, Sample, open_inspector
from scraper.settings import Settings

FIELDS = (
    "text",
    "title",
    "authors",
    "published",
    "language",
    "canonical_url",
    "agencies",
    "section",
    "tags",
    "image",
    "paywalled",
    "dropped_lines",
    "editors",
    "modified",
    "dateline",
    "origins",
    "next_pages",
    "degraded",
)
"""In the order in which they are written."""


def extract(
    page: Annotated[
        str | None, typer.Argument(metavar="FILE_OR_URL", help="A saved page, plain or .gz, or the address of one.")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", metavar="URL", help="The address that FILE was saved from.")
    ] = None,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", metavar="MANIFEST.jsonl", help='Many saved pages: lines of {"id", "file", "url"}.'),
    ] = None,
    outlet: Annotated[str | None, typer.Option("--outlet", metavar="ID", help="Use this outlet's rules.")] = None,
    config: ConfigDir = None,
    allow_network: AllowNetwork = None,
    as_json: AsJson = False,
) -> None:
    """Show what a page yields: text, title, authors, dates, agencies, and every line that was dropped.

    `scraper extract page.html --url https://www.example.com/news/1`

    `scraper extract https://www.example.com/news/1 --json`

    `scraper extract --batch manifest.jsonl > articles.jsonl` writes one object a line; a page that fails gives
    `{"id", "error"}` and the batch goes on
    """
    if (page is None) == (batch is None):
        raise typer.BadParameter("give either FILE_OR_URL or --batch MANIFEST.jsonl")
    settings, outlets = configuration(config, allow=allow_network, required=False)
    named = _named(outlets, outlet)
    if batch is not None:
        raise typer.Exit(asyncio.run(_batch(batch, settings, outlets, named)))
    sample = _sample(page or "", url, named)
    raise typer.Exit(asyncio.run(_single(sample, settings, outlets, as_json=as_json)))


def _named(outlets: tuple[Outlet, ...], outlet: str | None) -> Outlet | None:
    if outlet is None:
        return None
    for known in outlets:
        if known.id == outlet:
            return known
    raise typer.BadParameter(f"no outlet is called {outlet!r}; see `scraper outlets`", param_hint="--outlet")


def _sample(page: str, url: str | None, outlet: Outlet | None) -> Sample:
    if page.startswith(("http://", "https://")):
        return Sample(id=page, url=page, outlet=outlet)
    return Sample(id=page, url=url or "", file=Path(page), outlet=outlet)


async def _single(sample: Sample, settings: Settings, outlets: tuple[Outlet, ...], *, as_json: bool) -> Exit:
    async with open_inspector(settings, outlets, utc_now) as inspector:
        finding = await inspector.look(sample)
    if as_json:
        typer.echo(_json_line(row_of(finding)))
    else:
        _show(finding)
    return Exit.DONE if finding.draft is not None and finding.refused is None else Exit.FAILURES


async def _batch(manifest: Path, settings: Settings, outlets: tuple[Outlet, ...], named: Outlet | None) -> Exit:
    failures = 0
    async with open_inspector(settings, outlets, utc_now) as inspector:
        with open_lines(manifest) as lines:
            async for finding in inspector.look_at_all(_manifest(lines, manifest, named)):
                failures += finding.draft is None
                sys.stdout.write(_json_line(row_of(finding)) + "\n")
    return Exit.FAILURES if failures else Exit.DONE


def _manifest(lines: Iterator[str], manifest: Path, named: Outlet | None) -> Iterator[Sample]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _sample_of(line, f"{manifest}, line {number}", number, named, manifest)


def _sample_of(line: str, place: str, number: int, named: Outlet | None, manifest: Path) -> Sample:
    """The sample that a line of the manifest asks for; one with a flaw where the line cannot be understood."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Sample(id=f"line {number}", url="", flaw=f"{place}: not JSON ({error})")
    if not isinstance(row, dict):
        return Sample(id=f"line {number}", url="", flaw=f'{place}: not an object of "id", "file" and "url"')
    name = row.get("id", f"line {number}")
    file, url = row.get("file"), row.get("url") or ""
    if not isinstance(file, str) or not isinstance(url, str):
        return Sample(id=name, url="", flaw=f'{place}: "file" and "url" must be texts')
    return Sample(id=name, url=url, file=_beside(manifest, Path(file)), outlet=named)


def _beside(manifest: Path, file: Path) -> Path:
    """A relative file is looked for here, then beside the manifest."""
    try:
        beside = manifest.parent / file
        return beside if not file.exists() and beside.exists() else file
    except (OSError, ValueError):
        return file


def row_of(finding: Finding) -> dict[str, Any]:
    """What a finding is in JSON."""
    if finding.draft is None:
        return {"id": finding.sample.id, "error": finding.error}
    row: dict[str, Any] = {"id": finding.sample.id, **draft_row(finding.draft)}
    if finding.refused is not None:
        row["refused"] = {"reason": finding.refused.reason.value, "detail": finding.refused.detail}
    return row


def _json_line(row: dict[str, Any]) -> str:
    """The row in one line; escaped where it holds half a character, as an identifier from outside may."""
    line = json.dumps(row, ensure_ascii=False)
    try:
        line.encode()
    except UnicodeEncodeError:
        return json.dumps(row)
    return line


def draft_row(draft: Draft) -> dict[str, Any]:
    """A draft in JSON's terms: times as ISO 8601 with offset."""
    values = asdict(draft)
    for name in ("published", "modified"):
        moment = values[name]
        values[name] = moment.isoformat() if moment is not None else None
    return {name: values[name] for name in FIELDS}


def _show(finding: Finding) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    if finding.refused is not None:
        console.print(f"The daemon would not keep it: {finding.refused.reason.value}: {finding.refused.detail}\n")
    if finding.draft is None:
        if finding.refused is None:
            typer.echo(f"scraper: {finding.error}", err=True)
        return
    row = draft_row(finding.draft)
    for name in FIELDS[1:]:
        value = row[name]
        if not value or name in {"dropped_lines", "origins"}:
            continue
        origin = finding.draft.origins.get(name)
        console.print(f"{name:14} {_plain(value)}{f'   ({origin})' if origin else ''}")
    console.print(f"\n{finding.draft.text}")
    if finding.draft.dropped_lines:
        console.print(f"\nDropped lines ({len(finding.draft.dropped_lines)}):")
        for line in finding.draft.dropped_lines:
            console.print(f"- {line}")


def _plain(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key}: {item}" for key, item in value.items() if item)
    return str(value)
