"""Older pages of a feed are read when its window has slid past what was known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from scraper.engine import steps
from scraper.engine.bridging import bridged
from scraper.model.feed import FeedKind, FeedState, Listed, Listing, NotModified, Poll, Unlisted
from scraper.model.outlet import Outlet
from scraper.model.page import Page
from scraper.polling import Trouble, after_poll, findings, first_state, request_for
from scraper.settings import PollSettings
from scraper.sources.listing import list_entries
from tests.fakes import FakeFetcher, page

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
FEED = "https://koran.example/feed/"
OUTLET = Outlet(id="koran", name="Koran", domains=("koran.example",), feeds=(FEED,))
WORDPRESS = "<generator>https://wordpress.org/?v=6.7</generator>"


class PlainLister:
    """Reads here what a worker would read."""

    async def list(self, page: Page, outlet: Outlet) -> Listing | Unlisted:
        return list_entries(page, outlet)


def document(numbers: range, head: str = WORDPRESS) -> bytes:
    items = "".join(f"<item><title>{n}</title><link>https://koran.example/{n}</link></item>" for n in numbers)
    return f"<rss version='2.0'><channel><title>Koran</title>{head}{items}</channel></rss>".encode()


def window(newest: int, head: str = WORDPRESS) -> bytes:
    return document(range(newest, newest - 10, -1), head)


class Web:
    """A feed of ten entries with older pages."""

    def __init__(self, answers: dict[str, bytes]) -> None:
        self.fetcher = FakeFetcher({url: page(url, body=body) for url, body in answers.items()})

    async def poll(self, state: FeedState) -> tuple[Poll, FeedState]:
        ask = partial(steps.ask, fetcher=self.fetcher, lister=PlainLister())
        poll = await bridged(state, await ask(state, request_for(state, OUTLET, NOW)), OUTLET, ask)
        return poll, after_poll(state, poll, PollSettings(), 0.0, state.next_due + timedelta(hours=1))

    @property
    def asked(self) -> list[str]:
        return [request.url for request in self.fetcher.asked]


async def known(newest: int) -> FeedState:
    _, state = await Web({FEED: window(newest)}).poll(first_state(OUTLET, FEED, FeedKind.FEED, NOW))
    return state


def numbers(poll: Poll) -> list[int]:
    assert isinstance(poll, Listed)
    return [int(entry.url.rpartition("/")[2]) for entry in (*poll.listing.entries, *poll.recovered)]


async def test_what_slid_out_is_read_from_older_pages():
    web = Web(
        {FEED: window(40), FEED + "?paged=2": window(30), FEED + "?paged=3": window(20), FEED + "?paged=4": window(10)}
    )
    poll, state = await web.poll(await known(15))
    assert numbers(poll) == list(range(40, 10, -1))
    assert web.asked == [FEED, FEED + "?paged=2", FEED + "?paged=3"]
    assert isinstance(poll, Listed)
    assert {entry.source for entry in poll.recovered} == {FEED}
    assert state.memory.gaps == 0
    assert state.entries_found == 10 + 30
    assert not [one for one in findings(state, state.next_due) if one.trouble is Trouble.GAPS]


async def test_a_window_that_overlaps_asks_for_nothing_more():
    web = Web({FEED: window(20)})
    poll, _ = await web.poll(await known(15))
    assert numbers(poll) == list(range(20, 10, -1))
    assert web.asked == [FEED]


async def test_a_first_look_does_not_walk_back():
    web = Web({FEED: window(40), FEED + "?paged=2": window(30)})
    await web.poll(first_state(OUTLET, FEED, FeedKind.FEED, NOW))
    assert web.asked == [FEED]


async def test_pages_that_repeat_or_fail_end_the_search_and_the_gap_is_told():
    for answers in ({FEED: window(40), FEED + "?paged=2": window(40)}, {FEED: window(40)}):
        web = Web(answers)
        poll, state = await web.poll(await known(15))
        assert numbers(poll) == list(range(40, 30, -1))
        assert web.asked == [FEED, FEED + "?paged=2"]
        assert state.memory.gaps == 1


async def test_no_more_than_five_older_pages_are_asked_for():
    pages = {FEED + f"?paged={number}": window(1000 - 10 * (number - 1)) for number in range(2, 20)}
    web = Web({FEED: window(1000), **pages})
    poll, state = await web.poll(await known(15))
    assert len(web.asked) == 6
    assert len(numbers(poll)) == 60
    assert state.memory.gaps == 1


async def test_named_pages_are_followed_on_the_same_site_only():
    head = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="next" href="{}"/>'
    near = Web({FEED: window(40, head.format("/feed/older.xml")), "https://koran.example/feed/older.xml": window(30)})
    poll, _ = await near.poll(await known(25))
    assert numbers(poll) == list(range(40, 20, -1))
    far = Web({FEED: window(40, head.format("https://lain.example/x"))})
    await far.poll(await known(25))
    assert far.asked == [FEED]


async def test_a_quiet_answer_stays_as_it_is():
    state = replace(await known(15), etag=b'"e"')
    quiet = NotModified(etag=b'"e"', last_modified=None)

    async def ask(*_: object) -> Poll:
        raise AssertionError("nothing is missing")

    assert await bridged(state, quiet, OUTLET, ask) is quiet
