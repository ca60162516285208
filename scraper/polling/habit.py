"""When a feed publishes, for people to look at. Pure."""

from scraper.model.feed import FeedState
from scraper.polling.rhythm import HOURS, Forecast, unpack

_LEAST_SEEN = 24.0
"""Hours that a feed must have been watched before its week means something."""


def habit(state: FeedState) -> tuple[float, ...] | None:
    """New stories an hour that the feed is expected to list, by hour of the week in UTC, Monday 0 h first.

    None while it was watched for less than a day.
    """
    rhythm = unpack(state.memory.rhythm)
    if rhythm is None or rhythm.updated - rhythm.since < _LEAST_SEEN:
        return None
    week = Forecast(rhythm).week()
    return week if len(week) == HOURS else None
