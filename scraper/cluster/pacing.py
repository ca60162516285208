"""Politeness that is local to one place though many ask: each domain's turns are given by the shard that owns it.

A redirect may lead a shard to a host of another shard. It then asks that one for a turn, as if its own request came
from there. Nobody asks without a lease: a shard that has lost touch with the line, on a node that is cut off or dying,
stops before its successor starts.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from scraper.fetching.hosts import Busy, Hosts, Rules, Turn, away
from scraper.fetching.pace import Answer

LEASE_S = 6.0
"""A shard may ask servers for this long after it last heard of the line; its successor waits as long."""
LENT_S = 60.0
"""A turn that another shard has not given back after this long is taken back: it has died."""


class Neighbour(Protocol):
    """Another shard."""

    async def lend(self, name: str, rules: Rules, patience: float) -> int | Busy:
        """Wait for a turn at one of its hosts; its number, or when it can be had. Busy when it cannot be reached."""
        ...

    def give_back(self, number: int, answer: Answer | None) -> None:
        """End a turn that was lent; does not wait."""
        ...


class SharedHosts(Hosts):
    """The turns of one shard's hosts, and the way to those of the others."""

    def __init__(
        self,
        *,
        domain_of: Callable[[str], str],
        owner_of: Callable[[str], Neighbour | None],
        reborn: bool,
    ) -> None:
        super().__init__(domain_of=domain_of)
        self._owner = owner_of
        """The owner of a registrable domain; None for one's own."""
        self._domain = domain_of
        self._born = asyncio.get_running_loop().time()
        self._reborn = reborn
        self._lease = self._born + LEASE_S
        self._borrowed: dict[Turn, tuple[Neighbour, int]] = {}
        self._lent: dict[int, tuple[Turn, asyncio.TimerHandle]] = {}
        self._number = 0

    def keep(self, seconds: float) -> None:
        """Go on for this long."""
        self._lease = asyncio.get_running_loop().time() + seconds

    async def enter(self, name: str, rules: Rules, patience: float, after: Turn | None = None) -> Turn | Busy:
        """Wait for leave to ask the host, whoever's it is, but no longer than `patience` seconds."""
        owner = self._owner(self._domain(name))
        if owner is None:
            return await self._enter_own(name, rules, patience, after)
        number = await owner.lend(name, rules, patience)
        if isinstance(number, Busy):
            return number
        turn = away(name, rules)
        self._borrowed[turn] = owner, number
        return turn

    async def _enter_own(self, name: str, rules: Rules, patience: float, after: Turn | None) -> Turn | Busy:
        now = asyncio.get_running_loop().time()
        if now > self._lease:
            return Busy(seconds=LEASE_S, throttled=False)
        if self._reborn and (wait := self._born + LEASE_S + rules.spacing - now) > 0:
            # Its earlier life may not be over before its lease is, and may have asked each host until then.
            if wait > patience:
                return Busy(seconds=wait, throttled=False)
            await asyncio.sleep(wait)
            patience -= wait
        return await super().enter(name, rules, patience, after)

    def leave(self, turn: Turn, answer: Answer | None) -> float:
        """End the turn, wherever it is from."""
        borrowed = self._borrowed.pop(turn, None)
        if borrowed is None:
            return super().leave(turn, answer)
        owner, number = borrowed
        owner.give_back(number, answer)
        return 0.0

    async def lend(self, name: str, rules: Rules, patience: float) -> int | Busy:
        """A turn at one of our hosts for another shard."""
        turn = await self._enter_own(name, rules, patience, None)
        if isinstance(turn, Busy):
            return turn
        self._number += 1
        number = self._number
        timer = asyncio.get_running_loop().call_later(LENT_S, self.take_back, number, None)
        self._lent[number] = turn, timer
        return number

    def take_back(self, number: int, answer: Answer | None) -> None:
        """End a turn that was lent; one that was taken back before is none any more."""
        lent = self._lent.pop(number, None)
        if lent is not None:
            turn, timer = lent
            timer.cancel()
            super().leave(turn, answer)
