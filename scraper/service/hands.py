"""Who fetches and reads for the line: this process and its children, or a cluster."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from scraper.clock import Clock
from scraper.engine.parts import Ask
from scraper.engine.ports import KnowingFetcher
from scraper.engine.steps import Reader, StoryReader
from scraper.extraction import ArticleExtractor
from scraper.fetching import HttpFetcher
from scraper.model.entry import Entry
from scraper.model.span import Span
from scraper.sandbox import Sandbox
from scraper.service.metering import MeteredExtractor, MeteredFetcher
from scraper.service.metrics import Metrics
from scraper.service.resting import Rest
from scraper.service.warming import warm_up, warm_up_to_prepare
from scraper.settings import ExtractSettings, Settings

SpanOf = Callable[[Entry], Span | None]
"""Gives the publication times that the backfill asks for which an entry came from."""
QUARANTINE = "quarantine"
"""The directory with the bytes of pages that killed their readers, for a bug report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hands:
    """What the line fetches and reads with."""

    settings: Settings
    """Those of the line, its concurrency as it is with these hands."""
    fetcher: KnowingFetcher
    sandbox: Sandbox
    reader: StoryReader
    ask: Ask | None = None
    shards: int = 1
    """How many processes ask servers."""


@asynccontextmanager
async def open_hands(
    settings: Settings,
    clock: Clock,
    span_of: SpanOf,
    robots: bytes | None,
    *,
    rest: Rest,
    earlier: KnowingFetcher | None = None,
    metrics: Metrics | None = None,
    warm_up: Callable[[], None] = warm_up,
) -> AsyncIterator[Hands]:
    """Start them. `robots` is what an earlier process knew, `earlier` what asked servers in this process until now.

    With `metrics` the reading of stories is measured here; what a cluster does is not.
    Raises ClusterError when there is no cluster to be had.
    """
    if settings.cluster.address is None:
        opening = _here(settings, clock, span_of, earlier, metrics, warm_up=warm_up)
    else:
        opening = _on_cluster(settings, span_of, robots, rest, takes_over=earlier is not None)
    async with opening as hands:
        if robots:
            hands.fetcher.restore_robots(robots)
        yield hands


@asynccontextmanager
async def _here(
    settings: Settings,
    clock: Clock,
    span_of: SpanOf,
    earlier: KnowingFetcher | None,
    metrics: Metrics | None,
    *,
    warm_up: Callable[[], None],
) -> AsyncIterator[Hands]:
    hosts = earlier.hosts if isinstance(earlier, HttpFetcher) else None
    sandbox_opening = open_sandbox(settings.extract, warm_up)
    async with sandbox_opening as sandbox, HttpFetcher(settings.fetch, clock, hosts=hosts) as fetcher:
        extractor = ArticleExtractor(sandbox, settings.extract, settings.store.data / QUARANTINE)
        yield Hands(
            settings=settings,
            fetcher=fetcher,
            sandbox=sandbox,
            reader=Reader(
                fetcher=fetcher if metrics is None else MeteredFetcher(fetcher, metrics),
                extractor=extractor if metrics is None else MeteredExtractor(extractor, metrics),
                settings=settings,
                clock=clock,
                span_of=span_of,
            ),
        )


@asynccontextmanager
async def _on_cluster(
    settings: Settings, span_of: SpanOf, robots: bytes | None, rest: Rest, *, takes_over: bool
) -> AsyncIterator[Hands]:
    from scraper.cluster import IN_HAND, Crew, Limits, Plan, fitting_shards  # noqa: PLC0415 - an optional extra

    extract = settings.extract
    shards = settings.cluster.shards
    if shards is None:
        shards = await asyncio.to_thread(fitting_shards)
    limits = Limits(
        timeout=extract.page_timeout,
        memory=extract.worker_memory,
        recycle_after=extract.worker_pages,
        warm_up=warm_up_to_prepare,
    )
    plan = Plan(settings=settings, shards=shards, robots=robots)
    crew = Crew(plan, limits, takes_over=takes_over, is_alone=await rest.ends())
    async with crew:
        wide = replace(settings.fetch, concurrency=IN_HAND * shards * settings.fetch.concurrency)
        # Larger groups, for when there are as many: a sync of the disk takes as long for them as for small ones.
        together = replace(settings.store, commit_articles=shards * settings.store.commit_articles)
        yield Hands(
            settings=replace(settings, fetch=wide, store=together),
            fetcher=crew,
            sandbox=crew.sandbox,
            reader=crew.reader(span_of),
            ask=crew.ask,
            shards=shards,
        )
    if crew.is_at_rest:
        await rest.begins()


def open_sandbox(settings: ExtractSettings, warm_up: Callable[[], None] = warm_up) -> Sandbox:
    """The workers that read pages and feeds, warmed up."""
    return Sandbox(
        workers=workers(settings),
        timeout=settings.page_timeout,
        memory=settings.worker_memory,
        recycle_after=settings.worker_pages,
        warm_up=warm_up,
    )


def workers(settings: ExtractSettings) -> int:
    """How many child processes read at once: one for each processor that this process may use, unless it is told."""
    return settings.workers or _processors()


def _processors() -> int:
    # Two that take turns on one processor cost each other what it has in its caches.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
