"""What stands at the edges of a story: the place before its first words, and the hands that sign it at its end."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scraper.extraction.agencies import agency_named
from scraper.extraction.blocks import Block
from scraper.extraction.engine import Witness
from scraper.extraction.junk import is_junk
from scraper.extraction.people import looks_printed
from scraper.extraction.places import container

_PLACE = re.compile(r"(?=\w)[\w .,:'’/()-]{2,60}?\s?[-–—]{1,2}$")
"""`Jakarta -`, `TEMPO.CO, Jakarta -`, `WASHINGTON (AP) —`: nothing but the opening of the paragraph below it."""
_CODES = re.compile(
    r"[(\[](?:[A-Za-z]{2,5}(?:/[A-Za-z]{2,6}){1,3}|[a-z]{2,4}|[A-Z]-\d{1,2}|[A-Z][a-z]+/[A-Z]-\d{1,2})[)\]]\.?"
)
"""`(fyk/ash)`, `(rks)`, `[cob]`, `(H-2)`: how desks sign."""
_REACH = 6
"""Blocks behind the story's last one in which it is signed: a box of links may stand between."""
_TAKEN = 0.5


def join_places(blocks: Sequence[Block]) -> list[Block]:
    """The blocks, where a place that stands before a paragraph, on no line of its own, opens it again.

    Pages that put paragraphs into a run of text break it: `<div><b>Jakarta</b> - <p>…</p></div>`.
    """
    joined: list[Block] = []
    before: Block | None = None
    for block in blocks:
        if before is not None and block.element.getparent() is before.element and block.tag == "p":
            joined[-1] = Block(
                text=f"{before.text} {block.text}",
                element=block.element,
                tag=block.tag,
                link_characters=before.link_characters + block.link_characters,
                strong_characters=before.strong_characters + block.strong_characters,
                breaks_before=block.breaks_before,
            )
        else:
            joined.append(block)
        before = block if _PLACE.fullmatch(block.text) else None
    return joined


def signatures(blocks: Sequence[Block], engine: Witness, keep: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The line right below the story that signs it, in the element that holds the story.

    A desk's codes in brackets, or a name in capitals that the engine took for part of the story. An agency's
    name there may be that of a picture.
    """
    found = np.zeros(len(blocks), np.bool_)
    chosen = np.flatnonzero(keep)
    if not len(chosen):
        return found
    last = int(chosen[-1])
    home = container(blocks[last].element)
    for at in range(last + 1, min(last + 1 + _REACH, len(blocks))):
        block = blocks[at]
        if container(block.element) is home and not block.link_characters and not is_junk(block.text):
            found[at] = bool(_CODES.fullmatch(block.text)) or (
                at == last + 1 and _is_name(block.text) and engine.share_of(block.said) > _TAKEN
            )
            break
    return found


def _is_name(text: str) -> bool:
    """Whether it is `RINA SARI` or `RINA SARI | BUDI LIMA`."""
    parts = re.split(r"\s?[|/,&]\s?", text)
    return text.isupper() and all(looks_printed(part) and agency_named(part) is None for part in parts)
