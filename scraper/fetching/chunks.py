"""The chunked transfer coding undone (RFC 9112 section 7.1), lines read as leniently as browsers read them. Pure."""

import re
from collections.abc import Iterator
from enum import Enum, auto

LINE_LIMIT = 16 * 1024
"""Most bytes of a chunk's head, or of one trailer."""
_FRAMING_LIMIT = 1024 * 1024
"""How many bytes more than the body its framing may take."""
_MOST_TRAILERS = 100
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,16}")


class ChunkError(Exception):
    """The body is not in chunks as it is said to be; the text says what stands there instead."""


class _Next(Enum):
    SIZE = auto()
    DATA = auto()
    LINE_END = auto()
    TRAILER = auto()
    NOTHING = auto()


class Dechunker:
    """Takes what comes and gives the body. Holds no more than one unfinished line."""

    def __init__(self) -> None:
        self._next = _Next.SIZE
        self._left = 0
        """Bytes of the chunk that have not come."""
        self._line = b""
        self._framing = self._size = self._trailers = 0

    @property
    def whole(self) -> bool:
        """Whether all of the body has come: behind its last chunk nothing of it follows, whatever is missing there."""
        return self._next in {_Next.TRAILER, _Next.NOTHING}

    @property
    def ended(self) -> bool:
        """Whether nothing more can follow."""
        return self._next is _Next.NOTHING

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The pieces of the body in the bytes that come next; ChunkError where they cannot be told."""
        position = 0
        while position < len(data) and not self.ended:
            if self._next is _Next.DATA:
                piece = data[position : position + self._left]
                position += len(piece)
                self._take(len(piece))
                yield piece
            else:
                position = self._read_line(data, position)

    def _take(self, count: int) -> None:
        self._left -= count
        self._size += count
        if not self._left:
            self._next = _Next.LINE_END

    def _read_line(self, data: bytes, position: int) -> int:
        """Read on in a line of framing; returns where to go on."""
        found = data.find(b"\n", position)
        end = len(data) if found < 0 else found + 1
        self._line += data[position:end]
        self._framing += end - position
        if len(self._line) > LINE_LIMIT:
            raise ChunkError(f"a line of more than {LINE_LIMIT} bytes among the chunks")
        if self._framing > self._size + _FRAMING_LIMIT:
            raise ChunkError(f"{self._framing} bytes of framing for {self._size} of the body")
        if found >= 0:
            line, self._line = self._line.strip(b" \t\r\n"), b""
            self._heed(line)
        return end

    def _heed(self, line: bytes) -> None:
        match self._next:
            case _Next.SIZE:
                size = line.partition(b";")[0].rstrip(b" \t")
                if not _SIZE.fullmatch(size):
                    raise ChunkError(f"no size of a chunk: {size[:40]!r}")
                self._left = int(size, 16)
                self._next = _Next.DATA if self._left else _Next.TRAILER
            case _Next.LINE_END:
                if line:
                    raise ChunkError(f"a chunk is longer than it says: {line[:40]!r}")
                self._next = _Next.SIZE
            case _:
                self._trailers += 1
                if self._trailers > _MOST_TRAILERS:
                    raise ChunkError(f"more than {_MOST_TRAILERS} trailers")
                self._next = _Next.TRAILER if line else _Next.NOTHING
