"""Web archives written by the tests' own hand, packed in every way that is met."""

import gzip
import struct
from collections.abc import Sequence

import zstandard


def response(url: str, body: bytes, *, status: str = "200 OK", headers: str = "Content-Type: text/html") -> bytes:
    """One response record as a crawler writes it."""
    http = f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode() + body
    return record(http, f"WARC-Target-URI: {url}\r\nContent-Type: application/http; msgtype=response\r\n")


def record(block: bytes, fields: str, kind: str = "response", date: str = "2026-03-01T05:00:00Z") -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Date: {date}\r\n{fields}Content-Length: {len(block)}\r\n\r\n"
    return head.encode() + block + b"\r\n\r\n"


def info() -> bytes:
    return record(b"software: a crawler\r\n", "Content-Type: application/warc-fields\r\n", "warcinfo")


def plain(records: Sequence[bytes]) -> bytes:
    return b"".join(records)


def gzipped(records: Sequence[bytes]) -> bytes:
    """As CC-NEWS is: a member a record."""
    return b"".join(map(gzip.compress, records))


def gzipped_whole(records: Sequence[bytes]) -> bytes:
    return gzip.compress(b"".join(records))


def zstd(records: Sequence[bytes]) -> bytes:
    return b"".join(map(zstandard.ZstdCompressor().compress, records))


def zstd_with_dictionary(records: Sequence[bytes]) -> bytes:
    samples = [part * 2 for part in records for _ in range(60)]
    dictionary = zstandard.train_dictionary(2000, [bytes([i % 251]) + s for i, s in enumerate(samples)])
    packer = zstandard.ZstdCompressor(dict_data=dictionary)
    packed = zstandard.ZstdCompressor().compress(dictionary.as_bytes())
    return struct.pack("<II", 0x184D2A5D, len(packed)) + packed + b"".join(map(packer.compress, records))


PACKINGS = {
    "plain": (plain, ".warc"),
    "gzip": (gzipped, ".warc.gz"),
    "whole gzip": (gzipped_whole, ".warc.gz"),
    "zstd": (zstd, ".warc.zst"),
    "zstd with dictionary": (zstd_with_dictionary, ".warc.zst"),
}
