"""Backfills of one data directory, run within the test's own process."""

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from scraper.clock import utc_now
from scraper.engine.events import Event, Observer
from scraper.model.backfill import Plan, Progress
from scraper.model.outlet import Outlet
from scraper.service.backfill import Watching, run_backfill
from scraper.service.demonstration import demo_settings
from scraper.service.tally import Tally
from scraper.settings import Settings
from scraper.storage import Runs


def lines(data: Path, stream: str = "articles") -> list[dict[str, Any]]:
    """Every line of a stream; a torn one is an error here."""
    parts = sorted(
        data.glob(f"{stream}/date=*/part-*.jsonl"), key=lambda part: (part.parent, len(part.name), part.name)
    )
    return [json.loads(line) for part in parts for line in part.read_text("utf-8").splitlines()]


def settings_in(data: Path, **fetch: Any) -> Settings:
    settings = demo_settings(Settings(), data)
    return replace(
        settings,
        drain=timedelta(milliseconds=50),
        fetch=replace(settings.fetch, **({"host_spacing": timedelta(milliseconds=5)} | fetch)),
        extract=replace(settings.extract, workers=1),
    )


class Backfills:
    """Runs backfills one after the other; `tally` counts what the line settled in this process."""

    def __init__(self, settings: Settings, outlets: tuple[Outlet, ...] = ()) -> None:
        self.settings, self.outlets = settings, outlets
        self.runs = Runs(settings.store.data)
        self.tally = Tally()
        self.shown: list[Progress] = []
        self.told: list[object] = []
        self.observers: list[Observer] = [self.tally.observe]

    def observe(self, event: Event) -> None:
        for observer in self.observers:
            observer(event)

    async def run(self, plan: Plan, stop: asyncio.Event | None = None) -> Progress:
        """A new run, until it ends or is stopped."""
        if not plan.outlets:
            plan = replace(plan, outlets=tuple(outlet.id for outlet in self.outlets))
        files = await asyncio.to_thread(self.runs.create, plan, utc_now())
        return await self.go_on(files.run.number, stop)

    async def go_on(self, number: int, stop: asyncio.Event | None = None) -> Progress:
        """An earlier run, from where it stopped."""
        return await run_backfill(
            self.settings,
            self.outlets,
            self.runs.open(number),
            watching=Watching(observe=self.observe, told=self.told.append, shown=self.shown.append),
            clock=utc_now,
            stop=stop or asyncio.Event(),
        )
