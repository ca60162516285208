"""Reads a feed's older pages when its window has slid past what was known."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace

from scraper.model.entry import Entry
from scraper.model.feed import FeedState, Listed, Poll
from scraper.model.outlet import Outlet
from scraper.model.page import Request
from scraper.polling import MOST_PAGES, older_request, reaches_back

Asking = Callable[[FeedState, Request], Awaitable[Poll]]


async def bridged(state: FeedState, poll: Poll, outlet: Outlet, ask: Asking) -> Poll:
    """The poll with what its older pages bring, as far back as something known, or five pages.

    An older page that cannot be had or repeats what is there ends the search: what was found counts.
    """
    if not isinstance(poll, Listed):
        return poll
    page, found = poll, {entry.key: entry for entry in poll.listing.entries}
    first = len(found)
    for _ in range(MOST_PAGES):
        request = older_request(state, page, outlet)
        if request is None:
            break
        answer = await ask(replace(state, body_digest=None), request)
        if not isinstance(answer, Listed) or not _fresh(answer.listing.entries, found):
            break
        page = answer
        found.update((entry.key, entry) for entry in _fresh(page.listing.entries, found))
    recovered = tuple(found.values())[first:]
    return replace(poll, recovered=recovered, bridged=page is not poll and reaches_back(state, page))


def _fresh(entries: Iterable[Entry], found: dict[str, Entry]) -> list[Entry]:
    return [entry for entry in entries if entry.key not in found]
