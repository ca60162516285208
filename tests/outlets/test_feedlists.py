"""Feed lists: plain or OPML in, one outlet a host out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.model.failures import ConfigurationError
from scraper.model.outlet import Outlet
from scraper.outlets import outlets_from_feeds, to_opml

PLAIN = """\
# what we read
http://127.0.0.1:8800/feed.xml   # the first
http://127.0.0.2:8800/feed.xml

https://www.warta.example/rss/nasional#top
https://www.warta.example/rss/dunia
http://127.0.0.1:8800/feed.xml
"""


def faults(text):
    with pytest.raises(ConfigurationError) as caught:
        outlets_from_feeds(text, "feeds.txt")
    return [(fault.file, fault.line, fault.value) for fault in caught.value.faults]


def test_each_host_of_a_plain_list_becomes_an_outlet():
    outlets = outlets_from_feeds(PLAIN)
    assert [(outlet.id, outlet.domains, outlet.feeds) for outlet in outlets] == [
        ("127-0-0-1-8800", ("127.0.0.1",), ("http://127.0.0.1:8800/feed.xml",)),
        ("127-0-0-2-8800", ("127.0.0.2",), ("http://127.0.0.2:8800/feed.xml",)),
        (
            "warta-example",
            ("warta.example",),
            ("https://www.warta.example/rss/nasional#top", "https://www.warta.example/rss/dunia"),
        ),
    ]


def test_ports_make_outlets_of_their_own():
    outlets = outlets_from_feeds("http://[::1]:81/a\nhttp://[::1]:82/a\nhttp://a.b.example/\nhttp://a-b.example/")
    assert [outlet.id for outlet in outlets] == ["1-81", "1-82", "a-b-example", "a-b-example-2"]


def test_opml_is_read_with_its_groups():
    outlets = outlets_from_feeds(
        """<?xml version="1.0" encoding="UTF-8"?>
        <opml version="2.0"><head><title>Mine</title></head><body>
        <outline text="Indonesia"><outline text="Warta" xmlUrl=" https://warta.example/rss?a=1&amp;b=2 "/></outline>
        <outline text="no feed"/>
        </body></opml>"""
    )
    assert [outlet.feeds for outlet in outlets] == [("https://warta.example/rss?a=1&b=2",)]


def test_what_is_written_is_read_back():
    outlets = outlets_from_feeds(PLAIN)
    again = outlets_from_feeds(to_opml(outlets))
    assert [(outlet.id, outlet.feeds) for outlet in again] == [(outlet.id, outlet.feeds) for outlet in outlets]


def test_names_and_home_pages_travel_where_all_feeds_of_a_host_agree():
    known = (
        Outlet(
            id="warta",
            name="Warta & Kawan",
            domains=("warta.example",),
            homepage="https://www.warta.example/",
            feeds=("https://warta.example/rss", "https://warta.example/rss/2"),
        ),
        Outlet(id="pos", name="Pos", domains=("pos.example",), feeds=("https://pos.example/rss",)),
    )
    warta, pos = outlets_from_feeds(to_opml(known))
    assert (warta.name, warta.homepage) == ("Warta & Kawan", "https://www.warta.example/")
    assert (pos.name, pos.homepage) == ("Pos", None)
    (mixed,) = outlets_from_feeds(
        """<opml><body>
        <outline title="Dunia" xmlUrl="https://warta.example/1" htmlUrl="https://elsewhere.example/"/>
        <outline text="Olahraga" xmlUrl="https://warta.example/2" htmlUrl="javascript:alert(1)"/>
        </body></opml>"""
    )
    assert (mixed.name, mixed.homepage) == ("warta.example", None)


def test_all_bad_lines_are_told_at_once():
    assert faults("warta\nhttps://fine.example/rss\nftp://a.example/\nhttp://[::1\nhttp://a:0/\n") == [
        ("feeds.txt", 1, "warta"),
        ("feeds.txt", 3, "ftp://a.example/"),
        ("feeds.txt", 4, "http://[::1"),
        ("feeds.txt", 5, "http://a:0/"),
    ]


def test_bad_addresses_in_opml_are_told_with_their_lines():
    assert faults('<opml><body>\n<outline xmlUrl="warta"/>\n</body></opml>') == [("feeds.txt", 2, "warta")]


BOMB = "<!DOCTYPE o [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {name} '{f'&{before};' * 10}'>" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    "text",
    [
        BOMB + "]><opml><body><outline text='&i;' xmlUrl='https://a.example/'/></body></opml>",
        "<!DOCTYPE o [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><opml><outline xmlUrl='http://a/&x;'/></opml>",
        "<opml><body>",
        "<html><body>Not found</body></html>",
        "",
        "# nothing but a comment\n",
        "<opml><body/></opml>",
    ],
)
def test_what_is_no_feed_list_is_one_fault(text):
    assert len(faults(text)) == 1


@given(st.text())
def test_any_text_is_outlets_or_faults(text):
    try:
        found = [outlet.id for outlet in outlets_from_feeds(text)]
    except ConfigurationError as error:
        found = [str(fault) for fault in error.faults]
    assert found
