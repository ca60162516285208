"""What slid out of a feed's window between two looks, and where it may still be found. Pure.

Some feeds have older pages. When a listing shares no entry with what was known, as after a burst or after days without
the daemon, these are read back until they do.
"""

from scraper.model.feed import FeedState, Listed
from scraper.model.outlet import Outlet
from scraper.model.page import Request
from scraper.polling.novelty import novelty
from scraper.polling.validators import request_for
from scraper.urls import same_site

MOST_PAGES = 5
"""Older pages that one look may ask for."""


def reaches_back(state: FeedState, page: Listed) -> bool:
    """Whether a page of the feed holds an entry that was known before."""
    return novelty(state.memory.known, page.listing.entries).shared > 0


def older_request(state: FeedState, page: Listed, outlet: Outlet) -> Request | None:
    """The request for the page before this one; None when nothing is missing, or there is none."""
    older = page.listing.hints.older
    if older is None or not state.memory.listed or not page.listing.entries or reaches_back(state, page):
        return None
    if not same_site(older, state.url):
        return None
    return Request(url=older, kind=request_for(state, outlet, state.next_due).kind, outlet=outlet)
