"""One article, one key."""

import re
import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scraper import urls
from scraper.model.outlet import ArticleUrls, Outlet
from scraper.urls import article_id, canonical, entry_key, host, is_address, registrable_domain, same_site

STORY = "https://harian.example/berita/123/judul"

SAME = [
    STORY,
    "http://harian.example/berita/123/judul",
    "HTTPS://WWW.Harian.Example:443/berita/123/judul/",
    "https://user:secret@harian.example/berita/123/judul",
    "https://m.harian.example/berita/123/judul",
    "https://amp.harian.example/berita/123/judul",
    "https://www.m.harian.example/berita/123/judul",
    "https://harian.example./berita/123/judul",
    "https://harian.example/berita/123/judul/amp",
    "https://harian.example/amp/berita/123/judul/",
    "https://harian.example/berita/123/judul?amp",
    "https://harian.example/berita/123/judul?amp=1",
    "https://harian.example/berita/123/judul?outputType=amp",
    "https://harian.example/berita/123/judul?page=all",
    "https://harian.example/berita/123/judul?page=2",
    "https://harian.example/berita/123/judul?page=all&s=paging_new",
    "https://harian.example/berita/123/judul?single=1",
    "https://harian.example/berita/123/judul?showpage=all",
    "https://harian.example/berita/123/judul?utm_source=rss&utm_medium=feed&fbclid=x",
    "https://harian.example/berita/123/judul?utm_source=rss&amp;utm_medium=feed&amp;amp;gad_source=1",
    "https://harian.example/berita/123/judul?showall=1&srsltid=x&PHPSESSID=a1",
    "https://harian.example/berita/123/judul?UTM%5FSource=rss",
    "https://harian.example/berita/123/judul?ref=rss",
    "https://harian.example/berita/123/judul?print=1&m=1",
    "https://harian.example/berita/123/judul#comments",
    "https://harian.example//berita/./x/../123/judul",
    "https://harian.example/berita/%31%32%33/judul",
    "https://harian.example\\berita\\123\\judul",
    "  https://harian.example/berita/\n123/judul ",
    "https://harian.example/berita/123/judul;jsessionid=AB12",
    "https://www.google.com/amp/s/www.harian.example/berita/123/judul",
    "https://www-harian-example.cdn.ampproject.org/c/s/www.harian.example/berita/123/judul?amp=1",
    "https://cdn.ampproject.org/v/s/m.harian.example/amp/berita/123/judul?amp_js_v=0.1",
]


@pytest.mark.parametrize("url", SAME)
def test_all_addresses_of_one_story_share_one_form(url: str):
    assert canonical(url) == STORY


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/read?id=1", "https://a.example/read?id=2"),
        ("https://a.example/index.php?page=12", "https://a.example/index.php?page=13"),
        ("https://a.example/?p=12", "https://a.example/?p=13"),
        ("https://a.example/?source=12", "https://a.example/?source=13"),
        ("https://a.example/news?12", "https://a.example/news?13"),
        ("https://a.example/read?cid=12", "https://a.example/read?cid=13"),
        ("https://a.example/Story", "https://a.example/story"),
        ("https://news.a.example/x", "https://sport.a.example/x"),
        ("https://a.example/app#/story/1", "https://a.example/app#/story/2"),
        ("https://a.example/app#!1", "https://a.example/app#!2"),
        ("https://a.example/x?page=100", "https://a.example/x?page=101"),
        ("http://127.0.0.1:8001/x", "http://127.0.0.1:8002/x"),
        ("https://a.example/amp", "https://a.example/"),
        ("https://a.example/x%2Fy", "https://a.example/x/y"),
    ],
)
def test_different_stories_stay_different(one: str, other: str):
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8001/a/?utm_source=x", "http://127.0.0.1:8001/a"),
        ("http://127.0.0.1/a", "https://127.0.0.1/a"),
        ("http://[::1]:8080/a", "http://[::1]:8080/a"),
        ("https://a.example", "https://a.example/"),
        ("https://a.example?b=2&a=1&b=2", "https://a.example/?a=1&b=2"),
        ("https://a.example/berita/José", "https://a.example/berita/Jos%C3%A9"),
        ("https://a.example/berita/jos%c3%a9", "https://a.example/berita/jos%C3%A9"),
        ("https://bücher.example/x", "https://xn--bcher-kva.example/x"),
        ("https://a.example/100%", "https://a.example/100%25"),
        ("https://m.me/x", "https://m.me/x"),
        ("https://www.co.id/x", "https://www.co.id/x"),
        ("https://a.example/story.amp.html", "https://a.example/story.html"),
        ("https://en.m.wiki.example/x", "https://en.wiki.example/x"),
    ],
)
def test_the_form_is(url: str, expected: str):
    assert canonical(url) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/relative/path",
        "//a.example/x",
        "javascript:alert(1)",
        "mailto:a@a.example",
        "ftp://a.example/x",
        "http://",
        "http:///x",
        "https://a b.example/",
        "http://[::1/x",
        "http://a.example:99999/",
        "http://.../",
        "https://a.example/" + "x" * 5000,
    ],
)
def test_what_is_no_web_address_has_no_form(url: str):
    assert canonical(url) is None


pieces = st.text(alphabet=string.ascii_letters + string.digits + "-._~%/&=;:@!?#+ é\\", max_size=30)
hosts = st.sampled_from(
    [
        "a.example",
        "www.a.example",
        "m.amp.a.co.id",
        "www.google.com",
        "x.cdn.ampproject.org",
        "127.0.0.1",
        "www.m.www.b.id",
    ]
)
words = st.sampled_from(
    [
        "",
        "/amp",
        "/amp/",
        "/c/s/",
        "/amp/s/www.b.example/x",
        "/x.amp.amp",
        "?utm_source=a",
        "?&amp;a=1",
        "?c=1&%61mp;amp;b=1",
        "?page=all&id=4",
        "?amp",
        "/%2561",
    ]
)


@given(st.builds("{}://{}{}/{}{}?{}".format, st.sampled_from(["http", "https"]), hosts, words, pieces, words, pieces))
@example("https://a.example/%2e%2E/amp/x.amp/.amp")
@example("https://www.google.com/amp/www.google.com/amp/s/cdn.ampproject.org/c/b.example/x")
def test_canonical_is_idempotent(url: str):
    once = canonical(url)
    assert once is not None
    assert canonical(once) == once
    assert once.isascii()
    assert re.search(r"\s", once) is None


@given(st.builds("{}://{}{}{}".format, st.sampled_from(["http", "https"]), hosts, words, pieces))
@example("https://a.example/xAMPy/b")
@example("https://a.example/a/../b")
@example("https://a.example/a..b/.c/")
@example("http://a.example/a;sid=1/b")
@example("https://a..example/x")
def test_the_short_way_gives_the_same_as_the_long_one(url: str):
    assert canonical(url) == urls._folded(url)


@given(st.text(max_size=200))
def test_nothing_raises(url: str):
    once = canonical(url)
    assert once is None or canonical(once) == once
    assert isinstance(host(url), str)
    assert isinstance(registrable_domain(url), str)


@given(st.lists(st.tuples(st.sampled_from(["id", "a", "newsid"]), st.integers(0, 99)), min_size=1, max_size=4))
def test_meaningful_parameters_survive_in_any_order(pairs: list[tuple[str, int]]):
    words = [f"{name}={value}" for name, value in pairs]
    form = canonical("https://a.example/read?" + "&".join(["utm_source=x", *words, "fbclid=1"]))
    assert form == "https://a.example/read?" + "&".join(sorted(set(words)))
    assert form == canonical("https://a.example/read?" + "&".join(reversed(words)))


OUTLET = Outlet(
    id="harian",
    name="Harian",
    domains=("harian.example",),
    articles=ArticleUrls(id_pattern=r"/(?:berita|amp)/(?P<id>\d+)"),
)


def test_the_outlets_own_number_is_the_key():
    assert entry_key(OUTLET, "https://www.harian.example/berita/77/satu") == "harian:77"
    assert entry_key(OUTLET, "https://m.harian.example/amp/77/dua?x=1") == "harian:77"


def test_without_a_number_the_canonical_address_is_the_key():
    assert entry_key(OUTLET, "https://www.harian.example/foto/satu?utm_source=x") == "https://harian.example/foto/satu"


def test_a_number_on_anothers_domain_is_not_trusted():
    assert entry_key(OUTLET, "https://lain.example/berita/77/satu") == "https://lain.example/berita/77/satu"
    assert entry_key(OUTLET, "https://bukanharian.example/berita/77") == "https://bukanharian.example/berita/77"


def test_an_article_id_is_sixteen_hexadecimal_characters_for_ever():
    assert article_id("harian:77") == "7417af51356e6af1"
    assert article_id("harian:77") != article_id("harian:78")
    assert re.fullmatch("[0-9a-f]{16}", article_id("\ud800"))


@pytest.mark.parametrize(
    ("given_", "expected"),
    [
        ("news.detik.com", "detik.com"),
        ("https://nasional.kompas.co.id/x", "kompas.co.id"),
        ("https://127.0.0.1:8080/x", "127.0.0.1"),
        ("127.0.0.1:8080", "127.0.0.1"),
        ("localhost", "localhost"),
        ("co.id", "co.id"),
        ("a.b.unknownsuffix", "b.unknownsuffix"),
        ("blog.penulis.blogspot.com", "penulis.blogspot.com"),
        ("a.b.ck", "a.b.ck"),
        ("x.www.ck", "www.ck"),
        ("www.bücher.de", "xn--bcher-kva.de"),
    ],
)
def test_registrable_domain(given_: str, expected: str):
    assert registrable_domain(given_) == expected


def test_same_site():
    assert same_site("https://m.detik.com/x", "news.detik.com")
    assert not same_site("https://a.co.id/", "https://b.co.id/")
    assert not same_site("", "")
    assert not same_site("http://127.0.0.1/", "http://127.0.0.2/")


@given(st.from_regex(r"https?://[a-z0-9.:@%\\\[\]-]{0,12}[/?#\\]?[a-z/.]{0,4}\n?", fullmatch=True))
def test_a_plain_host_is_read_as_any_other(url):
    assert host(url) == host(url.replace("http", "HTTP", 1))


def test_host():
    assert host("https://User@WWW.A.Example:99/x") == "www.a.example"
    assert host("http://[::1]:8/x") == "::1"
    assert host("nonsense") == ""


def test_addresses_are_told_from_names():
    assert is_address("127.0.0.1")
    assert is_address("[::1]")
    assert not is_address("127.example")
    assert not is_address("1.2.3")
