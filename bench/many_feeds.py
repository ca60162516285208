"""Fifty thousand feeds in state: how long a start takes, what it holds in memory, and whether that stays flat.

    python bench/many_feeds.py [--feeds 50000] [--polls 20000]

A data directory with so many known feeds, five an outlet, is made first. Then a process of its own opens the real line
(store, workers, client), registers every feed of the configuration and asks for those that are due: that is the start.
After that it takes feeds that are due, decides on an answer and remembers it, as the runner does; one answer in four
lists something new. Resident memory is that of the daemon's own process, as the
system tells it (Linux). At the end it looks at all of it, as alerts and the status page do.
"""

import argparse
import asyncio
import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from scraper.clock import utc_now
from scraper.engine.events import unobserved
from scraper.model.entry import Entry
from scraper.model.feed import FeedKind, FeedState, Listed, Listing, NotModified
from scraper.model.outlet import Outlet
from scraper.polling import after_poll, first_state
from scraper.service.wiring import feed_states, open_line
from scraper.settings import PollSettings, Settings, StoreSettings
from scraper.status import Troubles, overview
from scraper.storage import Archive, Store, open_store

AN_OUTLET = 5
LISTED = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--feeds", type=int, default=50_000)
    parser.add_argument("--polls", type=int, default=20_000)
    parser.add_argument("--in", dest="data", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.data:
        asyncio.run(live(options.data, options.feeds, options.polls))
        return
    with tempfile.TemporaryDirectory() as directory:
        start = time.perf_counter()
        fill(Path(directory), options.feeds)
        size = Path(directory, "state.db").stat().st_size
        print(f"{options.feeds} feeds made known in {time.perf_counter() - start:.0f} s; state {size / 1e6:.0f} MB")
        command = [sys.executable, __file__, "--in", directory, "--feeds", str(options.feeds)]
        subprocess.run([*command, "--polls", str(options.polls)], check=True)


def outlets(feeds: int) -> list[Outlet]:
    return [
        Outlet(
            id=f"outlet{number}",
            name=f"Outlet {number}",
            domains=(f"o{number}.example",),
            feeds=tuple(f"https://o{number}.example/feeds/{part}.xml" for part in range(AN_OUTLET)),
        )
        for number in range(feeds // AN_OUTLET)
    ]


def listing(state: FeedState, first: int) -> Listed:
    entries = tuple(
        Entry(
            key=f"{state.url}/{number}",
            url=f"{state.url}/{number}",
            outlet=state.outlet,
            source=state.url,
            published=utc_now() - timedelta(minutes=20 * (LISTED - number + first)),
        )
        for number in range(first, first + LISTED)
    )
    return Listed(
        listing=Listing(entries=entries),
        etag=b'"65f1c8a2-1d3c0"',
        last_modified=b"Mon, 23 Nov 2026 07:00:00 GMT",
        body_digest=bytes(32),
    )


def fill(directory: Path, feeds: int) -> None:
    """Every feed known and polled once, due within the next half hour."""
    store = open_store(StoreSettings(data=directory), utc_now)
    now = utc_now()
    states = []
    known: Listed | None = None
    for number, state in enumerate(fresh(feeds)):
        known = listing(state, 0) if number % 1000 == 0 or known is None else known
        after = after_poll(state, known, PollSettings(), 0.0, now)
        spread = timedelta(seconds=number * 1800 / feeds - 900)
        states.append(
            FeedState(
                url=state.url,
                outlet=state.outlet,
                next_due=now + spread,
                etag=after.etag,
                last_modified=after.last_modified,
                body_digest=after.body_digest,
                interval=after.interval,
                polled_at=now,
                succeeded_at=now,
                new_at=now,
                polls=100,
                memory=after.memory,
            )
        )
    store.register(states)
    store.close()


def fresh(feeds: int) -> Iterator[FeedState]:
    for outlet in outlets(feeds):
        for url in outlet.feeds:
            yield first_state(outlet, url, FeedKind.FEED, utc_now())


async def live(directory: Path, feeds: int, polls: int) -> None:
    mine = tuple(outlets(feeds))
    configured = resident()
    settings = Settings(store=StoreSettings(data=directory))
    start, cpu = time.perf_counter(), time.process_time()
    async with open_line(settings, mine, observe=unobserved, clock=utc_now) as line:
        opened = time.perf_counter() - start
        await line.ledger.run(lambda: line.store.register(feed_states(mine, utc_now)))
        due = await line.ledger.run(lambda: line.store.due(utc_now(), 64))
        began, spent = time.perf_counter() - start, time.process_time() - cpu
        print(
            f"start: line open {opened:.2f} s, feeds registered and the due ones at hand {began:.2f} s, "
            f"CPU {spent:.2f} s"
        )
        print(f"resident: configuration {configured:.0f} MB, started {resident():.0f} MB, {len(due)} due")
        await line.ledger.run(lambda: work(line.store, polls))
        await line.ledger.run(lambda: looks(line.archive))


def looks(archive: Archive) -> None:
    """At what is wrong with the feeds, as the alerts do every 30 seconds, and at the whole, as the status page does."""
    troubles = Troubles()
    for name, look in (
        ("the first look for alerts", lambda: troubles.look(archive, utc_now())),
        ("a later one", lambda: troubles.look(archive, utc_now())),
        ("an overview, with the same troubles", lambda: overview(archive, utc_now(), troubles=troubles)),
    ):
        cpu = time.process_time()
        look()
        print(f"{name}: {(time.process_time() - cpu) * 1e3:.0f} ms CPU, resident {resident():.0f} MB")


def work(store: Store, polls: int) -> None:
    made, cpu = 0, time.process_time()
    while made < polls:
        for state in store.due(utc_now() + timedelta(hours=24), 64):
            now = max(utc_now(), state.next_due)
            if made % 4:
                poll: Listed | NotModified = NotModified(etag=state.etag, last_modified=state.last_modified)
            else:
                poll = listing(state, state.polls % 1000)
            after = after_poll(state, poll, PollSettings(), 0.0, now)
            # Only the first entry: what is measured is the state of feeds, not the archive of their stories.
            store.record_poll(after, poll.listing.entries[:1] if isinstance(poll, Listed) else (), now)
            made += 1
            if made % (polls // 4) == 0:
                each = (time.process_time() - cpu) / made * 1e3
                print(f"{made} polls remembered, {each:.2f} ms CPU each, resident {resident():.0f} MB", flush=True)


def resident() -> float:
    """Megabytes of this process in memory."""
    gc.collect()
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1000
    return float("nan")


if __name__ == "__main__":
    main()
