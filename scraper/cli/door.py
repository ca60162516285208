"""The way in and out: however a command ends, it ends with a sentence and one of the exit statuses.

Imports next to nothing, so that Ctrl-C is heard from the first moment on.
"""

import errno
import os
import signal
import sys
from typing import NoReturn

_OUTPUT_FAILS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF})
_STREAMS = ("stdin", "stdout", "stderr")


def main() -> NoReturn:
    """Run the command line and end the process with its exit status."""
    try:
        status = _run()
    except KeyboardInterrupt:
        status = 128 + signal.SIGINT
    # While the interpreter winds up, a further Ctrl-C ends it without a word.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    sys.exit(status)


def _run() -> int:
    _open_what_is_closed()
    _write_utf8()
    from scraper.cli.app import app  # noqa: PLC0415 - see above
    from scraper.cli.exits import Exit  # noqa: PLC0415
    from scraper.model.failures import ConfigurationError, ScraperError  # noqa: PLC0415

    try:
        status = _status_of(app)
        sys.stdout.flush()
    except ConfigurationError as error:
        _say(f"{len(error.faults)} error{'s' * (len(error.faults) != 1)} in the configuration:\n{error}")
        return Exit.USAGE
    except ScraperError as error:
        _say(str(error))
        return Exit.FAILURES
    except BrokenPipeError:
        _forget_output()
        return Exit.DONE
    except OSError as error:
        if error.filename is None and error.errno not in _OUTPUT_FAILS:
            raise
        _say(f"{error.filename or 'The output cannot be written'}: {error.strerror}.")
        if error.filename is None:
            _forget_output()
        return Exit.FAILURES
    return status


def _status_of(app: object) -> int:
    try:
        app()  # type: ignore[operator]
    except SystemExit as end:
        if isinstance(end.__context__, BrokenPipeError):
            raise end.__context__ from None  # typer and rich hold it for a failure
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0


def _forget_output() -> None:
    """Let what is still buffered go nowhere: whoever read it, as `head` does, has enough, or cannot take it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _open_what_is_closed() -> None:
    """Point closed standard streams to nowhere; a file that were opened in their place would be written to."""
    while (number := os.open(os.devnull, os.O_RDWR)) < len(_STREAMS):
        pass
    os.close(number)
    for number, name in enumerate(_STREAMS):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8", closefd=False))


def _write_utf8() -> None:
    """Files and pipes get UTF-8 in any locale; a terminal gets what it can show."""
    for stream in (sys.stdout, sys.stderr):
        own = stream.isatty() or bool(os.environ.get("PYTHONIOENCODING"))
        stream.reconfigure(encoding=stream.encoding if own else "utf-8", errors="replace")  # type: ignore[union-attr]


def _say(message: str) -> None:
    sys.stderr.write(f"scraper: {message}\n")
