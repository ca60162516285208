"""Where a feed is asked: its own address, or another that it points to. Pure.

Permanent redirects are adopted only when they last for days and lead to the same stories.

A maintenance page or a captive portal answers 301 too; what adopts it at once has lost the feed.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from scraper.model.feed import FeedMemory, Listed, NotModified, PollFailed
from scraper.polling.novelty import Novelty

_SIGHTINGS = 3
_LASTING = timedelta(days=2)
_SHARED = 0.5
_FAILURES = 5
_TROUBLED = timedelta(days=1)


def after_answer(
    memory: FeedMemory, poll: Listed | NotModified, found: Novelty | None, url: str, now: datetime
) -> FeedMemory:
    """What is known of a move after an answer that may have come by way of one."""
    target = poll.moved_to
    if target is None or target in {memory.address, url if memory.address is None else None}:
        return replace(memory, move=None, move_since=None, move_sightings=0)
    if target != memory.move:
        return replace(memory, move=target, move_since=now, move_sightings=1)
    seen = replace(memory, move_sightings=memory.move_sightings + 1)
    if _is_lasting(seen, now) and _is_alike(seen, poll, found):
        return replace(seen, address=target, move=None, move_since=None, move_sightings=0)
    return seen


def _is_lasting(memory: FeedMemory, now: datetime) -> bool:
    since = memory.move_since
    return memory.move_sightings >= _SIGHTINGS and since is not None and now - since >= _LASTING


def _is_alike(memory: FeedMemory, poll: Listed | NotModified, found: Novelty | None) -> bool:
    """Whether the stories there are those that are known. What has not changed has all of them, if it had any."""
    if isinstance(poll, NotModified) or found is None:
        return memory.listed > 0
    return found.shared > 0 and found.shared >= _SHARED * len(poll.listing.entries)


def after_trouble(memory: FeedMemory, failures: int, failing_since: datetime, now: datetime) -> FeedMemory:
    """Back to the configured address when the adopted one has failed for a day."""
    if memory.address is None or failures < _FAILURES or now - failing_since < _TROUBLED:
        return memory
    return replace(memory, address=None)


def declared_feed(memory: FeedMemory, poll: PollFailed) -> str | None:
    """The feed to ask instead of a page that declares it.

    Only for an address that has never listed anything: a page in place of a feed that was one is a passing fault.
    """
    return poll.declared if not memory.known and memory.address is None else None
