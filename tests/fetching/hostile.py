"""Servers that mean harm, each by its own way of answering. Used by the suite and by the benchmark."""

import asyncio
import gzip
import itertools
import socket
import struct
import zlib

import brotli
import zstandard

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
    """A body of zeros, packed."""
    zeros = bytes(MIB)
    match coding:
        case "gzip":
            packer = zlib.compressobj(9, zlib.DEFLATED, 31)
            body = b"".join(packer.compress(zeros) for _ in range(mebibytes)) + packer.flush()
        case "br":
            brotli_packer = brotli.Compressor(quality=5, lgwin=24)
            body = b"".join(brotli_packer.process(zeros) for _ in range(mebibytes)) + brotli_packer.finish()
        case "zstd":
            zstd_packer = zstandard.ZstdCompressor(level=3).compressobj()
            body = b"".join(zstd_packer.compress(zeros) for _ in range(mebibytes)) + zstd_packer.flush()
        case "gzip, gzip":
            return reply(gzip.compress(bomb_body("gzip", mebibytes)), headers=[("Content-Encoding", coding)])
    return reply(body, headers=[("Content-Encoding", coding)])


def bomb_body(coding, mebibytes):
    return bomb(coding, mebibytes).partition(b"\r\n\r\n")[2]


def in_a_circle():
    return {"/circle": moved(302, "/elcric"), "/elcric": moved(302, "/circle")}


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
ENDLESS_CHUNK_HEAD = flood(chunked(b""), b"0" * 4096)
ENDLESS_INTERIM = flood(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 50)
