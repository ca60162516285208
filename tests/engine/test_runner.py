import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scraper.engine.events import FeedAsked, FeedPushed, StepFailed, StorySettled, WritingPaused, WritingResumed
from scraper.engine.ledger import Ledger
from scraper.engine.parts import Parts
from scraper.engine.runner import Runner
from scraper.engine.settling import Settler
from scraper.engine.steps import Reader
from scraper.model.article import Draft
from scraper.model.entry import Entry
from scraper.model.failures import StoreUnavailableError
from scraper.model.feed import FeedState, Listing, PollFailed
from scraper.model.outlet import Outlet
from scraper.model.page import Request, RequestKind
from scraper.model.verdict import Deferred, Dropped, DropReason, Kept
from scraper.settings import FetchSettings, Settings, StoreSettings
from tests.fakes import FakeDeduplicator, FakeExtractor, FakeFetcher, FakeLister, FakeStore, page, until

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
FEED = "https://koran.example/feed"


def entry(number: int, outlet: str = "koran") -> Entry:
    url = f"https://{outlet}.example/read/{number}"
    return Entry(key=url, url=url, outlet=outlet, source=FEED)


class Nothing:
    """No line is furniture."""

    def judge(self, _outlet, text, _looks=None):
        return text.split("\n"), []

    def learn(self, outlet, text, article_id, looks=None):
        pass


class Line:
    """A runner on fakes, with everything it says collected."""

    def __init__(self, count: int = 0, *, text=lambda url: f"text of {url}", patience_s: float | None = None) -> None:
        self.events: list[object] = []
        self.store = FakeStore()
        self.store.enqueue([entry(n) for n in range(count)], NOW)
        answers = {entry(n).url: page(entry(n).url) for n in range(50)}
        self.fetcher = FakeFetcher({**answers, FEED: page(FEED)})
        self.extractor = FakeExtractor(lambda urls: Draft(text=text(urls[0])))
        self.dedup = FakeDeduplicator()
        self.ledger = Ledger(self.events.append, patience_s)
        self.lister = FakeLister({FEED: Listing(entries=(entry(1), entry(2)))})
        self.settings = Settings(
            fetch=FetchSettings(concurrency=8, host_concurrency=4),
            store=StoreSettings(commit_articles=4, commit_interval=timedelta(seconds=0.2)),
            drain=timedelta(seconds=0.3),
        )

    def runner(self) -> Runner:
        outlets = {name: Outlet(id=name, name=name, domains=(f"{name}.example",)) for name in ("koran", "harian")}
        parts = Parts(
            outlets=outlets,
            settings=self.settings,
            store=self.store,
            ledger=self.ledger,
            fetcher=self.fetcher,
            lister=self.lister,
            reader=Reader(fetcher=self.fetcher, extractor=self.extractor, settings=self.settings, clock=lambda: NOW),
            settler=Settler(
                deduplicator=self.dedup,
                junk=Nothing(),
                previous=lambda _: None,
                kept_version=lambda _: None,
                prefers=lambda _new, _kept: False,
                settings=self.settings,
            ),
            feed_request=lambda state, outlet: Request(url=state.url, kind=RequestKind.FEED, outlet=outlet),
            next_state=lambda state, poll: replace(
                state,
                next_due=NOW + timedelta(hours=1),
                last_failure=poll.detail if isinstance(poll, PollFailed) else None,
            ),
            clock=lambda: NOW,
            observe=self.events.append,
        )
        return Runner(parts)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def feed():
    return FeedState(url=FEED, outlet="koran", next_due=NOW)


async def test_a_round_polls_its_feeds_and_works_everything_they_list(feed):
    line = Line()
    line.store.register([feed])
    async with line.runner() as runner:
        await runner.run_round(asyncio.Event(), [feed])
    assert [event.found for event in line.of(FeedAsked)] == [2]
    assert {outcome.pending.entry.key for outcome in line.store.outcomes} == {entry(1).key, entry(2).key}
    assert all(isinstance(outcome.verdict, Kept) for outcome in line.store.outcomes)
    assert len(line.of(StorySettled)) == 2


async def test_outcomes_are_committed_in_groups():
    line = Line(30)
    async with line.runner() as runner:
        await runner.run_round(asyncio.Event())
    assert sum(line.store.groups) == 30
    assert max(line.store.groups) == 4
    assert not line.store.pending


async def test_pushed_stories_travel_down_the_line_once_and_the_feeds_state_stays():
    line = Line()
    stop = asyncio.Event()
    async with line.runner() as runner:
        running = asyncio.create_task(runner.run(stop))
        outlet = Outlet(id="koran", name="Koran", domains=("koran.example",))
        assert await runner.push(page(FEED), outlet) == 2
        assert await runner.push(page(FEED), outlet) == 0
        assert await runner.push(page("https://koran.example/rubbish"), outlet) is None
        await until(lambda: len(line.of(StorySettled)) == 2)
        stop.set()
        await running
    assert [(event.entries, event.found, event.failure) for event in line.of(FeedPushed)] == [
        (2, 2, None),
        (2, 0, None),
        (0, 0, "not a feed"),
    ]
    assert not line.of(FeedAsked)
    assert not line.store.states


async def test_of_two_equal_stories_in_one_group_exactly_one_is_kept():
    line = Line(4, text=lambda _: "same words")
    async with line.runner() as runner:
        await runner.run_round(asyncio.Event())
    kept = [outcome for outcome in line.store.outcomes if isinstance(outcome.verdict, Kept)]
    assert len(kept) == 1
    assert len(line.store.outcomes) == 4


@contextlib.asynccontextmanager
async def running_into_a_full_disk(line: Line, pages: int) -> AsyncIterator[None]:
    """The line has asked for its pages when the disk turns out to be full; it is stopped when the context ends."""
    hold = line.fetcher.hold = asyncio.Event()
    stop = asyncio.Event()
    async with line.runner() as runner:
        running = asyncio.create_task(runner.run(stop))
        await until(lambda: len(line.fetcher.asked) == pages)
        line.store.broken = True
        hold.set()
        await until(lambda: bool(line.of(WritingPaused)))
        yield
        stop.set()
        await running


async def test_a_full_disk_pauses_the_line_and_nothing_is_judged_twice_or_lost():
    line = Line(3)
    async with running_into_a_full_disk(line, 3):
        considered = len(line.dedup.considered)
        line.store.broken = False
        await until(lambda: len(line.store.outcomes) == 3)
        await until(lambda: bool(line.of(WritingResumed)))
    assert considered <= len(line.dedup.considered) == 3
    assert len({outcome.pending.entry.key for outcome in line.store.outcomes}) == 3


async def test_a_round_gives_up_on_a_full_disk_when_its_patience_ends():
    line = Line(1, patience_s=0.0)
    line.store.broken = True
    with pytest.raises(StoreUnavailableError):
        async with line.runner() as runner:
            await runner.run_round(asyncio.Event())


async def test_a_defect_met_by_one_story_is_that_storys_verdict():
    line = Line(3)

    def answer(urls):
        if urls[0] == entry(1).url:
            raise RuntimeError("unforeseen")
        return Draft(text=urls[0])

    line.extractor = FakeExtractor(answer)
    async with line.runner() as runner:
        await runner.run_round(asyncio.Event())
    verdicts = {outcome.pending.entry.key: outcome.verdict for outcome in line.store.outcomes}
    broken = verdicts.pop(entry(1).key)
    assert isinstance(broken, Deferred)
    assert broken.reason is DropReason.UNREADABLE
    assert all(isinstance(verdict, Kept) for verdict in verdicts.values())
    assert "unforeseen" in line.of(StepFailed)[0].detail


async def test_a_defect_of_the_judge_does_not_stop_the_group_it_travels_with():
    line = Line(3)
    consider = line.dedup.consider

    def stumbling(story):
        if story.text.endswith("/1"):
            raise RuntimeError("unforeseen")
        return consider(story)

    line.dedup.consider = stumbling  # type: ignore[method-assign]
    async with line.runner() as runner:
        await runner.run_round(asyncio.Event())
    assert sum(isinstance(outcome.verdict, Kept) for outcome in line.store.outcomes) == 2


async def test_stopping_gives_back_what_is_not_finished_and_commits_what_is():
    line = Line(2)
    stop = asyncio.Event()
    async with line.runner() as runner:
        running = asyncio.create_task(runner.run(stop))
        await until(lambda: len(line.store.outcomes) == 2)
        line.fetcher.hold = asyncio.Event()
        line.store.enqueue([entry(3)], NOW)
        runner.wake()
        await until(lambda: len(line.fetcher.asked) == 3)
        stop.set()
        await running
    assert line.store.released == [entry(3).key]
    assert len(line.store.outcomes) == 2


async def test_stopping_while_the_disk_is_full_ends_all_the_same():
    line = Line(8)
    async with running_into_a_full_disk(line, 8):
        pass
    assert all(isinstance(outcome.verdict, Kept | Dropped) for outcome in line.store.outcomes)


async def test_one_outlet_never_holds_all_places():
    line = Line(20)
    line.settings = replace(line.settings, fetch=FetchSettings(concurrency=8, host_concurrency=1))
    line.store.enqueue([entry(n, "harian") for n in range(2)], NOW)
    line.fetcher.hold = asyncio.Event()
    stop = asyncio.Event()
    async with line.runner() as runner:
        running = asyncio.create_task(runner.run(stop))
        for _ in range(20):
            runner.wake()
            await asyncio.sleep(0.01)
        outlets = [request.outlet.id for request in line.fetcher.asked]
        line.fetcher.hold.set()
        stop.set()
        await running
    assert "harian" in outlets


async def test_a_lease_that_runs_out_does_not_start_an_entry_a_second_time():
    line = Line(1)
    line.settings = replace(line.settings, store=replace(line.settings.store, lease=timedelta(0)))
    line.fetcher.hold = asyncio.Event()
    stop = asyncio.Event()
    async with line.runner() as runner:
        running = asyncio.create_task(runner.run(stop))
        for _ in range(10):
            runner.wake()
            await asyncio.sleep(0.01)
        assert len(line.fetcher.asked) == 1
        line.fetcher.hold.set()
        stop.set()
        await running


async def test_stopping_ends_a_claim_that_waits_for_a_full_disk():
    line = Line(1)
    line.store.broken = True
    stop = asyncio.Event()
    async with asyncio.timeout(10), line.runner() as runner:
        running = asyncio.create_task(runner.run(stop))
        await until(lambda: bool(line.of(WritingPaused)))
        stop.set()
        await running
    assert not line.of(WritingResumed)
    assert line.store.pending
