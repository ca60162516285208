import gzip

import pytest

from scraper.sources.addresses import read_addresses
from scraper.sources.capture import Capture
from scraper.sources.folder import PageFolder, address_in

CANONICAL = b'<html><head><link href="https://koran.example/a?x=1&amp;y=2" rel="canonical"></head><p>satu</p>'


def test_pages_come_in_the_order_of_their_paths_and_go_on_after_each(tmp_path):
    (tmp_path / "b.html").write_bytes(CANONICAL)
    (tmp_path / "notes.txt").write_text("no page")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.html.gz").write_bytes(gzip.compress(b"<p>dua</p>"))
    (tmp_path / "koran.example").mkdir()
    (tmp_path / "koran.example" / "index.html").write_text("<p>tiga</p>")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "torn.html.gz").write_bytes(gzip.compress(b"<p>empat</p>")[:-5])
    folder = PageFolder(tmp_path)
    records = list(folder.records())
    assert [record.mark for record in records] == ["a/x.html.gz", "b.html", "koran.example/index.html", "torn.html.gz"]
    first, second, third, torn = (record.holds for record in records)
    assert isinstance(first, Capture)
    assert (first.url, first.body) == ((tmp_path / "a" / "x.html.gz").as_uri(), b"<p>dua</p>")
    assert isinstance(second, Capture)
    assert second.url == "https://koran.example/a?x=1&y=2"
    assert isinstance(third, Capture)
    assert third.url == "https://koran.example/"
    assert isinstance(torn, str)
    assert torn.startswith("unreadable")
    for done, record in enumerate(records, start=1):
        assert [one.mark for one in folder.records(record.mark)] == [one.mark for one in records[done:]]
    assert folder.size == records[-1].read


def test_a_missing_directory_is_an_error(tmp_path):
    with pytest.raises(OSError, match="no directory"):
        list(PageFolder(tmp_path / "none").records())


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"<!-- saved from url=(0027)https://koran.example/saved -->", "https://koran.example/saved"),
        (b"<meta property='og:url' content='https://koran.example/og'>", "https://koran.example/og"),
        (b"<link rel=canonical href=https://koran.example/bare>", "https://koran.example/bare"),
        (b"<link rel='canonical' href='/relative'>", None),
        (b"<p>nothing</p>", None),
    ],
)
def test_a_page_says_where_it_is_from(head, expected):
    assert address_in(head) == expected


def test_a_list_of_addresses_may_hold_remarks(tmp_path):
    path = tmp_path / "urls.txt"
    path.write_text(
        "\ufeffhttps://koran.example/1\n# remark\n\n https://koran.example/2 2026-01-01\nftp://no\n", "utf-8"
    )
    assert list(read_addresses(path)) == [(1, "https://koran.example/1"), (4, "https://koran.example/2"), (5, None)]


def test_lines_are_numbered_however_long_they_are(tmp_path):
    path = tmp_path / "urls.txt"
    path.write_text(f"https://koran.example/{'x' * 20_000}\nnone\nhttps://koran.example/2", "utf-8")
    (first, _), *rest = read_addresses(path)
    assert first == 1
    assert rest == [(2, None), (3, "https://koran.example/2")]
