"""The demo web: honest answers, and pages that hold what is expected of them."""

import gzip
import http.client
import re
import socket
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlsplit

import pytest

from scraper.demo import DemoWeb
from scraper.demo.serving import Answer, Listener
from scraper.model.verdict import DropReason

NOW = datetime(2026, 3, 3, 9, 30, 25, tzinfo=UTC)


@pytest.fixture(scope="module")
def whole():
    with DemoWeb(NOW) as web:
        while web.advance():
            pass
        yield web


def get(url, method="GET", **headers):
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
    try:
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, dict(answer.getheaders()), answer.read()
    finally:
        connection.close()


def text(url):
    status, _, body = get(url)
    assert status == 200
    return body.decode()


def words(html):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def polled(web):
    return [url for outlet in web.outlets for url in (*outlet.feeds, *outlet.news_sitemaps)]


def test_there_are_outlets_in_two_languages_with_feeds_of_several_kinds(whole):
    assert len(whole.outlets) >= 5
    assert {language for outlet in whole.outlets for language in outlet.languages} == {"id", "en"}
    opened = [text(url)[:200] for url in polled(whole)]
    assert any("<rss" in start for start in opened)
    assert any("<feed" in start for start in opened)
    assert any("sitemap-news" in start for start in opened)


def test_nothing_lies_beyond_loopback(whole):
    urls = [*polled(whole), *(story.url for story in whole.expected), *(outlet.homepage for outlet in whole.outlets)]
    assert all(urlsplit(url).hostname.startswith("127.") for url in urls)


def test_every_outlet_has_a_host_of_its_own(whole):
    hosts = [domain for outlet in whole.outlets for domain in outlet.domains]
    assert len({urlsplit(outlet.homepage).netloc for outlet in whole.outlets}) == len(hosts)


def test_every_story_is_listed_by_its_outlet(whole):
    listed = " ".join(unescape(text(url)) for url in polled(whole))
    assert not [story.url for story in whole.expected if story.url not in listed]
    sitemaps = " ".join(text(url) for outlet in whole.outlets for url in outlet.sitemaps)
    assert not [story.url for story in whole.expected if story.url not in sitemaps]


def test_each_page_holds_the_lines_that_are_expected_of_it(whole):
    for story in whole.expected:
        if story.reason is DropReason.GONE:
            continue
        urls = [story.url, *(f"{story.url}?page={number}" for number in range(2, story.pages + 1))]
        shown = words(" ".join(text(url) for url in urls))
        assert not [line for line in story.lines if line not in shown], story.url
        assert story.title in shown


def test_pages_carry_furniture_and_the_expected_text_carries_none(whole):
    shown = " ".join(text(story.url) for story in whole.expected if story.reason is not DropReason.GONE)
    assert not [phrase for phrase in whole.furniture if phrase not in shown]
    lines = [line for story in whole.expected for line in story.lines]
    assert not [line for line in lines for phrase in whole.furniture if phrase in line]


def test_the_cases_that_a_collector_must_tell_apart_are_all_there(whole):
    reasons = {story.reason for story in whole.expected}
    assert reasons >= {
        None,
        DropReason.DUPLICATE,
        DropReason.TOO_SHORT,
        DropReason.MEDIA_PAGE,
        DropReason.PAYWALLED,
        DropReason.ROBOTS,
        DropReason.GONE,
    }
    assert any(story.pages > 2 for story in whole.expected)
    assert any(story.agencies for story in whole.expected)
    assert any("\u00a0" in unescape(text(story.url)) for story in whole.expected if story.reason is None)


def test_copies_repeat_their_originals_and_are_published_later(whole):
    stories = {story.url: story for story in whole.expected}
    copies = [story for story in whole.expected if story.copy_of]
    shapes = set()
    for copy in copies:
        origin = stories[copy.copy_of]
        assert copy.reason is DropReason.DUPLICATE
        assert copy.outlet != origin.outlet
        assert copy.title != origin.title
        assert copy.published > origin.published
        assert copy.lines[0] != origin.lines[0]
        assert copy.lines[1:] == origin.lines[1 : len(copy.lines)]
        shapes.add((len(copy.lines) < len(origin.lines), copy.lines[0].endswith(origin.lines[0].split(" - ")[-1])))
    assert shapes == {(False, True), (True, True), (False, False)}  # verbatim, cut, new lead


def test_stories_of_the_second_round_appear_when_it_is_their_turn():
    with DemoWeb(NOW) as web:
        later = [story.url for story in web.expected if story.round > 1]
        before = {url: get(url)[1]["ETag"] for url in polled(web)}
        assert {get(url)[0] for url in later} == {404}
        assert web.advance()
        assert {get(url)[0] for url in later} == {200}
        changed = [url for url in before if get(url)[1]["ETag"] != before[url]]
        assert len(changed) >= 5
        assert not web.advance()


def test_stories_are_dated_just_before_now():
    with DemoWeb(NOW) as web:
        ages = [NOW - story.published for story in web.expected]
    assert min(ages) > timedelta(0)
    assert max(ages) < timedelta(days=2)


def test_answers_are_the_same_in_every_run():
    def bodies():
        with DemoWeb(NOW) as web:
            port = re.compile(rb"127\.\d+\.\d+\.\d+:\d+")
            return [port.sub(b"", get(story.url)[2]) for story in web.expected]

    assert bodies() == bodies()


def test_what_has_not_changed_is_not_sent_again(whole):
    for url in (whole.expected[0].url, *polled(whole)):
        status, headers, body = get(url)
        assert status == 200
        assert body
        for condition in ({"If_None_Match": headers["ETag"]}, {"If_Modified_Since": headers["Last-Modified"]}):
            status, again, body = get(url, **condition)
            assert (status, body) == (304, b"")
            assert again["ETag"] == headers["ETag"]
        assert get(url, If_None_Match='"other"', If_Modified_Since=headers["Last-Modified"])[0] == 200
        assert get(url, If_Modified_Since="Mon, 01 Jan 2001 00:00:00 GMT")[0] == 200
        assert get(url, If_Modified_Since="yesterday")[0] == 200


def test_bodies_are_compressed_on_request(whole):
    url = whole.expected[0].url
    plain = get(url)[2]
    _, headers, body = get(url, Accept_Encoding="gzip")
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(body) == plain


def test_a_head_request_has_no_body(whole):
    status, headers, body = get(whole.expected[0].url, method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) > 1000


def test_what_is_not_there_is_told(whole):
    home = whole.outlets[0].homepage
    assert get(home + "nothing")[0] == 404
    long = next(story for story in whole.expected if story.pages > 1)
    assert {get(f"{long.url}?page={number}")[0] for number in ("0", "4", "x", "-1")} == {404}
    gone = next(story for story in whole.expected if story.reason is DropReason.GONE)
    assert get(gone.url)[0] == 410


def test_robots_txt_closes_what_is_expected_to_stay_closed(whole):
    closed = next(story for story in whole.expected if story.reason is DropReason.ROBOTS)
    home = closed.url.split("/", 3)
    rules = text("/".join(home[:3]) + "/robots.txt")
    (path,) = re.findall(r"^Disallow: (\S+)$", rules, re.MULTILINE)
    assert urlsplit(closed.url).path.startswith(path)
    assert [story.url for story in whole.expected if urlsplit(story.url).path.startswith(path)] == [closed.url]


def test_every_request_is_on_record():
    with DemoWeb(NOW) as web:
        url = polled(web)[0]
        etag = get(url, User_Agent="tester/1")[1]["ETag"]
        get(url, If_None_Match=etag)
        first, second = web.exchanges
    assert (first.url, first.status, first.conditional, first.user_agent) == (url, 200, False, "tester/1")
    assert (second.url, second.status, second.conditional) == (url, 304, True)


def test_no_server_is_left_behind():
    with DemoWeb(NOW) as web:
        address = urlsplit(str(web.outlets[0].homepage))
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((str(address.hostname), address.port), timeout=2)


def test_a_system_with_one_loopback_address_is_enough():
    listener = Listener("192.0.2.1", lambda *_: Answer(kind="text/plain", body="hello"))
    try:
        assert listener.host == "127.0.0.1"
        assert get(listener.home + "/")[2] == b"hello"
    finally:
        listener.close()
