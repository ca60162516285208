from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from scraper.engine import steps
from scraper.engine.decisions import Span
from scraper.model.article import Dateline, Draft
from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedState, Listed, Listing, NotModified, PollFailed
from scraper.model.outlet import Outlet
from scraper.model.page import FetchFailed, FetchReason, Request, RequestKind, Unchanged
from scraper.model.verdict import Deferred, Dropped, DropReason, Judged, Judgement, Kept, Relation, Story
from scraper.settings import DedupSettings, Settings
from tests.fakes import FakeDeduplicator, FakeExtractor, FakeFetcher, FakeLister, page

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OUTLET = Outlet(id="koran", name="Koran", domains=("koran.example",), group="grup")
FEED = "https://koran.example/feed"
URL = "https://koran.example/read/1"
STATE = FeedState(url=FEED, outlet="koran", next_due=NOW, etag=b'"a"', last_modified=b"yesterday")
REQUEST = Request(url=FEED, kind=RequestKind.FEED, outlet=OUTLET, etag=b'"a"', last_modified=b"yesterday")
ENTRY = Entry(key=URL, url=URL, outlet="koran", source=FEED, title="Judul", published=NOW - timedelta(hours=1))
PENDING = Pending(entry=ENTRY, found_at=NOW, attempts=1)


def reader(answers, extractor, span=None):
    return steps.Reader(
        fetcher=FakeFetcher(answers), extractor=extractor, settings=Settings(), clock=lambda: NOW, span=span
    )


async def test_a_feed_is_asked_with_both_validators_and_its_entries_are_listed():
    fetcher = FakeFetcher({FEED: page(FEED, b"<rss/>")})
    poll = await steps.ask(STATE, REQUEST, fetcher, FakeLister({FEED: Listing(entries=(ENTRY,))}))
    assert isinstance(poll, Listed)
    assert poll.listing.entries == (ENTRY,)
    assert (fetcher.asked[0].etag, fetcher.asked[0].last_modified) == (b'"a"', b"yesterday")


async def test_the_same_body_again_is_not_modified_whatever_its_validators_say():
    fetcher = FakeFetcher({FEED: replace(page(FEED, b"<rss/>"), etag=b'"b"')})
    first = await steps.ask(STATE, REQUEST, fetcher, FakeLister({FEED: Listing(entries=())}))
    assert isinstance(first, Listed)
    state = replace(STATE, body_digest=first.body_digest)
    assert await steps.ask(state, REQUEST, fetcher, FakeLister({})) == NotModified(
        etag=b'"b"', last_modified=None, with_body=True
    )


async def test_a_failed_or_unreadable_feed_is_a_value():
    failed = FetchFailed(url=FEED, reason=FetchReason.TIMEOUT, detail="too slow", status=None)
    assert await steps.ask(STATE, REQUEST, FakeFetcher({FEED: failed}), FakeLister({})) == PollFailed(
        detail="too slow", reached=False
    )
    unlisted = await steps.ask(STATE, REQUEST, FakeFetcher({FEED: page(FEED)}), FakeLister({}))
    assert unlisted == PollFailed(detail="not a feed", status=200)
    unchanged = Unchanged(url=FEED, etag=b'"a"')
    assert await steps.ask(STATE, REQUEST, FakeFetcher({FEED: unchanged}), FakeLister({})) == NotModified(
        etag=b'"a"', last_modified=None
    )


async def test_further_pages_are_fetched_once_and_extracted_together():
    second, third = URL + "?page=2", URL + "?page=3"
    follow = {1: (second,), 2: (second, third), 3: (third, URL)}
    extractor = FakeExtractor(lambda have: Draft(text="satu", next_pages=follow[len(have)]))
    read = reader({url: page(url) for url in (URL, second, third)}, extractor)
    result = await read.read(PENDING, OUTLET)
    assert isinstance(result, steps.Reading)
    assert [p.url for p in result.pages] == [URL, second, third]
    assert len(extractor.calls) == 3


async def test_further_pages_elsewhere_or_beyond_the_limit_are_not_followed():
    elsewhere = FakeExtractor(lambda _: Draft(text="satu", next_pages=("https://other.example/2",)))
    result = await reader({URL: page(URL)}, elsewhere).read(PENDING, OUTLET)
    assert isinstance(result, steps.Reading)
    assert len(result.pages) == 1
    endless = FakeExtractor(lambda have: Draft(text="satu", next_pages=(f"{URL}?page={len(have) + 1}",)))
    many = {f"{URL}?page={n}": page(f"{URL}?page={n}") for n in range(2, 90)}
    result = await reader({URL: page(URL), **many}, endless).read(PENDING, OUTLET)
    assert isinstance(result, steps.Reading)
    assert len(result.pages) == OUTLET.paging.max_pages


async def test_a_missing_further_page_defers_the_story_and_is_noted_in_the_end():
    extractor = FakeExtractor(lambda _: Draft(text="satu", next_pages=(URL + "?page=2",)))
    assert isinstance(await reader({URL: page(URL)}, extractor).read(PENDING, OUTLET), Deferred)
    result = await reader({URL: page(URL)}, extractor).read(replace(PENDING, attempts=5), OUTLET)
    assert isinstance(result, steps.Reading)
    assert "page 2 is missing" in result.draft.origins["pages"]


async def test_the_feeds_own_text_stands_in_for_a_page_that_cannot_be_had():
    pending = replace(PENDING, attempts=5, entry=replace(ENTRY, content="<p>isi penuh</p>"))
    refused = FetchFailed(url=URL, reason=FetchReason.HTTP_STATUS, detail="403", status=403)
    result = await reader({URL: refused}, FakeExtractor(lambda _: Draft(text="isi penuh"))).read(pending, OUTLET)
    assert isinstance(result, steps.Reading)
    assert result.draft.from_feed
    gone = FetchFailed(url=URL, reason=FetchReason.GONE, detail="410", status=410)
    withdrawn = await reader({URL: gone}, FakeExtractor(lambda _: Draft(text="isi penuh"))).read(pending, OUTLET)
    assert isinstance(withdrawn, Dropped)
    assert withdrawn.reason is DropReason.GONE


async def test_a_backfill_drops_a_story_whose_page_says_it_is_outside_the_span():
    span = Span(since=NOW - timedelta(days=2), until=NOW)
    extractor = FakeExtractor(lambda _: Draft(text="satu", published=NOW - timedelta(days=30)))
    found = replace(PENDING, entry=replace(ENTRY, source="https://koran.example/sitemap.xml"))
    result = await reader({URL: page(URL)}, extractor, span).read(found, OUTLET)
    assert isinstance(result, Dropped)
    assert result.reason is DropReason.OUT_OF_RANGE
    listed = await reader({URL: page(URL)}, extractor, span).read(PENDING, replace(OUTLET, feeds=(FEED,)))
    assert isinstance(listed, steps.Reading)


def reading(**draft):
    return steps.Reading(pending=PENDING, draft=Draft(**{"text": "satu dua", **draft}), pages=(page(URL),))


def test_a_new_story_is_kept_and_takes_from_the_feed_what_the_page_does_not_say():
    outcome = steps.settle(reading(), PENDING, OUTLET, FakeDeduplicator(), Settings())
    assert isinstance(outcome.verdict, Kept)
    article = outcome.verdict.article
    assert (article.title, article.published) == ("Judul", ENTRY.published)
    assert (article.origins["title"], article.origins["published"]) == ("feed", "feed")
    assert article.cluster == article.id


def test_the_judge_sees_the_dateline_and_a_sane_time():
    dedup = FakeDeduplicator()
    dateline = Dateline(verbatim="Jakarta - ", place="Jakarta")
    steps.settle(reading(dateline=dateline, published=NOW + timedelta(days=400)), PENDING, OUTLET, dedup, Settings())
    seen = dedup.considered[0]
    assert (seen.dateline, seen.time, seen.group) == ("Jakarta - ", NOW, "grup")


def test_a_copy_is_dropped_with_its_article_so_that_the_cluster_can_record_it():
    dedup = FakeDeduplicator()
    dedup.first["satu dua"] = "0123"
    outcome = steps.settle(reading(), PENDING, OUTLET, dedup, Settings())
    assert isinstance(outcome.verdict, Dropped)
    assert outcome.verdict.reason is DropReason.DUPLICATE
    assert outcome.verdict.article is not None
    assert outcome.verdict.article.cluster == "0123"


class _Updates:
    def consider(self, story: Story) -> Judged:
        judgement = Judgement(relation=Relation.UPDATE, cluster="0123", of="0123", why="a later version")
        return Judged(judgement=judgement, fingerprint=story.id.encode())


@pytest.mark.parametrize(("keep_updates", "kind"), [(False, Dropped), (True, Kept)])
def test_an_update_is_kept_only_when_asked_for(keep_updates, kind):
    settings = Settings(dedup=DedupSettings(keep_updates=keep_updates))
    assert isinstance(steps.settle(reading(), PENDING, OUTLET, _Updates(), settings).verdict, kind)


def test_final_and_canonical_addresses_become_aliases_and_strangers_do_not():
    moved = replace(page("https://www.koran.example/news/1"), requested_url=URL)
    story = replace(reading(canonical_url="https://koran.example/canonical/1"), pages=(moved,))
    aliases = steps.settle(story, PENDING, OUTLET, FakeDeduplicator(), Settings()).aliases
    assert len(aliases) == 2
    stranger = reading(canonical_url="https://other.example/1")
    assert steps.settle(stranger, PENDING, OUTLET, FakeDeduplicator(), Settings()).aliases == ()


def test_a_deferral_without_a_try_gives_the_try_back():
    waits = Deferred(reason=DropReason.FETCH_FAILED, detail="not our turn", until=NOW, tried=False)
    assert steps.settle(waits, PENDING, OUTLET, FakeDeduplicator(), Settings()).pending.attempts == 0
    tried = replace(waits, tried=True)
    assert steps.settle(tried, PENDING, OUTLET, FakeDeduplicator(), Settings()).pending.attempts == 1
