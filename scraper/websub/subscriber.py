"""All subscriptions of one collection: which are wanted, what hubs are asked, what they may say to us.

feed states ── saw ──> subscriptions ── work ──> requests to hubs
hubs ── verify, receive ──> subscriptions ──> pushed content, or word that a feed has changed
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import nsmallest
from urllib.parse import urlsplit

import msgspec

from scraper.model.feed import FeedState
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, FetchFailed, FetchReason, Page, Request, RequestKind
from scraper.settings import WebSubSettings
from scraper.websub import subscription as life
from scraper.websub.keys import is_signed, secret, token
from scraper.websub.subscription import Stage, Subscription

SUBSCRIPTIONS = "websub"
"""The name under which the store remembers them."""
_AT_ONCE = 16
"""Most hubs asked at once; the others wait for the next turn of `work`."""
_SAVED_A_SECOND = 16_384
"""Bytes a second, in the mean, that are spent on remembering what hubs said."""
_LONGEST_ADDRESS = 2048
_LONGEST_CHALLENGE = 4096
_SETTLED = timedelta(hours=1)
"""A feed that names another hub is followed there no sooner: one that names a new one each time costs little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What a hub has sent for a feed."""

    token: str = field(repr=False)
    feed: str
    outlet: Outlet
    page: Page | None
    """The content, proven to be the hub's; None: only word that there is something new, which anybody could give."""


@dataclass(slots=True, kw_only=True)
class _Saved:
    """What outlives a restart."""

    callback: str
    subscriptions: list[Subscription] = field(default_factory=list)


def subscriptions_in(saved: bytes | None) -> list[Subscription]:
    """The subscriptions in what `Subscriptions.saved` gave; none when it cannot be read."""
    if saved is None:
        return []
    try:
        return msgspec.json.decode(saved, type=_Saved).subscriptions
    except msgspec.DecodeError:
        return []


class Subscriptions:
    """The subscriber, for one event loop. Nothing in it waits for a hub but `work`."""

    def __init__(
        self,
        settings: WebSubSettings,
        *,
        key: bytes,
        outlets: Mapping[str, Outlet],
        fetch: Callable[[Request], Awaitable[Fetched]],
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._callback = (settings.callback or "").rstrip("/")
        self._key = key
        self._outlets = outlets
        self._fetch = fetch
        self._clock = clock
        self._by_token: dict[str, Subscription] = {}
        self._current: dict[str, str] = {}
        """The token of each feed's own subscription; those that are leaving have none here."""
        self._changed = False
        self._save_after = clock()

    def all(self) -> list[Subscription]:
        """Every subscription, those that are leaving included."""
        return list(self._by_token.values())

    def saved(self, *, at_once: bool = False) -> bytes | None:
        """All subscriptions for `restore` in a later process; None when nothing has changed.

        None as well, unless it is wanted `at_once`, while the last time is too near for so many bytes: fifty thousand
        take 15 MB, and what is lost by a crash is asked for again.
        """
        now = self._clock()
        if not self._changed or (now < self._save_after and not at_once):
            return None
        self._changed = False
        saved = msgspec.json.encode(_Saved(callback=self._callback, subscriptions=self.all()))
        self._save_after = now + timedelta(seconds=len(saved) / _SAVED_A_SECOND)
        return saved

    def has_changed(self) -> None:
        """There is something to save: what `saved` gave last may not have been kept."""
        self._changed = True

    def restore(self, saved: bytes, feeds: Iterable[str]) -> None:
        """Know again what an earlier process saved. Those of feeds that are not among these are to be ended.

        With another callback than then, or when it cannot be read, all is asked for anew.
        """
        configured = set(feeds)
        try:
            before = msgspec.json.decode(saved, type=_Saved)
        except msgspec.DecodeError:
            return
        if before.callback != self._callback:
            return
        for one in before.subscriptions:
            self._put(one)
            if one.feed not in configured:
                self._leave(one)

    def saw(self, state: FeedState, found: int) -> None:
        """Take note of what a poll has left behind: the hub that the feed names, and how many stories were new."""
        current = self._of(state.url)
        if current is not None and found and current.relied:
            current = self._put(life.overtaken(current))
        hub, topic = state.memory.hints.hub, state.memory.hints.self_url or state.memory.address or state.url
        if current is not None and (current.hub, current.topic) == (hub, topic):
            return
        now = self._clock()
        if current is not None:
            if now - current.since < _SETTLED:
                return
            self._leave(current)
        if hub is not None and _is_address(hub) and _is_address(topic):
            self._put(life.wanted(feed=state.url, outlet=state.outlet, hub=hub, topic=topic, now=now))

    def relies_on_hub(self, feed: str) -> bool:
        """Whether the feed's new stories come from its hub at present, so that it need not be asked so often."""
        one = self._of(feed)
        return one is not None and one.relied and one.is_live(self._clock())

    async def work(self) -> None:
        """Ask the hubs whose time has come, a few at a time."""
        now = self._clock()
        due = ((one.act_at, token) for token, one in self._by_token.items() if one.act_at <= now)
        await asyncio.gather(*(self._ask(token) for _, token in nsmallest(_AT_ONCE, due)))

    async def _ask(self, token: str) -> None:
        now, before = self._clock(), self._by_token[token]
        if life.is_over(before, now):
            self._forget(before)
            return
        asked = self._put(life.asking(before, now))
        answer = await self._fetch(
            Request(url=asked.hub, kind=RequestKind.HUB, outlet=self._outlet(asked), form=self._form(asked))
        )
        # A hub may verify before it answers; then its answer says nothing more.
        if self._by_token.get(token) is not asked or not isinstance(answer, FetchFailed):
            return
        if answer.reason is FetchReason.THROTTLED and answer.retry_at is not None:
            asked = life.postponed(asked, answer.retry_at)
        self._put(life.refused(asked, answer.detail))

    def _form(self, one: Subscription) -> tuple[tuple[str, str], ...]:
        """The request of W3C WebSub, section 5.1."""
        names = one.feed, one.hub, one.topic
        form = [("hub.callback", f"{self._callback}/{token(self._key, *names)}"), ("hub.topic", one.topic)]
        if one.stage is Stage.LEAVING:
            return ("hub.mode", "unsubscribe"), *form
        form.append(("hub.lease_seconds", f"{self._settings.lease.total_seconds():.0f}"))
        if one.proves:
            form.append(("hub.secret", secret(self._key, *names)))
        return ("hub.mode", "subscribe"), *form

    def verify(self, token: str, said: Mapping[str, str]) -> str | None:
        """Answer a hub that asks whether we meant it (section 5.3): with its challenge; None when we did not."""
        one = self._by_token.get(token)
        if one is None or said.get("hub.topic") != one.topic:
            return None
        challenge = said.get("hub.challenge", "")
        if len(challenge) > _LONGEST_CHALLENGE:
            return None
        leaves = one.stage is Stage.LEAVING
        match said.get("hub.mode"):
            case "subscribe" if challenge and not leaves:
                lease = _lease(said.get("hub.lease_seconds", ""), self._settings.lease)
                self._put(life.verified(one, lease, self._clock()))
                return challenge
            case "unsubscribe" if challenge and leaves:
                self._forget(one)
                return challenge
            case "denied" if not leaves:
                self._put(life.denied(one, said.get("hub.reason", ""), self._clock()))
                return ""
            case _:
                return None

    def expects(self, token: str) -> bool:
        """Whether content may come for this token, so that its body is worth reading."""
        one = self._by_token.get(token)
        return one is not None and one.stage is Stage.LIVE

    def receive(self, token: str, body: bytes, headers: Mapping[str, str]) -> Pushed | None:
        """What a hub's push amounts to (section 7); None when it is to be passed over.

        Whoever is answered learns nothing of that: nobody can try signatures out.
        """
        one = self._by_token.get(token)
        if one is None or not self.expects(token):
            return None
        told = Pushed(token=token, feed=one.feed, outlet=self._outlet(one), page=None)
        if not one.proves:
            return told
        if not is_signed(secret(self._key, one.feed, one.hub, one.topic), headers.get("x-hub-signature"), body):
            return None
        if headers.get("content-encoding", "identity").strip().lower() != "identity":
            return told
        page = Page(
            url=one.topic,
            requested_url=one.feed,
            body=body,
            fetched_at=self._clock(),
            content_type=headers.get("content-type"),
            wire_bytes=len(body),
        )
        return replace(told, page=page)

    def delivered(self, push: Pushed, found: int) -> None:
        """Take note of how many stories of proven content were new."""
        one = self._by_token.get(push.token)
        if one is not None:
            self._put(life.pushed(one, found, self._clock()))

    def _outlet(self, one: Subscription) -> Outlet:
        """The outlet of the feed; one that is not configured any more has no wishes of its own."""
        return self._outlets.get(one.outlet) or Outlet(id=one.outlet, name=one.outlet, domains=())

    def _of(self, feed: str) -> Subscription | None:
        current = self._current.get(feed)
        return None if current is None else self._by_token[current]

    def _put(self, one: Subscription) -> Subscription:
        name = token(self._key, one.feed, one.hub, one.topic)
        self._by_token[name] = one
        if one.stage is not Stage.LEAVING:
            self._current[one.feed] = name
        self._changed = True
        return one

    def _leave(self, one: Subscription) -> None:
        self._forget(one)
        ended = life.leaving(one, self._clock())
        if ended is not None:
            self._put(ended)

    def _forget(self, one: Subscription) -> None:
        name = token(self._key, one.feed, one.hub, one.topic)
        self._by_token.pop(name, None)
        if self._current.get(one.feed) == name:
            del self._current[one.feed]
        self._changed = True


def _is_address(text: str) -> bool:
    """Whether it may be asked at all; the address guard judges the rest."""
    try:
        return len(text) <= _LONGEST_ADDRESS and urlsplit(text).scheme in {"http", "https"}
    except ValueError:
        return False


def _lease(text: str, asked: timedelta) -> timedelta:
    return timedelta(seconds=int(text[:10])) if text.isascii() and text.isdigit() else asked
