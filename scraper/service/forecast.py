"""How fast a backfill goes, and how long it may still take."""

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

from scraper.fetching import SHARE
from scraper.model.backfill import Count, Progress
from scraper.model.outlet import Outlet
from scraper.settings import FetchSettings
from scraper.urls import host, registrable_domain

_WINDOW_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What can be told of the time to come."""

    rate: float = 0.0
    """Stories settled a second, lately."""
    seconds: float | None = None
    """How long what is known to remain takes; None while nothing can be told."""


class Forecast:
    """Looks at the last minute."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int, int]] = deque()

    def look(self, progress: Progress, at: float) -> Outlook:
        """Take in how far it has come at a moment in seconds; they must not go back."""
        total = progress.total
        self._samples.append((at, total.settled, progress.bytes_read))
        while at - self._samples[0][0] > _WINDOW_S:
            self._samples.popleft()
        began, settled, read = self._samples[0]
        passed = at - began
        if passed <= 0:
            return Outlook()
        rate = max(0.0, (total.settled - settled) / passed)
        bytes_rate = max(0.0, (progress.bytes_read - read) / passed)
        return Outlook(rate=rate, seconds=_left(progress, total, rate, bytes_rate))


def _left(progress: Progress, total: Count, rate: float, bytes_rate: float) -> float | None:
    stories, unread = max(0, total.found - total.settled), max(0, progress.bytes_all - progress.bytes_read)
    is_known = total.found or progress.bytes_all
    if not is_known or (stories and not rate) or (unread and not bytes_rate):
        return None
    return max(stories / rate if stories else 0.0, unread / bytes_rate if unread else 0.0)


class Politeness:
    """Adds up how long requests take at least: every host at its pace, those of one domain at theirs, all at once.

    A host that answers slowly, complains, or names a crawl delay takes longer.
    """

    def __init__(self, outlets: Iterable[Outlet], settings: FetchSettings) -> None:
        self._settings = settings
        self._spacings = {outlet.id: outlet.policy.request_spacing or timedelta() for outlet in outlets}
        self._taken: defaultdict[str, float] = defaultdict(float)
        """Seconds by host."""

    def ask(self, url: str, outlet: str = "") -> None:
        """One more request, of an outlet where that is known."""
        spacing = max(self._settings.host_spacing, self._spacings.get(outlet, timedelta()))
        self._taken[host(url)] += spacing.total_seconds()

    @property
    def least(self) -> timedelta:
        """For all of them."""
        domains: defaultdict[str, float] = defaultdict(float)
        for name, seconds in self._taken.items():
            domains[registrable_domain(name)] += seconds / (SHARE * self._settings.host_concurrency)
        return timedelta(seconds=ceil(max((*self._taken.values(), *domains.values()), default=0)))
