"""The whole line against the demo web: what was found is what was printed, once, and nothing else."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest

from scraper.clock import utc_now
from scraper.demo import DemoWeb, Exchange, Expected
from scraper.engine.events import Event, StepFailed, StorySettled
from scraper.model.article import Article
from scraper.model.verdict import Dropped, DropReason, Kept, Verdict
from scraper.service.daemon import run_once
from scraper.settings import Settings
from scraper.storage.archive import open_archive


@dataclass
class Gathered:
    """What three starts of the collector made of the two rounds of the demo web."""

    expected: tuple[Expected, ...]
    furniture: tuple[str, ...]
    polled: frozenset[str]
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    exchanges: list[list[Exchange]] = field(default_factory=list)
    failed_steps: list[StepFailed] = field(default_factory=list)
    saved: dict[str, Article] = field(default_factory=dict)

    def verdict(self, story: Expected) -> Verdict:
        (verdict,) = self.verdicts[story.url]
        return verdict

    def note(self, event: Event) -> None:
        if isinstance(event, StorySettled):
            self.verdicts.setdefault(event.outcome.pending.entry.url, []).append(event.outcome.verdict)
        elif isinstance(event, StepFailed):
            self.failed_steps.append(event)

    @property
    def kept(self) -> list[Expected]:
        return [story for story in self.expected if story.reason is None]


def collect(web: DemoWeb, data: Path) -> Gathered:
    settings = Settings()
    settings = replace(
        settings,
        fetch=replace(
            settings.fetch, allow_networks=("127.0.0.0/8",), host_spacing=timedelta(milliseconds=5), contact="test"
        ),
        extract=replace(settings.extract, workers=1),
        store=replace(settings.store, data=data),
    )
    polled = frozenset(url for outlet in web.outlets for url in (*outlet.feeds, *outlet.news_sitemaps))
    gathered = Gathered(expected=web.expected, furniture=web.furniture, polled=polled)

    async def start() -> None:
        before = len(web.exchanges)
        await run_once(settings, web.outlets, observe=gathered.note, clock=utc_now, stop=asyncio.Event())
        gathered.exchanges.append(list(web.exchanges[before:]))

    async def all_starts() -> None:
        await start()
        web.advance()
        await start()
        await start()

    asyncio.run(all_starts())
    with open_archive(data) as archive:
        gathered.saved = {article.url: article for article in archive.articles()}
    return gathered


@pytest.fixture(scope="module")
def gathered(tmp_path_factory):
    with DemoWeb(utc_now()) as web:
        return collect(web, tmp_path_factory.mktemp("e2e") / "data")


def test_every_story_is_settled_once_and_as_expected(gathered):
    got = {url: [getattr(verdict, "reason", None) for verdict in found] for url, found in gathered.verdicts.items()}
    assert got == {story.url: [story.reason] for story in gathered.expected}
    assert not gathered.failed_steps


def test_every_drop_says_why(gathered):
    dropped = [verdict for found in gathered.verdicts.values() for verdict in found if isinstance(verdict, Dropped)]
    assert all(len(verdict.detail) > 15 for verdict in dropped)


def test_kept_texts_are_what_was_printed_line_by_line(gathered):
    assert {story.url: gathered.saved[story.url].text.splitlines() for story in gathered.kept} == {
        story.url: list(story.lines) for story in gathered.kept
    }


def test_kept_texts_hold_no_furniture_and_no_hard_spaces(gathered):
    texts = [article.text for article in gathered.saved.values()]
    assert not [phrase for phrase in gathered.furniture for text in texts if phrase in text]
    assert not [text for text in texts if "\u00a0" in text]


@pytest.mark.parametrize("name", ["title", "published", "authors", "agencies"])
def test_kept_stories_carry_what_their_pages_say(gathered, name):
    assert {story.url: getattr(gathered.saved[story.url], name) for story in gathered.kept} == {
        story.url: getattr(story, name) for story in gathered.kept
    }


def test_what_is_saved_is_what_was_kept(gathered):
    assert set(gathered.saved) == {story.url for story in gathered.kept}


def test_a_story_on_several_pages_is_one_article(gathered):
    (story,) = (story for story in gathered.kept if story.pages > 1)
    assert len(gathered.saved[story.url].pages) == story.pages


def test_copies_join_the_cluster_of_their_original(gathered):
    stories = {story.url: story for story in gathered.expected}
    for copy in (story for story in gathered.expected if story.copy_of):
        verdict, original = gathered.verdict(copy), gathered.verdict(stories[copy.copy_of])
        assert isinstance(verdict, Dropped)
        assert isinstance(original, Kept)
        assert verdict.judged is not None
        assert verdict.judged.judgement.of == original.article.id
        assert verdict.judged.judgement.cluster == original.article.cluster


def test_the_second_start_asks_for_what_is_new_alone(gathered):
    later = {story.url for story in gathered.expected if story.round > 1}
    asked = {exchange.url for exchange in gathered.exchanges[1]}
    assert asked - gathered.polled - later == {url for url in asked if url.endswith("/robots.txt")}


def test_the_third_start_downloads_nothing(gathered):
    asked = [exchange for exchange in gathered.exchanges[2] if not exchange.url.endswith("/robots.txt")]
    assert {exchange.url for exchange in asked} == gathered.polled
    assert all(exchange.conditional and exchange.status == 304 for exchange in asked)


def test_what_robots_txt_closes_is_never_asked_for(gathered):
    closed = {story.url for story in gathered.expected if story.reason is DropReason.ROBOTS}
    assert closed
    assert not closed & {exchange.url for start in gathered.exchanges for exchange in start}


def test_the_collector_says_who_it_is(gathered):
    assert {exchange.user_agent.split("/")[0] for start in gathered.exchanges for exchange in start} == {"scraper"}
