from dataclasses import replace
from datetime import UTC, datetime, timedelta

from scraper.engine import steps
from scraper.model.article import Draft
from scraper.model.entry import Entry, Pending
from scraper.model.feed import FeedState, Listed, Listing, NotModified, PollFailed, Unlisted
from scraper.model.outlet import ArticleUrls, Outlet
from scraper.model.page import FetchFailed, FetchReason, Request, RequestKind, Unchanged
from scraper.model.span import Span
from scraper.model.verdict import Deferred, Dropped, DropReason
from scraper.settings import Settings
from tests.fakes import FakeExtractor, FakeFetcher, FakeLister, page

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
        fetcher=FakeFetcher(answers),
        extractor=extractor,
        settings=Settings(),
        clock=lambda: NOW,
        span_of=lambda _: span,
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


async def test_a_move_is_told_when_nothing_changed_either():
    new = "https://koran.example/new"
    body = replace(page(FEED, b"<rss/>"), moved_to=new)
    first = await steps.ask(STATE, REQUEST, FakeFetcher({FEED: body}), FakeLister({FEED: Listing(entries=())}))
    assert isinstance(first, Listed)
    state = replace(STATE, body_digest=first.body_digest)
    for answer in (body, Unchanged(url=FEED, moved_to=new)):
        again = await steps.ask(state, REQUEST, FakeFetcher({FEED: answer}), FakeLister({}))
        assert isinstance(again, NotModified)
        assert again.moved_to == new


async def test_a_failed_or_unreadable_feed_is_a_value():
    failed = FetchFailed(url=FEED, reason=FetchReason.TIMEOUT, detail="too slow", status=None)
    assert await steps.ask(STATE, REQUEST, FakeFetcher({FEED: failed}), FakeLister({})) == PollFailed(
        detail="too slow", reached=False
    )
    unlisted = await steps.ask(STATE, REQUEST, FakeFetcher({FEED: page(FEED)}), FakeLister({}))
    assert unlisted == PollFailed(detail="not a feed", status=200)
    late = Unlisted(detail="cannot be read now", overload=True)
    put_off = await steps.ask(STATE, REQUEST, FakeFetcher({FEED: page(FEED)}), FakeLister({FEED: late}))
    assert put_off == PollFailed(detail="cannot be read now", status=200, put_off=True)
    unchanged = Unchanged(url=FEED, etag=b'"a"')
    assert await steps.ask(STATE, REQUEST, FakeFetcher({FEED: unchanged}), FakeLister({})) == NotModified(
        etag=b'"a"', last_modified=None
    )
    silent = Unchanged(url=FEED)
    assert await steps.ask(STATE, REQUEST, FakeFetcher({FEED: silent}), FakeLister({})) == NotModified(
        etag=b'"a"', last_modified=b"yesterday"
    )


async def test_a_feed_whose_turn_is_far_off_is_put_off_and_one_that_its_server_throttles_fails():
    waits = FetchFailed(url=FEED, reason=FetchReason.THROTTLED, detail="not yet", retry_at=NOW)
    for answer, put_off in ((waits, True), (replace(waits, status=429), False)):
        poll = await steps.ask(STATE, REQUEST, FakeFetcher({FEED: answer}), FakeLister({}))
        assert poll == PollFailed(detail="not yet", status=answer.status, retry_at=NOW, put_off=put_off)


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


OVERLOADED = Deferred(
    reason=DropReason.UNREADABLE,
    detail="not done in 60 s on an overloaded machine",
    until=NOW + timedelta(minutes=5),
    tried=False,
)


async def test_a_page_that_met_overload_is_put_off_however_often_it_was_tried():
    pending = replace(PENDING, attempts=99)
    assert await reader({URL: page(URL)}, FakeExtractor(lambda _: OVERLOADED)).read(pending, OUTLET) == OVERLOADED


async def test_a_feeds_text_that_met_overload_is_put_off_and_not_lost():
    failed = FetchFailed(url=URL, reason=FetchReason.TIMEOUT, detail="too slow")
    pending = replace(PENDING, attempts=5, entry=replace(ENTRY, content="<p>isi penuh</p>"))
    assert await reader({URL: failed}, FakeExtractor(lambda _: OVERLOADED)).read(pending, OUTLET) == OVERLOADED


async def test_pages_at_hand_that_go_together_become_what_each_becomes_by_itself():
    span = Span(since=NOW - timedelta(days=1))
    answers = {
        "isi": Draft(text="isi", published=NOW),
        "lama": Draft(text="lama", published=NOW - timedelta(days=9)),
        "tunda": Deferred(reason=DropReason.UNREADABLE, detail="nanti", until=NOW),
        "buang": Dropped(reason=DropReason.NOT_HTML, detail="bukan halaman"),
        "berat": OVERLOADED,
        "sendiri": None,
    }
    alone = FakeExtractor(lambda _: Draft(text="sendiri", published=NOW, next_pages=(f"{URL}?page=2",)))
    asked: list[str] = []

    async def extract_each(stories):
        asked.extend(entry.url for _, _, entry in stories)
        return [answers[entry.url.rpartition("/")[2]] for _, _, entry in stories]

    refused = "http://harian.example/foto/1"
    given = [
        steps.Given(page=page(url), outlet=OUTLET, pending=replace(PENDING, entry=replace(ENTRY, url=url)))
        for url in (*(f"http://harian.example/{name}" for name in answers), refused)
    ]
    outlet = replace(OUTLET, articles=ArticleUrls(exclude=(r"/foto/",)))
    given[-1] = replace(given[-1], outlet=outlet)
    results = await reader({}, alone, span).read_each_given(given, extract_each)
    texts = [one.draft.text if isinstance(one, steps.Reading) else one.reason for one in results]
    reasons = [DropReason.OUT_OF_RANGE, DropReason.UNREADABLE, DropReason.NOT_HTML]
    assert texts == ["isi", *reasons, "sendiri", "sendiri", DropReason.NOT_AN_ARTICLE]
    assert refused not in asked
    assert len(alone.calls) == 2
    assert results[4].draft.origins == {"pages": "further pages were not at hand"}


async def test_a_page_at_hand_that_met_overload_is_read_again_at_once_for_some_time():
    answers: list[Draft | Deferred] = [OVERLOADED, OVERLOADED, Draft(text="isi")]
    reading = await reader({}, FakeExtractor(lambda _: answers.pop(0))).read_given(page(URL), PENDING, OUTLET)
    assert isinstance(reading, steps.Reading)
    extractor = FakeExtractor(lambda _: OVERLOADED)
    assert await reader({}, extractor).read_given(page(URL), PENDING, OUTLET) == Dropped(
        reason=DropReason.UNREADABLE, detail=OVERLOADED.detail
    )
    assert len(extractor.calls) == Settings().store.max_attempts
