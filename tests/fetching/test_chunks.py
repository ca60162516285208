"""Chunks as servers really send them."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetching.chunks import LINE_LIMIT, ChunkError, Dechunker
from scraper.model.page import FetchFailed, FetchReason, Page
from tests.fetching.hostile import OK, chunked
from tests.fetching.web import fetch, running


@pytest.mark.parametrize(
    "sent",
    [
        b"5\nkabar\n0\n\n",
        b"5\nkabar\r\n0\n\r\n",
        b"005  \r\nkabar\r\n0  \r\n\r\n",
        b"5;name=value\r\nkabar\r\n0;last\r\n\r\n",
        b"2\r\nka\r\n3\r\nbar\r\n0\r\nX-Sum: 1\r\nno trailer\r\n\r\n",
        b"5\r\nkabar\r\n0\r\n",
        b"5\r\nkabar\r\n0\r\nX-Sum",
    ],
)
async def test_chunks_that_can_be_told_apart_are_read(sent):
    async with running({"/": chunked(sent)}) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page), page
    assert page.body == b"kabar"


@pytest.mark.parametrize(
    ("sent", "reason", "word"),
    [
        (b"0x5\r\nkabar\r\n0\r\n\r\n", FetchReason.PROTOCOL, "no size of a chunk: b'0x5'"),
        (b"-5\r\nkabar\r\n0\r\n\r\n", FetchReason.PROTOCOL, "no size"),
        (b"11111111111111115\r\nkabar\r\n0\r\n\r\n", FetchReason.PROTOCOL, "no size"),
        (b"kabar", FetchReason.INTERRUPTED, "between chunks"),
        (b"4\r\nkabar\r\n0\r\n\r\n", FetchReason.PROTOCOL, "longer than it says: b'r'"),
        (b"5\r\nkabar\r\n", FetchReason.INTERRUPTED, "between chunks"),
        (b"5\r\nkabar\r\n" + b"1;" + b"x" * LINE_LIMIT + b"\r\nx\r\n", FetchReason.PROTOCOL, "a line of more than"),
        (b"5\r\nkabar\r\n0\r\n" + b"a\n" * 101, FetchReason.PROTOCOL, "more than 100 trailers"),
        (b"100;%b\r\n%b\r\n" % (b"x" * 16_000, b"y" * 256) * 200, FetchReason.PROTOCOL, "bytes of framing for"),
    ],
)
async def test_what_is_wrong_with_chunks_is_said(sent, reason, word):
    async with running({"/": chunked(sent)}) as web:
        failed = await fetch(web.url())
    assert isinstance(failed, FetchFailed), failed
    assert failed.reason is reason
    assert word in failed.detail


async def test_a_length_beside_chunks_says_nothing():
    async with running(
        {"/": OK + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nkabar\r\n0\r\n\r\n"}
    ) as web:
        page = await fetch(web.url())
    assert isinstance(page, Page), page
    assert page.body == b"kabar"


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=8), st.data())
def test_a_body_is_the_same_however_it_is_cut(chunks, data):
    sent = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\nA: b\r\n\r\n"
    reader, body, position = Dechunker(), b"", 0
    while position < len(sent):
        assert not reader.ended
        end = position + data.draw(st.integers(1, 20))
        body += b"".join(reader.feed(sent[position:end]))
        position = end
    assert body == b"".join(chunks)
    assert reader.ended


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"5\r\n", b"0\n", b"\r\n", b"a;", b"A: b\r\n"]), max_size=12))
def test_whatever_bytes_come_there_is_a_body_or_an_error(pieces):
    reader = Dechunker()
    body = b""
    with contextlib.suppress(ChunkError):
        for piece in pieces:
            body += b"".join(reader.feed(piece))
    assert len(body) <= sum(map(len, pieces))
