"""Outlet files: what a maintainer writes becomes an Outlet, and every mistake of every file is told at once."""

from datetime import timedelta

import pytest

from scraper.model.failures import ConfigurationError
from scraper.outlets import load_outlets

SOUND = 'name = "{0}"\ndomains = ["{0}.example"]\nfeeds = ["https://{0}.example/rss"]\n'


@pytest.fixture
def write(tmp_path):
    (tmp_path / "outlets").mkdir()

    def write(name, text):
        (tmp_path / "outlets" / f"{name}.toml").write_text(text, "utf-8")
        return tmp_path

    return write


def faults(directory):
    with pytest.raises(ConfigurationError) as caught:
        load_outlets(directory)
    return caught.value.faults


def test_a_whole_file_is_read(write):
    directory = write(
        "warta",
        r"""
        name = "Warta"
        domains = ["warta.example", "m.warta.example"]
        aliases = ["Warta.example", "Koran Warta"]
        homepage = "https://warta.example/"
        country = "ID"
        languages = ["id", "en"]
        zone = "Asia/Jakarta"
        group = "Warta Group"
        priority = 3
        feeds = ["https://warta.example/rss"]
        news_sitemaps = ["https://warta.example/news.xml"]
        sitemaps = ["https://warta.example/sitemap.xml"]
        index_pages = ["https://warta.example/indeks/{date:%Y-%m-%d}?page={page}"]

        [articles]
        include = ["/berita/"]
        exclude = ["/video/"]
        id_pattern = '/(?P<id>\d{5,})/'

        [selectors]
        body = ["div.isi > article", "article"]
        drop = ["div:has(> a.baca)", "figure"]

        [lines]
        drop = ["Baca juga:*"]
        drop_regex = ['^\(\w{2,4}/\w{2,4}\)$']
        cut_at = ["Ikuti kami*"]
        datelines = ['^(?P<outlet>Warta), (?P<place>[A-Z]\w+) - ']

        [paging]
        numbered = "page={n}"
        next_selector = "a.next"

        [policy]
        request_spacing = "2 s"
        poll_floor = "15 min"
        max_age = "7 days"
        headers = { Accept-Language = "id" }
        """,
    )
    (outlet,) = load_outlets(directory)
    assert outlet.id == "warta"
    assert outlet.domains == ("warta.example", "m.warta.example")
    assert outlet.languages == ("id", "en")
    assert outlet.selectors.body == ("div.isi > article", "article")
    assert outlet.lines.drop_regex == (r"^\(\w{2,4}/\w{2,4}\)$",)
    assert outlet.paging.numbered == "page={n}"
    assert outlet.policy.request_spacing == timedelta(seconds=2)
    assert outlet.policy.max_age == timedelta(days=7)
    assert outlet.policy.headers == (("Accept-Language", "id"),)


def test_outlets_come_in_the_order_of_their_ids_and_other_files_are_left_alone(write):
    write("b", SOUND.format("b"))
    write("a", SOUND.format("a"))
    directory = write("c", SOUND.format("c"))
    (directory / "outlets" / "README.md").write_text("not an outlet")
    assert [outlet.id for outlet in load_outlets(directory)] == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["d.yaml", "d.yml", "d.json", "d.TOML"])
def test_a_file_that_was_meant_to_be_an_outlet_is_not_passed_over(write, name):
    directory = write("a", SOUND.format("a"))
    path = directory / "outlets" / name
    path.write_text("id: d")
    with pytest.raises(ConfigurationError) as caught:
        load_outlets(directory)
    assert str(caught.value) == f"{path}: expected an outlet in TOML, in a file named <id>.toml"


FAULTY = r"""name = ""
domains = ["a.example", "https://b.example"]
zone = "Asia/Jakata"
languages = ["id", "xx"]
country = "Id"
feeds = ["https://a.example/rss", "a.example/rss"]
index_pages = ["https://a.example/{date:%Y}/{foo}"]
[selectors]
body = ["div.a", "div[["]
bodi = ["x"]
aliases = ["b"]
[articles]
id_pattern = '(\d+)'
include = ["("]
[lines]
datelines = ['^(?P<plaec>x)']
drop = ["*"]
[policy]
request_spacing = "2 x"
concurrency = 0
headers = { "Foo bar" = "x" }
proxy = "socks5://x"
[paging]
numbered = "page=2"
single_page = "all"
next_selector = "a["
"""


def test_every_fault_is_told_with_its_line(write):
    directory = write("a", FAULTY)
    found = faults(directory)
    assert {fault.file for fault in found} == {str(directory / "outlets" / "a.toml")}
    assert [(fault.line, fault.key) for fault in found] == [
        (1, "name"),
        (2, "domains[1]"),
        (3, "zone"),
        (4, "languages[1]"),
        (5, "country"),
        (6, "feeds[1]"),
        (7, "index_pages[0]"),
        (9, "selectors.body[1]"),
        (10, "selectors.bodi"),
        (11, "selectors.aliases"),
        (13, "articles.id_pattern"),
        (14, "articles.include[0]"),
        (16, "lines.datelines[0]"),
        (17, "lines.drop[0]"),
        (19, "policy.request_spacing"),
        (20, "policy.concurrency"),
        (21, "policy.headers"),
        (22, "policy.proxy"),
        (24, "paging.numbered"),
        (25, "paging.single_page"),
        (26, "paging.next_selector"),
    ]
    told = {fault.key: fault for fault in found}
    assert told["selectors.bodi"].expected == 'a known key; did you mean "body"?'
    assert told["selectors.aliases"].expected == "this key above the first [table], not here"
    assert told["feeds[1]"].value == '"a.example/rss"'


def test_all_files_are_judged_before_anything_is_told(write):
    write("a", "name = 1")
    write("b", 'name = "B\n')
    write("c", SOUND.format("c"))
    directory = write("d", SOUND.format("d") + '[policy]\npoll_floor = "2 h"\npoll_ceiling = "1 h"')
    found = faults(directory)
    assert [(fault.file.rsplit("/", 1)[1], fault.key) for fault in found] == [
        ("a.toml", "domains"),
        ("a.toml", "name"),
        ("b.toml", ""),
        ("d.toml", "policy.poll_floor"),
    ]


def test_no_address_and_no_domain_has_two_owners(write):
    write("a", SOUND.format("a"))
    directory = write("b", 'name = "B"\ndomains = ["b.example", "a.example"]\nfeeds = ["https://a.example/rss"]')
    assert [(fault.line, fault.key, fault.expected) for fault in faults(directory)] == [
        (3, "feeds[0]", 'an address that outlet "a" does not have'),
        (2, "domains[1]", 'a domain that outlet "a" does not have'),
    ]


def test_a_sub_domain_may_be_an_outlet_of_its_own(write):
    write("a", SOUND.format("a"))
    directory = write("b", 'name = "B"\ndomains = ["jabar.a.example"]')
    assert len(load_outlets(directory)) == 2


def test_an_address_is_named_once(write):
    text = 'name = "A"\ndomains = ["a.example"]\nfeeds = ["https://a.example/1", "https://a.example/1"]\n'
    directory = write("a", text + 'news_sitemaps = ["https://a.example/1"]')
    assert [fault.key for fault in faults(directory)] == ["feeds[1]", "news_sitemaps[0]"]


def test_the_id_is_the_name_of_the_file(write):
    directory = write("a", 'id = "b"\n' + SOUND.format("a"))
    (fault,) = faults(directory)
    assert (fault.line, fault.key, fault.value) == (1, "id", '"b"')
    write("a", SOUND.format("a"))
    directory = write("Bad Name", SOUND.format("c"))
    (fault,) = faults(directory)
    assert fault.key == "id"


def test_a_missing_directory_is_told_in_one_sentence(tmp_path):
    (fault,) = faults(tmp_path)
    assert str(fault) == f"{tmp_path / 'outlets'}: expected a directory that holds one <id>.toml for each outlet"
