"""Every page over a real socket: what it says, what it never says, and its headers."""

import re
import time
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import httpx
import pytest

from scraper.status.web import app
from scraper.status.web.app import Look
from scraper.status.web.indexing import Indexer
from scraper.status.web.reading import Reading
from tests.status.web.filled import COPIED, HOSTILE, LOST, ORIGINAL, served, settle
from tests.storage.samples import NOW, kept, store_in

PAGES = (
    "/",
    "/?numbers=1",
    "/outlets",
    "/outlets/kabar",
    "/outlets/warta?numbers=1",
    "/articles",
    "/articles?q=banjir&outlet=kabar",
    f"/articles/{ORIGINAL}",
    f"/articles/{HOSTILE}",
    "/stories",
    f"/stories/{ORIGINAL}",
    f"/stories/{ORIGINAL}?with={LOST}",
    "/why?story=https://kabar.example/berita/3",
    "/why",
    "/entrance",
)
VOID = {"meta", "link", "input", "br", "img", "hr"}


class Outline(HTMLParser):
    """Collects the tags of a page and proves that they nest."""

    def __init__(self):
        super().__init__()
        self.open, self.tags, self.text = [], [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text.append(data)


def outline(text):
    parser = Outline()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_harmless(address, path):
    answer = httpx.get(address + path)
    assert answer.status_code == 200
    page = outline(answer.text)
    names = [tag for tag, _ in page.tags]
    assert (names.count("h1"), names.count("main"), names.count("header") >= 1, names.count("script")) == (
        1,
        1,
        True,
        1,
    )
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name in {"style", "srcdoc"} for name in attributes), tag
        for name in ("href", "src", "action"):
            target = attributes.get(name)
            if target is None:
                continue
            if target.startswith(("http://", "https://")):
                assert {"noopener", "noreferrer"} <= set(attributes["rel"].split())
                assert tag == "a"
            else:
                assert target.startswith(("/", "#", "?")), target
                assert not target.startswith("//")


@pytest.mark.parametrize("path", [*PAGES, "/nowhere", "/static/page.css", "/articles/0000000000000000"])
def test_every_answer_carries_the_headers_that_confine_it(address, path):
    headers = httpx.get(address + path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "server" not in headers


def test_many_outlets_come_a_page_at_a_time_with_those_that_need_attention_first(address, monkeypatch):
    monkeypatch.setattr(app, "OUTLETS", 2)

    def rows(text):
        return re.findall(r'<th scope="row"><a href="/outlets/(\w+)"', text)

    first = httpx.get(f"{address}/outlets").text
    assert rows(first)[0] == "warta", "its feed is failing"
    assert len(rows(first)) == 2
    further = httpx.get(f"{address}/outlets?from=2").text
    assert sorted((*rows(first), *rows(further))) == ["kabar", "pos", "warta"]
    assert ("?from=2" in first, "?from=" in further, "From the beginning" in further) == (True, False, True)
    found = httpx.get(f"{address}/articles?outlet=kabar").text
    assert '<input id="outlet"' in found, "a list of so many would be no help"


def test_the_overview_tells_how_it_goes(address):
    text = httpx.get(f"{address}/").text
    words = " ".join("".join(outline(text).text).split())
    assert "articles in the last 24 hours" in words
    assert "3 outlets, 3 feeds" in words
    assert "Articles by the hour, last 48 hours: 62 in all" in words
    assert "Needs attention" in words
    assert "wait if the server is down" in words
    assert "status 500 <i>" in words, "the last errors"
    assert "Banjir di tepi sungai" in words, "the most shared story"
    assert '<th scope="col" class="number"><bdi>kabar</bdi></th>' in text


def test_charts_have_their_numbers_beside_them(address):
    folded, shown = httpx.get(f"{address}/").text, httpx.get(f"{address}/?numbers=1").text
    charts = folded.count("<figure ")
    assert charts == 5
    assert folded.count("<svg ") == shown.count("<svg ") == shown.count(" open><summary>Numbers")
    assert " open><summary>" not in folded
    week = httpx.get(f"{address}/outlets/kabar?numbers=1").text
    assert week.count('class="bare"') == 168
    assert len(re.findall(r'class="bare" [^>]*><span>\d+\.\d</span>', week)) == 168
    assert "Extraction yield: pages that gave a story" in week


def test_an_outlet_has_its_habit_health_and_yield(address):
    words = " ".join("".join(outline(httpx.get(f"{address}/outlets/kabar").text).text).split())
    assert "Habit by hour of the week" in words
    assert "Busiest on" in words
    assert "20 min" in words, "the interval"
    assert "in 7 min" in words, "the next poll"
    sick = " ".join("".join(outline(httpx.get(f"{address}/outlets/warta").text).text).split())
    assert "9 polls in a row failed, last: status 503 <b>\\u202e" in sick, "what hides itself is spelt out"
    assert 'selectors.body (div[class="<b>"]) matched nothing on the last 30 pages' in sick
    assert "run `scraper outlets check warta`" in sick
    assert "too-short" in sick
    assert httpx.get(f"{address}/outlets/nobody").status_code == 404


def test_leafing_leads_through_all_articles_once(address):
    seen: list[str] = []
    path: str | None = "/articles"
    while path:
        page = outline(httpx.get(address + path).text)
        links = [attributes for tag, attributes in page.tags if tag == "a"]
        seen += [link["href"] for link in links if link.get("class") == "headline"]
        path = next((link["href"] for link in links if link.get("rel") == "next"), None)
    assert len(seen) == len(set(seen)) == 62
    assert seen[0] == f"/articles/{HOSTILE}"


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("q=mengungsi", 1),
        ("q=MENGUNGSI+barang", 1),
        ("q=%22tiga+kampung%22", 1),
        ("outlet=pos", 20),
        ("q=warga&outlet=pos&language=id", 20),
        ("q=warga&outlet=nobody", 0),
        ("day=2026-11-22", 30),
        ("q=%22%2A%28+OR+NEAR", 0),
        ("q=%00", 0),
        ("q=+", 62),
    ],
)
def test_search_finds_by_words_outlet_language_and_day(address, query, count):
    answer = httpx.get(f"{address}/articles?{query}")
    assert answer.status_code == 200
    found = [attributes for tag, attributes in outline(answer.text).tags if attributes.get("class") == "headline"]
    assert len(found) == min(count, 25)
    if count < 62:
        assert f"{count} article" in answer.text


@pytest.mark.parametrize(
    "query", ["before=x", "before=99999999999999999999", "day=yesterday", "day=2026-02-30", "q=" + "a" * 5000]
)
def test_nonsense_in_an_address_is_passed_over(address, query):
    assert httpx.get(f"{address}/articles?{query}").status_code == 200


def test_an_address_in_the_search_leads_to_what_became_of_it(address):
    answer = httpx.get(f"{address}/articles", params={"q": "https://warta.example/berita/971"}, follow_redirects=True)
    assert "Dropped</strong>: too-short" in answer.text
    assert httpx.get(f"{address}/why?story=https://nobody.example/").status_code == 404


def test_a_story_shows_who_was_first_and_what_differs(address):
    text = httpx.get(f"{address}/stories/{ORIGINAL}").text
    words = " ".join("".join(outline(text).text).split())
    assert "kabar ran it first. 2 further versions followed, 3 outlets in all" in words
    assert "+2 h" in words
    assert "<del>tiga</del>" in text
    assert "<ins>lima</ins>" in text
    assert "<ins>Bantuan datang dari kota.</ins>" in text
    assert httpx.get(f"{address}/stories/{1:016x}").status_code == 404


def test_a_copy_whose_text_is_not_kept_is_said_to_be_so(address):
    text = httpx.get(f"{address}/stories/{ORIGINAL}?with={LOST}").text
    assert "The text of pos’s version is not kept" in text
    assert "keep_duplicates = true" in text
    assert "97% alike" in text
    alone = httpx.get(f"{address}/articles/{LOST}").text
    assert "its text is not kept" in alone


def test_a_copy_with_its_text_can_be_read_and_says_what_it_is(address):
    text = httpx.get(f"{address}/articles/{COPIED}").text
    assert "This is a copy" in text
    assert "lima kampung" in text


def test_it_shows_what_is_there_before_anything_is(tmp_path):
    now = [datetime(2026, 11, 23, tzinfo=UTC)]
    with served(tmp_path, clock=lambda: now[0]) as url:
        answer = httpx.get(f"{url}/")
        assert answer.status_code == 503
        assert "There is no archive in" in answer.text
        store = store_in(tmp_path)
        assert "0 articles in the last 24 hours" in httpx.get(f"{url}/").text
        settle(store, 1, "kabar", NOW, lambda claimed: kept(claimed, 1))
        now[0] = NOW + timedelta(minutes=1)
        assert "1 article in the last 24 hours" in httpx.get(f"{url}/").text
        store.close()


def test_a_directory_that_was_replaced_is_read_anew(tmp_path):
    data, other = tmp_path / "data", tmp_path / "other"
    for directory, number in ((data, 1), (other, 2)):
        store = store_in(directory)
        settle(store, number, "kabar", NOW, lambda claimed, n=number: kept(claimed, n))
        store.close()
    with served(data) as url:
        assert httpx.get(f"{url}/articles/{1:016x}").status_code == 200
        data.rename(tmp_path / "away")
        other.rename(data)
        assert httpx.get(f"{url}/articles/{2:016x}").status_code == 200
        assert httpx.get(f"{url}/articles/{1:016x}").status_code == 404


def test_times_and_names_are_shown_as_configured(collected):
    with served(collected, Look(zone="Asia/Jakarta", names={"kabar": "Kabar & Kita"})) as url:
        text = httpx.get(f"{url}/outlets/kabar").text
    assert "<h1>Kabar &amp; Kita</h1>" in text
    assert "WIB" in text


def test_a_slow_reader_keeps_no_other_waiting(address):
    with httpx.Client() as slow, slow.stream("GET", f"{address}/") as stalled:
        began = time.monotonic()
        assert httpx.get(f"{address}/outlets").status_code == 200
        assert time.monotonic() - began < 30
        assert stalled.status_code == 200


def test_without_a_search_index_everything_else_works(tmp_path):
    store = store_in(tmp_path)
    settle(store, 1, "kabar", NOW, lambda claimed: kept(claimed, 1))
    store.close()
    (tmp_path / "search.db").mkdir()
    with served(tmp_path) as url:
        assert "Being indexed" in httpx.get(f"{url}/outlets/kabar").text
        assert "Berita 1" in httpx.get(f"{url}/articles").text
        end = time.monotonic() + 60
        while "The index cannot be brought up to date" not in (text := httpx.get(f"{url}/articles?q=warga").text):
            assert time.monotonic() < end
            time.sleep(0.05)
        assert "1 more are still being indexed" in text or "1 more is still being indexed" in text


def test_the_last_of_the_disk_is_left_to_the_daemon(tmp_path):
    store_in(tmp_path).close()
    reading = Reading(tmp_path, lambda: NOW)
    indexer = Indexer(reading, lambda: NOW, spared=1 << 62)
    indexer.start()
    end = time.monotonic() + 60
    while reading.index_trouble is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    indexer.stop()
    assert reading.index_trouble.startswith("the disk has only ")
    assert not (tmp_path / "search.db").exists()


def test_what_is_a_little_old_is_shown_at_once_and_looked_at_anew(tmp_path):
    now = [NOW]
    store = store_in(tmp_path)
    with served(tmp_path, clock=lambda: now[0]) as url:
        assert "<h1>0 articles" in httpx.get(f"{url}/").text
        settle(store, 1, "kabar", NOW, lambda claimed: kept(claimed, 1))
        assert "<h1>0 articles" in httpx.get(f"{url}/").text, "it is fresh"
        now[0] = NOW + timedelta(seconds=10)
        end = time.monotonic() + 60
        while "<h1>1 article" not in httpx.get(f"{url}/").text:
            assert time.monotonic() < end, "somebody looked anew"
            time.sleep(0.02)
    store.close()
