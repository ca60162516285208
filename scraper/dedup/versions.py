"""Which version of a story stands for its cluster, and what two versions differ in. Pure."""

import difflib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

_WORDS = re.compile(r"\S+")
_MOST_WORDS = 3000
"""A line pair longer than this is shown whole: comparing words takes time with the square of their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One version of a story, as a cluster lists it."""

    id: str
    time: datetime
    length: int
    """Characters of its text."""
    priority: int = 0
    """Of its outlet; greater is preferred by `origin`."""
    credits: int = 0
    """How many of the other members name its outlet as their source."""


def representative(members: Sequence[Member], keep: str) -> Member:
    """The version that is kept, by the rule of the setting `keep`; `members` are in the order of their arrival.

    - `first`: the one that arrived first
    - `longest`: the longest; of equals the one that was published first
    - `origin`: the one whose outlet is preferred, then the one that the others name as their source, then the one that
      was published first

    Raises ValueError for another rule, or when there are no members.
    """
    if not members:
        raise ValueError("a cluster has at least one member")
    match keep:
        case "first":
            return members[0]
        case "longest":
            return min(members, key=lambda member: (-member.length, member.time))
        case "origin":
            return min(members, key=lambda member: (-member.priority, -member.credits, member.time))
        case _:
            raise ValueError(f"keep must be first, longest or origin, not {keep!r}")


def difference(old_text: str, new_text: str) -> str:
    """What a person would mark on the old text to make it the new one; empty when they are the same.

    Lines only in the old text begin with `- `, lines only in the new one with `+ `. A line that was rewritten begins
    with `~ ` and shows [-words taken out-] and {+words put in+}. Runs of unchanged lines are told by their number.
    """
    old, new = old_text.splitlines(), new_text.splitlines()
    if old == new:
        return ""
    shown: list[str] = []
    for tag, old_from, old_to, new_from, new_to in difflib.SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if tag == "equal":
            lines = old_to - old_from
            shown.append(f"  ({lines} line{'s' if lines > 1 else ''} the same)")
        else:
            shown.extend(_rewritten(old[old_from:old_to], new[new_from:new_to]))
    return "\n".join(shown)


def _rewritten(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    """Each new line beside the next old one that it may have come from; what lies between has gone or is new."""
    at, added = 0, list[str]()
    for line in new:
        marks = ((place, _mark_words(old[place], line)) for place in range(at, len(old)))
        place, marked = next(((place, marked) for place, marked in marks if marked is not None), (at, None))
        if marked is None:
            added.append(f"+ {line}")
            continue
        yield from (f"- {gone}" for gone in old[at:place])
        yield from added
        yield f"~ {marked}"
        at, added = place + 1, []
    yield from (f"- {gone}" for gone in old[at:])
    yield from added


def _mark_words(before: str, after: str) -> str | None:
    """The line with its changed words marked, or None when the two have too little in common to be one line."""
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    both = len(old) + len(new)
    if both > _MOST_WORDS or (Counter(old) & Counter(new)).total() * 4 < both:
        return None
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < 0.5:  # noqa: PLR2004 - half of the words are the same
        return None
    parts: list[str] = []
    for tag, old_from, old_to, new_from, new_to in matcher.get_opcodes():
        if tag == "equal":
            parts.append(" ".join(old[old_from:old_to]))
            continue
        if old_to > old_from:
            parts.append(f"[-{' '.join(old[old_from:old_to])}-]")
        if new_to > new_from:
            parts.append(f"{{+{' '.join(new[new_from:new_to])}+}}")
    return " ".join(parts)
