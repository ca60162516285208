"""What a run has done so far, in numbers."""

from collections import Counter
from dataclasses import dataclass, field
from typing import assert_never

from scraper.engine.events import Event, FeedAsked, FeedPushed, StepFailed, StorySettled
from scraper.model.feed import Listed, NotModified, PollFailed
from scraper.model.verdict import Deferred, Dropped, Kept


@dataclass(slots=True)
class Tally:
    """Counts events; an observer of the line."""

    feeds: int = 0
    feeds_unchanged: int = 0
    feeds_failed: int = 0
    feeds_put_off: int = 0
    found: int = 0
    kept: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    deferred: Counter[str] = field(default_factory=Counter)
    defects: int = 0

    def observe(self, event: Event) -> None:
        """Count one event."""
        match event:
            case FeedAsked():
                self._count_poll(event)
            case FeedPushed():
                self.found += event.found
            case StorySettled():
                self._count_story(event)
            case StepFailed():
                self.defects += 1
            case _:
                pass

    def _count_poll(self, event: FeedAsked) -> None:
        self.feeds += 1
        self.found += event.found
        match event.poll:
            case PollFailed(put_off=True):
                self.feeds_put_off += 1
            case PollFailed():
                self.feeds_failed += 1
            case NotModified():
                self.feeds_unchanged += 1
            case Listed():
                pass
            case _:
                assert_never(event.poll)

    def _count_story(self, event: StorySettled) -> None:
        match event.outcome.verdict:
            case Kept():
                self.kept += 1
            case Dropped(reason=reason):
                self.dropped[reason.value] += 1
            case Deferred(reason=reason):
                self.deferred[reason.value] += 1
            case _:
                assert_never(event.outcome.verdict)

    @property
    def failures(self) -> int:
        """What a person may want to look at: failed feeds, what was put off, defects."""
        return self.feeds_failed + self.feeds_put_off + sum(self.deferred.values()) + self.defects

    def as_json(self) -> dict[str, object]:
        """The counts by name, reasons sorted by how often they occurred."""
        return {
            "feeds": self.feeds,
            "feeds_unchanged": self.feeds_unchanged,
            "feeds_failed": self.feeds_failed,
            "feeds_put_off": self.feeds_put_off,
            "found": self.found,
            "kept": self.kept,
            "dropped": dict(self.dropped.most_common()),
            "deferred": dict(self.deferred.most_common()),
            "defects": self.defects,
        }
