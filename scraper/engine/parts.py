"""What the line is built from."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from scraper.clock import Clock
from scraper.engine.events import Observer
from scraper.engine.ledger import Ledger
from scraper.engine.ports import NOTHING, Fetcher, Lister, Store
from scraper.engine.settling import CommitElsewhere, Settler
from scraper.engine.steps import StoryReader
from scraper.model.feed import FeedState, Poll
from scraper.model.outlet import Outlet
from scraper.model.page import Request
from scraper.settings import Settings

FeedRequest = Callable[[FeedState, Outlet], Request]
"""How a feed is asked: where, and with which validators."""
Ask = Callable[[FeedState, Request], Awaitable[Poll]]
"""Makes the request for a feed and lists what it holds."""
NextState = Callable[[FeedState, Poll], FeedState]
"""The polling rules with their settings, jitter and clock already given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the runner is built from."""

    outlets: Mapping[str, Outlet]
    settings: Settings
    store: Store
    ledger: Ledger
    """Every call on the store goes through it."""
    fetcher: Fetcher
    lister: Lister
    reader: StoryReader
    settler: Settler | None
    """None where groups are settled elsewhere."""
    feed_request: FeedRequest
    next_state: NextState
    clock: Clock
    observe: Observer
    commit_elsewhere: CommitElsewhere | None = None
    """Settles and commits groups beside the store, where that is in a process of its own."""
    ask: Ask | None = None
    """Polls a feed elsewhere; None: here, with the fetcher and the lister."""
    learned: Callable[[], Mapping[str, bytes | None]] = lambda: NOTHING
    """What was learned since the last call and is to be remembered with the commit; called in the ledger's thread."""
