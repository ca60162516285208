"""Heads as servers really send them."""

import gzip
import zlib

import brotli
import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetching.heads import end_of_head, is_http, tidied
from scraper.model.page import FetchFailed, FetchReason, Page
from tests.fetching.hostile import MIB, numbered_chunk
from tests.fetching.web import fetch, running

STATUS = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "odd",
    [
        b"X-Space : before the colon",
        b"no header at all",
        b": no name",
        b"X-Control: a\x00b",
        b"<!-- a comment of a proxy -->",
        b"X Two Words: a",
        b"X-Folded: a\r\n  and b\r\n\tand c",
        "X-Ünicode: a".encode(),
        b"",
    ],
)
async def test_a_line_that_is_none_costs_that_line_alone(odd):
    answer = (
        STATUS
        + b"Content-Type: text/html\r\n"
        + odd
        + (b"\r\n" if odd else b"")
        + b'ETag: "a"\r\nContent-Length: 5\r\n\r\nkabar'
    )
    async with running({"/": answer}) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page), page
    assert page.body == b"kabar"
    assert page.content_type == "text/html"
    assert page.etag == b'"a"'


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: \r\n",
        b"Transfer-Encoding: identity\r\n",
        b"Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
        b"Content-Length:\r\nContent-Length: 5\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 5 ;\r\n",
        b"Transfer-Encoding:\r\nContent-Length: 5\r\n",
        b"Transfer-Encoding: none\r\n",
        b"Transfer-Encoding: binary\r\nContent-Length: 5\r\n",
    ],
)
async def test_framing_that_says_nothing_costs_nothing(framing):
    async with running({"/": STATUS + framing + b"\r\nkabar"}) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page), page
    assert page.body == b"kabar"


@pytest.mark.parametrize(
    "codings",
    [
        b"chunked\r\ntransfer-encoding: Chunked",
        b"chunked, chunked",
        b"identity, chunked",
        b"chunked,identity",
    ],
)
async def test_chunked_twice_is_chunked_once(codings):
    answer = STATUS + b"Transfer-Encoding: " + codings + b"\r\n\r\n5\r\nkabar\r\n0\r\n\r\n"
    async with running({"/": answer}) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page), page
    assert page.body == b"kabar"


PACKED = gzip.compress(b"kabar", mtime=0)


@pytest.mark.parametrize(
    ("codings", "sent"),
    [
        (b"gzip, chunked", numbered_chunk(PACKED) + b"0\r\n\r\n"),
        (b"x-gzip\r\nTransfer-Encoding: chunked", numbered_chunk(PACKED) + b"0\r\n\r\n"),
        (b"deflate", zlib.compress(b"kabar")),
        (
            b"gzip, chunked\r\nContent-Encoding: br",
            numbered_chunk(gzip.compress(brotli.compress(b"kabar"), mtime=0)) + b"0\r\n\r\n",
        ),
    ],
)
async def test_a_body_packed_for_its_way_is_unpacked(codings, sent):
    async with running({"/": STATUS + b"Transfer-Encoding: " + codings + b"\r\n\r\n" + sent}) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page), page
    assert page.body == b"kabar"


async def test_a_bomb_packed_for_its_way_is_one_too():
    sent = numbered_chunk(gzip.compress(bytes(20 * MIB))) + b"0\r\n\r\n"
    async with running({"/": STATUS + b"Transfer-Encoding: gzip, chunked\r\n\r\n" + sent}) as web:
        failed = await fetch(web.url())
    assert isinstance(failed, FetchFailed)
    assert failed.reason is FetchReason.TOO_LARGE


@pytest.mark.parametrize("codings", [b"chunked, gzip", b"chunked;q=1", b"rot13", b"rot13, chunked"])
async def test_codings_that_nobody_knows_are_refused(codings):
    async with running({"/": STATUS + b"Transfer-Encoding: " + codings + b"\r\n\r\n5\r\nkabar\r\n0\r\n\r\n"}) as web:
        failed = await fetch(web.url())
    assert isinstance(failed, FetchFailed)
    assert failed.reason is FetchReason.PROTOCOL


@pytest.mark.parametrize(
    "status",
    [
        b"http/1.1 200 OK",
        b"HTTP/1.1 200OK",
        b"HTTP/1.1  200  OK",
        b"HTTP/1.1 200",
        b"HTTP/2 200 ",
        b"HTTP/1.10\t200\tOK",
        b"Http/1.0 200 OK",
    ],
)
async def test_a_status_line_that_can_be_understood_is(status):
    async with running({"/": status + b"\r\nContent-Length: 5\r\n\r\nkabar"}) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page), page
    assert (page.status, page.body) == (200, b"kabar")


@pytest.mark.parametrize(
    "status", [b"HTTP/1.1 2000 OK", b"HTTP/1.1 OK", b"HTTP/1.1 20", b"HTTP 200 OK", b"HTTP/1.1 200\0OK"]
)
async def test_a_status_line_that_cannot_be_understood_is_no_answer(status):
    async with running({"/": status + b"\r\nContent-Length: 5\r\n\r\nkabar"}) as web:
        failed = await fetch(web.url())
    assert isinstance(failed, FetchFailed)
    assert failed.reason is FetchReason.PROTOCOL


async def test_lines_with_a_return_too_many_are_read():
    async with running({"/": b"HTTP/1.1 200 OK\r\r\nContent-Length: 5\r\r\n\r\r\nkabar"}) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page), page
    assert page.body == b"kabar"


async def test_an_answer_that_a_proxy_changed_is_an_answer():
    async with running({"/": b"HTTP/1.1 203 Changed\r\nContent-Length: 5\r\n\r\nkabar"}) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page), page
    assert page.status == 203


async def test_a_head_with_bare_line_feeds_in_single_bytes_is_read():
    async def answer(_asked, _reader, writer):
        for byte in b"HTTP/1.1 103 Hints\n\nHTTP/1.1 200 OK\nContent-Length: 5\n\nkabar":
            writer.write(bytes([byte]))
            await writer.drain()

    async with running({"/": answer}) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page), page
    assert page.body == b"kabar"


def test_continued_lines_are_joined():
    assert tidied(STATUS + b"A: b\r\n c\r\n\r\n").data == STATUS + b"A: b c\r\n\r\n"
    assert tidied(STATUS + b"nothing\r\n c\r\nA : b\r\n\r\n").data == STATUS + b"A: b\r\n\r\n"


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=8))
def test_no_line_makes_a_tidied_head_unreadable(lines):
    framing = (b"content-length", b"transfer-encoding")
    lines = [line for line in lines if line.partition(b":")[0].strip().lower() not in framing and line.strip(b"\r")]
    head = tidied(STATUS + b"\r\n".join(lines) + b"\r\n\r\n").data
    assert end_of_head(head) == len(head)
    assert is_http(head)
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    connection.receive_data(head)
    assert isinstance(connection.next_event(), h11.Response)
