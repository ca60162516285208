"""Structured log records: text for a person at a terminal, one JSON object a line for everything else."""

import contextlib
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any, TextIO

import structlog

from scraper.settings import LogSettings

Log = structlog.typing.FilteringBoundLogger


def open_log(settings: LogSettings, stream: TextIO | None = None) -> Log:
    """A log that writes to the stream (standard error unless told otherwise) in the format that the settings name.

    Records carry an ISO 8601 time in UTC, a level, an event and named values. Text from the network is escaped, so
    that a title can neither break a line nor drive a terminal.
    """
    target = stream or sys.stderr
    closing: list[Any] = (
        [
            _one_line,
            structlog.dev.ConsoleRenderer(
                colors=target.isatty(),
                pad_event_to=0,
                sort_keys=False,
                exception_formatter=structlog.dev.plain_traceback,
            ),
        ]
        if is_text(settings, target)
        else [structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    log: Log = structlog.wrap_logger(
        structlog.PrintLogger(target),
        wrapper_class=structlog.make_filtering_bound_logger(_level(settings)),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            *closing,
        ],
    )
    return log


def is_text(settings: LogSettings, stream: TextIO) -> bool:
    """Whether records on this stream are text for a person."""
    return settings.format == "text" or (settings.format == "auto" and stream.isatty())


@contextlib.contextmanager
def everything_to(log: Log, settings: LogSettings) -> Iterator[None]:
    """For as long as the context lasts, what libraries log or warn of becomes records of this log.

    So does what nobody caught in a thread or while an object was taken apart. Of libraries' records those of level
    warning and above are taken, at our level debug those of level info too.
    """
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = threading.excepthook, sys.unraisablehook
    root.handlers[:] = [_Forwarding(log)]
    root.setLevel(logging.INFO if settings.level == "debug" else max(logging.WARNING, _level(settings)))
    logging.captureWarnings(True)
    threading.excepthook = lambda it: _tell_uncaught(log, "in a thread", it.thread, it.exc_value)
    sys.unraisablehook = lambda it: _tell_uncaught(log, it.err_msg or "while letting go", it.object, it.exc_value)
    try:
        yield
    finally:
        threading.excepthook, sys.unraisablehook = hooks
        logging.captureWarnings(False)
        root.handlers[:] = handlers
        root.setLevel(level)


class _Forwarding(logging.Handler):
    """Hands records of the standard library's logging on."""

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        exception = {"exc_info": record.exc_info} if record.exc_info else {}
        self._log.log(record.levelno, _message(record), logger=record.name, **exception)


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage().strip()
    except Exception:  # noqa: BLE001 - a library that formats badly must not silence itself
        return f"{record.msg!r} {record.args!r}"


def _tell_uncaught(log: Log, where: str, what: object, error: BaseException | None) -> None:
    log.error("uncaught exception", where=where, subject=repr(what), exc_info=error)


def _level(settings: LogSettings) -> int:
    return logging.getLevelNamesMapping()[settings.level.upper()]


def _one_line(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Escape what is not printable: control characters of a hostile title stay visible and harmless."""
    return {key: _escaped(key, value) if isinstance(value, str) else value for key, value in event.items()}


def _escaped(key: str, text: str) -> str:
    # A traceback keeps its lines, which are ours; what is quoted in them is escaped all the same.
    return "\n".join(map(_printable, text.split("\n"))) if key == "exception" else _printable(text)


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
