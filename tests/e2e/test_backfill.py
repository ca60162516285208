"""Backfill over real sockets: the daemon's own line on a finite source."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from scraper.clock import utc_now
from scraper.demo import DemoWeb
from scraper.model.span import Span
from scraper.service.backfill import Enqueued, run_backfill
from scraper.service.daemon import run_once
from scraper.service.demonstration import demo_settings
from scraper.service.tally import Tally
from scraper.settings import Settings


def saved(data: Path) -> list[dict[str, Any]]:
    parts = sorted(data.glob("articles/*/*.jsonl"))
    return [json.loads(line) for part in parts for line in part.read_text("utf-8").splitlines()]


class Backfill:
    """Runs the backfill again and again on one data directory."""

    def __init__(self, web: DemoWeb, data: Path) -> None:
        self.web, self.settings = web, demo_settings(Settings(), data)
        self.tally, self.listed = Tally(), 0

    def progress(self, step: object) -> None:
        self.listed += step.listed if isinstance(step, Enqueued) else 0

    async def run(self, span: Span, limit: int | None = None) -> int:
        """How many articles it kept."""
        before = self.tally.kept
        await run_backfill(
            self.settings,
            self.web.outlets,
            span=span,
            limit=limit,
            observe=self.tally.observe,
            progress=self.progress,
            clock=utc_now,
            stop=asyncio.Event(),
        )
        return self.tally.kept - before


async def test_sitemaps_go_through_the_same_line_and_nothing_is_saved_twice(tmp_path):
    recent = Span(since=utc_now() - timedelta(days=400))
    with DemoWeb(utc_now()) as web:
        backfill = Backfill(web, tmp_path)
        assert await backfill.run(Span(until=datetime(2020, 1, 1, tzinfo=UTC))) == 0
        assert await backfill.run(recent) > 0
        kept = saved(tmp_path)
        assert backfill.listed >= len(kept) == backfill.tally.kept
        assert await backfill.run(recent) == 0
        daemon = Tally()
        await run_once(backfill.settings, web.outlets, observe=daemon.observe, clock=utc_now, stop=asyncio.Event())
        assert daemon.kept == 0, "the daemon finds nothing that the backfill did not"
        assert saved(tmp_path) == kept


async def test_a_limit_holds_over_all_outlets_and_the_rest_comes_next_time(tmp_path):
    with DemoWeb(utc_now()) as web:
        backfill = Backfill(web, tmp_path)
        await backfill.run(Span(), limit=3)
        settled = backfill.tally.kept + backfill.tally.dropped.total()
        assert settled == 3
        await backfill.run(Span())
        assert backfill.tally.kept + backfill.tally.dropped.total() > 3
