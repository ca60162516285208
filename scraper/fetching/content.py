"""Undoing content codings (RFC 9110 section 8.4.1) with bounded memory: a bomb costs its limit, not its size."""

import asyncio
import re
import zlib
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import aclosing
from itertools import repeat

import brotli
import zstandard

ACCEPT_ENCODING = "gzip, deflate, br, zstd"

_PIECE = 256 * 1024
"""Most bytes that one step of a decoder gives out; between steps the event loop runs."""
_INPUT = 64 * 1024
_MOST_CODINGS = 3
_ZSTD_WINDOW = 8 * 1024 * 1024
"""RFC 9659 section 3: what a decoder of HTTP content must support, and more than which no sender may use."""
_ZSTD_SIP = 128
_GZIP_HEAD = re.compile(rb"\x1f\x8b\x08(.).{6}", re.DOTALL)
_GZIP_TAIL = 8
_CHECKED, _EXTRA, _NAME, _COMMENT = 2, 4, 8, 16
_MOST_PARTS = 1024
"""What packs in blocks, such as bgzip, makes one part of 64 KB."""
_NONE = re.compile(
    r"identity|none|aws-chunked|utf-?(?:8|16)|iso-?8859-?\d{1,2}|windows-?125\d|(?:us-)?ascii|[78]bit|binary|text/\w+"
)
"""What servers write there for a body that is not packed: the name of its charset, above all."""
_STEPS = 64
"""Decoder steps between two turns of the event loop, where the pieces are small."""


class UndecodableError(Exception):
    """The body is not in the coding that it is declared to be, or is cut short."""


class TooLargeError(Exception):
    """The decoded body passes the limit."""


def codings(header: str | None) -> tuple[str, ...]:
    """Names of the codings in the order of their undoing; raises UndecodableError for one that is not known."""
    names = [name for name in (part.strip().lower() for part in (header or "").split(",")) if name]
    names = [name.removeprefix("x-") for name in names if not _NONE.fullmatch(name)]
    for name in names:
        if name not in _DECODERS:
            raise UndecodableError(f"unknown content coding {name[:40]!r}")
    if len(names) > _MOST_CODINGS:
        raise UndecodableError(f"{len(names)} content codings on top of each other")
    return tuple(reversed(names))


async def decoded(
    body: bytes, names: tuple[str, ...], *, limit: int, partial: bool = False, cut: bool = False
) -> bytes:
    """Undo the codings one after the other, giving way to the event loop between pieces.

    A body cut short is an UndecodableError, unless it is known to be `partial`: then what is there is returned.
    Raises TooLargeError as soon as any layer passes `limit` bytes, or cuts it there.
    """
    for name in names:
        if not body:
            break
        pieces: list[bytes] = []
        size = 0
        async with aclosing(_steps(name, body, partial=partial)) as steps:
            async for piece in steps:
                pieces.append(piece)
                size += len(piece)
                if size > limit:
                    if not cut:
                        raise TooLargeError
                    partial = True
                    break
        body = b"".join(pieces)[:limit]
    if len(body) > limit and not cut:
        raise TooLargeError
    return body[:limit]


async def _steps(name: str, body: bytes, *, partial: bool) -> AsyncGenerator[bytes, None]:
    """The decoder's pieces, the event loop taking its turns between them."""
    pieces = _DECODERS[name](body, partial)
    if name == "br":
        # Brotli fills its whole window, up to 16 MB, before it gives out the first byte.
        while (piece := await asyncio.to_thread(next, pieces, None)) is not None:
            yield piece
        return
    for step, piece in enumerate(pieces):
        yield piece
        if len(piece) >= _PIECE or step % _STEPS == 0:
            await asyncio.sleep(0)


def _counted() -> Iterator[None]:
    """Allow so many members or frames of one body: a million empty ones would cost a minute and give nothing."""
    yield from repeat(None, _MOST_PARTS)
    raise UndecodableError(f"more than {_MOST_PARTS} compressed parts one after the other")


def _gzip(body: bytes, partial: bool) -> Iterator[bytes]:  # noqa: FBT001 - one signature for all codings
    """Members one after the other; what follows the last whole one and is none itself is ignored.

    The end of a member is where its stream says; of the checksum behind it browsers know nothing, and some servers
    neither.
    """
    position, first = 0, True
    members = _counted()
    while position < len(body):
        next(members)
        try:
            position = _GZIP_TAIL + (yield from _inflate(body, _after_gzip_head(body, position), partial=partial))
        except zlib.error as error:
            if first and not partial:
                raise UndecodableError(str(error)) from error
            return
        first = False


def _after_gzip_head(body: bytes, position: int) -> int:
    """Where the stream of the member begins that begins there (RFC 1952 section 2.3); zlib.error where none does."""
    head = _GZIP_HEAD.match(body, position)
    if head is None:
        raise zlib.error("it does not begin as gzip does")
    flags, position = head[1][0], head.end()
    if flags & _EXTRA:
        position += 2 + int.from_bytes(body[position : position + 2], "little")
    for string in (_NAME, _COMMENT):
        if flags & string:
            position = body.find(b"\0", position) + 1 or len(body)
    return position + (2 if flags & _CHECKED else 0)


def _deflate(body: bytes, partial: bool) -> Iterator[bytes]:  # noqa: FBT001
    """`deflate` is the zlib format, but some servers send the bare stream (RFC 9110 section 8.4.1.2)."""
    zlib_header = len(body) > 1 and body[0] & 0x0F == zlib.DEFLATED and (body[0] << 8 | body[1]) % 31 == 0
    try:
        yield from _inflate(body, 2 if zlib_header else 0, partial=partial)
    except zlib.error as error:
        if not partial:
            raise UndecodableError(str(error)) from error


def _inflate(body: bytes, position: int, *, partial: bool) -> Generator[bytes, None, int]:
    """The content of the bare stream that begins there; returns where it ends."""
    decoder = zlib.decompressobj(-zlib.MAX_WBITS)
    while position < len(body) and not decoder.eof:
        chunk = body[position : position + _INPUT]
        position += len(chunk)
        while chunk and not decoder.eof:
            yield decoder.decompress(chunk, _PIECE)
            chunk = decoder.unconsumed_tail
    if not decoder.eof and not partial:
        raise UndecodableError("the compressed body is cut short")
    return position - len(decoder.unused_data)


def _brotli(body: bytes, partial: bool) -> Iterator[bytes]:  # noqa: FBT001
    decoder = brotli.Decompressor()
    try:
        for start in range(0, len(body), _INPUT):
            yield decoder.process(body[start : start + _INPUT], output_buffer_limit=_PIECE)
            while not decoder.is_finished() and (piece := decoder.process(b"", output_buffer_limit=_PIECE)):
                yield piece
            if decoder.is_finished():
                return
    except brotli.error as error:
        if not partial:
            raise UndecodableError(str(error)) from error
        return
    if not decoder.is_finished() and not partial:
        raise UndecodableError("the compressed body is cut short")


def _zstd(body: bytes, partial: bool) -> Iterator[bytes]:  # noqa: FBT001
    """Frames one after the other.

    Fed in sips, because one call gives out all that its input holds: up to 128 KB a block, in blocks of 4 bytes.
    """
    position = 0
    unpacker = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
    frames = _counted()
    while position < len(body):
        next(frames)
        decoder = unpacker.decompressobj()
        try:
            while position < len(body) and not decoder.eof:
                yield decoder.decompress(body[position : position + _ZSTD_SIP])
                position += _ZSTD_SIP
        except zstandard.ZstdError as error:
            if not partial:
                raise UndecodableError(str(error)) from error
            return
        if not decoder.eof and not partial:
            raise UndecodableError("the compressed body is cut short")
        position = min(position, len(body)) - len(decoder.unused_data)


_DECODERS: dict[str, Callable[[bytes, bool], Iterator[bytes]]] = {
    "gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
