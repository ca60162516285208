"""A stretch of time that somebody asks for."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `since` up to but not including `until`; an open end has no bound."""

    since: datetime | None = None
    until: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether the moment lies inside."""
        return (self.since is None or moment >= self.since) and (self.until is None or moment < self.until)
