"""Politeness: who may be asked when. Spacing and concurrency per host and per registrable domain, adapting to answers.

    enter -> Turn (a connection may be made now) | Busy (not before then)
    depart(turn) -> the request may be sent now          leave(turn, Answer) -> the next pace

Requests to one host start in the order in which they came. Nothing here is lost by cancellation: a request that stops
waiting leaves the queue, and a turn is given back by `leave` in a `finally`. Between turn and departure lies what takes
one request longer than another, a connection and a free place, so distances are kept from departure to departure.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from scraper.fetching.pace import TOO_MANY_REQUESTS, Answer, Pace, after

SHARE = 2
"""How many times a host's concurrency all hosts of one registrable domain may have together."""
_WIDEN_AT = 2
"""How many hosts of a domain must answer 429 at the same time until the whole domain is left alone."""
_SWEEP = 4096
_FORGET = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What is allowed at one host, before adaptation."""

    spacing: float
    """Least seconds between two requests on their way."""
    concurrency: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Busy:
    """Politeness does not allow the request soon enough."""

    seconds: float
    """How long to wait, as far as can be told."""
    throttled: bool
    """Whether the server asked for it."""


@dataclass(slots=True)
class _Domain:
    active: int = 0
    next_start: float = 0.0
    blocked_until: float = 0.0
    throttling: dict[str, float] = field(default_factory=dict)
    """Hosts that throttle, and until when."""
    waiting: set[asyncio.Future[None]] = field(default_factory=set)


@dataclass(slots=True)
class Host:
    """What is known of a host."""

    name: str
    domain: _Domain
    gate: asyncio.Lock = field(default_factory=asyncio.Lock)
    queued: int = 0
    active: int = 0
    next_start: float = 0.0
    next_departure: float = 0.0
    """The first moment at which the distance from the last request lets another be sent."""
    blocked_until: float = 0.0
    pace: Pace = field(default_factory=Pace)

    def free_at(self, *, same_domain: bool = False) -> float:
        """The first moment at which spacing and Retry-After let a request start.

        A redirect within the domain need not keep the domain's spacing from the request that it answers.
        """
        spaced = self.next_start if same_domain else max(self.next_start, self.domain.next_start)
        return max(spaced, self.blocked_until, self.domain.blocked_until)


@dataclass(slots=True, kw_only=True, eq=False)
class Turn:
    """Leave to make one request now."""

    host: Host
    rules: Rules
    departed: bool = False
    """Whether its request has been sent. What it sends after that follows a redirect, and need not wait."""

    @property
    def name(self) -> str:
        """The host that may be asked."""
        return self.host.name


def away(name: str, rules: Rules) -> Turn:
    """A turn at a host whose turns are given elsewhere; only whoever made it can end it."""
    return Turn(host=Host(name=name, domain=_Domain()), rules=rules)


class Hosts:
    """All hosts that were asked lately, for one event loop."""

    def __init__(self, *, domain_of: Callable[[str], str], concurrency: int = 1) -> None:
        self._domain_of = domain_of
        self.limit(concurrency)
        self._hosts: dict[str, Host] = {}
        self._domains: dict[str, _Domain] = {}

    def limit(self, concurrency: int) -> None:
        """Let this many turns be taken at once from now on; none may be taken while this is called."""
        self._total = asyncio.Semaphore(concurrency)

    async def enter(self, name: str, rules: Rules, patience: float, after: Turn | None = None) -> Turn | Busy:
        """Wait for leave to ask the host, but no longer than `patience` seconds.

        `after` is the ended turn at another host whose answer led here.
        """
        host = self._host(name)
        same = after is not None and after.host.domain is host.domain
        spacing = host.pace.spacing(rules.spacing)
        wait = host.free_at(same_domain=same) - _now() + host.queued * spacing
        if wait > patience:
            return self._busy(host, wait)
        host.queued += 1
        try:
            async with asyncio.timeout(patience) as limit, host.gate:
                return await self._start(host, rules, limit.when() or 0.0, same_domain=same)
        except TimeoutError:
            return self._busy(host, max(host.free_at(same_domain=same) - _now(), spacing))
        finally:
            host.queued -= 1

    async def depart(self, turn: Turn) -> bool:
        """Wait until the request of a turn may be sent, which is then done at once; False when it may not any more."""
        while not turn.departed and (wait := turn.host.next_departure - _now()) > 0:  # noqa: ASYNC110 - it may move away
            await asyncio.sleep(wait)
        self._departed(turn)
        return True

    def _departed(self, turn: Turn) -> None:
        turn.departed = True
        turn.host.next_departure = _now() + turn.rules.spacing
        self._keep_distance(turn.host, turn.rules)

    def leave(self, turn: Turn, answer: Answer | None) -> float:
        """End the turn with what the server said; None when it ended without any word from it.

        Returns for how many seconds the host now wants to be left alone.
        """
        host, blocked = turn.host, 0.0
        host.active -= 1
        host.domain.active -= 1
        self._total.release()
        if answer is not None:
            host.pace, blocked = after(host.pace, answer, turn.rules.spacing)
            self._block(host, blocked, widens=answer.status == TOO_MANY_REQUESTS)
        for waiter in host.domain.waiting:
            if not waiter.done():
                waiter.set_result(None)
        return blocked

    async def _start(self, host: Host, rules: Rules, latest: float, *, same_domain: bool) -> Turn | Busy:
        while True:
            wait = host.free_at(same_domain=same_domain) - _now()
            if _now() + wait > latest:
                return self._busy(host, wait)
            if wait > 0:
                await asyncio.sleep(wait)
            elif not self._has_room(host, rules):
                await self._room(host.domain)
            else:
                await self._total.acquire()
                if host.free_at(same_domain=same_domain) <= _now() and self._has_room(host, rules):
                    return self._begin(host, rules)
                self._total.release()

    def _begin(self, host: Host, rules: Rules) -> Turn:
        host.active += 1
        host.domain.active += 1
        self._keep_distance(host, rules)
        return Turn(host=host, rules=rules)

    @staticmethod
    def _keep_distance(host: Host, rules: Rules) -> None:
        spacing = host.pace.spacing(rules.spacing)
        host.next_start = _now() + spacing
        host.domain.next_start = _now() + spacing / (SHARE * rules.concurrency)

    def _has_room(self, host: Host, rules: Rules) -> bool:
        limit = host.pace.concurrency(rules.concurrency)
        return host.active < limit and host.domain.active < SHARE * rules.concurrency

    @staticmethod
    async def _room(domain: _Domain) -> None:
        waiter = asyncio.get_running_loop().create_future()
        domain.waiting.add(waiter)
        try:
            await waiter
        finally:
            domain.waiting.discard(waiter)

    @staticmethod
    def _block(host: Host, seconds: float, *, widens: bool) -> None:
        """Leave the host alone for a while, and its whole domain once several of its hosts ask for it."""
        domain = host.domain
        if seconds <= 0:
            domain.throttling.pop(host.name, None)
            return
        host.blocked_until = max(host.blocked_until, _now() + seconds)
        if widens:
            domain.throttling[host.name] = host.blocked_until
        domain.throttling = {name: until for name, until in domain.throttling.items() if until > _now()}
        if len(domain.throttling) >= _WIDEN_AT:
            domain.blocked_until = max(domain.throttling.values())

    @staticmethod
    def _busy(host: Host, seconds: float) -> Busy:
        throttled = max(host.blocked_until, host.domain.blocked_until) > _now()
        return Busy(seconds=max(seconds, 0.0), throttled=throttled)

    def _host(self, name: str) -> Host:
        host = self._hosts.get(name)
        if host is None:
            if len(self._hosts) % _SWEEP == _SWEEP - 1:
                self._sweep()
            domain = self._domains.setdefault(self._domain_of(name), _Domain())
            host = self._hosts[name] = Host(name=name, domain=domain)
        return host

    def _sweep(self) -> None:
        """Forget hosts that have been quiet and owe nothing."""
        old = _now() - _FORGET
        self._hosts = {
            name: host for name, host in self._hosts.items() if host.queued or host.active or host.free_at() > old
        }
        kept = {id(host.domain) for host in self._hosts.values()}
        self._domains = {name: domain for name, domain in self._domains.items() if id(domain) in kept}


def _now() -> float:
    return asyncio.get_running_loop().time()
