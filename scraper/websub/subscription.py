"""One subscription's life: wanted, live, denied, leaving. Pure.

wanted ── the hub verifies ──> live ── the feed or its hub is gone ──> leaving ── the hub verifies ──> forgotten
   └───── the hub denies ────> denied ── a week later ──> wanted
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

LONGEST_DETAIL = 300
_BACKOFF = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
"""How long each request waits for the hub's verification before it is made again."""
_DENIED_WAIT = timedelta(days=7)
_RENEW_AT = 0.8
"""The share of a lease after which it is renewed."""
_LEAST_LEASE, _LONGEST_LEASE = timedelta(hours=1), timedelta(days=365)
_FAREWELLS = 3
"""How often a hub is asked to stop before its lease is left to run out."""


class Stage(StrEnum):
    """Where a subscription stands."""

    WANTED = "wanted"
    """To be asked for, or asked for and not yet verified."""
    LIVE = "live"
    DENIED = "denied"
    LEAVING = "leaving"
    """To be ended, or asked to end and not yet verified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One feed's subscription at one hub."""

    feed: str
    """The feed's address as it is configured."""
    outlet: str
    hub: str
    topic: str
    """What the feed calls its own address: the hub knows it by that."""
    since: datetime
    act_at: datetime
    """When the hub is asked next."""
    stage: Stage = Stage.WANTED
    tries: int = 0
    """Requests since the hub last verified one."""
    until: datetime | None = None
    """When the lease ends."""
    pushed_at: datetime | None = None
    """When content last came that was proven to be the hub's."""
    relied: bool = False
    """Whether the last new story came from the hub; False once a poll found one that the hub had not told of."""
    detail: str = ""
    """What the hub last said against it."""

    def is_live(self, now: datetime) -> bool:
        """Whether the hub has promised to push at this moment."""
        return self.stage is Stage.LIVE and self.until is not None and now < self.until

    @property
    def proves(self) -> bool:
        """Whether what the hub pushes is signed: a secret is only shared over https (W3C WebSub, section 5.1)."""
        return self.hub[:6].lower() == "https:"


def wanted(*, feed: str, outlet: str, hub: str, topic: str, now: datetime) -> Subscription:
    """A subscription to be asked for at once."""
    return Subscription(feed=feed, outlet=outlet, hub=hub, topic=topic, since=now, act_at=now)


def asking(one: Subscription, now: datetime) -> Subscription:
    """The hub is asked now; if it does not verify, it is asked again later and later."""
    stage = Stage.WANTED if one.stage is Stage.DENIED else one.stage
    wait = _BACKOFF[min(one.tries, len(_BACKOFF) - 1)]
    return replace(one, stage=stage, act_at=now + wait, tries=one.tries + 1)


def refused(one: Subscription, detail: str) -> Subscription:
    """The hub could not be asked, or said no at once: it is asked again when its time comes."""
    return replace(one, detail=detail[:LONGEST_DETAIL])


def postponed(one: Subscription, until: datetime) -> Subscription:
    """Politeness did not allow the request: it was no try."""
    return replace(one, act_at=until, tries=max(0, one.tries - 1))


def verified(one: Subscription, lease: timedelta, now: datetime) -> Subscription:
    """The hub asked whether we mean it, and grants a lease. A very short one is renewed no sooner than in an hour."""
    lease = min(max(lease, _LEAST_LEASE), _LONGEST_LEASE)
    return replace(one, stage=Stage.LIVE, tries=0, until=now + lease, act_at=now + lease * _RENEW_AT, detail="")


def denied(one: Subscription, reason: str, now: datetime) -> Subscription:
    """The hub will not serve it, or no more (section 5.2)."""
    why = f"denied: {reason}" if reason else "denied"
    return replace(
        one, stage=Stage.DENIED, until=None, relied=False, act_at=now + _DENIED_WAIT, detail=why[:LONGEST_DETAIL]
    )


def leaving(one: Subscription, now: datetime) -> Subscription | None:
    """The subscription is to end; None when there is none to be ended."""
    if not one.is_live(now):
        return None
    return replace(one, stage=Stage.LEAVING, act_at=now, tries=0, relied=False)


def is_over(one: Subscription, now: datetime) -> bool:
    """Whether a subscription that is to end needs no more requests."""
    return one.stage is Stage.LEAVING and (one.tries >= _FAREWELLS or one.until is None or one.until <= now)


def pushed(one: Subscription, found: int, now: datetime) -> Subscription:
    """The hub pushed content with so many stories that were new."""
    return replace(one, pushed_at=now, relied=one.relied or found > 0)


def overtaken(one: Subscription) -> Subscription:
    """A poll found a story that the hub had not told of."""
    return replace(one, relied=False)
