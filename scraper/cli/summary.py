"""Small tables for people."""

from pathlib import Path

from rich.console import Console
from rich.table import Table

from scraper.service.tally import Tally


def show_tally(tally: Tally, seconds: float, data: Path) -> None:
    """What a run did, on standard output."""
    table = Table(show_header=False, box=None, pad_edge=False)
    table.add_column()
    table.add_column(justify="right")
    if tally.feeds:
        table.add_row("feeds asked", str(tally.feeds))
    polls = (("unchanged", tally.feeds_unchanged), ("failed", tally.feeds_failed), ("put off", tally.feeds_put_off))
    for heading, count in polls:
        if count:
            table.add_row(f"  {heading}", str(count))
    table.add_row("stories found", str(tally.found))
    table.add_row("articles kept", str(tally.kept))
    for heading, counts in (("dropped", tally.dropped), ("deferred", tally.deferred)):
        if counts:
            table.add_row(heading, str(counts.total()))
            for reason, count in counts.most_common():
                table.add_row(f"  {reason}", str(count))
    if tally.defects:
        table.add_row("defects (see the log)", str(tally.defects))
    table.add_row("seconds", f"{seconds:.1f}")
    console = Console(highlight=False, markup=False)
    console.print(table)
    console.print(f"Articles are in {data / 'articles'}", soft_wrap=True)
