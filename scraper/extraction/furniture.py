"""Junk that an outlet teaches by itself: a line that stands in many of its different articles is furniture.

Nobody writes a rule for it. The memory is bounded and forgets: counts halve with every `HALF_LIFE` articles of the
outlet. What protects real prose that is repeated: a line counts once an article; it must stand in a good share of the
outlet's recent articles; a long line needs more of both; and a story that would lose much of itself keeps all of it,
for then it is one of a series written to a template, not a page with furniture.
"""

import re
import struct
import zlib
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import msgspec
import numpy as np

from scraper.charsets.latin import to_latin
from scraper.extraction.normal import words

HALF_LIFE = 400.0
"""Articles of an outlet after which a sighting counts half."""
MAX_SHAPES = 4_000
"""Shapes that are remembered of one outlet."""
MAX_OUTLETS = 2_000
MAX_ALL, FAIR = 100_000, 300
"""Shapes that are remembered of all outlets: each has an equal share of the first, or the second where that is more.
They take some 100 bytes each. A line that stands in a twelfth of an outlet's articles is met well within its share."""
RECENT = 64
"""Articles of one outlet whose second coming is noticed."""
SHORT = 20
"""Words up to which a line is short. Figures in a short line do not matter: `5 of 12` is `3 of 9`."""
_LEAST_SHORT, _LEAST_LONG = 5.0, 8.0
"""Articles that a short and a long line must have stood in."""
_SHARE_SHORT, _SHARE_LONG = 0.08, 0.2
"""The same as a share of the outlet's articles."""
_MOST = 0.3
"""Share of a story's words that may go."""
_LATELY = 64
"""Shapes of an outlet that are held for who reads its next stories elsewhere."""
_LINES = 512
"""Lines whose shapes are held: those of a story are judged, and right after that they are learnt."""
_DIGITS, _ASCII_DIGITS = re.compile(r"\d+"), re.compile(rb"\d+")
_SIGNS = "“”„‘’–—…«»\u00a0"
"""Commonest among what is no word and not in ASCII."""
_WORDS_APART = bytes(ord(chr(code).lower()) if re.match(r"[^\W_]|\n", chr(code)) else 32 for code in range(256))
"""Letters of Latin-1 in lower case, figures and ends of lines as they are, and a space for every sign."""
_SPACE = ord(" ")
_SHARP_S, _MICRO = b"\xdf", b"\xb5"
"""The two letters of Latin-1 whose folded form is none of its letters."""
_MAGIC = b"FURN1"
_OUTLET = struct.Struct("<HdQI")
_ENTRY = struct.Struct("<QdQ")
_LOOK = struct.Struct("<QB")
"""The shape of a line, and two marks: that something is said in it, and that it is short."""
_SHORT_MARK = 2
_LOG = msgspec.msgpack.Decoder(list[tuple[str, str, list[int]]])


@dataclass(slots=True)
class _Memory:
    """One outlet. `weight` is the decayed number of its articles, `clock` the true one."""

    weight: float = 0.0
    clock: int = 0
    shapes: dict[int, tuple[float, int]] = field(default_factory=dict)
    """For each shape its count and the clock at which that was right."""
    recent: deque[str] = field(default_factory=lambda: deque(maxlen=RECENT))
    lately: dict[int, None] = field(default_factory=dict)
    """Shapes that were furniture of its latest stories, the latest last."""

    def met(self, shapes: Iterable[int]) -> None:
        """Hold what was furniture of a story."""
        for shape in shapes:
            self.lately.pop(shape, None)
            self.lately[shape] = None
        while len(self.lately) > _LATELY:
            del self.lately[next(iter(self.lately))]

    def count(self, shape: int) -> float:
        count, then = self.shapes.get(shape, (0.0, self.clock))
        return count * _decay(self.clock - then)

    def learn(self, shapes: set[int], room: int) -> None:
        """Remember the shapes of an article, and of all shapes the commonest ones that there is room for."""
        self.clock += 1
        self.weight = self.weight * _decay(1) + 1
        first = (1.0, self.clock)
        for shape in shapes:
            # Nearly all lines come once and never again: those of an article share one value.
            self.shapes[shape] = (self.count(shape) + 1, self.clock) if shape in self.shapes else first
        if len(self.shapes) > room:
            order = sorted(self.shapes, key=lambda shape: (self.count(shape), shape), reverse=True)
            self.shapes = {shape: self.shapes[shape] for shape in order[: room * 3 // 4]}


class Furniture:
    """Remembers the lines of each outlet and tells which of them are furniture. Not safe for use by two threads."""

    def __init__(self) -> None:
        self._outlets: dict[str, _Memory] = {}
        self._log: list[tuple[str, str, set[int]]] | None = None

    def learn(self, outlet: str, text: str, article_id: str, looks: bytes | None = None) -> None:
        """Remember the lines of one article, as they were before `judge`. A repeated article says nothing."""
        shapes = {look.shape for look in _opened(text, looks) if look.shape is not None}
        if self._log is not None:
            self._log.append((outlet, article_id, shapes))
        self._learn(outlet, article_id, shapes)

    def _learn(self, outlet: str, article_id: str, shapes: set[int]) -> None:
        memory = self._outlets.pop(outlet, None) or _Memory()
        self._outlets[outlet] = memory
        if article_id in memory.recent:
            return
        memory.recent.append(article_id)
        memory.learn(shapes, room=min(MAX_SHAPES, max(FAIR, MAX_ALL // len(self._outlets))))
        while len(self._outlets) > MAX_OUTLETS:
            del self._outlets[next(iter(self._outlets))]

    def judge(self, outlet: str, text: str, looks: bytes | None = None) -> tuple[list[str], list[str]]:
        """The lines of the story, and those that are furniture, each in order.

        `looks` is what `look` gave for the text, where it was asked elsewhere.
        """
        lines, memory = text.split("\n"), self._outlets.get(outlet)
        if memory is None:
            return lines, []
        seen = _opened(text, looks)
        marks = [_is_furniture(look, memory) for look in seen]
        if True not in marks:
            return lines, []
        memory.met(look.shape for look, mark in zip(seen, marks, strict=True) if mark and look.shape is not None)
        return _parted(lines, marks)

    def lately(self, outlet: str) -> tuple[int, ...]:
        """Shapes that were furniture of the outlet's latest stories, for `without`."""
        memory = self._outlets.get(outlet)
        return tuple(memory.lately) if memory is not None else ()

    def log(self, *, wanted: bool) -> None:
        """Begin to note what is learnt, for `take_log`, or end it."""
        self._log = [] if wanted else None

    def take_log(self) -> bytes | None:
        """What was learnt since the last call, for `learn_again`; None when there is nothing or nothing is noted."""
        if not self._log:
            return None
        taken, self._log = self._log, []
        return msgspec.msgpack.encode([(outlet, article, sorted(shapes)) for outlet, article, shapes in taken])

    def learn_again(self, log: bytes) -> None:
        """Learn what `take_log` gave, as it was learnt then. Raises ValueError when the bytes are not whole."""
        for outlet, article, shapes in _LOG.decode(log):
            self._learn(outlet, article, set(shapes))

    def to_bytes(self) -> bytes:
        """The whole memory, to be given to `from_bytes`."""
        # An outlet at a time: all of them together, unpacked, would take more memory than what is remembered.
        packer = zlib.compressobj(3)
        parts = [_MAGIC]
        for outlet, memory in self._outlets.items():
            name, recent = outlet.encode(), "\n".join(memory.recent).encode()
            front = _OUTLET.pack(len(name), memory.weight, memory.clock, len(memory.shapes)) + name
            entries = [_ENTRY.pack(shape, count, then) for shape, (count, then) in memory.shapes.items()]
            parts.append(packer.compress(b"".join((front, *entries, struct.pack("<I", len(recent)), recent))))
        return b"".join((*parts, packer.flush()))

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Furniture":
        """The memory as it was stored. Raises ValueError when the bytes are not whole; an empty one is then as good."""
        if not stored.startswith(_MAGIC):
            raise ValueError("not a memory of furniture")
        furniture = cls()
        try:
            _read_into(furniture._outlets, zlib.decompress(stored[len(_MAGIC) :]))
        except (zlib.error, struct.error, UnicodeDecodeError) as error:
            raise ValueError(f"a damaged memory of furniture: {error}") from error
        return furniture


def _read_into(outlets: dict[str, _Memory], data: bytes) -> None:
    at = 0
    while at < len(data):
        length, weight, clock, count = _OUTLET.unpack_from(data, at)
        at += _OUTLET.size
        name = data[at : at + length].decode()
        at += length
        entries = [_ENTRY.unpack_from(data, at + _ENTRY.size * place) for place in range(count)]
        shared: dict[tuple[float, int], tuple[float, int]] = {}
        at += _ENTRY.size * count
        (size,) = struct.unpack_from("<I", data, at)
        recent = data[at + 4 : at + 4 + size].decode()
        at += 4 + size
        outlets[name] = _Memory(
            weight=weight,
            clock=clock,
            shapes={shape: shared.setdefault((seen, then), (seen, then)) for shape, seen, then in entries},
            recent=deque(recent.split("\n") if recent else (), maxlen=RECENT),
        )


class _Look(NamedTuple):
    """What a line is known by."""

    shape: int | None
    """What two sightings of it have in common; None where nothing is said."""
    short: bool


def look(text: str) -> bytes:
    """What the lines of a text are known by, for `Furniture`, bound to the text."""
    packed = (_LOOK.pack(shape or 0, (shape is not None) | short << 1) for shape, short in _looks(text))
    return _bound_to(text) + b"".join(packed)


def without(text: str, looks: bytes, shapes: Collection[int]) -> str:
    """What `Furniture.judge` leaves of a text if just these shapes are furniture."""
    marks = [look.shape in shapes for look in _opened(text, looks)]
    return "\n".join(_parted(text.split("\n"), marks)[0]) if True in marks else text


def _parted(lines: list[str], marks: Sequence[bool]) -> tuple[list[str], list[str]]:
    """The lines that stay and those that go, by their marks; all stay where too much would go."""
    dropped = [line for line, mark in zip(lines, marks, strict=True) if mark]
    if sum(map(len, dropped)) > _MOST * sum(map(len, lines)):
        return lines, []
    return [line for line, mark in zip(lines, marks, strict=True) if not mark], dropped


@lru_cache(maxsize=1)
def _opened(text: str, looks: bytes | None) -> Sequence[_Look]:
    """What the lines of a text are known by; looked at here where that was not done before, or for another text."""
    if looks is None or len(looks) != 4 + _LOOK.size * (text.count("\n") + 1) or looks[:4] != _bound_to(text):
        return _looks(text)
    return [_Look(shape if marks & 1 else None, marks >= _SHORT_MARK) for shape, marks in _LOOK.iter_unpack(looks[4:])]


def _bound_to(text: str) -> bytes:
    return zlib.crc32(text.encode("utf-8", "surrogatepass")).to_bytes(4, "little")


def _looks(text: str) -> list[_Look]:
    latin = _in_latin(text)
    if latin is None:
        return [_look_at(line) for line in text.split("\n")]
    return [_latin_look(line) for line in latin.split(b"\n")]


def _is_furniture(seen: _Look, memory: _Memory) -> bool:
    if seen.shape is None:
        return False
    count = memory.count(seen.shape)
    least, share = (_LEAST_SHORT, _SHARE_SHORT) if seen.short else (_LEAST_LONG, _SHARE_LONG)
    return count >= least and count >= share * memory.weight


@lru_cache(maxsize=_LINES)
def _look_at(line: str) -> _Look:
    latin = _in_latin(line)
    if latin is not None:
        return _latin_look(latin)
    said = words(line)
    short = len(said) <= SHORT
    text = " ".join(said)
    return _known_by((_DIGITS.sub("0", text) if short else text).encode(), short=short)


def _latin_look(line: bytes) -> _Look:
    """The same, in a quarter of the time, of a line as `_in_latin` gives it."""
    shape = line.strip()
    short = shape.count(b" ") < SHORT
    shape = _ASCII_DIGITS.sub(b"0", shape) if short else shape
    return _known_by(shape if shape.isascii() else shape.decode("latin-1").encode(), short=short)


def _known_by(shape: bytes, *, short: bool) -> _Look:
    if not shape:
        return _Look(None, short=True)
    return _Look(int.from_bytes(blake2b(shape, digest_size=8).digest(), "little"), short)


def _in_latin(text: str) -> bytes | None:
    """The text's words as `words` has them, one space or end of a line between them; None where not all is Latin-1."""
    if not text.isascii():
        for sign in _SIGNS:
            text = text.replace(sign, " ")
    latin = to_latin(text)
    if latin is None or _MICRO in latin:
        return None
    apart = np.frombuffer(latin.replace(_SHARP_S, b"ss").translate(_WORDS_APART), np.uint8)
    said = apart != _SPACE
    said[1:] |= said[:-1]
    together: bytes = apart[said].tobytes()
    return together


def _decay(articles: int) -> float:
    return float(0.5 ** (articles / HALF_LIFE))
