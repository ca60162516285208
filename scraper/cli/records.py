"""The log of a command that runs the line: everything that is said while it runs is a record of it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from scraper.cli.exits import Exit
from scraper.logs import Log, everything_to, is_text, open_log
from scraper.model.failures import ScraperError
from scraper.settings import LogSettings


@contextmanager
def logging_of(settings: LogSettings) -> Iterator[Log]:
    """Open the log; libraries write to it too. A defect that ends the command ends it with a record and status 1.

    An expected failure is a record as well where records are JSON; a person gets its sentence at the end.
    """
    log = open_log(settings)
    with everything_to(log, settings):
        try:
            yield log
        except ScraperError as error:
            if is_text(settings, sys.stderr):
                raise
            log.critical("ended", detail=str(error))
            raise typer.Exit(Exit.FAILURES) from error
        except (typer.Exit, BrokenPipeError):
            raise
        except Exception as error:
            log.critical("ended by a defect", exc_info=error)
            raise typer.Exit(Exit.FAILURES) from error
