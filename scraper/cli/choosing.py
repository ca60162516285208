"""What articles are chosen by, and what is told of a choice that nothing can meet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated

import typer

from scraper.cli.options import day_after, moment
from scraper.storage import Archive

Since = Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day (UTC) or later.")]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Published on this day (UTC) or earlier.")]
OneOutlet = Annotated[str | None, typer.Option(metavar="ID", help="Only this outlet.")]
OneLanguage = Annotated[str | None, typer.Option(metavar="CODE", help="Only this language, e.g. id.")]

_MOST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which articles are meant."""

    since: datetime | None
    until: datetime | None
    outlet: str | None
    language: str | None


def choice(since: str | None, until: str | None, outlet: str | None, language: str | None) -> Choice:
    """The choice that the options make. Raises BadParameter for what is no time, and for a range without a moment."""
    first, end = moment(since, "--since"), day_after(until, "--until")
    if first is not None and end is not None and first >= end:
        raise typer.BadParameter(f"{until} is before {since}", param_hint="--until")
    code = None if language is None else language.lower().partition("-")[0]
    return Choice(since=first, until=end, outlet=outlet, language=code)


def tell_unknown(archive: Archive, made: Choice) -> None:
    """Say which outlet or language was never met, and what may be meant."""
    if made.outlet is not None:
        _tell("outlet", made.outlet, {tally.outlet for tally in archive.totals()})
    if made.language is not None:
        _tell("language", made.language, archive.languages())


def _tell(what: str, asked: str, known: Iterable[str]) -> None:
    names = sorted(known)
    if asked in names:
        return
    near = get_close_matches(asked, names, 1)
    more = ", …" if len(names) > _MOST else ""
    hint = f" Is {near[0]} meant?" if near else f" There are {', '.join(names[:_MOST])}{more}." if names else ""
    typer.echo(
        f"No story of {'an' if what == 'outlet' else 'a'} {what} {asked!r} was ever judged here.{hint}", err=True
    )
