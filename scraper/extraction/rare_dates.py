"""Dates in languages and forms that the quick reading does not know: by dateparser, late and seldom.

The library costs half a second to load and milliseconds a text, so it is loaded by the first page that needs it.
"""

from datetime import datetime
from typing import Any

from scraper.extraction.moments import Moment

MAX_INPUT = 80
"""Characters of a text that are tried; a date line is no longer."""


def read_rare(text: str, languages: tuple[str, ...], *, month_first: bool = False) -> Moment | None:
    """The absolute date that the whole text states, or None; relative ones (`two hours ago`) are not believed."""
    if len(text) > MAX_INPUT or not any(character.isdigit() for character in text):
        return None
    from dateparser import DateDataParser  # noqa: PLC0415 - loaded only when a page needs it

    settings: dict[str, Any] = {
        "PARSERS": ["absolute-time"],
        "REQUIRE_PARTS": ["day", "month", "year"],
        "RETURN_AS_TIMEZONE_AWARE": False,
        "DATE_ORDER": "MDY" if month_first else "DMY",
    }
    try:
        found = DateDataParser(languages=list(languages) or None, settings=settings).get_date_data(text)
    except (ValueError, OverflowError):
        return None
    at: datetime | None = found.date_obj
    if at is None:
        return None
    return Moment(at=at, has_time=found.period == "time" or (at.hour, at.minute) != (0, 0))
