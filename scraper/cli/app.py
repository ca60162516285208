"""The command line as a whole: its commands, and how every failure ends."""

import os
import sys
from typing import Annotated, NoReturn

import typer

from scraper import __version__
from scraper.cli import backfill, dedup, demo, explain, export, extract, outlets, run, status, verify
from scraper.cli.exits import Exit
from scraper.model.failures import ConfigurationError, ScraperError

app = typer.Typer(
    name="scraper",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 done, 1 done with failures, 2 bad usage or configuration, 130 interrupted.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"scraper {__version__}")
        raise typer.Exit


@app.callback()
def scraper(
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Collect news: poll feeds, extract clean text, drop syndicated copies, save articles.

    Try it without a network: `scraper demo`

    Collect once, as from cron: `scraper run --once`

    Collect day and night: `scraper run`

    See what one page yields: `scraper extract https://www.example.com/news/1`
    """


app.command("run")(run.run)
app.command("backfill")(backfill.backfill)
app.command("extract")(extract.extract)
app.command("dedup")(dedup.dedup)
app.command("status")(status.status)
app.command("explain")(explain.explain)
app.command("export")(export.export)
app.command("verify")(verify.verify)
app.command("demo")(demo.demo)
app.add_typer(outlets.app, name="outlets")


def main() -> NoReturn:
    """Run the command line and end the process with its exit status."""
    try:
        app()
    except ConfigurationError as error:
        _say(f"{len(error.faults)} error{'s' * (len(error.faults) != 1)} in the configuration:\n{error}")
        sys.exit(Exit.USAGE)
    except ScraperError as error:
        _say(str(error))
        sys.exit(Exit.FAILURES)
    except BrokenPipeError:
        # Whoever read our output has enough; what is still buffered must not raise again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(Exit.DONE)
    sys.exit(Exit.DONE)


def _say(message: str) -> None:
    typer.echo(f"scraper: {message}", err=True)
