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


@given(st.lists(st.binary(max_size=60), max_size=4))
def test_nothing_in_a_header_is_an_error(links):
    found(*links)
