"""How fast a feed's window slides, so that it is asked before stories leave it unseen. Pure."""

import math
from dataclasses import replace
from datetime import datetime, timedelta

from scraper.model.feed import TOLD_FOR, FeedMemory, FeedState, Listed
from scraper.polling.novelty import Novelty
from scraper.polling.rhythm import hours, shortest_for

SMALL_WINDOW = 5
"""With fewer entries than this there is no telling."""
_MOST = 0.8
"""The share of a window that counts as its turnover."""
_BURSTS = (0.4, 0.6, 0.8)
"""Shares of the window whose fastest coming is looked at."""
_GROWTH = 1.5
"""How much slower than in proportion a burst is supposed to go on: the power of its length."""
_BATCH = 0.1
"""Hours: what came within less is one batch, which says nothing of how fast a greater one would come."""
_SAFETY = 0.8
"""The share of the fastest turnover for which a window is left alone: the next one may be faster."""
_UNSEEN = 0.25
"""The share of a wait that a burst in it is supposed to have taken, where entries have no dates."""
_FADE = timedelta(days=28)
"""In this time the memory of a fast turnover loses half of its weight."""
_HOUR = timedelta(hours=1)


def turnover(
    state: FeedState, poll: Listed, found: Novelty, looked: datetime | None, now: datetime
) -> timedelta | None:
    """The shortest time in which most of the window has been, or may soon be, replaced.

    By the dates of its own entries; where they have none, as it was seen: what is new came since the last look at
    `looked`, changed or not, and faster than that. The coming of a smaller share counts too, for a burst that took
    half of the window last week may take all of it next time.
    """
    entries, since, fastest = poll.listing.entries, state.memory.changed_at, state.memory.turnover
    if fastest is not None and since is not None:
        fastest *= 2 ** ((now - since) / _FADE)
    if len(entries) < SMALL_WINDOW or not found.new:
        return fastest
    most = math.ceil(_MOST * len(entries))
    span = _by_dates(poll, most)
    if span is None and looked is not None and since is not None:
        span = _as_seen(len(found.new), most, len(entries), now - looked)
    return min((each for each in (span, fastest) if each is not None), default=None)


def borne(memory: FeedMemory) -> timedelta | None:
    """For how long the window can be left alone, by the bursts that were seen; None while none was."""
    return None if memory.turnover is None else memory.turnover * _SAFETY


def slid(memory: FeedMemory, now: datetime) -> FeedMemory:
    """The memory with one more listing that shared no entry with the one before."""
    lasts = memory.gap_at is not None and now - memory.gap_at < TOLD_FOR
    since = (memory.gap_since if lasts else None) or now
    return replace(memory, gaps=memory.gaps + 1 if lasts else 1, gap_at=now, gap_since=since)


def _as_seen(new: int, most: int, window: int, passed: timedelta) -> timedelta | None:
    passed *= _UNSEEN
    if new >= most:
        return passed * (most / new)
    if new >= _BURSTS[0] * window:
        stretch: float = (most / new) ** _GROWTH
        return max(passed, _HOUR * _BATCH) * stretch
    return None


def _by_dates(poll: Listed, most: int) -> timedelta | None:
    entries = poll.listing.entries
    dated = sorted(hours(entry.published) for entry in entries if entry.published)
    spans = []
    for share in _BURSTS:
        count = math.ceil(share * len(entries))
        fastest = shortest_for(dated, count)
        if fastest is not None:
            spans.append(fastest if count >= most else max(fastest, _BATCH) * (most / count) ** _GROWTH)
    return _HOUR * min(spans) if spans else None
