"""Feed documents of every kind, as text."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from scraper.model.feed import Listing, Unlisted
from scraper.model.outlet import ArticleUrls, Outlet
from scraper.model.page import Page
from scraper.sources.listing import list_entries

WIB = timezone(timedelta(hours=7))
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
OUTLET = Outlet(id="harian", name="Harian", domains=("harian.example",), zone="Asia/Jakarta")


def listing(text: str | bytes, content_type: str | None = None, outlet: Outlet = OUTLET) -> Listing:
    result = list_entries(page(text, content_type), outlet)
    assert isinstance(result, Listing), result
    return result


def page(text: str | bytes, content_type: str | None = None) -> Page:
    return Page(
        url="https://www.harian.example/rss/terbaru",
        requested_url="https://harian.example/rss",
        body=text if isinstance(text, bytes) else text.encode(),
        fetched_at=NOW,
        content_type=content_type,
    )


RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel><title>Harian &amp;amp; Minggu</title><link>https://harian.example/</link>
<atom:link href="/rss" rel="self"/><atom:link rel="hub" href="https://hub.example/"/>
<ttl>20</ttl><sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
<skipHours><hour>18</hour><hour>19</hour></skipHours><skipDays><day>Sunday</day></skipDays>
<item><title><![CDATA[Gempa <b>mengguncang</b> Cianjur]]></title><link>/berita/1/gempa</link>
 <guid isPermaLink="false">g1</guid><pubDate>Senin, 23 Nov 2026 09:15:00 WIB</pubDate>
 <dc:creator>Siti Aminah</dc:creator><description>Ringkas</description>
 <content:encoded><![CDATA[<p>Isi lengkap.</p>]]></content:encoded></item>
<item><title>Dua</title><link>https://m.harian.example/berita/2/dua?utm_source=rss</link>
 <pubDate>Mon, 23 Nov 2026 09:00:00</pubDate><author>redaksi@harian.example (Budi)</author></item>
<item><title>Dua lagi</title><link>https://harian.example/berita/2/dua</link></item>
<item><title>Tanpa alamat</title></item>
</channel></rss>"""


def test_rss():
    result = listing(RSS)
    assert result.title == "Harian & Minggu"
    first, second = result.entries
    assert first.key == "https://harian.example/berita/1/gempa"
    assert first.url == "https://www.harian.example/berita/1/gempa"
    assert first.title == "Gempa mengguncang Cianjur"
    assert first.published == datetime(2026, 11, 23, 9, 15, tzinfo=WIB)
    assert first.authors == ("Siti Aminah",)
    assert first.content == "<p>Isi lengkap.</p>"
    assert first.guid == "g1"
    assert first.source == "https://harian.example/rss"
    assert second.key == "https://harian.example/berita/2/dua"
    assert second.url == "https://m.harian.example/berita/2/dua?utm_source=rss"
    assert second.published == datetime(2026, 11, 23, 9, 0, tzinfo=WIB)
    assert second.authors == ("Budi",)
    assert second.content is None


def test_channel_hints():
    hints = listing(RSS).hints
    assert hints.ttl == timedelta(minutes=20)
    assert hints.update_period == timedelta(minutes=30)
    assert hints.skip_hours == (18, 19)
    assert hints.skip_days == (6,)
    assert hints.hub == "https://hub.example/"
    assert hints.self_url == "https://www.harian.example/rss"


def test_atom():
    result = listing(
        """<feed xmlns="http://www.w3.org/2005/Atom"><title>Kabar</title>
        <link rel="hub" href="//hub.example/"/>
        <entry><title type="html">Satu &amp;lt;b&amp;gt;</title><id>tag:a,1</id>
        <link rel="edit" href="https://harian.example/edit/1"/><link href="https://harian.example/1"/>
        <published>2026-11-22T10:00:00Z</published><updated>2026-11-23T01:00:00Z</updated>
        <author><name>Ani</name></author><content type="html">&lt;p&gt;Teks&lt;/p&gt;</content></entry></feed>"""
    )
    (entry,) = result.entries
    assert entry.url == "https://harian.example/1"
    assert entry.published == datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    assert entry.authors == ("Ani",)
    assert entry.content == "<p>Teks</p>"
    assert result.hints.hub == "https://hub.example/"


def test_rdf():
    result = listing(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Lama</title></channel>
        <item rdf:about="https://harian.example/1"><title>Satu</title><link>https://harian.example/1</link>
        <dc:date>2026-11-22T10:00:00+07:00</dc:date></item></rdf:RDF>"""
    )
    assert [(entry.title, entry.published) for entry in result.entries] == [
        ("Satu", datetime(2026, 11, 22, 3, 0, tzinfo=UTC))
    ]


def test_json_feed():
    result = listing(
        """{"version": "https://jsonfeed.org/version/1.1", "title": "Json",
        "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
        "items": [{"id": 7, "url": "/7", "title": "Tujuh", "date_published": "2026-11-23T08:00:00+07:00",
        "authors": [{"name": "Rina"}], "content_html": "<p>x</p>"}, 5, {"id": "no-link"}]}"""
    )
    (entry,) = result.entries
    assert (entry.url, entry.title, entry.authors, entry.guid) == (
        "https://www.harian.example/7",
        "Tujuh",
        ("Rina",),
        "7",
    )
    assert result.hints.hub == "https://hub.example/"


NEWS = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc>https://harian.example/berita/1</loc><lastmod>2026-11-23T09:59:00+07:00</lastmod>
<image:image><image:loc>https://cdn.example/1.jpg</image:loc><image:title>Gambar</image:title></image:image>
<news:news><news:publication><news:name>Harian</news:name><news:language>id</news:language></news:publication>
<news:publication_date>2026-11-23T09:30:00+07:00</news:publication_date><news:title>Satu</news:title></news:news></url>
<url><loc>https://harian.example/berita/2</loc></url></urlset>"""


def test_a_news_sitemap_is_a_feed():
    first, second = listing(NEWS).entries
    assert (first.url, first.title) == ("https://harian.example/berita/1", "Satu")
    assert first.published == datetime(2026, 11, 23, 9, 30, tzinfo=WIB)
    assert second.url == "https://harian.example/berita/2"


def test_the_outlets_number_is_the_key():
    outlet = Outlet(
        id="harian",
        name="Harian",
        domains=("harian.example",),
        zone="Asia/Jakarta",
        articles=ArticleUrls(id_pattern=r"/berita/(?P<id>\d+)"),
    )
    assert [entry.key for entry in listing(RSS, outlet=outlet).entries] == ["harian:1", "harian:2"]


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("", "empty document"),
        ("<!DOCTYPE html><html><body>maaf</body></html>", "not a feed: HTML page"),
        ("<html><head></head></html>", "not a feed: HTML page"),
        ('{"a": 1}', "JSON, but no JSON Feed: it has no items"),
        ('{"a": ', "broken JSON"),
        ("<sitemapindex><sitemap><loc>https://a.example/</loc></sitemap></sitemapindex>", "a sitemap index"),
        ("just words", "not a feed: neither"),
        ("<svg/>", "not a feed: neither"),
        ("<rss " + "a" * 70_000 + "/>", "a tag of more than 64 KB"),
        (
            "<rss><channel><item><link>https://harian.example/</link></item></channel></rss>",
            "none of its 1 entries links to a page of its own",
        ),
    ],
)
def test_what_is_no_feed_says_why(body: str, detail: str):
    result = list_entries(page(body), OUTLET)
    assert isinstance(result, Unlisted)
    assert detail in result.detail


def test_an_empty_feed_is_an_empty_listing():
    assert listing("<rss><channel><title>x</title></channel></rss>").entries == ()


def test_junk_before_the_document_is_passed_over():
    assert len(listing("Warning: foo in bar.php\n" + RSS).entries) == 2
    assert len(listing("\n\n \ufeff" + RSS).entries) == 2


def test_a_broken_feed_gives_what_it_has():
    assert len(listing(RSS[: RSS.index("<item><title>Dua lagi")]).entries) == 2
    assert len(listing(RSS.replace("<title>Dua</title>", "<title>Dua & tiga &nbsp; \x0b</title>")).entries) == 2


@pytest.mark.parametrize(
    ("declared", "header", "actual"),
    [
        ("iso-8859-1", None, "utf-8"),
        ("utf-8", "text/xml; charset=iso-8859-1", "utf-8"),
        ("utf-8", None, "cp1252"),
        ("iso-8859-1", None, "cp1252"),
        (None, "application/xml; charset=windows-1251", "cp1251"),
        ("utf-16", None, "utf-16"),
        ("nonsense", None, "utf-8"),
    ],
)
def test_a_wrong_declaration_loses_no_letter(declared: str | None, header: str | None, actual: str):
    title = "\u041a\u0430\u0431\u0430\u0440" if actual == "cp1251" else "Café “Teri”"
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    body = f"{declaration}<rss><channel><item><title>{title}</title><link>https://harian.example/1</link></item></channel></rss>"
    assert listing(body.encode(actual), header).entries[0].title == title


def test_local_time_that_is_called_gmt_is_local_time():
    body = RSS.replace("Senin, 23 Nov 2026 09:15:00 WIB", "Mon, 23 Nov 2026 09:15:00 GMT")
    assert listing(body).entries[0].published == datetime(2026, 11, 23, 9, 15, tzinfo=WIB)


def test_a_front_page_link_gives_way_to_the_guid():
    body = """<rss><channel><item><link>https://harian.example/</link><guid>https://harian.example/7</guid></item>
    <item><link>https://harian.example</link></item></channel></rss>"""
    assert [entry.url for entry in listing(body).entries] == ["https://harian.example/7"]


def test_entities_are_neither_expanded_nor_loaded():
    bomb = (
        '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
        "<rss><channel><item><title>&b;&f;</title><link>https://harian.example/1</link></item></channel></rss>"
    )
    result = list_entries(page(bomb), OUTLET)
    title = result.entries[0].title if isinstance(result, Listing) and result.entries else None
    assert title is None or len(title) < 120


def test_a_body_that_looks_like_a_path_or_an_address_is_not_opened():
    for body in ("/etc/passwd", "http://169.254.169.254/latest", "file:///etc/passwd"):
        assert isinstance(list_entries(page(body), OUTLET), Unlisted)
