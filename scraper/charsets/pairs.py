"""East Asian text by the look of its bytes: which of the double-byte charsets was it written in? Pure.

Each of them puts the characters that are in daily use into a block of its own. Read in the charset that it was written
in, nearly all of a text lies there; in another one it is scattered. Western text read in any of them gives single
characters among Latin letters.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SAMPLE = 4096
_RUNS = re.compile(rb"[\x80-\xff]{2,}")
_HIGH = re.compile(rb"[\x80-\xff]")
_ENOUGH = 8
"""Fewer characters than this tell nothing."""
_MANY = 24
_LIKELY = 0.85
_SURE = 0.97
_BETTER = 0.1
"""By so much another charset must read it better than the declared one."""
_MOST_BROKEN = 0.02
_MOST_ALONE = 0.5
_MOST_SINGLE = 0.5
_LEAST_KANA = 0.05

_WRITING = {
    "cp949": (rb"[\xa1-\xa3\xb0-\xc8][\xa1-\xfe]", rb"[\x81-\xfe][\x41-\x5a\x61-\x7a\x81-\xfe]"),
    "euc-jp": (
        rb"[\xa1\xa3-\xa5\xb0-\xcf][\xa1-\xfe]",
        rb"[\xa1-\xfe][\xa1-\xfe]|\x8e[\xa1-\xdf]|\x8f[\xa1-\xfe][\xa1-\xfe]",
    ),
    "gb18030": (
        rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]",
        rb"[\x81-\xfe](?:[\x40-\x7e\x80-\xfe]|[\x30-\x39][\x81-\xfe][\x30-\x39])",
    ),
    "big5hkscs": (rb"[\xa1-\xc6][\x40-\x7e\xa1-\xfe]", rb"[\x87-\xfe][\x40-\x7e\xa1-\xfe]"),
    "cp932": (
        rb"[\x81-\x83\x88-\x97][\x40-\x7e\x80-\xfc]",
        rb"[\x81-\x9f\xe0-\xfc][\x40-\x7e\x80-\xfc]|[\xa1-\xdf]",
    ),
}
"""Charsets, the narrower first: characters in daily use, and all others."""
_KANA = {"euc-jp": re.compile(rb"[\xa4\xa5][\xa1-\xfe]"), "cp932": re.compile(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]")}
_READERS = {
    codec: re.compile(rb"(?P<daily>%b)|(?P<rare>%b)|(?P<ascii>[\x00-\x7f]+)|(?P<broken>.)" % parts, re.DOTALL)
    for codec, parts in _WRITING.items()
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    daily: int
    rare: int
    broken: int
    alone: int
    """Characters that stand alone beside a Latin letter."""
    single: int
    """Characters of one byte: narrow kana."""

    @property
    def count(self) -> int:
        return self.daily + self.rare


def east_asian(sample: bytes, declared: Iterable[str]) -> str | None:
    """The charset that the text was written in; a declared one unless another is clearly better; None: in none."""
    if sum(map(len, _RUNS.findall(sample))) * 2 < len(_HIGH.findall(sample)):
        return None
    looks = {codec: _look(sample[:_SAMPLE], codec) for codec in _WRITING}
    scores = {codec: score for codec, look in looks.items() if (score := _score(sample, codec, look)) >= _LIKELY}
    best = max(scores.values(), default=0.0)
    # Korean lies within the block of Chinese, Japanese within that of Taiwan; but not the other way about.
    sure = next((codec for codec, score in scores.items() if score >= _SURE and looks[codec].count >= _MANY), None)
    named = next((codec for codec in declared if codec in scores and scores[codec] > best - _BETTER), None)
    return sure or named or next((codec for codec, score in scores.items() if score == best), None)


def is_scattered(sample: bytes, codec: str) -> bool:
    """Whether the text cannot be in the charset: broken, of narrow kana alone, or single characters among letters."""
    if codec not in _WRITING:
        return False
    look = _look(sample[:_SAMPLE], codec)
    if look.single > _MOST_SINGLE * look.count and _has_no_kana(sample, codec, look):
        return True
    return look.broken > _MOST_BROKEN * look.count or look.alone > _MOST_ALONE * look.count


def _score(sample: bytes, codec: str, look: _Look) -> float:
    """The share of the text that lies where daily use puts it."""
    if look.count < _ENOUGH or look.broken > _MOST_BROKEN * look.count or look.alone > _MOST_ALONE * look.count:
        return 0.0
    return 0.0 if _has_no_kana(sample, codec, look) else look.daily / look.count


def _has_no_kana(sample: bytes, codec: str, look: _Look) -> bool:
    """Whether the text would be Japanese without its syllables, which nobody writes."""
    return codec in _KANA and len(_KANA[codec].findall(sample[:_SAMPLE])) < _LEAST_KANA * look.count


def _look(sample: bytes, codec: str) -> _Look:
    counts = {"daily": 0, "rare": 0, "broken": 0}
    alone = single = 0
    before = b""  # the ASCII text before, while nothing else has come since
    held = False  # a single character has come after a Latin letter or at the beginning, and nothing since
    for token in _READERS[codec].finditer(sample):
        kind = token.lastgroup or "broken"
        if kind == "ascii":
            alone += held and (before[-1:].isalpha() or token[0][:1].isalpha())
            before, held = token[0], False
        else:
            counts[kind] += 1
            single += kind == "rare" and len(token[0]) == 1
            held = bool(before) and not held
            before = before if held else b""
    return _Look(alone=alone, single=single, **counts)
