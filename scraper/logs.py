"""Structured log records: text for a person at a terminal, one JSON object a line for everything else."""

import logging
import sys
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
    as_text = settings.format == "text" or (settings.format == "auto" and target.isatty())
    closing: list[Any] = (
        [_one_line, structlog.dev.ConsoleRenderer(colors=target.isatty(), pad_event_to=0, sort_keys=False)]
        if as_text
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    )
    log: Log = structlog.wrap_logger(
        structlog.PrintLogger(target),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[settings.level.upper()]),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *closing,
        ],
    )
    return log


def _one_line(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Escape what is not printable: control characters of a hostile title stay visible and harmless."""
    return {key: _printable(value) if isinstance(value, str) else value for key, value in event.items()}


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
