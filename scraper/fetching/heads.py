"""Answers' heads as servers really send them, made fit for a strict parser. Pure.

Browsers pass over a header line that is none; a strict parser refuses the whole answer for it. A page is worth more
than a header that nobody could read.
"""

import re
from collections.abc import Iterable, Iterator

_END = re.compile(rb"\r?\n\r?\n")
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*:[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_FOLDED = (b" ", b"\t")
_LONGEST_FOLDED = 8192
_START = b"HTTP/"


def end_of_head(data: bytes | bytearray, seen: int = 0) -> int | None:
    """The length of the head, its empty line included; None while there is more to come.

    The first `seen` bytes were looked at before, without success.
    """
    found = _END.search(data, max(seen - 3, 0))
    return None if found is None else found.end()


def is_http(data: bytes | bytearray) -> bool:
    """Whether this can still become the beginning of an answer."""
    return bytes(data[: len(_START)]) == _START[: len(data)]


def tidied(head: bytes) -> bytes:
    """The head with unreadable and empty framing lines left out, continued ones joined and no space before colons."""
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
    return b"\r\n".join([status.rstrip(b"\r"), *_framed(kept)]) + b"\r\n\r\n"


def _framed(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines without those that add nothing about the body's end: no length, `identity`, a second `chunked`.

    A connection serves one answer, so what is passed over here cannot hide another one.
    """
    chunked = False
    for line in lines:
        name, _, value = line.lower().partition(b": ")
        if name == b"content-length" and not value:
            continue
        if name == b"transfer-encoding":
            if value == b"identity" or (chunked and value == b"chunked"):
                continue
            chunked = value == b"chunked"
        yield line
