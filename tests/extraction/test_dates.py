"""Which of a page's dates is believed."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from scraper.extraction.dates import url_moment
from scraper.model.outlet import Outlet, Selectors
from tests.extraction.pages import OUTLET, PLAIN, json_ld, page, read

PUBLISHED = '"headline": "Jalan Baru Dibuka", "datePublished": '


def published(head: str = "", body: str = "", **options: object) -> str | None:
    body = body or "<h1>Jalan Baru Dibuka</h1>"
    found = read(page(head, body), **options)  # type: ignore[arg-type]
    return found.published.isoformat() if found.published else None


def test_json_with_an_offset_comes_first():
    head = (
        json_ld(PUBLISHED + '"2026-11-19T08:15:30+07:00"') + '<meta name="pubdate" content="2026-11-19T09:00:00+07:00">'
    )
    assert published(head) == "2026-11-19T08:15:30+07:00"


def test_a_clock_time_elsewhere_is_better_than_a_bare_day_in_json():
    head = json_ld(PUBLISHED + '"2026-11-19"')
    body = "<h1>Jalan Baru Dibuka</h1><div>Kamis, 19 November 2026 | 08:15 WIB</div>"
    assert published(head, body) == "2026-11-19T08:15:00+07:00"


def test_precision_is_never_taken_from_another_day():
    head = json_ld(PUBLISHED + '"2026-11-19"')
    body = "<h1>Jalan Baru Dibuka</h1><div>Berita lain 17/11/2026 07:00 WIB</div>"
    found = published(head, body)
    assert found is not None
    assert found.startswith("2026-11-19")


def test_a_printed_time_does_not_outdo_what_the_data_say_in_a_known_zone():
    head = json_ld(PUBLISHED + '"2026-11-19 08:15:30"')
    body = "<h1>Jalan Baru Dibuka</h1><div>Kamis, 19/11/2026 11:40 WIB</div>"
    assert published(head, body) == "2026-11-19T08:15:30+07:00"


def test_the_feed_outdoes_a_naive_time_in_the_data():
    listed = datetime.fromisoformat("2026-11-19T08:15:30+07:00")
    assert published(json_ld(PUBLISHED + '"2026-11-19 01:15:30"'), listed=listed) == "2026-11-19T08:15:30+07:00"


def test_a_naive_time_is_meant_in_the_outlets_zone():
    assert published(json_ld(PUBLISHED + '"2026-11-19 08:15:30"')) == "2026-11-19T08:15:30+07:00"


def test_the_feed_comes_before_a_naive_time_of_an_outlet_whose_zone_is_unknown():
    listed = datetime.fromisoformat("2026-11-19T08:15:30+09:00")
    outlet = Outlet(id="x", name="x", domains=("x.example",))
    url = "https://x.example/read/2026/11/19/081530/44/a"
    markup = page(json_ld(PUBLISHED + '"2026-11-19 08:15:30"'), language="en")
    found = read(markup, outlet=outlet, listed=listed, url=url).published
    assert found is not None
    assert found.isoformat() == "2026-11-19T08:15:30+09:00"


def test_the_time_stamp_of_the_address_comes_before_the_feed():
    listed = datetime.fromisoformat("2026-11-19T10:00:00+07:00")
    url = "https://kabarkita.example/read/2026/11/19/081530/44/jalan-baru"
    assert published(url=url, listed=listed) == "2026-11-19T08:15:30+07:00"


def test_the_feed_comes_before_the_visible_text():
    listed = datetime.fromisoformat("2026-11-19T01:15:00+00:00")
    body = "<h1>Jalan Baru Dibuka</h1><span>19 November 2026 09:00 WIB</span>"
    assert published(body=body, listed=listed) == "2026-11-19T01:15:00+00:00"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Kamis, 19 November 2026 08:15 WIB", "2026-11-19T08:15:00+07:00"),
        ("Kamis, 19/11/2026 08:15 WITA", "2026-11-19T08:15:00+08:00"),
        ("Kamis, 19 November 2026 08:15 WIT", "2026-11-19T08:15:00+09:00"),
        ("Terbit: 19 Nov 2026 08:15", "2026-11-19T08:15:00+07:00"),
        ("Terbit: 19 Nov 2026 08:15 Diperbarui: 20 Nov 2026 09:00", "2026-11-19T08:15:00+07:00"),
    ],
)
def test_the_printed_date_is_read_where_nothing_else_tells(line, expected):
    assert published(body=f"<h1>Jalan Baru Dibuka</h1><div>{line}</div>") == expected


def test_dates_of_other_stories_and_of_changes_are_passed_over():
    body = (
        "<ul><li>Berita lain 17/11/2026 07:00 WIB</li></ul><main><h1>Jalan Baru Dibuka</h1>"
        "<i>Diperbarui 20 November 2026 09:00 WIB</i><i>19 November 2026 08:15 WIB</i></main>"
    )
    assert published('<meta property="og:title" content="Jalan Baru Dibuka">', body) == "2026-11-19T08:15:00+07:00"


def test_a_local_time_that_wears_a_false_z_is_put_right_by_the_printed_one():
    head = '<meta property="article:published_time" content="2026-11-19T08:15:30Z">'
    body = "<h1>Jalan Baru Dibuka</h1><div>Kamis, 19/11/2026 08:15 WIB</div>"
    found = published(head, body)
    assert found is not None
    assert datetime.fromisoformat(found) == datetime.fromisoformat("2026-11-19T08:15:30+07:00")


def test_seconds_are_taken_from_whoever_states_the_same_minute():
    head = '<meta name="publishdate" content="2026/11/19 08:15:30">'
    body = "<h1>Jalan Baru Dibuka</h1><div>Kamis, 19/11/2026 08:15 WIB</div>"
    assert published(head, body) == "2026-11-19T08:15:30+07:00"


def test_a_true_z_stays():
    head = '<meta property="article:published_time" content="2026-11-19T01:15:30Z">'
    body = "<h1>Jalan Baru Dibuka</h1><div>Kamis, 19/11/2026 08:15 WIB</div>"
    assert published(head, body) == "2026-11-19T01:15:30+00:00"


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "America/New_York", "Pacific/Auckland", "UTC"])
def test_a_bare_day_is_never_shifted_neither_there_nor_in_utc(zone):
    outlet = Outlet(id="x", name="x", domains=("x.example",), zone=zone, country="US")
    found = read(page(json_ld(PUBLISHED + '"2026-11-19"')), outlet=outlet)
    assert found.published is not None
    for place in (zone, "UTC"):
        assert found.published.astimezone(ZoneInfo(place)).date().isoformat() == "2026-11-19"


def test_the_zone_is_guessed_from_the_country_of_the_address():
    head = json_ld(PUBLISHED + '"2026-11-19 08:15:30"')
    assert published(head, outlet=PLAIN, url="https://berita.co.id/a") == "2026-11-19T08:15:30+07:00"
    assert published(head, outlet=PLAIN, url="https://zeitung.de/a") == "2026-11-19T08:15:30+01:00"


def test_a_date_in_the_future_is_not_believed():
    head = json_ld(PUBLISHED + '"2027-11-19T08:15:30+07:00"') + '<meta name="date" content="2026-11-19T08:15:30+07:00">'
    assert published(head) == "2026-11-19T08:15:30+07:00"


def test_a_selector_of_the_outlet_is_read():
    outlet = Outlet(
        id="kabarkita",
        name="KabarKita",
        domains=("kabarkita.example",),
        zone="Asia/Jakarta",
        selectors=Selectors(published=(".tgl",)),
    )
    assert (
        published(body="<h1>Jalan</h1><i class=tgl>19/11/2026, 08:15</i>", outlet=outlet) == "2026-11-19T08:15:00+07:00"
    )


def test_the_only_time_element_counts_wherever_it_stands_and_several_do_not():
    prose = "<p>" + "Sebuah kalimat panjang dari berita ini yang tidak menyebut waktu apa pun. " * 5 + "</p>"
    body = "<h1>Jalan Baru Dibuka</h1>" + prose * 4 + "<time datetime='2026-11-19T08:15:30+07:00'>kemarin</time>"
    assert published(body=body) == "2026-11-19T08:15:30+07:00"
    assert published(body=body + "<time datetime='2026-11-17T08:15:30+07:00'>lama</time>") is None


def test_microdata_of_other_stories_is_passed_over():
    body = "<h1>Jalan Baru Dibuka</h1>" + "".join(
        f"<article><i itemprop=datePublished content='2026-11-1{day}T08:15:30+07:00'></i></article>" for day in (7, 8)
    )
    assert published(body=body) is None


def test_figures_in_an_address_that_other_times_contradict_are_no_time():
    body = "<h1>Jalan Baru Dibuka</h1><div>Kamis, 19/11/2026 18:15 WIB</div>"
    url = "https://kabarkita.example/2026/11/19/081530/jalan-baru"
    assert published(body=body, url=url) == "2026-11-19T18:15:00+07:00"


def test_a_page_without_markup_may_tell_in_its_data():
    body = '<script>self.data.push("{\\"publishedAt\\":\\"2026-11-19T08:15:30+07:00\\"}")</script>'
    assert published(body=body) == "2026-11-19T08:15:30+07:00"


def test_a_change_is_no_earlier_than_the_publication():
    head = json_ld(PUBLISHED + '"2026-11-19T08:15:30+07:00", "dateModified": "2026-11-19T01:00:00+07:00"')
    assert read(page(head)).modified is None
    later = head + '<meta property="article:modified_time" content="2026-11-19T10:00:00+07:00">'
    found = read(page(later)).modified
    assert found is not None
    assert found.isoformat() == "2026-11-19T10:00:00+07:00"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://x.example/read/2026/11/19/081530/1/a", "2026-11-19T08:15:30"),
        ("https://x.example/read/2026/11/19/08153011/a", "2026-11-19T08:15:30"),
        ("https://x.example/nasional/20261119081530-20-1/a", "2026-11-19T08:15:30"),
        ("https://x.example/2026/11/19/a", "2026-11-19T00:00:00"),
        ("https://x.example/2026-11-19/a", "2026-11-19T00:00:00"),
        ("https://x.example/a-1234567890123456", None),
        ("https://x.example/20269919/a", None),
    ],
)
def test_addresses_carry_times_and_days(url, expected):
    moment = url_moment(url)
    assert (moment.at.isoformat() if moment else None) == expected


def test_every_time_is_aware():
    assert OUTLET.zone == "Asia/Jakarta"
    for value in ("2026-11-19", "2026-11-19 08:15", "2026-11-19T08:15:30Z"):
        found = read(page(json_ld(PUBLISHED + f'"{value}"'))).published
        assert found is not None
        assert found.tzinfo is not None
