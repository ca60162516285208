"""`scraper reload`."""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import typer

from scraper.cli.exits import Exit
from scraper.cli.options import ConfigDir, DataDir, settings_for
from scraper.clock import utc_now
from scraper.service.presence import Told, told
from scraper.storage import writer

PATIENCE = timedelta(seconds=60)
_PAUSE_S = 0.1
_TRIES = 20


def reload(config: ConfigDir = None, data: DataDir = None) -> None:
    """Have the running daemon read its configuration again, and say what it makes of it.

    It reads the same files, variables and options as at its start. A configuration with faults is refused: they are
    told here, and the daemon goes on with the one it has. Exit status 2 then, 1 when no daemon answers.

    `scraper reload`

    `scraper reload --data news`
    """
    directory = settings_for(config, data).store.data
    daemon = told(directory)
    # The lock is proof that the process lives and is ours; the number alone might be another's by now.
    if daemon is None or not _holds(directory, daemon.pid):
        typer.echo(f"scraper: no daemon collects into {directory}", err=True)
        raise typer.Exit(Exit.FAILURES)
    asked = utc_now()
    os.kill(daemon.pid, signal.SIGHUP)
    while utc_now() - asked < PATIENCE:
        answer = told(directory)
        if answer is not None and answer.configured > asked:
            _show(answer)
            return
        time.sleep(_PAUSE_S)
    typer.echo(f"scraper: the daemon (pid {daemon.pid}) was asked and has not answered; see its log", err=True)
    raise typer.Exit(Exit.FAILURES)


def _holds(directory: Path, pid: int) -> bool:
    """Whether this process has the lock, which it lets go of for a moment while a reload is under way."""
    for _ in range(_TRIES):
        if writer(directory) == pid:
            return True
        time.sleep(_PAUSE_S)
    return False


def _show(answer: Told) -> None:
    if answer.refused:
        typer.echo("scraper: refused; the configuration in force stays:", err=True)
        for fault in answer.refused:
            typer.echo(fault, err=True)
        raise typer.Exit(Exit.USAGE)
    typer.echo(f"the daemon (pid {answer.pid}) collects {answer.outlets} outlets with the configuration read now")
