"""Until when a shard may ask servers, and from when on its successor may. Pure; each side reads its own clock.

    line: Leases ── Grant(for the life and the moment that the shard told) ──> shard: Lease
                 <── Told(its life, what its clock says now) ────────────────

A lease lasts from the moment that the shard told, by its own clock, and the line knows that this moment was past when
it heard of it. So however long a message is on its way, the line knows a moment by which every lease that it gave to an
earlier life is over, and has the next life wait for that. Clocks need not agree; they must run equally fast.
"""

from dataclasses import dataclass

LEASE_S = 6.0
"""So long a shard may ask servers after the moment that it told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a shard answers to each grant."""

    life: str
    now: float
    """By the shard's clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """Leave for one life of a shard to ask servers until LEASE_S after a moment that it told."""

    told: Told
    wait: float
    """Seconds, from the arrival of this on, after which nobody else can be asking any more; below 0: that is past."""


class Leases:
    """The line's side, for one shard."""

    def __init__(self, free_from: float) -> None:
        """From `free_from` on nobody asks servers whom the line did not give leave."""
        self._free_from = free_from
        self._granted_until = free_from
        self._heard: tuple[Told, float] | None = None

    def grant(self, now: float) -> Grant | None:
        """Leave for the life that was heard of last; None as long as none was."""
        if self._heard is None:
            return None
        told, heard = self._heard
        self._granted_until = max(self._granted_until, heard + LEASE_S)
        return Grant(told=told, wait=self._free_from - now)

    def hear(self, told: Told, now: float) -> bool:
        """Note what the shard told; whether this life was not known.

        A new life ends the one before it, whose leases are waited out.
        """
        before, self._heard = self._heard, (told, now)
        if before is not None and before[0].life == told.life:
            return False
        if before is not None:
            self._free_from = self._granted_until
        return True

    def are_all_of(self, life: str, now: float) -> bool:
        """Whether no lease is left but those of this life."""
        return self._heard is not None and self._heard[0].life == life and now >= self._free_from


class Lease:
    """The shard's side, in one of its lives."""

    def __init__(self, life: str) -> None:
        self.life = life
        self.until = float("-inf")
        self._free_from = float("inf")
        self.is_given_up = False

    def give_up(self) -> None:
        """Let go of leave to ask servers, for good."""
        self.is_given_up = True
        self.until = float("-inf")

    def take(self, grant: Grant | None, now: float) -> Told:
        """Go on for as long as a grant says, if it is meant for this life. Gives what to tell the line."""
        if grant is not None and grant.told.life == self.life and not self.is_given_up:
            self.until = max(self.until, grant.told.now + LEASE_S)
            self._free_from = min(self._free_from, now + grant.wait)
        return Told(life=self.life, now=now)

    def wait(self, spacing: float, now: float) -> float:
        """Seconds until a host may be asked that others may have asked, and is to be asked every `spacing` seconds.

        Infinite while that cannot be told.
        """
        return max(0.0, self._free_from + spacing - now)

    def left(self, now: float) -> float:
        """Seconds for which servers may be asked; not above 0 when they may not."""
        return self.until - now
