"""The demonstration: the daemon, hurried, against the bundled web."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from scraper.clock import Clock
from scraper.demo import DemoWeb, Expected
from scraper.engine.events import Event, StorySettled
from scraper.engine.stopping import unless
from scraper.model.verdict import Deferred, Outcome
from scraper.service.daemon import run_daemon
from scraper.settings import Settings

PATIENCE_S = 25.0
LOOPBACK = "127.0.0.0/8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A story of the bundled web and what became of it."""

    expected: Expected
    outcome: Outcome | None
    """None when it was not settled in time."""


def demo_settings(settings: Settings, data: Path) -> Settings:
    """The user's settings, with the hurry that only a server of one's own deserves."""
    return replace(
        settings,
        fetch=replace(
            settings.fetch,
            allow_networks=(*settings.fetch.allow_networks, LOOPBACK),
            host_spacing=timedelta(milliseconds=20),
            proxy=None,
        ),
        poll=replace(
            settings.poll,
            floor=timedelta(seconds=1),
            initial=timedelta(seconds=1),
            ceiling=timedelta(seconds=2),
            tick=timedelta(milliseconds=200),
        ),
        dedup=replace(settings.dedup, keep_duplicates=True),
        store=replace(settings.store, data=data, commit_interval=timedelta(milliseconds=200), max_attempts=1),
        drain=timedelta(seconds=2),
    )


async def run_demo(
    settings: Settings, *, observe: Callable[[Event], None], clock: Clock, stop: asyncio.Event
) -> Sequence[Shown]:
    """Run the daemon until every story of every round is settled, or patience ends; what became of each."""
    settled: dict[str, Outcome] = {}
    news = asyncio.Event()

    def watch(event: Event) -> None:
        if isinstance(event, StorySettled) and not isinstance(event.outcome.verdict, Deferred):
            settled[event.outcome.pending.entry.url] = event.outcome
            news.set()
        observe(event)

    with DemoWeb(clock()) as web:
        running = asyncio.create_task(run_daemon(settings, web.outlets, observe=watch, clock=clock, stop=stop))
        try:
            async with asyncio.timeout(PATIENCE_S):
                for number in range(1, web.rounds + 1):
                    wanted = {story.url for story in web.expected if story.round <= number}
                    while not stop.is_set() and not running.done() and not wanted <= settled.keys():
                        news.clear()
                        await unless(news, asyncio.sleep(1))
                    web.advance()
        except TimeoutError:
            pass
        finally:
            stop.set()
            await running
        return [Shown(expected=story, outcome=settled.get(story.url)) for story in web.expected]
