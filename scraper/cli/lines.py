"""Files of lines that a command is given."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import typer


@contextmanager
def open_lines(path: Path) -> Iterator[Iterator[str]]:
    """The lines of a UTF-8 file, plain or gzipped, or of standard input for `-`.

    Ends the command with a sentence when the file cannot be read.
    """
    if str(path) == "-":
        yield sys.stdin
        return
    opening = gzip.open if path.suffix == ".gz" else open
    try:
        with opening(path, "rt", encoding="utf-8", errors="replace") as lines:
            yield lines
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise typer.BadParameter(f"{path}: not whole gzip data ({error})") from error
    except OSError as error:
        raise typer.BadParameter(f"{path}: {error.strerror or error}") from error
