"""How long a feed's articles are, by habit and lately: whether they shrink. Pure.

A wall goes up, a layout changes, a publisher cuts its pages to teasers: each article passes for one, and all of them
are half as long as they were. Means of logarithms, so that one very long article weighs little.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

LENGTHS = "lengths"
"""The name under which the store remembers them."""
_LATELY, _USUAL = 1 / 10, 1 / 100
"""What one article weighs in each mean, at the least."""
ENOUGH = 30
"""Articles before which there is no habit."""
_SHRUNK, _WELL = math.log(0.6), math.log(0.75)
"""Below this share of the habit articles have shrunk, and above that one they are well again."""
_NEW_HABIT = timedelta(days=30)
"""When they have been short for so long, that is how long they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """Lengths of one feed's articles: logarithms of characters."""

    articles: int = 0
    usual: float = 0.0
    lately: float = 0.0
    shrunk_since: datetime | None = None


UNKNOWN = Lengths()
"""Of a feed that has given no article yet."""


def with_article(known: Lengths, characters: int, now: datetime) -> Lengths:
    """What is known after one more article of so many characters."""
    length = math.log(max(characters, 1))
    articles = known.articles + 1
    lately = known.lately + (length - known.lately) * max(_LATELY, 1 / articles)
    usual, since = known.usual, known.shrunk_since
    if since is not None and now - since > _NEW_HABIT:
        return Lengths(articles=articles, usual=lately, lately=lately)
    if since is None:
        usual += (length - usual) * max(_USUAL, 1 / articles)
    limit = _SHRUNK if since is None else _WELL
    shrunk = articles >= ENOUGH and lately - usual < limit
    return Lengths(articles=articles, usual=usual, lately=lately, shrunk_since=(since or now) if shrunk else None)


def packed(lengths: Mapping[str, Lengths]) -> bytes:
    """The bytes to store, by the feed's address."""
    return msgspec.msgpack.encode(dict(lengths))


def unpacked(saved: bytes | None) -> dict[str, Lengths]:
    """What was stored; nothing when it cannot be read, for it is learnt again."""
    if saved is None:
        return {}
    try:
        return msgspec.msgpack.decode(saved, type=dict[str, Lengths])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return {}
