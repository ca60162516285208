"""What is wrong with the feeds and outlets, kept from look to look, so that a look does not read all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from scraper.model.feed import FeedState
from scraper.polling import LENGTHS, SELECTORS, Finding, Lengths, degraded, findings, hints_unpacked, unpacked
from scraper.storage import Archive

PART = 2000
"""Feeds that each look reads although nothing is known to have happened to them."""
_OVERLAP = timedelta(minutes=2)
"""How much later than it was made a poll may be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTrouble:
    """Something that is wrong with a feed or with an outlet as a whole, and what to do."""

    outlet: str
    feed: str | None
    """None where it is no feed's."""
    finding: Finding


class Troubles:
    """Looks at the feeds of one archive again and again. Used by one thread at a time.

    The first look reads every feed. A later one reads those that were asked since, and a part of all: one that has been
    silent for too long, or is not asked any more, is found when its turn comes, at the latest after as many looks as
    there are parts.
    """

    def __init__(self, part: int = PART) -> None:
        self._part = part
        self._found: dict[str, tuple[str, tuple[Finding, ...]]] = {}
        """Outlet and findings by the feed's address, of those with which something is wrong."""
        self._looked: datetime | None = None
        self._at = ""
        self._packed: bytes | None = None
        self._lengths: dict[str, Lengths] = {}
        self._packed_hints: bytes | None = None
        self._unmatched: tuple[FeedTrouble, ...] = ()

    def look(self, archive: Archive, now: datetime) -> tuple[FeedTrouble, ...]:
        """What is wrong, by outlet and feed, of one feed the gravest first; what is no feed's comes last."""
        changed = self._learn_lengths(archive)
        self._learn_hints(archive)
        if self._looked is None:
            while self._look_at_part(archive, now):
                pass
        else:
            self._note(archive.feeds_at(changed), now)
            self._note(archive.feeds_polled_since(self._looked - _OVERLAP), now)
            self._look_at_part(archive, now)
        self._looked = now
        ordered = sorted((outlet, feed, found) for feed, (outlet, found) in self._found.items())
        feeds = [
            FeedTrouble(outlet=outlet, feed=feed, finding=finding)
            for outlet, feed, found in ordered
            for finding in found
        ]
        return tuple(sorted((*feeds, *self._unmatched), key=attrgetter("outlet")))

    def _learn_lengths(self, archive: Archive) -> set[str]:
        """The feeds whose articles have begun or ceased to be short."""
        packed = archive.memory(LENGTHS)
        if packed == self._packed:
            return set()
        before = self._shrunk()
        self._packed, self._lengths = packed, unpacked(packed)
        return before ^ self._shrunk()

    def _learn_hints(self, archive: Archive) -> None:
        packed = archive.memory(SELECTORS)
        if packed != self._packed_hints:
            self._packed_hints = packed
            self._unmatched = tuple(
                FeedTrouble(outlet=outlet, feed=None, finding=finding)
                for outlet, hints in sorted(hints_unpacked(packed).items())
                for finding in degraded(outlet, hints)
            )

    def _shrunk(self) -> set[str]:
        return {feed for feed, known in self._lengths.items() if known.shrunk_since is not None}

    def _look_at_part(self, archive: Archive, now: datetime) -> bool:
        """Go on where the last part ended; whether there is more before the end."""
        states = archive.feeds_after(self._at, self._part)
        more = len(states) == self._part
        there = {state.url for state in states}
        begin, end = self._at, states[-1].url if more else None
        for feed in [feed for feed in self._found if feed > begin and (end is None or feed <= end)]:
            if feed not in there:
                del self._found[feed]
        self._note(states, now)
        self._at = end or ""
        return more

    def _note(self, states: Iterable[FeedState], now: datetime) -> None:
        for state in states:
            found = findings(state, now, self._lengths.get(state.url, Lengths()))
            if found:
                self._found[state.url] = (state.outlet, found)
            else:
                self._found.pop(state.url, None)
