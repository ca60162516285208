"""Lists feed documents in a worker that can be killed."""

from dataclasses import replace

from scraper.model.feed import Listing, Unlisted
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.sandbox import Killed, Raised, Sandbox
from scraper.sources.hints import with_links
from scraper.sources.listing import list_entries


class FeedLister:
    """Reads RSS 0.9x to 2.0, Atom, JSON Feed and news sitemaps."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def list(self, page: Page, outlet: Outlet) -> Listing | Unlisted:
        """The document's entries in its order, each key once; or why it gave none, a killed worker included."""
        match await self._sandbox.run(list_entries, replace(page, headers=()), outlet):
            case Killed(detail=detail) | Raised(detail=detail):
                return Unlisted(detail=f"cannot be read: {detail}")
            case Listing() as listing:
                return replace(listing, hints=with_links(listing.hints, page.headers, page.url))
            case unlisted:
                return unlisted
