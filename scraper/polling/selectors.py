"""How often an outlet's selectors match, by habit and lately: which of them have ceased to. Pure.

A layout changes: the general rules take over, every article is kept, and nobody learns that a maintainer's hint is
dead. Some hints match on few pages by nature (an editor's name), so each is held against its own habit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from scraper.polling.health import Finding, Trouble

SELECTORS = "selectors"
"""The name under which the store remembers them."""
LATELY = 30
"""Pages that are looked back on, and the fewest that make a habit."""
_SURE = 9
"""A silence is none by chance when the hint should have matched so many times in it: e⁻⁹ is 1 in 8,000."""
_OFTEN, _SELDOM = 0.6, 0.2
"""One that matched on this share of the pages at least has ceased to when it matches on that share at most."""
_MOST_SEEN = 400.0
"""Pages beyond which older ones lose weight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """What is known of one key's selectors. Others under the same key are another hint."""

    selectors: tuple[str, ...]
    seen: float = 0.0
    """Pages up to the last that matched, and how many of them did; neither changes while it is degraded."""
    matched: float = 0.0
    lately: int = 0
    """A bit for each of the last pages, the lowest for the latest; set where it matched."""
    silent: int = 0
    """Pages since the last that matched, and when the first of them was read."""
    silent_since: datetime | None = None
    degraded_since: datetime | None = None

    @property
    def habit(self) -> float:
        """The share of pages on which it matches; 0 while that is not known."""
        return self.matched / self.seen if self.seen >= LATELY else 0.0


Hints = Mapping[str, Mapping[str, Hint]]
"""By outlet and key of its file."""


def with_page(known: Hint, now: datetime, *, matched: bool) -> Hint:
    """What is known after one more page."""
    seen, hits = known.seen, known.matched
    if matched and known.degraded_since is None:
        seen, hits = _faded(seen + known.silent + 1, hits + 1)
    after = Hint(
        selectors=known.selectors,
        seen=seen,
        matched=hits,
        lately=(known.lately << 1 | matched) & ((1 << LATELY) - 1),
        silent=0 if matched else known.silent + 1,
        silent_since=None if matched else known.silent_since or now,
        degraded_since=known.degraded_since,
    )
    since = _degraded_since(after)
    return after if since == after.degraded_since else replace(after, degraded_since=since)


def _faded(seen: float, matched: float) -> tuple[float, float]:
    return (seen / 2, matched / 2) if seen > _MOST_SEEN else (seen, matched)


def _degraded_since(hint: Hint) -> datetime | None:
    share = hint.lately.bit_count() / LATELY
    if hint.degraded_since is not None:
        return None if share and 2 * share >= hint.habit else hint.degraded_since
    ceased = hint.silent >= max(LATELY, _SURE / hint.habit if hint.habit else 0)
    seldom = hint.habit >= _OFTEN and share <= _SELDOM
    return hint.silent_since if ceased or seldom else None


def degraded(outlet: str, hints: Mapping[str, Hint]) -> Iterator[Finding]:
    """The findings on one outlet's selectors."""
    for key, hint in hints.items():
        if hint.degraded_since is not None:
            yield Finding(
                trouble=Trouble.UNMATCHED,
                since=hint.degraded_since,
                detail=f"{key} ({', '.join(hint.selectors)}) {_how(hint)}; the general rules are used",
                advice=f"run `scraper outlets check {outlet}`, and mend the key in the outlet's file or take it out",
            )


def _how(hint: Hint) -> str:
    before = f"before, on {hint.habit:.0%} of them" if hint.habit else "it has no habit of matching"
    if not hint.lately:
        return f"matched nothing on the last {hint.silent} pages; {before}"
    return f"matched on {hint.lately.bit_count()} of the last {LATELY} pages; {before}"


def hints_packed(hints: Hints) -> bytes:
    """The bytes to store."""
    return msgspec.msgpack.encode(hints)


def hints_unpacked(saved: bytes | None) -> dict[str, dict[str, Hint]]:
    """What was stored; nothing when it cannot be read, for it is learnt again."""
    if saved is None:
        return {}
    try:
        return msgspec.msgpack.decode(saved, type=dict[str, dict[str, Hint]])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return {}
