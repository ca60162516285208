"""The state of a collection in numbers, an outlet a line."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from scraper.model.feed import FeedState
from scraper.polling import LENGTHS, Finding, Lengths, findings, unpacked
from scraper.storage import Archive, Size, Tally, Waiting
from scraper.websub.subscriber import SUBSCRIPTIONS, subscriptions_in
from scraper.websub.subscription import Subscription

KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletLine:
    """One outlet's state."""

    outlet: str
    feeds: int
    feeds_failing: int
    kept: int
    dropped: dict[str, int]
    """Stories by reason, the most frequent first."""
    waiting: int
    deferred: int
    last_new: datetime | None
    """When a feed of it last listed something new."""
    next_due: datetime | None
    failure: str | None
    """What the feed that has been failing longest said last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedTrouble:
    """Something that is wrong with a feed, and what to do."""

    outlet: str
    feed: str
    finding: Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The whole collection's state."""

    at: datetime
    outlets: tuple[OutletLine, ...]
    size: Size
    troubles: tuple[FeedTrouble, ...] = ()
    """By outlet; of one feed the gravest first."""
    subscriptions: tuple[Subscription, ...] = ()
    """At the hubs of feeds that are pushed, by outlet and feed."""

    @property
    def kept(self) -> int:
        """Articles kept, over all outlets."""
        return sum(line.kept for line in self.outlets)

    def findings(self, feed: str) -> tuple[Finding, ...]:
        """What is wrong with one feed, the gravest first."""
        return tuple(trouble.finding for trouble in self.troubles if trouble.feed == feed)

    @property
    def dropped(self) -> Counter[str]:
        """Stories dropped by reason, over all outlets."""
        total: Counter[str] = Counter()
        for line in self.outlets:
            total.update(line.dropped)
        return total


def overview(archive: Archive, now: datetime, since_day: str = "") -> Overview:
    """What the archive says of itself; verdicts are counted from the UTC day `since_day` on."""
    lengths = unpacked(archive.memory(LENGTHS))
    subscriptions = subscriptions_in(archive.memory(SUBSCRIPTIONS))
    return replace(
        summarise(archive.feeds(), archive.tallies(since_day), archive.waiting(), archive.size(), now, lengths=lengths),
        subscriptions=tuple(sorted(subscriptions, key=lambda one: (one.outlet, one.feed))),
    )


def summarise(
    feeds: Iterable[FeedState],
    tallies: Iterable[Tally],
    waiting: Iterable[Waiting],
    size: Size,
    now: datetime,
    *,
    lengths: Mapping[str, Lengths] = MappingProxyType({}),
) -> Overview:
    """The same from the parts; `lengths` are those of each feed's articles. Pure."""
    states: dict[str, list[FeedState]] = {}
    troubles: list[FeedTrouble] = []
    for state in feeds:
        troubles += (
            FeedTrouble(outlet=state.outlet, feed=state.url, finding=finding)
            for finding in findings(state, now, lengths.get(state.url, Lengths()))
        )
        states.setdefault(state.outlet, []).append(state)
    counts: dict[str, Counter[str]] = {}
    for tally in tallies:
        counts.setdefault(tally.outlet, Counter())[tally.reason] += tally.stories
    queues = {queue.outlet: queue for queue in waiting}
    names = sorted({*states, *counts, *queues})
    lines = tuple(_line(name, states.get(name, []), counts.get(name, Counter()), queues.get(name)) for name in names)
    return Overview(at=now, outlets=lines, size=size, troubles=tuple(troubles))


def _line(outlet: str, feeds: list[FeedState], counts: Counter[str], queue: Waiting | None) -> OutletLine:
    failing = sorted(
        (state for state in feeds if state.failures),
        key=lambda state: (state.failing_since or state.next_due, state.url),
    )
    return OutletLine(
        outlet=outlet,
        feeds=len(feeds),
        feeds_failing=len(failing),
        kept=counts[KEPT],
        dropped={reason: count for reason, count in counts.most_common() if reason != KEPT},
        waiting=queue.ready + queue.claimed if queue else 0,
        deferred=queue.deferred if queue else 0,
        last_new=max((state.new_at for state in feeds if state.new_at), default=None),
        next_due=min((state.next_due for state in feeds), default=None),
        failure=failing[0].last_failure if failing else None,
    )
