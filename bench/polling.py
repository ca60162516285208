"""Polling rules side by side: simulated feeds with real and modelled publication patterns.

    python bench/polling.py [DATA_DIR] [--feeds 500] [--days 30] [--seed 1] [--real 0.4] [--alone] [--matched]

DATA_DIR/feeds holds real feed documents: the publication times in them are laid end to end, hour of the day kept,
for 40% of the feeds, or as many as --real says (1: all of them). The others are modelled: rates from one a day to
hundreds, a newsroom's day and week, bursts, batches, fixed hours. Each feed has a window, a server with or without
working validators, and often a cache before it. A feed of a real document has older pages when the document names
them, and so has the same share of the others: our rule reads them as the daemon does, by the daemon's own code, and
each is a request. Every rule sees the same feeds. With --matched our rule also runs with as many requests as each
other rule makes, on every fifth feed.

Rules of others as they are published: miniflux (entry frequency), CommaFeed (mean gap / 2, by age), rss-fetcher
(an hour less below 33% known, ten minutes more from 95% on, 10 min to 24 h), news-crawl (x 0.8 / x 1.5, 90 min to
90 d). "lost" are stories that left the window between two looks; "late" is the mean from publication to the first
look that shows it; "saved" compares body bytes with fetching every 15 minutes without validators: over all feeds, and
over the four fifths whose validators work. With --alone only our rule runs. Lines below ours tell how many of the lost
stories would have been missed as well by a look every five minutes, our floor, from the look before: these came too
fast, or stood in a cache; and what the very same looks would have cost had every server answered 304 to an unchanged
feed, and had only new stories been sent: no rule can save more at this delay.
"""

import argparse
import gzip
import itertools
import math
import random
import time
from bisect import bisect_right
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from scraper.engine.bridging import bridged
from scraper.model.entry import Entry
from scraper.model.feed import FeedKind, FeedState, Listed, Listing, NotModified, Poll, PollHints
from scraper.model.outlet import Outlet
from scraper.model.page import Page, Request
from scraper.polling import after_poll, first_state
from scraper.settings import PollSettings
from scraper.sources.listing import list_entries

START = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
OUTLET = Outlet(id="sim", name="Sim", domains=())
FLOOR = PollSettings().floor / HOUR
FRUGAL = 2 / 3
"""Who has few requests to give sets the floor to this share of the effort."""
MONTH = 30 * 24
DAY_SHAPE = (1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 10, 10, 9, 9, 9, 9, 9, 8, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """A simulated feed. Times are hours from the start; those before zero are in the first listing."""

    times: tuple[float, ...]
    entries: tuple[Entry, ...]
    window: int
    validators: bool
    cache: float
    """Hours for which a cache keeps an answer; 0: none."""
    phase: float
    hints: PollHints
    item_bytes: int
    older: bool
    """Whether it has older pages."""

    def visible(self, now: float) -> int:
        """How many stories have ever been shown at this time."""
        seen = now if not self.cache else now - (now + self.phase) % self.cache
        return bisect_right(self.times, seen)

    def fresh_for(self, now: float) -> timedelta | None:
        return HOUR * (self.cache - (now + self.phase) % self.cache) if self.cache else None

    @property
    def body(self) -> int:
        return 1500 + self.window * self.item_bytes


@dataclass(slots=True)
class Tally:
    requests: int = 0
    bytes: float = 0
    changed: float = 0
    """Bytes of bodies that had changed: what servers without validators send beyond these nobody needed."""
    fresh: float = 0
    """Bytes of the new stories alone, each sent once: less cannot be sent at all."""
    items: int = 0
    lost: int = 0
    slid: int = 0
    """Stories that slid out of the window, those among them that older pages still gave included."""
    hidden: int = 0
    """Lost stories that looks at every floor would have missed as well."""
    prompt: int = 0
    waited: float = 0.0
    baseline: float = 0.0
    valid_bytes: float = 0.0
    valid_baseline: float = 0.0


def missed(feed: Feed, start: float, end: float, every: float) -> int:
    """Stories that slide out of the window unseen when it is looked at so often."""
    looks = math.ceil((end - start) / every)
    shown = [feed.visible(min(start + every * number, end)) for number in range(looks + 1)]
    return sum(max(0, after - before - feed.window) for before, after in itertools.pairwise(shown))


class Look(NamedTuple):
    """What a rule does after a look at a feed."""

    wait: float
    """Hours until the next one."""
    pages: int = 0
    """Older pages that were asked for."""
    recovered: int = 0
    """Stories on them that had slid out of the window."""


Rule = Callable[[Feed], Callable[[float, int, int], float | Look]]
"""Makes for a feed the function (now, visible, new) -> hours to wait."""


def simulate(feeds: Sequence[Feed], rule: Rule, end: float, *, conditional: bool = True) -> Tally:
    tally = Tally()
    for number, feed in enumerate(feeds):
        wait, before = rule(feed), tally.bytes
        now = looked = (number % 60) / 240
        shown = None
        while now < end:
            tally.requests += 1
            visible = feed.visible(now)
            new = visible - (shown or 0)
            look = wait(now, visible, min(new, feed.window))
            look = look if isinstance(look, Look) else Look(look)
            tally.requests += look.pages
            tally.bytes += look.pages * feed.body
            tally.changed += look.pages * feed.body
            if visible != shown or not (feed.validators and conditional):
                tally.bytes += feed.body
            if visible != shown:
                tally.changed += feed.body
                tally.fresh += min(feed.window, visible - (shown or 0)) * feed.item_bytes
            if shown is not None:
                slid = max(0, new - feed.window)
                gone = slid - look.recovered
                tally.slid += slid
                tally.lost += gone
                tally.hidden += min(gone, missed(feed, looked, now, FLOOR)) if gone else 0
                for published in feed.times[shown + gone : visible]:
                    delay = now - published
                    tally.waited += delay
                    tally.prompt += delay <= 1 / 6
            shown, looked = visible, now
            now += look.wait
        tally.items += feed.visible(end) - bisect_right(feed.times, (number % 60) / 240)
        tally.baseline += feed.body * end * 4
        if feed.validators:
            tally.valid_bytes += tally.bytes - before
            tally.valid_baseline += feed.body * end * 4
    return tally


SITE = "https://sim.example/"


def ours(settings: PollSettings, seed: int) -> Rule:
    def start(feed: Feed) -> Callable[[float, int, int], Look]:
        dice = random.Random(seed)  # noqa: S311 - the same feeds for the same seed
        state: FeedState = first_state(OUTLET, SITE, FeedKind.FEED, START)
        shown = -1

        def listed(visible: int, page: int, now: float) -> Listed:
            end = max(0, visible - page * feed.window)
            hints = replace(
                feed.hints,
                max_age=feed.fresh_for(now),
                older=f"{SITE}?paged={page + 2}" if feed.older else None,
            )
            listing = Listing(entries=feed.entries[max(0, end - feed.window) : end][::-1], hints=hints)
            return Listed(listing=listing, etag=b"e", last_modified=None, body_digest=b"")

        def wait(now: float, visible: int, _: int) -> Look:
            nonlocal state, shown
            moment = START + HOUR * now
            asked = 0

            async def ask(_: FeedState, request: Request) -> Poll:
                nonlocal asked
                asked += 1
                return listed(visible, int(parse_qs(urlsplit(request.url).query)["paged"][0]) - 1, now)

            if visible == shown:
                hints = replace(feed.hints, max_age=feed.fresh_for(now))
                poll: Poll = NotModified(etag=b"e", last_modified=None, hints=hints)
            else:
                poll = at_once(bridged(state, listed(visible, 0, now), OUTLET, ask))
            slid = max(0, visible - shown - feed.window) if shown >= 0 else 0
            recovered = min(slid, len(poll.recovered)) if isinstance(poll, Listed) else 0
            shown = visible
            state = after_poll(state, poll, settings, dice.uniform(-1, 1), moment)
            return Look((state.next_due - moment) / HOUR, asked, recovered)

        return wait

    return start


def at_once(work: Coroutine[object, None, Poll]) -> Poll:
    """The value of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        value: Poll = done.value
        return value
    raise AssertionError("it waited")


def fixed(hours: float) -> Rule:
    return lambda _: lambda *_: hours


def miniflux(feed: Feed) -> Callable[[float, int, int], float]:
    hint = max((span / HOUR for span in (feed.hints.ttl,) if span), default=0.0)

    def wait(now: float, visible: int, _: int) -> float:
        weekly = visible - max(
            bisect_right(feed.times, now - 168), visible - 10_000 if now > 168 else visible - feed.window
        )
        hours = 168 / weekly if weekly > 0 else 24.0
        age = feed.fresh_for(now)
        return min(max(hours, 1 / 12, hint, age / HOUR if age else 0.0), 24.0)

    return wait


def commafeed(feed: Feed) -> Callable[[float, int, int], float]:
    def wait(now: float, visible: int, _: int) -> float:
        listed = feed.times[max(0, visible - feed.window) : visible]
        if not listed or now - listed[-1] > 30 * 24:
            return 4.0
        for days, hours in ((14, 2.0), (7, 1.0)):
            if now - listed[-1] > days * 24:
                return hours
        gap = (listed[-1] - listed[0]) / max(1, len(listed) - 1)
        return min(max(gap / 2, 1 / 12), 4.0)

    return wait


def rss_fetcher(feed: Feed) -> Callable[[float, int, int], float]:
    minutes, polls = 720.0, 0

    def wait(_: float, visible: int, new: int) -> float:
        nonlocal minutes, polls
        polls += 1
        if polls > 1:
            known = 1 - new / max(1, min(visible, feed.window))
            if known < 0.33:
                minutes = max(minutes - 60, 10.0)
            elif known >= 0.95:
                minutes = min(minutes + 10, 1440.0)
        return minutes / 60

    return wait


def news_crawl(_: Feed) -> Callable[[float, int, int], float]:
    hours, polls = 12.0, 0

    def wait(_now: float, _visible: int, new: int) -> float:
        nonlocal hours, polls
        polls += 1
        if polls > 1:
            hours = max(hours * 0.8, 1.5) if new else min(hours * 1.5, 90 * 24.0)
        return hours

    return wait


class Pattern(NamedTuple):
    """What a real document tells of its feed."""

    times: Sequence[float]
    """Publication times, in hours."""
    older: bool
    """Whether it has older pages."""


def real_patterns(directory: Path) -> list[Pattern]:
    """What each real document that dates at least eight entries tells."""
    patterns = []
    for path in sorted(directory.iterdir()):
        body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        page = Page(url="https://sim.example/", requested_url="https://sim.example/", body=body, fetched_at=START)
        listing = list_entries(page, OUTLET)
        if isinstance(listing, Listing):
            times = sorted(entry.published.timestamp() / 3600 for entry in listing.entries if entry.published)
            if len(times) >= 8 and times[-1] - times[0] > 1:
                patterns.append(Pattern(times, listing.hints.older is not None))
    return patterns


def laid_out(pattern: Sequence[float], begin: float, end: float, dice: random.Random) -> list[float]:
    """A real pattern again and again, shifted by whole days (weeks when it is longer), each time a little different."""
    span = pattern[-1] - pattern[0]
    unit = 168 if span > 168 else 24
    period = math.ceil((span + 1) / unit) * unit
    origin = math.floor(pattern[0] / unit) * unit
    times = []
    shift = begin - dice.uniform(0, period) // unit * unit
    while shift < end:
        times += [moment - origin + shift + dice.gauss(0, 0.2) for moment in pattern if dice.random() > 0.1]
        shift += period
    return sorted(moment for moment in times if begin <= moment < end)


def modelled(begin: float, end: float, dice: random.Random) -> list[float]:
    daily = min(max(dice.lognormvariate(math.log(15), 1.4), 0.15), 400)
    zone = dice.choice([7, 7, 7, 8, 0, 1, -5])
    weekend = dice.uniform(0.3, 1.0)
    shape = [weight * dice.uniform(0.6, 1.5) + dice.choice([0, 0, 3]) for weight in DAY_SHAPE]
    scale = daily / sum(shape)
    kind = dice.choices(["steady", "bursty", "batches", "hourly"], [5, 3, 1, 1])[0]
    size = {"steady": 1.1, "bursty": 2.0, "batches": 6.0, "hourly": 1.5}[kind]
    times: list[float] = []
    level = 1.0
    for hour in range(math.floor(begin), math.ceil(end)):
        if hour % 24 == 0:
            level = dice.lognormvariate(0, 0.35)
        local = hour + zone
        rate = scale * shape[local % 24] * level * (weekend if (local // 24) % 7 >= 5 else 1.0)
        for _ in range(_poisson(rate / size, dice)):
            at = hour + (dice.uniform(0, 0.05) if kind == "hourly" else dice.random())
            for _ in range(1 + _geometric(size - 1, dice)):
                times.append(at)
                at += dice.expovariate(60 if kind == "batches" else 10)
    return sorted(moment for moment in times if begin <= moment < end)


def _poisson(mean: float, dice: random.Random) -> int:
    limit, product, count = math.exp(-min(mean, 60)), dice.random(), 0
    while product > limit:
        product *= dice.random()
        count += 1
    return count


def _geometric(mean: float, dice: random.Random) -> int:
    count = 0
    while dice.random() < mean / (1 + mean):
        count += 1
    return count


def make_feeds(count: int, end: float, patterns: Sequence[Pattern], seed: int, real: float = 0.4) -> list[Feed]:
    dice = random.Random(seed)  # noqa: S311 - the same feeds for the same seed
    others = random.Random(seed)  # noqa: S311 - likewise
    share = sum(pattern.older for pattern in patterns) / len(patterns) if patterns else 0.0
    feeds = []
    while len(feeds) < count:
        older = others.random() < share
        if patterns and dice.random() < real:
            pattern, older = dice.choice(patterns)
            times, window = laid_out(pattern, -400, end, dice), max(10, len(pattern))
        else:
            times = modelled(-400, end, dice)
            peak = max((bisect_right(times, at + 1) - index for index, at in enumerate(times)), default=0)
            window = dice.choice([size for size in (10, 20, 25, 30, 50, 100, 200) if size >= peak / 2] or [200])
        if not times:
            continue
        dated = dice.random() < 0.95
        entries = tuple(
            Entry(
                key=f"https://sim.example/{len(feeds)}/{number}",
                url=f"https://sim.example/{len(feeds)}/{number}",
                outlet="sim",
                source="https://sim.example/",
                published=START + HOUR * moment if dated else None,
            )
            for number, moment in enumerate(times)
        )
        ttl = dice.choice([None, None, None, 15, 60, 60])
        cache = dice.choice([0, 0, 0, 1, 2, 5, 10, 15]) / 60
        feeds.append(
            Feed(
                times=tuple(times),
                entries=entries,
                window=window,
                validators=dice.random() < 0.8,
                cache=cache,
                phase=dice.random(),
                hints=PollHints(
                    ttl=timedelta(minutes=ttl) if ttl else None,
                    update_period=dice.choice([None, None, HOUR]),
                ),
                item_bytes=dice.choice([250, 400, 800, 1500]),
                older=older,
            )
        )
    return feeds


def late(tally: Tally) -> float:
    """The mean hours from publication to the first look that shows it."""
    return tally.waited / max(1, tally.items - tally.lost)


def show(name: str, tally: Tally, days: float, feeds: int, seconds: float) -> None:
    print(
        f"{name:40} {tally.requests / feeds / days:9.1f} {tally.requests / tally.items:9.2f} "
        f"{tally.prompt / tally.items:8.1%} {late(tally) * 60:9.1f} {tally.lost:7} "
        f"{tally.bytes / 1e6 / days:9.1f} {1 - tally.bytes / tally.baseline:7.1%} "
        f"{1 - tally.valid_bytes / tally.valid_baseline:7.1%} {seconds:6.0f}",
        flush=True,
    )


def spending(effort: float, *, frugal: bool) -> PollSettings:
    """Our settings with so many hours of effort.

    The floor stands in its usual proportion to it, at most five minutes: windows are kept. Who has so few requests to
    give that not every window can be kept raises it with the effort.
    """
    floor = effort * FRUGAL if frugal else min(1 / 12, effort / 6)
    ceiling = min(max(12, effort * 12), MONTH)
    return PollSettings(
        effort=HOUR * effort, floor=HOUR * floor, initial=HOUR * max(0.25, floor), ceiling=HOUR * ceiling
    )


def matched(feeds: Sequence[Feed], end: float, requests: int, seed: int, *, frugal: bool) -> tuple[PollSettings, Tally]:
    """Our settings with the effort that makes about as many requests, and how they do.

    Found on every fourth feed; what all of them make corrects the aim once.
    """
    sample, aim = feeds[::4], requests * len(feeds[::4]) / len(feeds)
    effort = 0.5
    for turn in range(2):
        for _ in range(5 - 2 * turn):
            made = simulate(sample, ours(spending(effort, frugal=frugal), seed), end).requests
            effort *= min(max((made / aim) ** 1.2, 0.2), 5)
        settings = spending(effort, frugal=frugal)
        tally = simulate(feeds, ours(settings, seed), end)
        aim *= requests / tally.requests
    return settings, tally


def at_equal_requests(
    rules: Sequence[tuple[str, Rule]], feeds: Sequence[Feed], options: argparse.Namespace, end: float
) -> None:
    print(f"at equal requests, {len(feeds)} of the feeds:")
    for name, rule in rules:
        start = time.perf_counter()
        theirs = simulate(feeds, rule, end)
        show(name, theirs, options.days, len(feeds), time.perf_counter() - start)
        for frugal in (False, True):
            start = time.perf_counter()
            settings, tally = matched(feeds, end, theirs.requests, options.seed, frugal=frugal)
            label = f"  scraper (effort {_minutes(settings.effort)}, floor {_minutes(settings.floor)} min)"
            show(label, tally, options.days, len(feeds), time.perf_counter() - start)
            if tally.requests <= 1.1 * theirs.requests and late(tally) < late(theirs):
                break


def _minutes(span: timedelta) -> str:
    return f"{span / timedelta(minutes=1):.0f}"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", nargs="?", type=Path)
    parser.add_argument("--feeds", type=int, default=500)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--real", type=float, default=0.4)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--matched", action="store_true")
    options = parser.parse_args()
    end = options.days * 24.0
    patterns = real_patterns(options.data / "feeds") if options.data else []
    feeds = make_feeds(options.feeds, end, patterns, options.seed, options.real)
    print(f"{len(feeds)} feeds, {options.days} days, {len(patterns)} real patterns")
    print(
        f"{'rule':40} {'req/f/day':>9} {'req/item':>9} {'<=10 min':>8} {'late min':>9} {'lost':>7} "
        f"{'MB/day':>9} {'saved':>7} {'valid.':>7} {'s':>6}"
    )
    rules: list[tuple[str, Rule]] = [
        ("fixed 15 min", fixed(0.25)),
        ("miniflux", miniflux),
        ("CommaFeed", commafeed),
        ("rss-fetcher", rss_fetcher),
        ("news-crawl", news_crawl),
    ]
    start = time.perf_counter()
    mine = simulate(feeds, ours(PollSettings(), options.seed), end)
    show("scraper", mine, options.days, len(feeds), time.perf_counter() - start)
    print(f"{'  had no feed older pages':40} {'':37} {mine.slid:7}")
    print(f"{'  of the lost, at every floor as well':40} {'':37} {mine.hidden:7}")
    print(
        f"{'  had all validators worked':40} {'':55} {1 - mine.changed / mine.baseline:7.1%}\n"
        f"{'  each new story sent once':40} {'':55} {1 - mine.fresh / mine.baseline:7.1%}"
    )
    if options.alone:
        return
    start = time.perf_counter()
    blind = simulate(feeds, fixed(0.25), end, conditional=False)
    show("fixed 15 min, no validators", blind, options.days, len(feeds), time.perf_counter() - start)
    for name, rule in [("fixed 5 min", fixed(1 / 12)), *rules]:
        start = time.perf_counter()
        tally = simulate(feeds, rule, end)
        show(name, tally, options.days, len(feeds), time.perf_counter() - start)
    if options.matched:
        at_equal_requests(rules, feeds[::5], options, end)


if __name__ == "__main__":
    main()
