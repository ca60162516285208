"""Files read without a catalog: their whole pieces, and where each begins."""

import zlib
from collections.abc import Iterator
from pathlib import Path

import zstandard

_PIECE = 1 << 20


def is_whole(path: Path) -> bool:
    """Whether a sealed file can be read to its end and its checksum agrees."""
    if path.suffix != ".zst":
        return True
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as reader:
            while reader.read(_PIECE):
                pass
    except zstandard.ZstdError:
        return False
    return True


def whole_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Whole lines and their offsets; what follows the last line feed is left out."""
    with path.open("rb") as file:
        reader = zstandard.ZstdDecompressor().stream_reader(file) if path.suffix == ".zst" else file
        offset, rest = 0, b""
        while piece := reader.read(_PIECE):
            *whole, rest = (rest + piece).split(b"\n")
            for line in whole:
                yield offset, line + b"\n"
                offset += len(line) + 1


def members(path: Path) -> Iterator[tuple[int, bytes]]:
    """Whole gzip members and their offsets; a torn one at the end is left out."""
    offset, rest = 0, b""
    with path.open("rb") as file:
        while True:
            packer = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            taken: list[bytes] = []
            while not packer.eof:
                piece = rest or file.read(_PIECE)
                if not piece:
                    return
                rest = b""
                packer.decompress(piece)
                taken.append(piece)
            rest = packer.unused_data
            member = b"".join(taken)
            member = member[: len(member) - len(rest)]
            yield offset, member
            offset += len(member)
