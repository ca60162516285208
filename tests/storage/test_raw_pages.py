"""Raw pages: written as WARC, read back whole."""

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from scraper.model.page import Page
from scraper.storage import open_archive, verify, warc
from tests.storage.samples import LEASE, NOW, collect, entry, kept, store_in

BODY = b"<html><p>Jakarta basah.\r\n\r\nWARC/1.1\r\n\r\n</p></html>" * 20


def page(number=1, **changes) -> Page:
    values = {
        "url": f"https://kabar.example/berita/{number}?a=1",
        "requested_url": f"https://kabar.example/berita/{number}",
        "body": BODY,
        "fetched_at": NOW + timedelta(microseconds=7),
        "content_type": "text/html; charset=utf-8",
        "headers": (
            (b"Content-Type", b"text/html; charset=utf-8"),
            (b"Content-Encoding", b"br"),
            (b"Set-Cookie", b"a=1"),
            (b"Set-Cookie", b"b=\xff"),
        ),
    }
    return Page(**{**values, **changes})


def test_a_page_survives():
    assert warc.decode(warc.encode(page())) == page()


@settings(deadline=None)
@given(
    st.builds(
        page,
        body=st.binary(max_size=300),
        status=st.integers(100, 599),
        url=st.text(max_size=30).map(lambda text: "https://a.example/" + "".join(text.split())),
        headers=st.just(()),
    )
)
def test_any_page_survives(original):
    again = warc.decode(warc.encode(original))
    assert (again.body, again.url, again.status) == (original.body, original.url, original.status)
    assert again.content_type == original.content_type


def test_a_header_cannot_end_the_header():
    evil = page(headers=((b"X", b"1\r\n\r\nbody"), (b"Content-Type", b"text/html")))
    assert warc.decode(warc.encode(evil)).body == BODY


@pytest.mark.parametrize(
    "data",
    [b"", b"rubbish", gzip.compress(b"WARC/1.1\r\nWARC-Type: request\r\n\r\n", mtime=0)],
    ids=["empty", "rubbish", "another-type"],
)
def test_what_is_no_record_is_refused(data):
    with pytest.raises((ValueError, KeyError)):
        warc.decode(data)


def test_pages_are_found_again_open_and_sealed(tmp_path):
    store = store_in(tmp_path, archive=True)
    collect(store, [1])
    store.enqueue([entry(2)], NOW)
    (claimed,) = store.claim(NOW, 1, LEASE)
    pages = (page(2), page(2, url="https://kabar.example/berita/2?page=2"))
    store.commit([replace(kept(claimed, 2), pages=pages)], NOW)
    with open_archive(tmp_path) as archive:
        for _ in range(2):
            assert archive.raw_pages(entry(2).key) == pages
            assert archive.raw_pages(f"{2:016x}") == pages
            assert archive.raw_pages(entry(1).key) == ()
            while store.maintain(NOW + timedelta(days=3)):
                pass
    assert [path.name for path in tmp_path.rglob("raw/*/*")] == ["part-1.warc.gz"]
    store.revisit([entry(2).key], NOW)
    (again,) = store.claim(NOW, 1, LEASE)
    store.commit([replace(kept(again, 2, revision=1), pages=(page(3),))], NOW)
    with open_archive(tmp_path) as archive:
        assert archive.raw_pages(entry(2).key) == (page(3),)
    store.close()
    assert verify(tmp_path).problems == []


def test_other_tools_read_the_files(tmp_path):
    store = store_in(tmp_path, archive=True)
    store.enqueue([entry(1)], NOW)
    (claimed,) = store.claim(NOW, 1, LEASE)
    store.commit([replace(kept(claimed, 1), pages=(page(1), page(2)))], NOW)
    store.close()
    (file,) = tmp_path.rglob("*.open")
    with file.open("rb") as stream:
        seen = []
        for record in ArchiveIterator(stream, check_digests="raise"):
            body = record.content_stream().read()
            seen.append((record.rec_type, record.rec_headers.get_header("WARC-Target-URI"), body == BODY))
    assert seen == [
        ("warcinfo", None, False),
        ("response", page(1).url, True),
        ("response", page(2).url, True),
    ]
