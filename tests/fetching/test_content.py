"""Undoing content codings."""

import gzip
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from scraper.fetching.content import TooLargeError, UndecodableError, codings, decoded

PACK = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
TEXT = b"".join(b"<item>kabar %d</item>" % n for n in range(40_000))


@pytest.mark.parametrize("name", PACK)
async def test_a_large_body_comes_back_whole(name):
    assert await decoded(PACK[name](TEXT), (name,), limit=10_000_000) == TEXT


@pytest.mark.parametrize("name", PACK)
async def test_a_body_cut_short_is_told_unless_the_cut_is_known(name):
    cut = PACK[name](TEXT)[:-20]
    with pytest.raises(UndecodableError):
        await decoded(cut, (name,), limit=10_000_000)
    part = await decoded(cut, (name,), limit=10_000_000, partial=True)
    assert TEXT.startswith(part)
    assert len(part) > len(TEXT) // 2


@pytest.mark.parametrize("name", [*PACK, ""])
async def test_the_limit_is_for_the_decoded_body(name):
    packed, names = (PACK[name](TEXT), (name,)) if name else (TEXT, ())
    with pytest.raises(TooLargeError):
        await decoded(packed, names, limit=len(TEXT) - 1)
    assert len(await decoded(packed, names, limit=len(TEXT))) == len(TEXT)
    assert await decoded(packed, names, limit=300_000, cut=True) == TEXT[:300_000]
    assert await decoded(packed[:-20], names, limit=300_000, partial=True, cut=True) == TEXT[:300_000]
    with pytest.raises(TooLargeError):
        await decoded(packed, names, limit=300_000, partial=True)


async def test_an_empty_body_has_no_coding():
    assert await decoded(b"", ("gzip", "br"), limit=10) == b""


@pytest.mark.parametrize(
    ("header", "names"),
    [(None, ()), ("", ()), ("identity", ()), ("gzip, BR", ("br", "gzip")), (" x-gzip ,", ("gzip",)), ("none", ())],
)
def test_codings_are_undone_from_the_outside_in(header, names):
    assert codings(header) == names


@given(st.sampled_from(sorted(PACK)), st.binary(max_size=300), st.booleans())
async def test_no_bytes_make_it_fail_otherwise(name, body, partial):
    try:
        result = await decoded(body, (name,), limit=1_000_000, partial=partial)
    except UndecodableError:
        assert not partial
    else:
        assert isinstance(result, bytes)
