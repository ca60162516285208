"""The state of a collection in numbers, an outlet a line."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from scraper.polling import Finding
from scraper.status.troubles import FeedTrouble, Troubles
from scraper.storage import Archive, FeedTotals, Size, Tally, Waiting
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

    def findings_beside_feeds(self, outlet: str) -> tuple[Finding, ...]:
        """What is wrong with one outlet that is no feed's."""
        return tuple(one.finding for one in self.troubles if one.outlet == outlet and one.feed is None)

    @property
    def dropped(self) -> Counter[str]:
        """Stories dropped by reason, over all outlets."""
        total: Counter[str] = Counter()
        for line in self.outlets:
            total.update(line.dropped)
        return total


def overview(archive: Archive, now: datetime, since_day: str = "", *, troubles: Troubles | None = None) -> Overview:
    """What the archive says of itself; verdicts are counted from the UTC day `since_day` on.

    Who looks again and again hands in the same `troubles` each time.
    """
    subscriptions = subscriptions_in(archive.memory(SUBSCRIPTIONS))
    found = (troubles or Troubles()).look(archive, now)
    tallies, waiting, size = archive.tallies(since_day), archive.waiting(), archive.size()
    return replace(
        summarise(archive.feed_totals(), tallies, waiting, size, now, troubles=found),
        subscriptions=tuple(sorted(subscriptions, key=lambda one: (one.outlet, one.feed))),
    )


def summarise(
    feeds: Iterable[FeedTotals],
    tallies: Iterable[Tally],
    waiting: Iterable[Waiting],
    size: Size,
    now: datetime,
    *,
    troubles: tuple[FeedTrouble, ...] = (),
) -> Overview:
    """The same from the parts. Pure."""
    polled = {totals.outlet: totals for totals in feeds}
    counts: dict[str, Counter[str]] = {}
    for tally in tallies:
        counts.setdefault(tally.outlet, Counter())[tally.reason] += tally.stories
    queues = {queue.outlet: queue for queue in waiting}
    names = sorted({*polled, *counts, *queues})
    lines = tuple(_line(name, polled.get(name), counts.get(name, Counter()), queues.get(name)) for name in names)
    return Overview(at=now, outlets=lines, size=size, troubles=troubles)


def _line(outlet: str, feeds: FeedTotals | None, counts: Counter[str], queue: Waiting | None) -> OutletLine:
    return OutletLine(
        outlet=outlet,
        feeds=feeds.feeds if feeds else 0,
        feeds_failing=feeds.failing if feeds else 0,
        kept=counts[KEPT],
        dropped={reason: count for reason, count in counts.most_common() if reason != KEPT},
        waiting=queue.ready + queue.claimed if queue else 0,
        deferred=queue.deferred if queue else 0,
        last_new=feeds.last_new if feeds else None,
        next_due=feeds.next_due if feeds else None,
        failure=feeds.failure if feeds else None,
    )
