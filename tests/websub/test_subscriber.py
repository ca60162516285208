"""All subscriptions together: what feeds declare, what hubs are asked, what they may say."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scraper.model.feed import FeedMemory, FeedState, PollHints
from scraper.model.outlet import Outlet
from scraper.model.page import FetchFailed, FetchReason, Page
from scraper.settings import WebSubSettings
from scraper.websub import Stage, Subscriptions

NOW = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
FEED, HUB, TOPIC = "https://kabar.example/feed", "https://hub.example/push", "https://kabar.example/feed.xml"
SETTINGS = WebSubSettings(callback="https://news.example.org/websub/")
KABAR = Outlet(id="kabar", name="Kabar", domains=("kabar.example",), feeds=(FEED,))


class Hubs:
    """Says yes to every request, or what it is told to say; keeps what it was asked."""

    def __init__(self, answer=None):
        self.asked: list[dict[str, str]] = []
        self.answer = answer

    async def fetch(self, request):
        self.asked.append(dict(request.form) | {"hub": request.url})
        return self.answer or Page(url=request.url, requested_url=request.url, body=b"", fetched_at=NOW, status=202)


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


class Desk:
    def __init__(self, answer=None, settings=SETTINGS):
        self.hubs, self.clock = Hubs(answer), Clock()
        self.subscriptions = Subscriptions(
            settings, key=bytes(32), outlets={"kabar": KABAR}, fetch=self.hubs.fetch, clock=self.clock
        )

    def see(self, hub: str | None = HUB, topic: str | None = TOPIC, found=0, feed=FEED):
        hints = PollHints(hub=hub, self_url=topic)
        state = FeedState(url=feed, outlet="kabar", next_due=NOW, memory=FeedMemory(hints=hints))
        self.subscriptions.saw(state, found)

    @property
    def one(self):
        (one,) = self.subscriptions.all()
        return one

    @property
    def token(self):
        return self.hubs.asked[-1]["hub.callback"].rpartition("/")[2]

    def verify(self, token=None, mode="subscribe", topic=TOPIC, **more):
        said = {"hub.mode": mode, "hub.topic": topic, "hub.challenge": "xyz", "hub.lease_seconds": "864000"} | more
        return self.subscriptions.verify(token or self.token, said)

    def sign(self, body, method="sha256"):
        key = self.hubs.asked[-1]["hub.secret"].encode()
        return {"x-hub-signature": f"{method}={hmac.new(key, body, getattr(hashlib, method)).hexdigest()}"}

    async def live(self):
        self.see()
        await self.subscriptions.work()
        assert self.verify() == "xyz"
        return self


async def test_a_feed_that_declares_a_hub_is_subscribed_to_once():
    desk = Desk()
    desk.see()
    desk.see()
    await desk.subscriptions.work()
    await desk.subscriptions.work()
    (asked,) = desk.hubs.asked
    assert asked["hub"] == HUB
    assert asked["hub.mode"] == "subscribe"
    assert asked["hub.topic"] == TOPIC
    assert asked["hub.lease_seconds"] == "864000"
    assert asked["hub.callback"].startswith("https://news.example.org/websub/")
    assert len(asked["hub.secret"]) >= 40


async def test_a_feed_without_a_name_for_itself_goes_by_its_address():
    desk = Desk()
    desk.see(topic=None)
    assert desk.one.topic == FEED


@pytest.mark.parametrize(
    "hub", [None, "ftp://hub.example/", "javascript:x", "//[", "https://hub.example/" + "x" * 3000]
)
async def test_what_is_no_hub_is_not_asked(hub):
    desk = Desk()
    desk.see(hub=hub)
    await desk.subscriptions.work()
    assert not desk.hubs.asked


async def test_the_challenge_goes_back_only_for_what_we_meant():
    desk = Desk()
    desk.see()
    await desk.subscriptions.work()
    assert desk.verify(token="A" * 43) is None
    assert desk.verify(topic="https://other.example/feed") is None
    assert desk.verify(mode="unsubscribe") is None
    assert desk.verify(mode="nonsense") is None
    assert desk.verify(**{"hub.challenge": ""}) is None
    assert desk.verify(**{"hub.challenge": "x" * 5000}) is None
    assert desk.one.stage is Stage.WANTED
    assert desk.verify() == "xyz"
    assert desk.one.is_live(NOW + timedelta(days=9))


async def test_a_hub_that_verifies_before_it_answers_is_believed():
    desk = Desk()

    async def fetch(request):
        answer = await desk.hubs.fetch(request)
        assert desk.verify() == "xyz"
        return answer

    desk.subscriptions._fetch = fetch
    desk.see()
    await desk.subscriptions.work()
    assert desk.one.stage is Stage.LIVE


async def test_a_lease_is_renewed_with_the_same_callback_and_secret():
    desk = await Desk().live()
    desk.clock.now += timedelta(days=8, seconds=1)
    await desk.subscriptions.work()
    first, second = desk.hubs.asked
    assert first == second
    assert desk.verify() == "xyz"
    assert desk.one.is_live(NOW + timedelta(days=17))


async def test_failures_are_told_and_tried_again_and_politeness_is_no_failure():
    gone = FetchFailed(url=HUB, reason=FetchReason.HTTP_STATUS, detail="the server answered 500")
    desk = Desk(gone)
    desk.see()
    await desk.subscriptions.work()
    assert desk.one.detail == "the server answered 500"
    assert desk.one.act_at == NOW + timedelta(minutes=10)
    later = NOW + timedelta(seconds=40)
    polite = Desk(FetchFailed(url=HUB, reason=FetchReason.THROTTLED, detail="busy", retry_at=later))
    polite.see()
    await polite.subscriptions.work()
    assert (polite.one.act_at, polite.one.tries) == (later, 0)


async def test_signed_content_is_taken_and_all_else_passed_over():
    desk = await Desk().live()
    token = desk.token
    push = desk.subscriptions.receive(token, b"<rss/>", desk.sign(b"<rss/>") | {"content-type": "text/xml"})
    assert push is not None
    assert push.page is not None
    assert (push.feed, push.outlet) == (FEED, KABAR)
    assert (push.page.body, push.page.url, push.page.requested_url) == (b"<rss/>", TOPIC, FEED)
    assert push.page.content_type == "text/xml"
    for headers in ({}, desk.sign(b"<other/>"), {"x-hub-signature": "sha256=00"}):
        assert desk.subscriptions.receive(token, b"<rss/>", headers) is None
    assert desk.subscriptions.receive("A" * 43, b"<rss/>", desk.sign(b"<rss/>")) is None


async def test_packed_content_is_only_a_word_that_there_is_some():
    desk = await Desk().live()
    push = desk.subscriptions.receive(desk.token, b"packed", desk.sign(b"packed") | {"content-encoding": "gzip"})
    assert push is not None
    assert push.page is None


async def test_over_plain_http_no_secret_is_told_and_no_content_believed():
    desk = Desk()
    desk.see(hub="http://hub.example/push")
    await desk.subscriptions.work()
    assert "hub.secret" not in desk.hubs.asked[-1]
    assert desk.verify() == "xyz"
    push = desk.subscriptions.receive(desk.token, b"<rss/>", {})
    assert push is not None
    assert push.page is None


async def test_content_before_the_hub_has_verified_is_passed_over():
    desk = Desk()
    desk.see()
    await desk.subscriptions.work()
    assert not desk.subscriptions.expects(desk.token)
    assert desk.subscriptions.receive(desk.token, b"<rss/>", desk.sign(b"<rss/>")) is None


async def test_a_hub_that_pushes_what_is_new_is_relied_on_until_a_poll_finds_more():
    desk = await Desk().live()
    assert not desk.subscriptions.relies_on_hub(FEED)
    push = desk.subscriptions.receive(desk.token, b"<rss/>", desk.sign(b"<rss/>"))
    assert push is not None
    desk.subscriptions.delivered(push, 2)
    assert desk.subscriptions.relies_on_hub(FEED)
    desk.see(found=0)
    assert desk.subscriptions.relies_on_hub(FEED)
    desk.see(found=1)
    assert not desk.subscriptions.relies_on_hub(FEED)


async def test_no_hub_is_relied_on_after_its_lease():
    desk = await Desk().live()
    push = desk.subscriptions.receive(desk.token, b"<rss/>", desk.sign(b"<rss/>"))
    assert push is not None
    desk.subscriptions.delivered(push, 2)
    desk.clock.now += timedelta(days=10)
    assert not desk.subscriptions.relies_on_hub(FEED)


async def test_a_denial_ends_it_for_a_week():
    desk = await Desk().live()
    assert desk.verify(mode="denied", **{"hub.reason": "too many"}) == ""
    assert desk.one.stage is Stage.DENIED
    assert not desk.subscriptions.expects(desk.token)
    desk.see()
    desk.clock.now += timedelta(days=6)
    await desk.subscriptions.work()
    assert len(desk.hubs.asked) == 1
    desk.clock.now += timedelta(days=2)
    await desk.subscriptions.work()
    assert len(desk.hubs.asked) == 2


async def test_a_feed_that_moves_to_another_hub_is_followed_but_not_at_once():
    desk = await Desk().live()
    old = desk.token
    desk.see(hub="https://new.example/")
    assert desk.one.hub == HUB
    desk.clock.now += timedelta(hours=2)
    desk.see(hub="https://new.example/")
    await desk.subscriptions.work()
    modes = {asked["hub"]: asked["hub.mode"] for asked in desk.hubs.asked}
    assert modes == {HUB: "unsubscribe", "https://new.example/": "subscribe"}
    assert desk.verify(token=old, mode="subscribe") is None
    assert desk.verify(token=old, mode="unsubscribe") == "xyz"
    assert desk.one.hub == "https://new.example/"


async def test_a_feed_without_hub_any_more_is_left():
    desk = await Desk().live()
    desk.clock.now += timedelta(hours=2)
    desk.see(hub=None)
    await desk.subscriptions.work()
    assert desk.hubs.asked[-1]["hub.mode"] == "unsubscribe"
    assert not desk.subscriptions.relies_on_hub(FEED)


async def test_a_hub_that_never_confirms_a_farewell_is_forgotten():
    desk = await Desk().live()
    desk.clock.now += timedelta(hours=2)
    desk.see(hub=None)
    for _ in range(9):
        await desk.subscriptions.work()
        desk.clock.now += timedelta(days=1)
    assert len(desk.hubs.asked) == 4
    assert desk.subscriptions.all() == []


async def test_what_was_saved_is_known_again():
    desk = await Desk().live()
    saved = desk.subscriptions.saved()
    assert saved is not None
    assert desk.subscriptions.saved() is None
    later = Desk()
    later.subscriptions.restore(saved, [FEED])
    assert later.one == desk.one
    assert later.subscriptions.expects(desk.token)
    later.see()
    await later.subscriptions.work()
    assert not later.hubs.asked


async def test_a_feed_that_is_not_configured_any_more_is_left_after_the_restart():
    desk = await Desk().live()
    saved = desk.subscriptions.saved()
    assert saved is not None
    later = Desk()
    later.subscriptions.restore(saved, [])
    await later.subscriptions.work()
    assert later.hubs.asked[-1]["hub.mode"] == "unsubscribe"


async def test_another_callback_makes_all_be_asked_for_anew():
    desk = await Desk().live()
    saved = desk.subscriptions.saved()
    assert saved is not None
    later = Desk(settings=WebSubSettings(callback="https://other.example.org/"))
    later.subscriptions.restore(saved, [FEED])
    assert later.subscriptions.all() == []


@pytest.mark.parametrize("saved", [b"", b"{}", b"[]", b"\xff", b'{"callback": "x", "subscriptions": [{}]}'])
def test_what_was_not_saved_by_us_is_left_out(saved):
    desk: Any = Desk()
    desk.subscriptions.restore(saved, [FEED])
    assert desk.subscriptions.all() == []


async def test_a_crowd_of_feeds_is_asked_for_a_few_at_a_time():
    desk = Desk()
    for number in range(100):
        desk.see(feed=f"https://kabar.example/{number}")
    await desk.subscriptions.work()
    assert 0 < len(desk.hubs.asked) <= 20


def test_many_are_saved_seldom_and_at_the_end_at_once():
    desk = Desk()
    for number in range(400):
        desk.see(feed=f"https://kabar.example/{number}", topic=f"https://kabar.example/{number}.xml")
    saved = desk.subscriptions.saved()
    assert saved is not None
    desk.see(feed="https://kabar.example/late", topic="https://kabar.example/late.xml")
    assert desk.subscriptions.saved() is None
    desk.clock.now += timedelta(seconds=len(saved) / 10_000)
    assert desk.subscriptions.saved() is not None
    desk.see(feed="https://kabar.example/last", topic="https://kabar.example/last.xml")
    assert desk.subscriptions.saved(at_once=True) is not None
