"""One request's whole trip: guard, addresses, robots, politeness, exchange, redirects. Each hop goes through them all.

url -> Target -> Route -> permission -> turn -> Page | Unchanged | FetchFailed | Moved, the next url
"""

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from math import ceil
from types import TracebackType
from typing import Self

import httpx

from scraper.fetching.exchange import Exchange, Hop, Limits, Moved
from scraper.fetching.guard import Malformed, Refused, Target, parse_networks, read_url
from scraper.fetching.hosts import Busy, Hosts, Rules, Turn
from scraper.fetching.resolver import Lookup, Resolver, system_lookup
from scraper.fetching.robots import SIZE_LIMIT, Allowed, Disallowed, Robots, Unavailable
from scraper.fetching.routes import NoRoute, Routes
from scraper.fetching.transport import PinnedTransport, Route
from scraper.fetching.trip import Trip
from scraper.model.outlet import Outlet, Policy
from scraper.model.page import Fetched, FetchFailed, FetchReason, Request, RequestKind
from scraper.settings import FetchSettings
from scraper.urls import registrable_domain
from scraper.version import __version__

_CONNECTING = 8
"""How many times as many connections may be in the making as exchanges may be under way."""
_NOT_CRAWLING = frozenset({RequestKind.ROBOTS, RequestKind.HUB})
_HUB_ANSWER = 64 * 1024
"""Most bytes of what a hub answers that are read."""
_PATIENCE = 0.5
"""The share of the deadline that may be spent waiting for politeness; longer waits are answered at once."""


class HttpFetcher:
    """Asks servers over HTTP. Implements `scraper.engine.ports.Fetcher`, as an asynchronous context manager.

    Everything that a server, a network or a setting can cause is a returned FetchFailed; an exception is a bug. What
    servers asked of an `earlier` fetcher of this event loop, which is closed by now, is heeded on.
    """

    def __init__(
        self,
        settings: FetchSettings,
        clock: Callable[[], datetime],
        *,
        tls: ssl.SSLContext | None = None,
        lookup: Lookup = system_lookup,
        hosts: Hosts | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._agent = user_agent(settings)
        self.hosts = hosts or Hosts(domain_of=registrable_domain)
        self.hosts.limit(_CONNECTING * settings.concurrency)
        self._resolver = Resolver(lookup)
        self._routes = Routes(resolver=self._resolver, allowed=parse_networks(settings.allow_networks))
        self._robots = Robots(token=product_token(self._agent), fetch=self._fetch_robots, clock=clock)
        self._transport = PinnedTransport(
            tls=tls or httpx.create_ssl_context(),
            connect_timeout=settings.connect_timeout.total_seconds(),
            least_rate=settings.min_bytes_per_second,
            at_once=settings.concurrency,
        )
        self._exchange = Exchange(self._transport, clock)

    def saved_robots(self) -> bytes | None:
        """The robots.txt rules of all hosts, for `restore_robots` after a restart; None when nothing changed."""
        return self._robots.saved()

    def restore_robots(self, saved: bytes) -> None:
        """Know again the rules that an earlier process saved, as long as they are good."""
        self._robots.restore(saved)

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first request."""
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Let go of everything held."""
        await self._transport.aclose()
        await self._resolver.aclose()

    async def fetch(self, request: Request) -> Fetched:
        """Make one exchange, redirects included. Ends within the deadline of the request's kind."""
        limits = limits_of(request.kind, self._settings)
        trip = Trip(request=request, url=request.url)
        try:
            async with asyncio.timeout(limits.deadline):
                return await self._travel(trip, limits)
        except TimeoutError:
            return trip.failed(FetchReason.TIMEOUT, f"no whole answer within {limits.deadline:g} s")

    async def _travel(self, trip: Trip, limits: Limits) -> Fetched:
        seen: set[str] = set()
        try:
            while trip.redirects <= self._settings.max_redirects:
                if trip.url in seen:
                    return trip.failed(FetchReason.REDIRECTS, "redirected in a circle")
                seen.add(trip.url)
                answer = await self._hop(trip, limits)
                if not isinstance(answer, Moved):
                    return self._with_retry(answer, self._end_turn(trip))
            return trip.failed(FetchReason.REDIRECTS, f"more than {self._settings.max_redirects} redirects")
        finally:
            self._end_turn(trip)

    async def _hop(self, trip: Trip, limits: Limits) -> Fetched | Moved:
        target = read_url(trip.url)
        if isinstance(target, Malformed):
            return trip.failed(FetchReason.BAD_URL, target.detail)
        if isinstance(target, Refused):
            return trip.failed(FetchReason.REFUSED_ADDRESS, target.detail)
        trip.arrive(target)
        self._leave_behind(trip, target)
        route = await self._route(target, trip)
        if isinstance(route, FetchFailed):
            return route
        allowed = await self._permission(target, trip)
        if isinstance(allowed, FetchFailed):
            return allowed
        if busy := await self._turn(target, trip, allowed, limits):
            return busy
        return await self._ask(target, route, trip, limits)

    async def _ask(self, target: Target, route: Route, trip: Trip, limits: Limits) -> Fetched | Moved:
        turn = trip.turn
        if turn is None:
            raise AssertionError("nobody is asked without a turn")
        answered = await self._exchange.make(
            Hop(
                target=target,
                route=route,
                headers=trip.headers(target, self._agent),
                content=trip.content,
                requested_url=trip.request.url,
                conditional=trip.conditional(target),
                permanent_so_far=trip.permanent and trip.redirects > 0,
                depart=partial(self.hosts.depart, turn),
            ),
            limits,
        )
        trip.word = answered.word
        if isinstance(answered.result, Moved) and not trip.follow(answered.result, target):
            return trip.failed(FetchReason.REDIRECTS, "a secret is not carried from https to http")
        return answered.result

    def _leave_behind(self, trip: Trip, target: Target) -> None:
        """Keep the turn for redirects within its host, unless robots.txt must be asked for: never wait holding one."""
        if trip.turn is None:
            return
        known = not self._heeds_robots(trip) or self._robots.knows(target.authority)
        if trip.turn.name != target.host or not known:
            trip.came_from = trip.turn
            self._end_turn(trip)

    def _heeds_robots(self, trip: Trip) -> bool:
        return self._settings.respect_robots and trip.request.kind not in _NOT_CRAWLING

    def _end_turn(self, trip: Trip) -> float:
        """Give the turn back, if there is one; returns for how many seconds its host wants to be left alone."""
        turn, word, trip.turn, trip.word = trip.turn, trip.word, None, None
        return 0.0 if turn is None else self.hosts.leave(turn, word)

    def _with_retry(self, answer: Fetched, blocked: float) -> Fetched:
        if isinstance(answer, FetchFailed) and answer.retry_at is None and blocked > 0:
            return replace(answer, retry_at=self._clock() + _whole(blocked))
        return answer

    async def _route(self, target: Target, trip: Trip) -> Route | FetchFailed:
        proxy = trip.request.outlet.policy.proxy or self._settings.proxy
        route = await self._routes.to(target, proxy)
        return trip.failed(route.reason, route.detail) if isinstance(route, NoRoute) else route

    async def _permission(self, target: Target, trip: Trip) -> Allowed | FetchFailed:
        if not self._heeds_robots(trip):
            return Allowed()
        match await self._robots.check(str(target.url), target.authority, trip.request.outlet):
            case Allowed() as allowed:
                return allowed
            case Disallowed():
                return trip.failed(FetchReason.ROBOTS, f"robots.txt of {target.host} does not allow it")
            case Unavailable(failure=failure, retry_at=retry_at):
                return trip.failed(
                    failure.reason,
                    f"robots.txt of {target.host} cannot be had, so nothing else may be asked: {failure.detail}",
                    status=failure.status,
                    retry_at=retry_at,
                )

    async def _turn(self, target: Target, trip: Trip, allowed: Allowed, limits: Limits) -> FetchFailed | None:
        """Wait until the target's host may be asked; a failure when that is too far off."""
        if trip.turn is not None:
            return None
        rules = rules_of(self._settings, trip.request, allowed.crawl_delay)
        turn = await self.hosts.enter(target.host, rules, limits.deadline * _PATIENCE, after=trip.came_from)
        if isinstance(turn, Turn):
            trip.turn = turn
            return None
        retry_at = self._clock() + _whole(turn.seconds)
        return trip.failed(FetchReason.THROTTLED, _waiting(target, turn), retry_at=retry_at)

    async def _fetch_robots(self, url: str, outlet: Outlet) -> Fetched:
        return await self.fetch(Request(url=url, kind=RequestKind.ROBOTS, outlet=outlet))


def _waiting(target: Target, busy: Busy) -> str:
    if busy.throttled:
        return f"{target.host} asked to be left alone for {busy.seconds:.0f} s more"
    return f"the next turn at {target.host} is {busy.seconds:.0f} s away"


def _whole(seconds: float) -> timedelta:
    return timedelta(seconds=max(1, ceil(seconds)))


def limits_of(kind: RequestKind, settings: FetchSettings) -> Limits:
    """Deadline and sizes for a kind of request."""
    match kind:
        case RequestKind.PAGE:
            deadline, wire = settings.page_deadline, settings.page_wire_limit
        case RequestKind.ROBOTS:
            # Shorter than that of the trip which waits for it, so that a failure is known and remembered.
            deadline = settings.feed_deadline / 2
            return Limits(deadline=deadline.total_seconds(), wire=SIZE_LIMIT, decoded=SIZE_LIMIT, cut=True)
        case RequestKind.HUB:
            deadline = settings.feed_deadline
            return Limits(deadline=deadline.total_seconds(), wire=_HUB_ANSWER, decoded=_HUB_ANSWER, cut=True)
        case RequestKind.FEED | RequestKind.SITEMAP:
            deadline, wire = settings.feed_deadline, settings.feed_wire_limit
    return Limits(deadline=deadline.total_seconds(), wire=wire, decoded=settings.decoded_limit)


def rules_of(settings: FetchSettings, request: Request, crawl_delay: float | None) -> Rules:
    """The strictest of the general settings, the outlet's policy and the host's own wish.

    The one request for robots.txt keeps the general spacing alone, so that the page it is for need not wait twice;
    so does a request to a hub, which is not the outlet's.
    """
    policy = Policy() if request.kind in _NOT_CRAWLING else request.outlet.policy
    spacing = [settings.host_spacing, policy.request_spacing or timedelta()]
    if crawl_delay is not None:
        spacing.append(min(timedelta(seconds=min(crawl_delay, 1e6)), settings.crawl_delay_limit))
    concurrency = min(settings.host_concurrency, policy.concurrency or settings.host_concurrency)
    return Rules(spacing=max(spacing).total_seconds(), concurrency=max(concurrency, 1))


def user_agent(settings: FetchSettings) -> str:
    """How the daemon introduces itself: `scraper/VERSION (+contact)`."""
    if settings.user_agent:
        return settings.user_agent
    return f"scraper/{__version__}" + (f" (+{settings.contact})" if settings.contact else "")


def product_token(agent: str) -> str:
    """The part of the User-Agent that robots.txt names (RFC 9309 section 2.2.1)."""
    return agent.partition(" ")[0].partition("/")[0]
