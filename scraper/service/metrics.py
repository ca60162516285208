"""What a Prometheus server may ask for: counters, gauges and histograms of the running line.

Every name begins with `scraper_`; times are in seconds. Outlets are told apart as far as their number stays bounded.
"""

import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.process_collector import ProcessCollector

from scraper.clock import Clock
from scraper.engine.events import (
    ConfigurationRefused,
    ConfigurationTaken,
    CopyFailed,
    CopyMade,
    Event,
    FeedAsked,
    GroupCommitted,
    StepFailed,
    StorySettled,
    WritingPaused,
    WritingResumed,
)
from scraper.engine.runner import Runner
from scraper.model.feed import Listed, NotModified, Poll, PollFailed
from scraper.model.page import Fetched, FetchFailed, Page, RequestKind
from scraper.model.verdict import Deferred, Dropped, Kept
from scraper.storage import Waiting
from scraper.version import __version__

OUTLETS = 500
"""So many outlets have series of their own; what comes after them is counted as `other`."""
OTHER = "other"
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 45.0)
_LAG = (60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0, 3600.0, 7200.0, 14400.0, 43200.0, 86400.0)
_GROUPS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """All series of one process. `observe` is an observer of the line; the `meter_` methods are told of each step."""

    def __init__(self, clock: Clock, data: Path) -> None:
        self._clock = clock
        self._outlets: set[str] = set()
        self.registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self.registry)
        Info("scraper_build", "The program's version.", registry=self.registry).info({"version": __version__})
        counter, histogram, gauge = self._counter, self._histogram, self._gauge
        self.polls = counter("polls", "Polls of feeds and news sitemaps that have ended.", "outlet", "result")
        self.found = counter("entries_found", "Entries of feeds that were new.", "outlet")
        self.stories = counter("stories", "Stories settled; kept ones have no reason.", "outlet", "fate", "reason")
        self.unmatched = counter(
            "unmatched_selectors", "Stories on whose pages a key's selectors matched nothing.", "outlet", "key"
        )
        self.fetches = counter("fetches", "Exchanges by result: page, unchanged, or why not.", "kind", "result")
        self.fetched_bytes = counter("fetched_bytes", "Bytes of bodies as they travelled.", "kind")
        self.defects = counter("defects", "Bugs met by single steps, which were passed over.")
        self.reloads = counter("reloads", "Configurations read again.", "result")
        self.copies = counter("offsite_copies", "Pushes to object storage.", "result")
        self.fetch_seconds = histogram("fetch_seconds", "One exchange, its wait for the host included.", _SLOW, "kind")
        self.list_seconds = histogram("list_seconds", "Reading one feed, with its wait for a worker.", _QUICK)
        self.extract_seconds = histogram("extract_seconds", "Reading one story, with its wait for a worker.", _QUICK)
        self.dedup_seconds = histogram("dedup_seconds", "Judging one story against all earlier ones.", _QUICK)
        self.commit_seconds = histogram("commit_seconds", "Judging and committing one group, until durable.", _QUICK)
        self.commit_stories = histogram("commit_stories", "Stories of one commit.", _GROUPS)
        self.publication_lag = histogram("publication_lag_seconds", "From published until saved.", _LAG)
        self.found_lag = histogram("found_lag_seconds", "From listed by a feed until saved.", _LAG)
        self.loop_lag = histogram("loop_lag_seconds", "How much later than due the event loop turned.", _QUICK)
        self.under_way = gauge("under_way", "What is being worked on now.", "what")
        self.waiting = gauge("waiting_stories", "Stories in the store that wait for their verdict.", "state")
        self.paused = gauge("writing_paused", "1 while the store cannot write.")
        self.configured = gauge("outlets", "Outlets in the configuration in force.")
        free = gauge("disk_free_bytes", "Room left where the data directory is.")
        free.set_function(lambda: _free(data))

    def _counter(self, name: str, what: str, *labels: str) -> Counter:
        return Counter(f"scraper_{name}", what, labels, registry=self.registry)

    def _gauge(self, name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"scraper_{name}", what, labels, registry=self.registry)

    def _histogram(self, name: str, what: str, buckets: Iterable[float], *labels: str) -> Histogram:
        return Histogram(f"scraper_{name}", what, labels, buckets=tuple(buckets), registry=self.registry)

    def follow(self, runner: Runner, outlets: int) -> None:
        """From now on tell the load of this runner."""
        self.configured.set(outlets)
        self.under_way.labels("polls").set_function(lambda: runner.load.polls)
        self.under_way.labels("pages").set_function(lambda: runner.load.pages)
        self.under_way.labels("ready").set_function(lambda: runner.load.ready)

    def observe(self, event: Event) -> None:
        """Count one event of the line."""
        match event:
            case FeedAsked(state=state, poll=poll, found=found):
                outlet = self._outlet(state.outlet)
                self.polls.labels(outlet, _result(poll)).inc()
                self.found.labels(outlet).inc(found)
            case StorySettled():
                self._count_story(event)
            case GroupCommitted(stories=stories, seconds=seconds):
                self.commit_seconds.observe(seconds)
                self.commit_stories.observe(stories)
            case StepFailed():
                self.defects.inc()
            case _:
                self._count_rest(event)

    def _count_rest(self, event: Event) -> None:
        match event:
            case WritingPaused() | WritingResumed():
                self.paused.set(isinstance(event, WritingPaused))
            case ConfigurationTaken() | ConfigurationRefused():
                self.reloads.labels("taken" if isinstance(event, ConfigurationTaken) else "refused").inc()
            case CopyMade() | CopyFailed():
                self.copies.labels("made" if isinstance(event, CopyMade) else "failed").inc()
            case _:
                pass

    def _count_story(self, event: StorySettled) -> None:
        pending, verdict = event.outcome.pending, event.outcome.verdict
        outlet = self._outlet(pending.entry.outlet)
        for key in event.outcome.degraded:
            self.unmatched.labels(outlet, key).inc()
        match verdict:
            case Kept(article=article):
                self.stories.labels(outlet, "kept", "").inc()
                now = self._clock()
                self.found_lag.observe(_seconds(now - pending.found_at))
                if article.published is not None:
                    self.publication_lag.observe(_seconds(now - article.published))
            case Dropped(reason=reason):
                self.stories.labels(outlet, "dropped", reason.value).inc()
            case Deferred(reason=reason):
                self.stories.labels(outlet, "deferred", reason.value).inc()

    def meter_fetch(self, kind: RequestKind, answer: Fetched, seconds: float) -> None:
        """One exchange has ended."""
        self.fetch_seconds.labels(kind.value).observe(seconds)
        result = answer.reason.value if isinstance(answer, FetchFailed) else "unchanged"
        if isinstance(answer, Page):
            result = "page"
            self.fetched_bytes.labels(kind.value).inc(answer.wire_bytes)
        self.fetches.labels(kind.value, result).inc()

    def meter_waiting(self, queues: Iterable[Waiting]) -> None:
        """How many stories wait, as the store says."""
        known = list(queues)
        self.waiting.labels("ready").set(sum(queue.ready for queue in known))
        self.waiting.labels("claimed").set(sum(queue.claimed for queue in known))
        self.waiting.labels("deferred").set(sum(queue.deferred for queue in known))

    def _outlet(self, name: str) -> str:
        if name not in self._outlets:
            if len(self._outlets) >= OUTLETS:
                return OTHER
            self._outlets.add(name)
        return name


def _result(poll: Poll) -> str:
    match poll:
        case Listed():
            return "listed"
        case NotModified():
            return "unchanged"
        case PollFailed(put_off=True):
            return "put-off"
        case _:
            return "failed"


def _seconds(span: timedelta) -> float:
    # A page that calls itself younger than now was not saved before it was published.
    return max(0.0, span.total_seconds())


def _free(path: Path) -> float:
    try:
        return float(shutil.disk_usage(path).free)
    except OSError:
        return 0.0
