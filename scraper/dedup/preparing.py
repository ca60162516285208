"""What a story's text alone decides of its judgement, so that it can be worked out where the text is extracted.

A worker process prepares; the process that holds the index judges. Between them travel some 330 bytes, which are bound
to their text and to the kind of fingerprint: what was prepared of another text, or by another version, is passed over
and worked out anew.
"""

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import xxhash

from scraper.dedup.fingerprint import (
    KIND,
    Fingerprint,
    ForeignFingerprintError,
    decode,
    encode,
    take_fingerprint,
)
from scraper.dedup.normal import Reading, read_text
from scraper.model.article import Draft
from scraper.model.verdict import Story

_HEAD = struct.Struct("<BQHH")
"""Kind, hash of the text and its dateline, bytes of the credit, lines."""
_MOST_LINES = 0xFFFF
_LEAST_WORDS = 20

FurnitureAmong = Callable[[Sequence[int]], frozenset[int]]
"""Which of the marks belong to furniture of the story's outlet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A text as read, for the judge."""

    marks: tuple[int, ...]
    """By which its lines are known again in their outlet, in order."""
    credit: str
    """Whom the text says it has the story from, lower case."""
    print: Fingerprint
    """Of its lines."""
    encoded: bytes
    """The fingerprint's encoded form."""


def prepare(text: str, dateline: str | None = None) -> bytes:
    """Work out what only the text is needed for, to be given on as `Story.prepared`."""
    done = _of_lines(read_text(text, dateline), frozenset())
    credit = done.credit.encode("utf-8", "surrogatepass")
    if len(done.marks) > _MOST_LINES or len(credit) > _MOST_LINES:
        return b""
    return b"".join(
        (
            _HEAD.pack(KIND, _bound_to(text, dateline), len(credit), len(done.marks)),
            struct.pack(f"<{len(done.marks)}I", *done.marks),
            credit,
            done.encoded,
        )
    )


def prepared(draft: Draft, text: str | None = None) -> Draft:
    """The draft with what the judge needs of its text, or of the text that is expected to be left of it."""
    dateline = draft.dateline.verbatim if draft.dateline else None
    return replace(draft, prepared=prepare(draft.text if text is None else text, dateline))


def prepared_for(story: Story, furniture_among: FurnitureAmong) -> Prepared:
    """What the judge needs of the story's own lines; of all its lines where too little would be left.

    What was prepared of its text is taken where it came with the story, fits the text, and has no line of furniture.
    """
    ready = _opened(story)
    if ready is not None and not furniture_among(ready.marks):
        return ready
    reading = read_text(story.text, story.dateline)
    return _of_lines(reading, furniture_among(reading.marks))


def _of_lines(reading: Reading, furniture: frozenset[int]) -> Prepared:
    own: Sequence[str] = reading.lines
    if furniture:
        own = [line for line, mark in zip(reading.lines, reading.marks, strict=True) if mark not in furniture]
        if sum(line.count(" ") + 1 for line in own) < _LEAST_WORDS:
            own = reading.lines
    print_ = take_fingerprint(own, reading.marks)
    return Prepared(marks=reading.marks, credit=reading.credit, print=print_, encoded=encode(print_))


def _opened(story: Story) -> Prepared | None:
    data = story.prepared
    if not data or data[0] != KIND or len(data) < _HEAD.size:
        return None
    _, of, credit, marks = _HEAD.unpack_from(data)
    if of != _bound_to(story.text, story.dateline):
        return None
    at = _HEAD.size + 4 * marks
    encoded = data[at + credit :]
    try:
        return Prepared(
            marks=struct.unpack_from(f"<{marks}I", data, _HEAD.size),
            credit=data[at : at + credit].decode("utf-8", "surrogatepass"),
            print=decode(encoded),
            encoded=encoded,
        )
    except (struct.error, UnicodeDecodeError, ForeignFingerprintError):
        return None


def _bound_to(text: str, dateline: str | None) -> int:
    whole = f"{dateline or ''}\0{text}"
    return xxhash.xxh3_64_intdigest(whole.encode("utf-8", "surrogatepass"))
