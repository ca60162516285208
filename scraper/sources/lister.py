"""Lists feed documents in a worker that can be killed."""

from dataclasses import replace

import msgspec

from scraper.model.feed import Listing, Unlisted
from scraper.model.outlet import ArticleUrls, Outlet
from scraper.model.page import Page
from scraper.sandbox import Killed, Raised, Sandbox
from scraper.sources.hints import with_links
from scraper.sources.listing import list_entries

_LISTING = msgspec.json.Decoder(Listing)


class FeedLister:
    """Reads RSS 0.9x to 2.0, Atom, JSON Feed and news sitemaps."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def list(self, page: Page, outlet: Outlet) -> Listing | Unlisted:
        """The document's entries in its order, each key once; or why it gave none, a killed worker included."""
        match await self._sandbox.run(list_packed, replace(page, headers=()), _for_reading(outlet)):
            case Killed(detail=detail, overload=True):
                return Unlisted(detail=f"cannot be read now: {detail}", overload=True)
            case Killed(detail=detail) | Raised(detail=detail):
                return Unlisted(detail=f"cannot be read: {detail}")
            case Unlisted() as unlisted:
                return unlisted
            case packed:
                listing = _LISTING.decode(packed) if isinstance(packed, bytes) else packed
                return replace(listing, hints=with_links(listing.hints, page.headers, page.url))


def list_packed(page: Page, outlet: Outlet) -> bytes | Listing | Unlisted:
    """What `list_entries` gives; a listing as JSON, which costs a quarter of a pickle of so many small values."""
    listing = list_entries(page, outlet)
    if isinstance(listing, Unlisted):
        return listing
    try:
        return msgspec.json.encode(listing)
    except UnicodeEncodeError:  # half a surrogate pair, which a pickle carries over and the store replaces
        return listing


def _for_reading(outlet: Outlet) -> Outlet:
    """The part of an outlet that reading its feeds needs: the rules for its pages need not travel."""
    return Outlet(
        id=outlet.id,
        name=outlet.name,
        domains=outlet.domains,
        zone=outlet.zone,
        articles=ArticleUrls(id_pattern=outlet.articles.id_pattern),
    )
