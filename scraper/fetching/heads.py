"""Answers' heads as servers really send them, made fit for a strict parser. Pure.

Browsers pass over a header line that is none; a strict parser refuses the whole answer for it. A page is worth more
than a header that nobody could read.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_END = re.compile(rb"\n\r{0,2}\n")
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*:[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_FOLDED = (b" ", b"\t")
_LONGEST_FOLDED = 8192
_START = b"HTTP/"
_STATUS = re.compile(rb"http/\d(?:\.\d+)?[ \t]+(\d{3})(?!\d)[ \t]*(.*)", re.IGNORECASE | re.DOTALL)
_LENGTH = re.compile(rb"\+?(\d+)\s*;?")
_NO_CODING = frozenset({b"", b"identity", b"none", b"binary", b"7bit", b"8bit"})
_TRANSFER = frozenset({b"gzip", b"x-gzip", b"deflate"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """A head for a strict parser, which is not told how the body is framed: that stands beside it."""

    data: bytes
    chunked: bool
    """Whether the body is in chunks."""
    codings: tuple[str, ...]
    """What the body is packed in beneath them, in the order in which it was (RFC 9112 section 7.2)."""


def end_of_head(data: bytes | bytearray, seen: int = 0) -> int | None:
    """The length of the head, its empty line included; None while there is more to come.

    The first `seen` bytes were looked at before, without success.
    """
    found = _END.search(data, max(seen - 3, 0))
    return None if found is None else found.end()


def is_http(data: bytes | bytearray) -> bool:
    """Whether this can still become the beginning of an answer."""
    return bytes(data[: len(_START)]).upper() == _START[: len(data)]


def tidied(head: bytes) -> Head:
    """The head with unreadable lines left out, continued ones joined and no space before colons; and its framing."""
    status, *lines = head.rstrip(b"\r\n").split(b"\n")
    kept: list[bytes] = []
    readable = True
    for raw in lines:
        line = raw.rstrip(b"\r")
        if line.startswith(_FOLDED):
            if readable and kept and len(kept[-1]) < _LONGEST_FOLDED and (more := _FIELD.fullmatch(b"x:" + line)):
                kept[-1] += b" " + more[2].strip()
            continue
        field = _FIELD.fullmatch(line)
        readable = field is not None
        if field:
            kept.append(field[1] + b": " + field[2].strip())
    return _framed(_status(status.rstrip(b"\r")), kept)


def _status(line: bytes) -> bytes:
    """The status line as it is meant: in whatever case, with whatever minor version, the blanks right."""
    found = _STATUS.fullmatch(line)
    return b"HTTP/1.1 %b %b" % (found[1], found[2]) if found else line


def _framed(status: bytes, lines: Iterable[bytes]) -> Head:
    """The head without its transfer codings, and without lengths that add nothing or are overruled by them.

    A connection serves one answer, so what is passed over here cannot hide another one. Codings that are not known
    stay, for the parser to refuse.
    """
    kept: list[bytes] = []
    transfer: list[bytes] = []
    lengths: list[bytes] = []
    for line in lines:
        name, _, value = line.lower().partition(b": ")
        if name == b"transfer-encoding":
            transfer.append(value)
        elif name == b"content-length":
            lengths += (
                [b"Content-Length: " + (found[1] if (found := _LENGTH.fullmatch(value)) else value)] if value else []
            )
        else:
            kept.append(line)
    codings = [name for part in b",".join(transfer).split(b",") if (name := part.strip()) not in _NO_CODING]
    chunked = codings[-1:] == [b"chunked"]
    names = [name for name in codings if not (chunked and name == b"chunked")]
    if not all(name in _TRANSFER for name in names):
        kept.append(b"Transfer-Encoding: " + b", ".join(names))
    elif not codings:
        kept += lengths
    data = b"\r\n".join([status, *kept]) + b"\r\n\r\n"
    return Head(data=data, chunked=chunked, codings=tuple(name.decode("ascii") for name in names if name in _TRANSFER))
