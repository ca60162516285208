"""robots.txt by RFC 9309: what a host lets us ask, and how often. Parsing and matching are protego's."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Annotated

import msgspec
from msgspec import Meta
from protego import Protego

from scraper.fetching.pace import TOO_MANY_REQUESTS
from scraper.model.outlet import Outlet
from scraper.model.page import Fetched, FetchFailed, FetchReason, Page, Unchanged

SIZE_LIMIT = 500 * 1024
"""Bytes that are read; what follows is ignored (RFC 9309 section 2.5)."""
KEEP = timedelta(hours=24)
KEEP_FAILURE = timedelta(minutes=10)
"""A host whose robots.txt cannot be had is asked nothing else meanwhile (RFC 9309 section 2.3.1.4)."""
KEEP_STALE = timedelta(days=7)
"""Rules that were once read are good for this long while robots.txt cannot be had."""
MOST_HOSTS = 200_000
MOST_CHARACTERS = 64_000_000
"""How much is remembered in all; the rules meant for us are a few hundred characters of most files."""
_LARGEST_SAVED = 64 * 1024
"""Characters; longer rules are asked for again after a restart."""
_CLIENT_ERROR = 4
_LARGE = 16 * 1024
"""Characters from which on rules are parsed and matched in a thread, to keep the event loop free."""
_AGENT = frozenset({"user-agent", "useragent", "user agent"})
_OF_THE_SITE = frozenset({"sitemap", "sitemaps", "site-map", "host"})
_RULES = {
    **dict.fromkeys(("disallow", "dissallow", "dissalow", "disalow", "diasllow", "disallaw"), "Disallow"),
    "allow": "Allow",
    **dict.fromkeys(("crawl-delay", "crawl delay"), "Crawl-delay"),
    **dict.fromkeys(("request-rate", "request rate"), "Request-rate"),
    **dict.fromkeys(("visit-time", "visit time"), "Visit-time"),
}
_FIELDS = _AGENT | _OF_THE_SITE | _RULES.keys()
"""Every field that protego reads, misspellings included."""
_BOM = "\ufeff"
_Aware = Annotated[datetime, Meta(tz=True)]
_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(tuple[str, _Aware, _Aware, str | None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The address may be asked."""

    crawl_delay: float | None = None
    """Seconds between two requests that the host wishes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disallowed:
    """The host does not want the address to be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """robots.txt could not be had, so nothing may be asked yet."""

    failure: FetchFailed
    retry_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    text: str | None
    """None: there are no rules, everything is allowed."""
    read_at: datetime
    until: datetime
    failure: FetchFailed | None = None


class Robots:
    """Rules of all hosts that were asked lately."""

    def __init__(
        self, *, token: str, fetch: Callable[[str, Outlet], Awaitable[Fetched]], clock: Callable[[], datetime]
    ) -> None:
        self._token = token
        self._fetch = fetch
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._characters = 0
        self._changed = False
        self._locks: dict[str, asyncio.Lock] = {}

    def knows(self, origin: str) -> bool:
        """Whether the origin can be judged without a request."""
        known = self._known.get(origin)
        return known is not None and known.until > self._clock()

    async def check(self, url: str, origin: str, outlet: Outlet) -> Allowed | Disallowed | Unavailable:
        """Tell whether the URL of the origin (`https://host:port`) may be asked; robots.txt is fetched when due."""
        known = await self._rules(origin, outlet)
        if known.failure is not None:
            return Unavailable(failure=known.failure, retry_at=known.until)
        if known.text is None:
            return Allowed()
        if len(known.text) < _LARGE:
            return _judge(known.text, url, self._token)
        return await asyncio.to_thread(_judge, known.text, url, self._token)

    async def _rules(self, origin: str, outlet: Outlet) -> _Known:
        known = self._known.get(origin)
        if known is not None and known.until > self._clock():
            return known
        lock = self._locks.setdefault(origin, asyncio.Lock())
        try:
            async with lock:
                known = self._known.get(origin)
                if known is None or known.until <= self._clock():
                    answer = await self._fetch(f"{origin}/robots.txt", outlet)
                    known = _read(answer, known, self._token, self._clock())
                    if not _not_asked(answer):
                        self._remember(origin, known)
                return known
        finally:
            if not lock.locked():
                self._locks.pop(origin, None)

    def _remember(self, origin: str, known: _Known) -> None:
        """Keep what is known, within bounds: the longest known go first, for they are asked again soonest anyway."""
        self._forget(origin)
        self._known[origin] = known
        self._characters += len(known.text or "")
        self._changed = True
        while len(self._known) > MOST_HOSTS or self._characters > MOST_CHARACTERS:
            self._forget(next(iter(self._known)))

    def _forget(self, origin: str) -> None:
        if before := self._known.pop(origin, None):
            self._characters -= len(before.text or "")

    def saved(self) -> bytes | None:
        """All rules that are still good, for `restore` in a later process; None when nothing changed since.

        A line for each host: with many hosts it takes a while, so it may be called in another thread than the loop's.
        """
        if not self._changed:
            return None
        self._changed = False
        now = self._clock()
        rows = (
            (origin, known.read_at, known.until, known.text)
            for origin, known in list(self._known.items())
            if known.failure is None and known.until > now and len(known.text or "") <= _LARGEST_SAVED
        )
        return _ENCODER.encode_lines(rows)

    def restore(self, saved: bytes) -> None:
        """Know again what an earlier process saved, as far as it is still good; what cannot be read is left out."""
        now = self._clock()
        for line in saved.splitlines():
            with suppress(msgspec.DecodeError):
                origin, read_at, until, text = _DECODER.decode(line)
                if now < until <= now + KEEP:
                    self._remember(origin, _Known(text=text, read_at=read_at, until=until))
        self._changed = False


def meant_for(token: str, text: str) -> str:
    """The groups of a robots.txt that speak to the token or to all, with no other agents named, in plain spelling.

    Protego's work grows with agents times rules; of a file made to exploit that, next to nothing is left. What is left
    means to protego what the whole file means: the same lines open and end a group.
    """
    kept: list[str] = []
    agents: list[str] = []
    in_rules = True
    for line in text.splitlines():
        field, value = _directive(line.partition("#")[0].strip())
        if field is None or field in _OF_THE_SITE:
            continue
        if field in _AGENT:
            agents = [] if in_rules else agents
            in_rules = False
            agent = _agent(value, token)
            if agent and agent not in agents:
                agents.append(agent)
                kept.append(f"User-agent: {agent}")
        else:
            in_rules = True
            if agents:
                # A field that nobody knows ends a group, too; an empty rule does that and nothing else.
                kept.append(f"{_RULES[field]}: {value}" if field in _RULES else "Disallow: ")
    return "\n".join(kept)


def _directive(line: str) -> tuple[str | None, str]:
    """The line's field in lower case and its value, as protego reads them; None when it has no field."""
    field, colon, value = line.partition(":")
    field = field.strip().lower()
    if field in _FIELDS or (colon and (not value or value[0].isspace())):
        return field, value.strip()
    words = line.split()
    for count in (1, 2):  # the longest field has two words
        spaced = " ".join(words[:count]).lower()
        if spaced in _FIELDS:
            return spaced, " ".join(words[count:])
    return (field, value.strip()) if colon else (None, "")


def _agent(value: str, token: str) -> str | None:
    """The agent that the value names, if it is everybody or may be us; asterisks in a name mean nothing."""
    name = value.lower()
    name = name if name == "*" else name.replace("*", "")
    return name if name == "*" or name in token.lower() else None


def _judge(text: str, url: str, token: str) -> Allowed | Disallowed:
    rules = _parsed(text)
    if not rules.can_fetch(url, token):
        return Disallowed()
    return Allowed(crawl_delay=_delay(rules, token))


def _delay(rules: Protego, token: str) -> float | None:
    """Seconds between two requests: the longer of Crawl-delay and what Request-rate amounts to."""
    rate = rules.request_rate(token)
    wishes = rules.crawl_delay(token), rate.seconds / rate.requests if rate else None
    return max((wish for wish in wishes if wish is not None), default=None)


def _parsed(text: str) -> Protego:
    return _large(text) if len(text) >= _LARGE else _small(text)


_small = lru_cache(maxsize=1024)(Protego.parse)
_large = lru_cache(maxsize=8)(Protego.parse)
"""Thousands of rules take megabytes once they are parsed."""


def _read(answer: Fetched, before: _Known | None, token: str, now: datetime) -> _Known:
    match answer:
        case Page():
            text = _whole_lines(answer.body).decode("utf-8", "replace").removeprefix(_BOM)
            return _Known(text=meant_for(token, text), read_at=now, until=now + KEEP)
        case Unchanged():
            raise AssertionError("robots.txt is never asked for conditionally")
        case FetchFailed() if _no_rules(answer):
            return _Known(text=None, read_at=now, until=now + KEEP)
        case FetchFailed() if _not_asked(answer):
            return _Known(text=None, read_at=now, until=answer.retry_at or now, failure=answer)
        case FetchFailed():
            until = max(now + KEEP_FAILURE, min(answer.retry_at or now, now + KEEP))
            if before is not None and before.failure is None and now - before.read_at < KEEP_STALE:
                return _Known(text=before.text, read_at=before.read_at, until=until)
            if answer.status == TOO_MANY_REQUESTS:
                return _Known(text=None, read_at=now, until=now + KEEP_FAILURE)
            return _Known(text=None, read_at=now, until=until, failure=answer)


def _whole_lines(body: bytes) -> bytes:
    """Without a last line that was cut at the limit: half an address would forbid all that begins like it."""
    return body if len(body) < SIZE_LIMIT else body[: body.rfind(b"\n") + 1]


def _no_rules(answer: FetchFailed) -> bool:
    """Whether there are no rules to be had: any 4xx, redirects without end (RFC 9309 section 2.3.1.2-3), no text."""
    if answer.reason in {FetchReason.REDIRECTS, FetchReason.BAD_ENCODING}:
        return True
    return answer.status is not None and answer.status != TOO_MANY_REQUESTS and answer.status // 100 == _CLIENT_ERROR


def _not_asked(answer: Fetched) -> bool:
    """Whether our own politeness kept us from asking: nothing is known about robots.txt then."""
    return isinstance(answer, FetchFailed) and answer.reason is FetchReason.THROTTLED and answer.status is None
