"""What looks like the story and is not: captions, lines that only lead elsewhere, who the author is.

Rules that hold whatever the block model says, each only where enough of the story stands elsewhere.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from lxml import html
from numpy.typing import NDArray

from scraper.extraction.blocks import Block
from scraper.extraction.normal import words

Marks = NDArray[np.bool_]

_OTHER_WORDS = 80
"""Words of the story that must stand elsewhere…"""
_SHARE = 0.3
"""…and the share of all that may go at the most."""
_LINKED = 0.9
"""Share of its letters that stand in links, from which a paragraph is a link alone."""
_CAPTION = re.compile(
    r"\b(?:wp-)?(?:image|img|photo|picture|foto|media|figure|video)?[-_]?(?:caption|photo-?desc\w*|img-?desc\w*)\b"
    r"|\b(?:image|img|photo|picture|foto)[-_]?(?:desc|description|caption|credit)\w*|figcaption",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"(?:^|[\s_-])(?:photo|foto|image|img|picture|gambar|bild|thumb(?:nail)?)(?:$|[\s_-])", re.IGNORECASE
)
"""Names of an element that holds a picture."""
_FRAMED = 3
"""Elements that stand in such a frame at most."""
_LONGEST_FRAMED = 40
"""Words of a text in it that is a caption; a longer one is a paragraph beside a picture."""
_NAMES_LENGTH = 200
_LAST = 3
"""Blocks at the end of a story among which its author is introduced."""
_LONGEST_BIO = 60
_ANNOUNCING_WORDS = 16
"""Words that a line has at most which ends in a colon and announces a video or a list."""
_NEWSROOM = re.compile(
    r"\b\w*(?:reporter|korrespondent|correspondent|redakteur|journalist|columnist|kolumnist|editor|wartawan|jurnalis"
    r"|penulis lepas|kontributor|contributor|autor)(?:in|en|e)?\b",
    re.IGNORECASE,
)


def asides(blocks: Sequence[Block], keep: Marks, authors: Sequence[str]) -> Marks:
    """Those of the chosen blocks that are no part of the story."""
    sizes = np.array([len(block.said) for block in blocks])
    found = np.zeros(len(blocks), np.bool_)
    for kind in (_captions(blocks, keep), _links(blocks, keep)):
        going, all_words = int(sizes[kind].sum()), int(sizes[keep].sum())
        if all_words - going >= _OTHER_WORDS and going <= _SHARE * all_words:
            found |= kind
    return found | _after_words(blocks, keep & ~found, authors)


def _captions(blocks: Sequence[Block], keep: Marks) -> Marks:
    return np.array(
        [
            bool(kept)
            and (_is_caption(block.element) or (len(block.said) <= _LONGEST_FRAMED and _shares_a_frame(block.element)))
            for block, kept in zip(blocks, keep, strict=True)
        ]
    )


def _is_caption(element: html.HtmlElement) -> bool:
    if element.tag == "figcaption" or next(element.iterancestors("figcaption"), None) is not None:
        return True
    names = element.get("class")
    return bool(names) and _names_a_caption(names[:_NAMES_LENGTH])


def _shares_a_frame(element: html.HtmlElement) -> bool:
    """Whether it stands with a picture, and with little else, in an element that is called a picture."""
    frame = element.getparent()
    if frame is None or len(frame) > _FRAMED or not _names_a_frame((frame.get("class") or "")[:_NAMES_LENGTH]):
        return False
    return next(frame.iter("img", "picture", "amp-img"), None) is not None


@lru_cache(maxsize=4096)
def _names_a_frame(names: str) -> bool:
    return _FRAME.search(names) is not None


@lru_cache(maxsize=4096)
def _names_a_caption(names: str) -> bool:
    return _CAPTION.search(names) is not None


def _links(blocks: Sequence[Block], keep: Marks) -> Marks:
    """Paragraphs that are nothing but a link: to another story, to an application, to a gallery."""
    return np.array(
        [
            bool(kept) and block.tag == "p" and block.link_characters >= _LINKED * len(block.text)
            for block, kept in zip(blocks, keep, strict=True)
        ]
    )


def _after_words(blocks: Sequence[Block], keep: Marks, authors: Sequence[str]) -> Marks:
    """At the end of a story: who its author is, and a line that announces what does not follow."""
    found = np.zeros(len(blocks), np.bool_)
    chosen = np.flatnonzero(keep)
    if len(chosen) <= 2 * _LAST:
        return found
    named = [set(said) for author in authors if len(said := words(author)) > 1]
    last = chosen[-_LAST:]
    for at in last:
        told = set(blocks[at].said)
        short = len(blocks[at].said) <= _LONGEST_BIO
        found[at] = short and any(name <= told for name in named) and _NEWSROOM.search(blocks[at].text) is not None
    for at in reversed(last):
        if found[at]:
            continue
        if len(blocks[at].said) > _ANNOUNCING_WORDS or not blocks[at].text.endswith((":", "\uff1a")):
            break
        found[at] = True
    return found
