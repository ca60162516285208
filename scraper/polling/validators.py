"""Conditional requests, and how lying validators are found out. Pure.

Some servers answer 304 for ever, or keep an ETag over changed bodies. So a feed that has sent no body for days is
asked once without validators; if that brings stories under the very validators that were just called unchanged, the
feed is asked without them for two weeks.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from scraper.model.feed import FeedKind, FeedMemory, FeedState, Listed
from scraper.model.outlet import Outlet
from scraper.model.page import Request, RequestKind
from scraper.polling.novelty import Novelty

_AUDIT_AFTER = timedelta(days=3)
DISTRUST = timedelta(days=14)
"""For so long a feed whose validators lied is asked without them."""


def request_for(state: FeedState, outlet: Outlet, now: datetime) -> Request:
    """The request that asks the feed: at its adopted address, conditional unless validators are in doubt."""
    conditional = not is_audit(state, now) and not _is_distrusted(state.memory, now)
    return Request(
        url=state.memory.address or state.url,
        kind=RequestKind.SITEMAP if state.kind is FeedKind.NEWS_SITEMAP else RequestKind.FEED,
        outlet=outlet,
        etag=state.etag if conditional else None,
        last_modified=state.last_modified if conditional else None,
    )


def is_audit(state: FeedState, now: datetime) -> bool:
    """Whether the next request is one without validators, to see whether they tell the truth."""
    seen = state.memory.body_at
    return seen is not None and now - seen >= _AUDIT_AFTER and bool(state.etag or state.last_modified)


def distrust(memory: FeedMemory, state: FeedState, poll: Listed, found: Novelty, now: datetime) -> FeedMemory:
    """The memory after a listing; an audit that brought news under unchanged validators tells that they lie."""
    if not is_audit(state, now) or not found.new:
        return memory
    same = poll.etag == state.etag if state.etag else poll.last_modified == state.last_modified
    return replace(memory, distrust_until=now + DISTRUST) if same else memory


def _is_distrusted(memory: FeedMemory, now: datetime) -> bool:
    return memory.distrust_until is not None and now < memory.distrust_until
