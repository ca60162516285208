"""Pages that only declare a feed."""

import pytest

from scraper.model.feed import Unlisted
from scraper.sources.declared import declared_feeds
from scraper.sources.listing import list_entries
from tests.sources.test_listing import OUTLET, page

URL = "https://harian.example/"
HEAD = """<!DOCTYPE html><html><head><title>Harian</title>
<link rel="stylesheet" href="/style.css">
<link rel="alternate" hreflang="en" href="/en/">
<link rel='alternate' type='application/rss+xml' title='Harian &raquo; Comments Feed' href='/comments/feed/'>
<LINK TYPE="application/rss+xml; charset=utf-8" REL="alternate" HREF="/rss?a=1&amp;b=2" />
<link rel=alternate type=application/atom+xml href=//cdn.example/atom.xml>
<link rel="alternate" type="application/feed+json" href="https://harian.example/feed.json">
</head><body></body></html>"""


def test_feeds_are_found_in_order_those_of_comments_last():
    assert declared_feeds(HEAD, URL) == (
        "https://harian.example/rss?a=1&b=2",
        "https://cdn.example/atom.xml",
        "https://harian.example/feed.json",
        "https://harian.example/comments/feed/",
    )


def test_a_base_counts():
    text = '<base href="https://lain.example/x/"><link rel="alternate" type="application/rss+xml" href="rss">'
    assert declared_feeds(text, URL) == ("https://lain.example/x/rss",)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '<link rel="alternate" type="application/rss+xml" href="javascript:x">',
        '<link rel="alternate" type="application/rss+xml">',
        f'<link rel="alternate" type="application/rss+xml" href="{URL}">',
        '<link rel="alternate" type="text/html" href="/m">',
        "<link " * 10_000,
    ],
)
def test_what_declares_nothing(text: str):
    assert declared_feeds(text, URL) == ()


def test_the_listing_names_the_feed():
    result = list_entries(page(HEAD), OUTLET)
    assert isinstance(result, Unlisted)
    assert result.declared[0] == "https://www.harian.example/rss?a=1&b=2"
    assert result.detail == "not a feed: HTML page that declares https://www.harian.example/rss?a=1&b=2"


def test_an_index_leads_to_its_news_sitemap():
    inner = "".join(
        f"<sitemap><loc>{url}</loc></sitemap>"
        for url in ("/news/sitemap.xml", "/image-sitemap.xml", "/sitemap-news-2024-01.xml", "/sitemap-news.xml")
    )
    result = list_entries(page(f"<sitemapindex>{inner}</sitemapindex>"), OUTLET)
    assert isinstance(result, Unlisted)
    assert result.declared == ("https://www.harian.example/sitemap-news.xml",)
    assert "it names https://www.harian.example/sitemap-news.xml" in result.detail
