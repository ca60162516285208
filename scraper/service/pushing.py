"""Brings hubs and the line together: what hubs push goes down it; what polls find tells whether hubs are right."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Protocol

from scraper.clock import Clock
from scraper.engine.events import Event, FeedAsked, Observer
from scraper.engine.ledger import Ledger
from scraper.engine.runner import Runner
from scraper.model.failures import StoreUnavailableError
from scraper.model.feed import Listed
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, Request
from scraper.polling import settings_for
from scraper.service.ticking import Chore
from scraper.settings import Settings, WebSubSettings
from scraper.storage import Store
from scraper.websub import SUBSCRIPTIONS, Pushed, Subscriptions, listening, new_key

KEY = "websub-key"
"""What all callbacks and secrets follow from."""
EVERY = timedelta(seconds=15)
"""How often hubs whose time has come are asked, and what has changed is saved."""


class Line(Protocol):
    """What pushed content needs of the running line."""

    @property
    def runner(self) -> Runner:
        """Takes the content."""
        ...

    @property
    def ledger(self) -> Ledger:
        """The way to the store."""
        ...

    @property
    def store(self) -> Store:
        """Where feeds are remembered."""
        ...


def remembered(
    store: Store,
    settings: WebSubSettings,
    outlets: Mapping[str, Outlet],
    fetch: Callable[[Request], Awaitable[Fetched]],
    clock: Clock,
) -> Subscriptions | None:
    """The subscriptions of earlier runs; None when nobody is to push."""
    if settings.callback is None:
        return None
    key = store.memory(KEY)
    if key is None:
        key = new_key()
        store.remember(KEY, key)
    subscriptions = Subscriptions(settings, key=key, outlets=outlets, fetch=fetch, clock=clock)
    if saved := store.memory(SUBSCRIPTIONS):
        feeds = (url for outlet in outlets.values() for url in (*outlet.feeds, *outlet.news_sitemaps))
        subscriptions.restore(saved, feeds)
    return subscriptions


def noting(subscriptions: Subscriptions | None, observe: Observer) -> Observer:
    """An observer of the line that tells the subscriptions what polls leave behind, and then the other one all."""
    if subscriptions is None:
        return observe

    def note(event: Event) -> None:
        if isinstance(event, FeedAsked):
            subscriptions.saw(event.state, event.found if isinstance(event.poll, Listed) else 0)
        observe(event)

    return note


@asynccontextmanager
async def receiving(
    subscriptions: Subscriptions | None, line: Line, settings: Settings, clock: Clock
) -> AsyncIterator[None]:
    """Let hubs call for as long as the context lasts, if there is anything to subscribe with."""
    if subscriptions is None:
        yield
        return
    for state in await line.ledger.run(line.store.feeds):
        subscriptions.saw(state, 0)
    deliver = partial(_deliver, subscriptions, line, settings, clock)
    async with listening(settings.websub.listen, subscriptions, deliver, settings.fetch.feed_wire_limit):
        try:
            yield
        finally:
            await _save(subscriptions, line.ledger, line.store, at_once=True)


def subscribing(subscriptions: Subscriptions | None, ledger: Ledger, store: Store) -> tuple[Chore, ...]:
    """The chore that speaks to hubs and keeps what they said."""
    if subscriptions is None:
        return ()

    async def work() -> None:
        await subscriptions.work()
        await _save(subscriptions, ledger, store)

    return (Chore(name="subscriptions", every=EVERY, work=work),)


async def _save(subscriptions: Subscriptions, ledger: Ledger, store: Store, *, at_once: bool = False) -> None:
    """Keep what has changed; when that fails hubs are asked once more than needed, and nothing else is lost."""
    saved = subscriptions.saved(at_once=at_once)
    if saved is None:
        return
    try:
        await ledger.run_once(partial(store.remember, SUBSCRIPTIONS, saved))
    except StoreUnavailableError:
        subscriptions.has_changed()
    except asyncio.CancelledError:
        # Who stops the chore amid its write saves once more at the end, and must find what is to be written.
        subscriptions.has_changed()
        raise


async def _deliver(subscriptions: Subscriptions, line: Line, settings: Settings, clock: Clock, push: Pushed) -> None:
    """Down the line with content; where there is none that can be read and believed, the feed is asked soon."""
    found = None if push.page is None else await line.runner.push(push.page, push.outlet)
    if found is not None:
        subscriptions.delivered(push, found)
        return
    floor = settings_for(settings.poll, push.outlet).floor
    if await line.ledger.run(partial(line.store.hasten, push.feed, clock(), floor)):
        line.runner.wake()
