"""`scraper explain`."""

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from scraper.cli.exits import Exit
from scraper.cli.options import AsJson, ConfigDir, DataDir, settings_for
from scraper.dedup import difference
from scraper.model.article import Article
from scraper.model.verdict import DropReason, Relation
from scraper.status.reasons import advice
from scraper.storage import Archive, History, Standing, open_archive


def explain(
    story: Annotated[
        str, typer.Argument(metavar="URL_OR_ID", help="A story's address in any of its forms, or an article id.")
    ],
    config: ConfigDir = None,
    data: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Tell what became of a story and why: kept, dropped, deferred, and whose copy it is.

    `scraper explain https://www.example.com/news/1`

    `scraper explain 0f3a9c5d7b1e2468 --json`
    """
    if not story.strip():
        raise typer.BadParameter("expected an address or an article id", param_hint="URL_OR_ID")
    settings = settings_for(config, data)
    with open_archive(settings.store.data) as archive:
        history = archive.explain(story)
        if history is None:
            typer.echo(f"scraper: {_unknown(story, settings.store.data)}", err=True)
            raise typer.Exit(Exit.FAILURES)
        if as_json:
            typer.echo(json.dumps(asdict(history), ensure_ascii=False, default=_as_text))
            return
        _show(history)
        _show_difference(archive, history)


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _unknown(story: str, data: Path) -> str:
    told = f"{story!r} was never seen in {data}."
    if not story.startswith(("http://", "https://")):
        return f"{told} Expected a whole address that starts with https:// or http://, or an id of sixteen signs."
    return (
        f"{told} No feed, sitemap or list named it so far: `scraper outlets check` tells what an outlet's "
        f"sources list, and `scraper extract {story}` what the page yields."
    )


def _show(history: History) -> None:
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for name, value in _facts(history):
        if value:
            console.print(f"{name:10} {value}")
    if history.cluster:
        members = Table("first to last", "outlet", "fate", "similarity", "title", box=None, pad_edge=False)
        for member in history.cluster:
            similarity = f"{member.judgement.similarity:.2f}" if member.judgement else "opened"
            members.add_row(
                member.time.isoformat(timespec="minutes"),
                member.outlet,
                member.standing.value,
                similarity,
                member.title or member.url,
            )
        console.print("\nIts story cluster")
        console.print(members)


def _facts(history: History) -> list[tuple[str, object]]:
    judgement = history.judgement
    fate = history.standing.value
    waits = history.standing in {Standing.PENDING, Standing.CLAIMED, Standing.DEFERRED}
    return [
        ("fate", fate + (f": {history.reason}" if history.reason not in {None, fate} else "")),
        ("because", history.detail),
        ("to do", _advice(history)),
        ("title", history.title),
        ("address", history.url),
        ("key", history.key if history.key != history.url else None),
        ("outlet", history.outlet),
        ("listed by", history.source),
        ("published", history.published),
        ("found", _moment(history.found_at)),
        ("decided", _moment(history.decided_at)),
        ("tries", history.attempts),
        ("next try", _moment(history.ready_at) if waits else None),
        ("article", history.article_id),
        *(("file", f"{saved.file} at byte {saved.offset}") for saved in history.saved),
        (_STANDS.get(judgement.relation, "") if judgement else "", judgement.of if judgement else None),
        (
            "scores",
            f"similarity {judgement.similarity:.2f}, containment {judgement.containment:.2f}, "
            f"resemblance {judgement.resemblance:.2f}"
            if judgement
            else None,
        ),
        ("judged", judgement.why if judgement and judgement.why != history.detail else None),
    ]


_STANDS = {Relation.COPY: "copy of", Relation.UPDATE: "update of", Relation.RELATED: "near"}


def _moment(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat(timespec="seconds")


def _advice(history: History) -> str | None:
    """What to do about a story that was dropped; what waits is tried again without anybody's doing."""
    if history.standing is not Standing.DROPPED or history.reason not in set(DropReason):
        return None
    return advice(DropReason(history.reason), outlet=history.outlet, url=history.url)


def _show_difference(archive: Archive, history: History) -> None:
    """The difference between a story and the one it was compared with, as far as both texts are there.

    Either may be a copy itself, or have been superseded: then its text is kept with dedup.keep_duplicates alone.
    """
    of = history.judgement.of if history.judgement else None
    if of is None or history.article_id is None:
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    other, own = _article(archive, of), _article(archive, history.article_id)
    if other is None or own is None:
        console.print("\nThe texts of copies are not kept, so no difference can be shown (dedup.keep_duplicates).")
        return
    console.print(f"\nWhat differs from {other.url}")
    console.print(difference(other.text, own.text) or "nothing")


def _article(archive: Archive, article_id: str) -> Article | None:
    return archive.article(article_id) or archive.article(article_id, copy=True)
