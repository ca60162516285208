"""Files of many compressed pieces, read as one stream that knows where each piece begins.

Gzip members and zstd frames, or no compression at all. Memory is bounded, however far the bytes unpack.
"""

import os
import struct
from collections import deque
from collections.abc import Callable
from typing import BinaryIO, Protocol, cast

import zstandard
from isal import isal_zlib

GZIP, ZSTD, PLAIN = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b"WARC/"
# Its stubs call the class an exception, not a class of them.
_IsalError = cast("type[Exception]", isal_zlib.error)
_PIECE = 1 << 18
_SWALLOW = 1 << 16
_SIP = 256
"""Bytes that a zstd decoder is given at a time, because one call gives out all that they hold: up to 8 MB."""
_WINDOW = 1 << 27
_SKIPPABLE = struct.Struct("<II")
_DICTIONARY_MAGIC = 0x184D2A5D
"""IIPC, Zstandard compression in WARC files, section 2: a skippable frame with the dictionary opens the file."""
_LARGEST_DICTIONARY = 64_000_000


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def unconsumed_tail(self) -> bytes: ...
    def decompress(self, data: bytes, /) -> bytes: ...


class _Inflate:
    """A gzip member, given out in bounded pieces."""

    def __init__(self) -> None:
        self._decoder = isal_zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    @property
    def unconsumed_tail(self) -> bytes:
        return self._decoder.unconsumed_tail

    def decompress(self, data: bytes, /) -> bytes:
        return self._decoder.decompress(data, 4 * _PIECE)


class Form:
    """How one file is packed."""

    def __init__(self, magic: bytes, start: int = 0, dictionary: bytes | None = None) -> None:
        self.magic = magic
        self.start = start
        """Where its first piece begins."""
        self._dictionary = dictionary

    @classmethod
    def of(cls, file: BinaryIO) -> "Form":
        """The form of an open file, by its first bytes. Raises OSError when it is none of those."""
        head = os.pread(file.fileno(), 16, 0)
        for magic in (GZIP, ZSTD, PLAIN):
            if head.startswith(magic):
                return cls(magic)
        if len(head) > _SKIPPABLE.size and _SKIPPABLE.unpack_from(head)[0] == _DICTIONARY_MAGIC:
            size = _SKIPPABLE.unpack_from(head)[1]
            if size <= _LARGEST_DICTIONARY:
                packed = os.pread(file.fileno(), size, _SKIPPABLE.size)
                return cls(ZSTD, _SKIPPABLE.size + size, _unpacked(packed))
        raise OSError("not a WARC file, plain, gzip or zstd")

    def decoder(self) -> Callable[[], _Decoder] | None:
        """What makes a decoder for one piece; None when nothing is compressed."""
        if self.magic == PLAIN:
            return None
        if self.magic == GZIP:
            return _Inflate
        known = None if self._dictionary is None else zstandard.ZstdCompressionDict(self._dictionary)
        try:
            return zstandard.ZstdDecompressor(dict_data=known, max_window_size=_WINDOW).decompressobj
        except zstandard.ZstdError as error:
            raise OSError(f"its dictionary cannot be used: {error}") from error

    def next_start(self, file: BinaryIO, place: int) -> int | None:
        """Where the next piece may begin; None when there is none."""
        wanted = b"\n" + self.magic if self.magic == PLAIN else self.magic
        while piece := os.pread(file.fileno(), _PIECE + len(wanted), place):
            found = piece.find(wanted)
            if found >= 0:
                return place + found + len(wanted) - len(self.magic)
            place += _PIECE
        return None


def _unpacked(packed: bytes) -> bytes:
    if not packed.startswith(ZSTD):
        return packed
    try:
        return zstandard.ZstdDecompressor().decompress(packed, max_output_size=_LARGEST_DICTIONARY)
    except zstandard.ZstdError as error:
        raise OSError(f"its dictionary cannot be read: {error}") from error


class TornError(OSError):
    """The file ends before what it holds does."""


class Stream:
    """The unpacked bytes of a file from one piece on; OSError is raised where they come to something damaged."""

    def __init__(self, file: BinaryIO, form: Form, start: int) -> None:
        self._file = file
        self._file.seek(start)
        self._make = form.decoder()
        self._sip = _SIP if form.magic == ZSTD else _SWALLOW
        self._decoder: _Decoder | None = None
        self._raw, self._next, self._raw_at = b"", 0, start
        """Bytes of the file, where the next one stands among them, and where in the file the first one does."""
        self._held, self._from = b"", 0
        """Unpacked bytes, and where the next one stands among them."""
        self.broken: OSError | None = None
        """What is wrong with the file behind the bytes that are held."""
        self.begun = start
        """Where in the file the last record begins that was come to, as far as known: reading goes on behind that."""
        self._piece = start
        self._unpacked = 0
        self._taken = 0
        self._starts: deque[tuple[int, int]] = deque()
        """For each piece that was begun: bytes unpacked before it, and where in the file it begins."""

    def start_here(self) -> int | None:
        """Where in the file the piece begins whose first byte is the next one; None amid a piece."""
        if self._make is None:
            self.begun = self._raw_at - (len(self._held) - self._from)
            return self.begun
        self.peek(1)
        while self._starts and self._starts[0][0] < self._taken:
            self._starts.popleft()
        if not self._starts or self._starts[0][0] != self._taken:
            return None
        self.begun = self._starts[0][1]
        return self.begun

    def peek(self, count: int) -> bytes:
        """The next bytes, left where they are; fewer at the end of the file, and before what is damaged."""
        self._hold(count)
        return self._held[self._from : self._from + count]

    def view(self, count: int) -> memoryview:
        """The same bytes, not copied."""
        self._hold(count)
        return memoryview(self._held)[self._from : self._from + count]

    def skip(self, count: int) -> None:
        """Leave bytes out, in little memory however many they are. Raises TornError when there are not as many."""
        while count > 0:
            self._hold(1)
            passed = min(count, len(self._held) - self._from)
            if not passed:
                raise TornError("the file ends amid a record")
            self._from += passed
            self._taken += passed
            count -= passed

    def _hold(self, count: int) -> None:
        """Unpack until so many bytes are held, if there are as many."""
        size = len(self._held) - self._from
        if size >= count:
            return
        # A record is often one piece, which then need not be copied.
        parts = [self._held[self._from :]] if size else []
        while size < count and (more := self._more_unless_broken()):
            parts.append(more)
            size += len(more)
        self._held, self._from = parts[0] if len(parts) == 1 else b"".join(parts), 0
        if self.broken is not None and not size:
            self.begun = self._piece
            raise self.broken

    def _more_unless_broken(self) -> bytes:
        """Some unpacked bytes; none at the end, or where the file is damaged."""
        try:
            return b"" if self.broken is not None else self._more()
        except OSError as error:
            self.broken = error
            return b""

    def _more(self) -> bytes:
        """Some unpacked bytes; none at the end."""
        if self._make is None:
            piece = self._file.read(_PIECE)
            self._raw_at += len(piece)
            return piece
        while self._decoder is not None or self._begin_piece(self._make):
            if self._next >= len(self._raw) and not self._fill():
                raise TornError("the file ends amid a compressed piece")
            if found := self._decode():
                self._unpacked += len(found)
                return found
        return b""

    def _begin_piece(self, make: Callable[[], _Decoder]) -> bool:
        # Some writers put zeros between pieces.
        while (self._next < len(self._raw) or self._fill()) and self._raw[self._next] == 0:
            self._next += 1
        if self._next >= len(self._raw):
            return False
        self._decoder = make()
        self._piece = self._raw_at + self._next
        self._starts.append((self._unpacked, self._piece))
        return True

    def _fill(self) -> bool:
        self._raw_at += len(self._raw)
        self._raw, self._next = self._file.read(_PIECE), 0
        return bool(self._raw)

    def _decode(self) -> bytes:
        decoder = self._decoder
        if decoder is None:
            return b""
        given = self._raw[self._next : self._next + self._sip]
        try:
            found = decoder.decompress(given)
        except (_IsalError, zstandard.ZstdError) as error:
            raise OSError(str(error)) from error
        left = decoder.unused_data if decoder.eof else decoder.unconsumed_tail
        self._next += len(given) - len(left)
        if decoder.eof:
            self._decoder = None
        return found
