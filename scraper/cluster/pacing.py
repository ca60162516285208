"""Politeness that is local to one place though many ask: each domain's turns are given by the shard that owns it.

A redirect may lead a shard to a host of another shard. It then asks that one for a turn, as if its own request came
from there. Nothing is sent without a lease, that of the host's owner: a shard that has lost touch with the line, on a
node that is cut off or dying, sends nothing more by the time its successor may, and neither does who borrowed from it.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from secrets import randbits
from typing import Protocol

from scraper.cluster.leases import LEASE_S, Grant, Lease, Told
from scraper.fetching.hosts import Busy, Host, Hosts, Rules, Turn, away
from scraper.fetching.pace import Answer

LENT_S = 60.0
"""A turn that another shard has not given back after this long is taken back: it has died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lent:
    """A turn at another shard's host."""

    number: int
    """No other turn has it, whatever life of whichever shard gave it."""
    good_for: float
    """Seconds, from the asking on, within which the request must be sent."""


class Neighbour(Protocol):
    """Another shard."""

    async def lend(self, name: str, rules: Rules, patience: float) -> Lent | Busy:
        """Wait for a turn at one of its hosts; or when it can be had. Busy when the shard cannot be reached."""
        ...

    def give_back(self, number: int, answer: Answer | None) -> None:
        """End a turn that was lent; does not wait."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class _Borrowed:
    owner: Neighbour
    number: int
    until: float


class SharedHosts(Hosts):
    """The turns of one shard's hosts, and the way to those of the others."""

    def __init__(
        self, *, life: str, domain_of: Callable[[str], str], owner_of: Callable[[str], Neighbour | None]
    ) -> None:
        super().__init__(domain_of=domain_of)
        self._owner = owner_of
        """The owner of a registrable domain; None for one's own."""
        self._domain = domain_of
        self._lease = Lease(life)
        self._granted = asyncio.Event()
        self._borrowed: dict[Turn, _Borrowed] = {}
        self._lent: dict[int, tuple[Turn, asyncio.TimerHandle]] = {}
        self._lent_at: Counter[str] = Counter()

    def keep(self, grant: Grant | None) -> Told:
        """Go on for as long as the line says; what to tell it of this shard."""
        told = self._lease.take(grant, _now())
        if self._lease.left(told.now) > 0:
            self._granted.set()
        return told

    def rest(self) -> str:
        """Have nothing sent any more, by us or by those whom we lent turns. Gives this life."""
        self._lease.give_up()
        return self._lease.life

    async def enter(self, name: str, rules: Rules, patience: float, after: Turn | None = None) -> Turn | Busy:
        """Wait for leave to ask the host, whoever's it is, but no longer than `patience` seconds."""
        owner = self._owner(self._domain(name))
        if owner is None:
            return await self._enter_own(name, rules, patience, after)
        asked = _now()
        lent = await owner.lend(name, rules, patience)
        if isinstance(lent, Busy):
            return lent
        turn = away(name, rules)
        self._borrowed[turn] = _Borrowed(owner=owner, number=lent.number, until=asked + lent.good_for)
        return turn

    async def _enter_own(self, name: str, rules: Rules, patience: float, after: Turn | None) -> Turn | Busy:
        latest = _now() + patience
        if busy := await self._leave_to_ask(rules, latest):
            return busy
        return await super().enter(name, rules, latest - _now(), after)

    async def _leave_to_ask(self, rules: Rules, latest: float) -> Busy | None:
        """Wait for a lease, and until all others that may have asked the host have left it alone for its distance."""
        while (now := _now()) <= latest:
            if self._lease.left(now) <= 0:
                self._granted.clear()
                try:
                    async with asyncio.timeout_at(latest):
                        await self._granted.wait()
                except TimeoutError:
                    return Busy(seconds=LEASE_S, throttled=False)
            elif (wait := self._lease.wait(rules.spacing, now)) > latest - now:
                return Busy(seconds=wait, throttled=False)
            elif wait > 0:
                await asyncio.sleep(wait)
            else:
                return None
        return Busy(seconds=LEASE_S, throttled=False)

    async def depart(self, turn: Turn) -> bool:
        """Wait until the request of a turn may be sent; False when the leave of the host's owner has run out."""
        borrowed = self._borrowed.get(turn)
        if borrowed is not None:
            return _now() < borrowed.until and not self._lease.is_given_up
        return await super().depart(turn) and self._lease.left(_now()) > 0

    def leave(self, turn: Turn, answer: Answer | None) -> float:
        """End the turn, wherever it is from."""
        borrowed = self._borrowed.pop(turn, None)
        if borrowed is None:
            return super().leave(turn, answer)
        borrowed.owner.give_back(borrowed.number, answer)
        return 0.0

    async def lend(self, name: str, rules: Rules, patience: float) -> Lent | Busy:
        """A turn at one of our hosts for another shard. The host is then asked by nobody else until it ends."""
        asked = _now()
        turn = await self._enter_own(name, replace(rules, concurrency=1), patience, None)
        if isinstance(turn, Busy):
            return turn
        number = randbits(63)
        timer = asyncio.get_running_loop().call_later(LENT_S, self.take_back, number, None)
        self._lent[number] = turn, timer
        self._lent_at[name] += 1
        return Lent(number=number, good_for=self._lease.until - asked)

    def take_back(self, number: int, answer: Answer | None) -> None:
        """End a turn that was lent; one that was taken back before is none any more.

        When its request was sent is not known here, so the next one keeps its distance from its end.
        """
        lent = self._lent.pop(number, None)
        if lent is None:
            return
        turn, timer = lent
        timer.cancel()
        self._lent_at -= Counter((turn.name,))
        self._departed(turn)
        super().leave(turn, answer)

    def _has_room(self, host: Host, rules: Rules) -> bool:
        return not self._lent_at[host.name] and super()._has_room(host, rules)


def _now() -> float:
    return asyncio.get_running_loop().time()
