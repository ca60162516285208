"""The outlets that come along: sound, complete where that was promised, and right about their own addresses."""

import re
from pathlib import Path

import pytest

from scraper.outlets import load_outlets, outlets_from_feeds, to_opml
from scraper.urls import entry_key

CONFIG = Path(__file__).parent.parent.parent / "config"
OUTLETS = {outlet.id: outlet for outlet in load_outlets(CONFIG)}
FIRST_FIVE = ("liputan6", "detik", "kompas", "antara", "tempo")


def _seen(outlet_id):
    """Whether a polled address of the file carries the date on which it was seen to work."""
    text = (CONFIG / "outlets" / f"{outlet_id}.toml").read_text("utf-8")
    polled = {*OUTLETS[outlet_id].feeds, *OUTLETS[outlet_id].news_sitemaps}
    dated = re.findall(r'^  "([^"]+)",  # (?:form )?seen 20\d\d', text, re.MULTILINE)
    return bool(polled & set(dated))


def test_there_are_enough_with_a_feed_that_was_seen_to_work():
    seen = [outlet for outlet in OUTLETS.values() if _seen(outlet.id)]
    assert sum(outlet.country == "ID" for outlet in seen) >= 25
    assert sum(outlet.country != "ID" for outlet in seen) >= 15


def test_every_outlet_says_what_the_general_rules_cannot_guess():
    for outlet in OUTLETS.values():
        assert outlet.country, outlet.id
        assert outlet.languages, outlet.id
        assert outlet.zone != "UTC", outlet.id


@pytest.mark.parametrize("outlet_id", FIRST_FIVE)
def test_the_first_five_have_complete_rules(outlet_id):
    outlet = OUTLETS[outlet_id]
    assert outlet.articles.id_pattern
    assert outlet.articles.exclude
    assert outlet.selectors.body
    assert outlet.selectors.drop
    assert outlet.lines.drop
    assert outlet.lines.datelines
    assert outlet.paging.single_page
    assert outlet.policy.request_spacing
    assert outlet.aliases
    assert outlet.group


def test_hosts_of_an_outlet_are_its_own():
    for outlet in OUTLETS.values():
        hosts = {host for other in OUTLETS.values() if other is not outlet for host in other.domains}
        assert not hosts & set(outlet.domains), outlet.id


@pytest.mark.parametrize(
    ("outlet_id", "addresses", "key"),
    [
        (
            "liputan6",
            ("https://www.liputan6.com/news/read/5123456/judul", "http://tekno.liputan6.com/read/5123456/judul-lama"),
            "liputan6:5123456",
        ),
        (
            "detik",
            (
                "https://news.detik.com/berita/d-7654321/judul",
                "https://finance.detik.com/moneter/d-7654321/judul?single=1",
                "http://inet.detik.com/read/2015/11/05/100026/7654321/323/judul",
            ),
            "detik:7654321",
        ),
        (
            "kompas",
            (
                "https://nasional.kompas.com/read/2026/07/06/12110051/judul?page=all",
                "https://amp.kompas.com/nasional/read/2026/07/06/12110051/judul",
                "https://money.kompas.com/jeo/read/2026/07/06/12110051/judul",
            ),
            "kompas:2026/07/06/12110051",
        ),
        (
            "antara",
            (
                "https://www.antaranews.com/berita/4567890/judul",
                "https://m.antaranews.com/amp/berita/4567890/judul",
            ),
            "antara:4567890",
        ),
        (
            "tempo",
            (
                "https://www.tempo.co/ekonomi/sebuah-judul-2051234",
                "https://satu.tempo.co/ekonomi/sebuah-judul-2051234?utm_source=rss",
                "https://nasional.tempo.co/read/2051234/sebuah-judul",
            ),
            "tempo:2051234",
        ),
        (
            "cnnindonesia",
            ("https://www.cnnindonesia.com/nasional/20260706121105-20-1234567/judul",),
            "cnnindonesia:1234567",
        ),
        (
            "cnbcindonesia",
            ("https://www.cnbcindonesia.com/news/20260706121105-4-654321/judul",),
            "cnbcindonesia:654321",
        ),
        (
            "tribunnews",
            (
                "https://www.tribunnews.com/nasional/7712345/judul",
                "https://www.tribunnews.com/amp/nasional/7712345/judul",
            ),
            "tribunnews:7712345",
        ),
        (
            "sindonews",
            (
                "https://ekbis.sindonews.com/read/1412345/34/judul",
                "https://nasional.sindonews.com/read/1412345/34/judul/10",
            ),
            "sindonews:1412345",
        ),
        ("republika", ("https://news.republika.co.id/berita/t1abc2345/judul",), "republika:t1abc2345"),
        ("viva", ("https://www.viva.co.id/berita/nasional/1712345-judul?page=all",), "viva:1712345"),
        ("merdeka", ("https://www.merdeka.com/peristiwa/read/123456/judul",), "merdeka:123456"),
        ("kumparan", ("https://kumparan.com/kumparannews/sebuah-judul-25AbcDeFgHi/full",), "kumparan:25AbcDeFgHi"),
        ("suara", ("https://www.suara.com/news/2026/07/06/121105/judul?page=2",), "suara:2026/07/06/121105"),
        ("okezone", ("https://nasional.okezone.com/read/2026/07/06/337/3012345/judul",), "okezone:3012345"),
        ("bisnis", ("https://ekonomi.bisnis.com/read/20260706/12/1812345/judul",), "bisnis:1812345"),
        ("dawn", ("https://www.dawn.com/news/1973917/a-title",), "dawn:1973917"),
    ],
)
def test_all_addresses_of_an_article_have_one_key(outlet_id, addresses, key):
    assert {entry_key(OUTLETS[outlet_id], address) for address in addresses} == {key}


@pytest.mark.parametrize(
    ("outlet_id", "one", "other"),
    [
        # the number is a time of day, the same on another date
        (
            "kompas",
            "https://nasional.kompas.com/read/2026/07/06/12110051/a",
            "https://nasional.kompas.com/read/2026/07/07/12110051/b",
        ),
        ("suara", "https://www.suara.com/news/2026/07/06/121105/a", "https://www.suara.com/news/2026/07/07/121105/b"),
        # a regional desk numbers its own stories
        ("antara", "https://www.antaranews.com/berita/456789/a", "https://jogja.antaranews.com/berita/456789/b"),
        (
            "tribunnews",
            "https://www.tribunnews.com/nasional/771234/a",
            "https://jabar.tribunnews.com/nasional/771234/b",
        ),
    ],
)
def test_different_articles_have_different_keys(outlet_id, one, other):
    assert entry_key(OUTLETS[outlet_id], one) != entry_key(OUTLETS[outlet_id], other)


@pytest.mark.parametrize(
    ("outlet_id", "opening", "groups"),
    [
        ("liputan6", "Liputan6.com, Pyongyang - Pemerintah", {"outlet": "Liputan6.com", "place": "Pyongyang"}),
        ("detik", "Jakarta Selatan - Polisi", {"place": "Jakarta Selatan"}),
        ("kompas", "JAKARTA, KOMPAS.com – Menteri", {"place": "JAKARTA", "outlet": "KOMPAS.com"}),
        ("kompas", "KOMPAS.com - Menteri", {"place": None, "outlet": "KOMPAS.com"}),
        ("antara", "Surabaya (ANTARA) - Wali", {"place": "Surabaya", "agency": "ANTARA"}),
        ("antara", "Tokyo (ANTARA/Xinhua) - Bank", {"place": "Tokyo", "agency": "ANTARA/Xinhua"}),
        ("tempo", "TEMPO.CO, Jakarta - Menteri", {"outlet": "TEMPO.CO", "place": "Jakarta"}),
        ("cnnindonesia", "Jakarta, CNN Indonesia -- Menteri", {"place": "Jakarta", "outlet": "CNN Indonesia"}),
        ("tribunnews", "TRIBUN-MEDAN.COM, MEDAN - Wali", {"outlet": "TRIBUN-MEDAN.COM", "place": "MEDAN"}),
        ("republika", "REPUBLIKA.CO.ID, YOGYAKARTA -- Wali", {"outlet": "REPUBLIKA.CO.ID", "place": "YOGYAKARTA"}),
        ("kontan", "KONTAN.CO.ID - JAKARTA. Harga", {"outlet": "KONTAN.CO.ID", "place": "JAKARTA"}),
        ("viva", "Jakarta, VIVA – Harga", {"place": "Jakarta", "outlet": "VIVA"}),
        ("jpnn", "jpnn.com, JAKARTA - Harga", {"outlet": "jpnn.com", "place": "JAKARTA"}),
    ],
)
def test_datelines_are_told_apart_from_the_text(outlet_id, opening, groups):
    matches = [re.match(pattern, opening) for pattern in OUTLETS[outlet_id].lines.datelines]
    match = next(match for match in matches if match)
    assert match.groupdict() == groups
    assert opening[match.end() :][0].isupper()


@pytest.mark.parametrize(
    "sentence",
    [
        "Pemerintah menaikkan tarif - dan pedagang menolak.",
        "Harga emas naik 1,5 persen – tertinggi tahun ini.",
        "Menteri Keuangan, dalam rapat itu, meminta maaf.",
    ],
)
def test_no_dateline_is_found_in_an_ordinary_sentence(sentence):
    found = {
        outlet.id for outlet in OUTLETS.values() for pattern in outlet.lines.datelines if re.match(pattern, sentence)
    }
    assert not found


@pytest.mark.parametrize(
    ("outlet_id", "address"),
    [
        ("liputan6", "https://www.liputan6.com/photo/read/5123456/judul"),
        ("detik", "https://20.detik.com/detikupdate/20260706-1/judul"),
        ("antara", "https://www.antaranews.com/foto/4567890/judul"),
        ("cnnindonesia", "https://www.cnnindonesia.com/nasional/20260706121105-22-1234567/foto-judul"),
        ("bbc", "https://www.bbc.com/news/live/c123456789"),
    ],
)
def test_photo_video_and_live_pages_are_left_out(outlet_id, address):
    assert any(re.search(pattern, address) for pattern in OUTLETS[outlet_id].articles.exclude)


def test_the_guide_names_every_key_and_its_example_is_sound(tmp_path):
    guide = (CONFIG.parent / "docs" / "outlets.md").read_text("utf-8")
    whole, *_ = (
        block for block in re.findall(r"^```toml\n(.*?)^```", guide, re.DOTALL | re.MULTILINE) if "[policy]" in block
    )
    (tmp_path / "outlets").mkdir()
    (tmp_path / "outlets" / "wartapagi.toml").write_text(whole, "utf-8")
    (outlet,) = load_outlets(tmp_path)
    assert outlet.policy.keep_days == 365
    named = set(re.findall(r"`([a-z_]+)`", guide))
    keys = {"id", *re.findall(r"^([a-z_]+) =", whole, re.MULTILINE)}
    assert keys <= named
    fields = {
        name
        for part in (outlet, outlet.articles, outlet.selectors, outlet.lines, outlet.paging, outlet.policy)
        for name in part.__slots__
    }
    assert fields - keys == {"articles", "selectors", "lines", "paging", "policy"}


def test_the_shipped_feeds_travel_as_opml():
    feeds = {feed for outlet in OUTLETS.values() for feed in outlet.feeds}
    assert {feed for outlet in outlets_from_feeds(to_opml(OUTLETS.values())) for feed in outlet.feeds} == feeds
