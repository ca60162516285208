"""Tells a network of ours that is down from servers that are down."""

from datetime import datetime, timedelta

from scraper.urls import host

_RECENT = timedelta(minutes=10)
_LATELY = timedelta(days=7)
_LEAST_HOSTS = 3
_MOST_REACHED = 0.2


class Connectivity:
    """Remembers for each host whether it was reached the last time. Keeps no clock and starts nothing."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[datetime, bool]] = {}

    def saw(self, url: str, now: datetime, *, reached: bool, worked_at: datetime | None) -> None:
        """Take note of an exchange with the host of `url`: an answer of any status counts as reached.

        `worked_at` says when it last gave what was asked for. A host that has not for a week proves nothing by being
        out of reach now, so that a handful of dead servers never passes for a dead network.
        """
        name = host(url)
        self._last.pop(name, None)
        if reached or (worked_at is not None and now - worked_at <= _LATELY):
            self._last[name] = (now, reached)
        for other in list(self._last):
            if now - self._last[other][0] <= _RECENT:
                break
            del self._last[other]

    def is_down(self, now: datetime) -> bool:
        """Whether nearly all hosts that were asked lately could not be reached, so that it must be our own network."""
        recent = [reached for at, reached in self._last.values() if now - at <= _RECENT]
        return len(recent) >= _LEAST_HOSTS and sum(recent) <= _MOST_REACHED * len(recent)
