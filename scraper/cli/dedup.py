"""`scraper dedup`."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from scraper.cli.exits import Exit
from scraper.cli.lines import open_lines
from scraper.cli.options import ConfigDir, configuration
from scraper.dedup import judge_all
from scraper.model.outlet import Outlet
from scraper.model.verdict import Story


def dedup(
    batch: Annotated[
        Path,
        typer.Option(
            "--batch",
            metavar="STORIES.jsonl",
            help="Stories in arrival order; `.gz` is read too, `-` is standard input.",
        ),
    ],
    config: ConfigDir = None,
) -> None:
    """Judge near-duplicates in a file of stories, with the index and the judge of the daemon.

    Reads one JSON object a line: id, src (outlet), lang, t (seconds), title, text.
    Writes one a line: id, verdict (new, copy, update or related), cluster, of, similarity, why.

    `scraper dedup --batch stories.jsonl.gz > verdicts.jsonl`
    """
    settings, outlets = configuration(config, required=False)
    groups = {outlet.id: outlet for outlet in outlets}
    faults: list[str] = []
    with open_lines(batch) as lines:
        for story, judged in judge_all(_stories(lines, groups, faults, str(batch)), settings.dedup):
            judgement = judged.judgement
            row = {
                "id": _label(story.id),
                "verdict": judgement.relation.value,
                "cluster": _label(judgement.cluster),
                "of": _label(judgement.of) if judgement.of is not None else None,
                "similarity": round(judgement.similarity, 4),
                "why": judgement.why,
            }
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    for fault in faults:
        typer.echo(f"scraper: {fault}", err=True)
    raise typer.Exit(Exit.FAILURES if faults else Exit.DONE)


def _stories(lines: Iterator[str], outlets: dict[str, Outlet], faults: list[str], file: str) -> Iterator[Story]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            yield _story(json.loads(line), outlets)
        except (ValueError, KeyError, TypeError, OverflowError) as error:
            faults.append(f"{file}, line {number}: not a story ({type(error).__name__}: {error}); passed over")


def _story(row: dict[str, object], outlets: dict[str, Outlet]) -> Story:
    source = str(row.get("src") or "")
    outlet = outlets.get(source)
    return Story(
        id=json.dumps(row["id"]),
        outlet=source,
        group=outlet.group if outlet else None,
        language=str(row["lang"]) if row.get("lang") else None,
        time=datetime.fromtimestamp(float(str(row.get("t") or 0)), UTC),
        title=str(row.get("title") or ""),
        text=str(row["text"]),
    )


def _label(story_id: str) -> object:
    """The id as it stood in the input, number or text."""
    return json.loads(story_id)
