"""Lists feed documents in a worker that can be killed."""

from dataclasses import replace

import msgspec

from scraper.model.entry import Entry
from scraper.model.feed import Listing, Unlisted
from scraper.model.outlet import ArticleUrls, Outlet
from scraper.model.page import Page
from scraper.sandbox import Killed, Raised, Sandbox, one_a_turn
from scraper.sources.hints import with_links
from scraper.sources.listing import list_entries

_LOT = 500
_LISTING = msgspec.json.Decoder(Listing)
_ENTRIES = msgspec.json.Decoder(tuple[Entry, ...])


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
                listing = packed if isinstance(packed, Listing) else await _unpacked(packed)
                return replace(listing, hints=with_links(listing.hints, page.headers, page.url))


async def _unpacked(lots: tuple[bytes, ...]) -> Listing:
    """The listing in its lots, the event loop taking its turns between them."""
    first, *further = lots
    listing = _LISTING.decode(first)
    if not further:
        return listing
    entries = list(listing.entries)
    async for lot in one_a_turn(further):
        entries += _ENTRIES.decode(lot)
    return replace(listing, entries=tuple(entries))


def list_packed(page: Page, outlet: Outlet) -> tuple[bytes, ...] | Listing | Unlisted:
    """What `list_entries` gives; a listing as JSON, which costs a quarter of a pickle of so many small values.

    It comes in lots of so many entries as take a millisecond to read.
    """
    listing = list_entries(page, outlet)
    if isinstance(listing, Unlisted):
        return listing
    entries = listing.entries
    try:
        further = (msgspec.json.encode(entries[start : start + _LOT]) for start in range(_LOT, len(entries), _LOT))
        return msgspec.json.encode(replace(listing, entries=entries[:_LOT])), *further
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
