"""Heads as servers really send them."""

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetching.heads import end_of_head, is_http, tidied
from scraper.model.page import Page
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
    ],
)
async def test_framing_that_says_nothing_costs_nothing(framing):
    async with running({"/": STATUS + framing + b"\r\nkabar"}) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page), page
    assert page.body == b"kabar"


async def test_chunked_twice_is_chunked_once():
    answer = STATUS + b"Transfer-Encoding: chunked\r\ntransfer-encoding: Chunked\r\n\r\n5\r\nkabar\r\n0\r\n\r\n"
    async with running({"/": answer}) as web:
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
    assert tidied(STATUS + b"A: b\r\n c\r\n\r\n") == STATUS + b"A: b c\r\n\r\n"
    assert tidied(STATUS + b"nothing\r\n c\r\nA : b\r\n\r\n") == STATUS + b"A: b\r\n\r\n"


@given(st.lists(st.binary(max_size=30).filter(lambda line: b"\n" not in line), max_size=8))
def test_no_line_makes_a_tidied_head_unreadable(lines):
    framing = (b"content-length", b"transfer-encoding")
    lines = [line for line in lines if line.partition(b":")[0].strip().lower() not in framing and line.strip(b"\r")]
    head = tidied(STATUS + b"\r\n".join(lines) + b"\r\n\r\n")
    assert end_of_head(head) == len(head)
    assert is_http(head)
    connection = h11.Connection(h11.CLIENT)
    connection.send(h11.Request(method="GET", target="/", headers=[("Host", "a")]))
    connection.receive_data(head)
    assert isinstance(connection.next_event(), h11.Response)
