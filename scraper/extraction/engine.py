"""The general extraction engine, and how far it takes a block of the page to be part of the story."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from lxml import html
from trafilatura import bare_extraction

from scraper.extraction.normal import line_key, words

MAX_ELEMENTS = 25_000


def engine_lines(tree: html.HtmlElement) -> list[str]:
    """What trafilatura takes to be the story, line by line. It works on a copy; the tree stays as it is.

    Without its second opinions (`fast`): the block model weighs more evidence than they do, at a third of the time.
    A tree of more than MAX_ELEMENTS is not given to it: what it does with hundreds of thousands takes minutes.
    """
    if next(islice(tree.iter(), MAX_ELEMENTS, None), None) is not None:
        return []
    document: Any = bare_extraction(tree, fast=True, include_comments=False, with_metadata=False)
    text: str = (document.text or "") if document is not None else ""
    return text.split("\n")


_RUN = 3
"""Words that are compared at a time."""


class Witness:
    """A text that some source gives for the story, to hold blocks against."""

    def __init__(self, lines: list[str]) -> None:
        self._lines = {line_key(line) for line in lines}
        self._runs: set[tuple[str, ...]] = set()
        for line in lines:
            found = words(line)
            self._runs.update(zip(found, found[1:], found[2:], strict=False))

    def is_line(self, found: Sequence[str]) -> bool:
        """Whether a block's words are one whole line of the witness."""
        return " ".join(found) in self._lines

    def share(self, text: str) -> float:
        """How much of a block stands in the witness, 0 to 1."""
        return self.share_of(words(text))

    def share_of(self, found: Sequence[str]) -> float:
        """The same for a block's words."""
        if len(found) < _RUN + 1:
            return float(" ".join(found) in self._lines)
        runs = zip(found, found[1:], found[2:], strict=False)
        return sum(map(self._runs.__contains__, runs)) / (len(found) - _RUN + 1)
