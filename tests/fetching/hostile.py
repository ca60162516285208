"""Servers that mean harm, each by its own way of answering. Used by the suite and by the benchmark."""

import asyncio
import gzip
import itertools
import socket
import struct
import zlib
from typing import Any

import brotli
import zstandard

from scraper.model.page import FetchReason
from tests.fetching.web import moved, reply

MIB = 1024 * 1024
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"


async def _for_ever(writer, pieces, pause=0.0):
    for piece in pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(pause)


def drip(head=OK + b"\r\n", piece=b"x", pause=0.05):
    async def answer(_asked, _reader, writer):
        await _for_ever(writer, itertools.chain([head], itertools.repeat(piece)), pause)

    return answer


def flood(head, piece):
    async def answer(_asked, _reader, writer):
        await _for_ever(writer, itertools.chain([head], itertools.repeat(piece)))

    return answer


def then_reset(sent):
    async def answer(_asked, _reader, writer):
        writer.write(sent)
        await writer.drain()
        await asyncio.sleep(0.02)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    return answer


def then_silence(sent):
    async def answer(_asked, reader, writer):
        writer.write(sent)
        await reader.read()

    return answer


def chunked(chunks, head=OK):
    return head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks


def numbered_chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


def bomb(coding, mebibytes=1024):
    """A body of zeros, packed; packed again by each further coding."""
    first, *further = coding.split(", ")
    body = _zeros(first, mebibytes)
    for name in further:
        body = PACKERS[name](body)
    return reply(body, headers=[("Content-Encoding", coding)])


def _zeros(coding, mebibytes):
    zeros = bytes(MIB)
    match coding:
        case "gzip":
            packer = zlib.compressobj(9, zlib.DEFLATED, 31)
            return b"".join(packer.compress(zeros) for _ in range(mebibytes)) + packer.flush()
        case "br":
            brotli_packer = brotli.Compressor(quality=5, lgwin=24)
            return b"".join(brotli_packer.process(zeros) for _ in range(mebibytes)) + brotli_packer.finish()
        case _:
            zstd_packer = zstandard.ZstdCompressor(level=3).compressobj()
            return b"".join(zstd_packer.compress(zeros) for _ in range(mebibytes)) + zstd_packer.flush()


PACKERS = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.compress}


async def in_a_circle(asked, _reader, writer):
    writer.write(moved(302, "/circle" if asked.path == "/elcric" else "/elcric"))


def without_end():
    async def answer(asked, _reader, writer):
        writer.write(moved(301, f"/on/{len(asked.path)}/" + "x" * len(asked.path)))

    return answer


ENDLESS_HEADERS = flood(OK, b"X-Filler: " + b"y" * 900 + b"\r\n")
ENDLESS_HEADER_LINE = flood(OK + b"X-Filler: ", b"y" * 4096)
ENDLESS_STATUS_LINE = flood(b"HTTP/1.1 200 ", b"y" * 4096)
ENDLESS_BODY = flood(OK + b"\r\n", b"<item>kabar</item>" * 4000)
ENDLESS_CHUNKS = flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", numbered_chunk(b"<item/>" * 1000))
ENDLESS_CRUMBS = flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", numbered_chunk(b"x") * 4000)
ENDLESS_TRAILERS = flood(chunked(b"0\r\n"), b"X-Filler: " + b"y" * 900 + b"\r\n")
ENDLESS_CHUNK_HEADS = flood(chunked(b""), b"80;" + b"x" * 16_000 + b"\n" + b"y" * 128 + b"\n")
ENDLESS_CHUNK_HEAD = flood(chunked(b""), b"0" * 4096)
ENDLESS_INTERIM = flood(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 50)

# What a server answers, and how the exchange must end.
ANSWERS: dict[str, tuple[Any, FetchReason]] = {
    "drip": (drip(), FetchReason.TIMEOUT),
    "dripped head": (drip(head=b"HTTP/1.1 200 OK\r\n", piece=b"X"), FetchReason.TIMEOUT),
    "dripped byte by byte from the first": (drip(head=b"H", piece=b"T"), FetchReason.TIMEOUT),
    "silence": (then_silence(b""), FetchReason.TIMEOUT),
    "silence after the head": (then_silence(OK + b"Content-Length: 9\r\n\r\n"), FetchReason.TIMEOUT),
    "endless headers": (ENDLESS_HEADERS, FetchReason.PROTOCOL),
    "endless header line": (ENDLESS_HEADER_LINE, FetchReason.PROTOCOL),
    "endless status line": (ENDLESS_STATUS_LINE, FetchReason.PROTOCOL),
    "endless body": (ENDLESS_BODY, FetchReason.TOO_LARGE),
    "endless chunks": (ENDLESS_CHUNKS, FetchReason.TOO_LARGE),
    "endless crumbs": (ENDLESS_CRUMBS, FetchReason.PROTOCOL),
    "endless trailers": (ENDLESS_TRAILERS, FetchReason.PROTOCOL),
    "endless chunk head": (ENDLESS_CHUNK_HEAD, FetchReason.PROTOCOL),
    "endless chunk heads": (ENDLESS_CHUNK_HEADS, FetchReason.PROTOCOL),
    "endless interim answers": (ENDLESS_INTERIM, FetchReason.PROTOCOL),
    "closed at once": (b"", FetchReason.INTERRUPTED),
    "closed in the head": (b"HTTP/1.1 200 OK\r\nContent-", FetchReason.INTERRUPTED),
    "reset at once": (then_reset(b""), FetchReason.INTERRUPTED),
    "reset in the head": (then_reset(b"HTTP/1.1 200"), FetchReason.INTERRUPTED),
    "reset in the body": (then_reset(OK + b"Content-Length: 100\r\n\r\nabc"), FetchReason.INTERRUPTED),
    "reset in a chunk": (then_reset(chunked(b"ff\r\nabc")), FetchReason.INTERRUPTED),
    "shorter than it says": (OK + b"Content-Length: 100\r\n\r\nabc", FetchReason.INTERRUPTED),
    "chunks without an end": (chunked(numbered_chunk(b"abc")), FetchReason.INTERRUPTED),
    "larger than allowed, it says": (
        then_silence(OK + b"Content-Length: 9000000\r\n\r\n"),
        FetchReason.TOO_LARGE,
    ),
    "negative length": (OK + b"Content-Length: -1\r\n\r\nabc", FetchReason.PROTOCOL),
    "two lengths": (OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", FetchReason.PROTOCOL),
    "a length of a million digits": (OK + b"Content-Length: " + b"9" * 60_000 + b"\r\n\r\n", FetchReason.PROTOCOL),
    "unknown transfer coding": (OK + b"Transfer-Encoding: rot13\r\n\r\nabc", FetchReason.PROTOCOL),
    "chunk that is no number": (chunked(b"zz\r\nabc\r\n0\r\n\r\n"), FetchReason.PROTOCOL),
    "chunk larger than memory": (flood(chunked(b"f" * 15 + b"\r\n"), b"x" * 65536), FetchReason.TOO_LARGE),
    "no HTTP": (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", FetchReason.PROTOCOL),
    "TLS where none was spoken": (b"\x15\x03\x01\x00\x02\x02\x28" * 20, FetchReason.PROTOCOL),
    "HTTP/0.9": (b"<html>kabar</html>\r\n\r\n", FetchReason.PROTOCOL),
    "control characters": (b"HTTP/1.1 200\x00OK\r\nX-A: a\r\n\r\n", FetchReason.PROTOCOL),
    "protocol switch": (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", FetchReason.PROTOCOL),
    "status 999": (b"HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n", FetchReason.HTTP_STATUS),
    "redirect without end": (without_end(), FetchReason.REDIRECTS),
    "redirect in a circle": (in_a_circle, FetchReason.REDIRECTS),
    "redirect to itself": (moved(301, ""), FetchReason.REDIRECTS),
    "redirect to nowhere": (reply(status=302), FetchReason.REDIRECTS),
    "redirect inward": (moved(302, "http://169.254.169.254/latest/meta-data/"), FetchReason.REFUSED_ADDRESS),
    **{
        f"redirect inward as {host}": (moved(302, f"http://{host}/"), FetchReason.REFUSED_ADDRESS)
        for host in ("2130706433", "0x7f.1", "017700000001", "127.1", "[::1]", "[::ffff:10.0.0.1]", "[64:ff9b::a00:1]")
    },
    "redirect to a file": (moved(302, "file:///etc/passwd"), FetchReason.BAD_URL),
    "redirect to nonsense": (moved(302, b"http://[\xff\xfe"), FetchReason.BAD_URL),
    "redirect to a megabyte": (moved(302, "http://kabar.example/" + "x" * 60_000), FetchReason.BAD_URL),
    **{
        f"200,000 empty parts of {coding}": (
            reply(PACKERS[coding](b"") * 200_000, headers=[("Content-Encoding", coding)]),
            FetchReason.BAD_ENCODING,
        )
        for coding in ("gzip", "zstd")
    },
    "not gzip": (reply(b"<rss/>", headers=[("Content-Encoding", "gzip")]), FetchReason.BAD_ENCODING),
}
