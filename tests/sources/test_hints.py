"""Where a feed says that its stories are pushed: in the answer's Link headers and in its own head."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model.feed import PollHints
from scraper.sources.hints import channel_hints, with_links

BASE = "https://kabar.example/rss/feed"
HUB, OWN = "https://hub.example/", "https://kabar.example/feed.xml"


def found(*links, hints=PollHints()):  # noqa: B008 - a frozen value
    read = with_links(hints, [(b"Link", link) for link in links], BASE)
    return read.hub, read.self_url


@pytest.mark.parametrize(
    "links",
    [
        (b'<https://hub.example/>; rel="hub", <https://kabar.example/feed.xml>; rel="self"',),
        (b"<https://hub.example/>;rel=hub", b"</feed.xml> ; REL = Self"),
        (b'<https://hub.example/>; title="a, b; rel=x"; rel="next hub", <../feed.xml>; rel=self',),
        (b"<https://hub.example/>; rel=hub", b"</feed.xml>; rel=self", b"<https://other.example/>; rel=hub"),
    ],
)
def test_link_headers_name_hub_and_self(links):
    assert found(*links) == (HUB, OWN)


def test_headers_come_before_the_document_and_the_document_stands_where_they_say_nothing():
    document = PollHints(hub="https://old.example/", self_url="https://kabar.example/old")
    assert found(b"<https://hub.example/>; rel=hub", hints=document) == (HUB, "https://kabar.example/old")
    assert found(b"<style.css>; rel=preload", hints=document) == (document.hub, document.self_url)
    assert found(hints=document) == (document.hub, document.self_url)


def test_a_documents_own_links_are_read():
    head = '<channel><atom:link rel="self" href="/feed.xml"/><atom:link href="https://hub.example/" rel="hub"/>'
    hints = channel_hints(head, BASE, None)
    assert (hints.hub, hints.self_url) == (HUB, OWN)


@pytest.mark.parametrize("link", [b"<//[>; rel=hub", b"<>; rel=hub", b"rel=hub", b"<x", b"<a>; rel=" + b" " * 90_000])
def test_nonsense_is_no_hub(link):
    assert found(link)[0] in {None, BASE}


def older(document, base=BASE):
    return channel_hints(document, base, None).older


@pytest.mark.parametrize(
    "document",
    [
        "<rss><channel><generator>https://wordpress.org/?v=6.7</generator><item/>",
        "<rss><channel><generator><![CDATA[ https://wordpress.com/ ]]></generator><item/>",
        '<feed><generator uri="https://wordpress.org/" version="6.7">WordPress</generator><entry/>',
        '<feed><generator version="6.7" uri="http://wordpress.com/">WordPress.com</generator><entry/>',
        "<rss><channel>" + "<item><guid isPermaLink='false'>https://www.kabar.example/?p=1204</guid></item>" * 3,
        "<rss><channel>" + "<item><guid>http://kabar.example/blog/?p=1204</guid></item>" * 3,
    ],
)
def test_a_feed_of_wordpress_has_numbered_older_pages(document):
    assert older(document) == BASE + "?paged=2"
    assert older(document, BASE + "?cat=3&paged=4") == BASE + "?cat=3&paged=5"


@pytest.mark.parametrize(
    "document",
    [
        "<rss><channel><generator>Kabar CMS 2</generator><item><link>https://wordpress.org/</link></item>",
        '<feed><generator uri="https://kabar.example/">https://kabar.example</generator><entry/>',
        "<rss><channel>" + "<item><guid>https://kabar.example/?p=1204</guid></item>" * 2,
        "<rss><channel>" + "<item><guid>https://other.example/?p=1204</guid></item>" * 3,
        "<rss><channel>" + "<item><guid>https://kabar.example/story?id=1204</guid></item>" * 3,
        "<generator" + " a='b'" * 9_000,
        "<guid>https://kabar.example/" + "x/" * 30_000,
    ],
)
def test_other_feeds_have_none(document):
    assert older(document) is None


@given(st.lists(st.binary(max_size=60), max_size=4))
def test_nothing_in_a_header_is_an_error(links):
    found(*links)
