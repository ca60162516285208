"""Lines that belong to the page and not to the story, told by their wording."""

import re
from collections.abc import Iterable
from functools import lru_cache

from scraper.extraction.listed import rule_lines
from scraper.model.outlet import LineRules

MAX_JUNK = 600
"""Characters of the longest line that the rules can name."""
MAX_PHRASED = 400
"""Characters of the longest line that a phrase within it makes junk."""

_MARKS = re.compile(
    r"\s*(?:\b(?:ADVERTISEMENT\s+)?SCROLL TO (?:CONTINUE|RESUME)(?: WITH)? CONTENT\b|\[Gambas\s?:[^\]]{0,60}\])\s*"
)
"""What stands for an advertisement or a video, run together with the prose beside it."""


@lru_cache(maxsize=1)
def _global_rule() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{rule})" for rule in rule_lines("junk_lines")), re.IGNORECASE)


@lru_cache(maxsize=1)
def _phrases() -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(rule_lines('junk_phrases'))})", re.IGNORECASE)


@lru_cache(maxsize=512)
def _outlet_rules(rules: LineRules) -> tuple[re.Pattern[str] | None, re.Pattern[str] | None]:
    whole = [f"^(?:{_wildcard(line)})$" for line in rules.drop]
    drop = [*whole, *(f"(?:{rule})" for rule in rules.drop_regex)]
    cut = [f"^(?:{_wildcard(line)})$" for line in rules.cut_at]
    return _any_of(drop), _any_of(cut)


def _any_of(rules: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(rules), re.IGNORECASE) if rules else None


def _wildcard(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split("*"))


def is_junk(line: str) -> bool:
    """Whether a line is page furniture in any outlet."""
    return len(line) <= MAX_JUNK and _is_junk(line)


@lru_cache(maxsize=4096)
def _is_junk(line: str) -> bool:
    """The same for a line of bounded length. Several steps ask about each line, and pages of a site share many."""
    return _global_rule().match(line) is not None or (len(line) <= MAX_PHRASED and _phrases().search(line) is not None)


@lru_cache(maxsize=1)
def _credits() -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{rule})" for rule in rule_lines("credit_lines")), re.IGNORECASE)


def credit_lines(dropped: Iterable[str]) -> list[str]:
    """Those of the removed lines that still say whose text the story is."""
    return [line for line in dropped if len(line) <= MAX_JUNK and _credits().search(line)]


def split_junk(lines: Iterable[str], rules: LineRules) -> tuple[list[str], list[str]]:
    """The story's lines, and those removed from among them, both in order."""
    drop, cut = _outlet_rules(rules)
    kept: list[str] = []
    dropped: list[str] = []
    cutting = False
    for read in lines:
        line, marks = _without_marks(read)
        dropped += marks
        if marks and not line:
            continue
        cutting = cutting or bool(cut and cut.match(line))
        if cutting or is_junk(line) or (drop and drop.search(line)):
            dropped.append(line)
        else:
            kept.append(line)
    return kept, dropped


def _without_marks(line: str) -> tuple[str, list[str]]:
    """A line without the marks within it, and those."""
    if "SCROLL TO " not in line and "[Gambas" not in line:
        return line, []
    return _MARKS.sub(" ", line).strip(), [mark.strip() for mark in _MARKS.findall(line)]
