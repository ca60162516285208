"""What can be seen of each block of a page: the figures from which the block model tells story from furniture."""

import re
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from lxml import html
from numpy.typing import NDArray

from scraper.extraction.blocks import Block
from scraper.extraction.engine import Witness
from scraper.extraction.junk import is_junk
from scraper.extraction.normal import words
from scraper.extraction.places import (
    ANCESTOR_BITS,
    Places,
    container,
    hint_rules,
    parent_of,
    read_kinds,
    with_pictures,
)

Figures = NDArray[np.float32]

NOTHING: Figures = np.zeros((0, 0), np.float32)
"""The figures of a page without blocks."""
LONG = 12
"""Words from which a block is taken for running text."""
_KINDS = {
    "p": 0,
    "h1": 1,
    "h2": 2,
    "h3": 3,
    "h4": 4,
    "h5": 4,
    "h6": 4,
    "li": 5,
    "td": 6,
    "th": 6,
    "div": 7,
    "section": 8,
    "figcaption": 9,
    "blockquote": 10,
    "article": 11,
    "dd": 12,
    "dt": 12,
    "summary": 12,
}
_OTHER_KIND = 13
_END = re.compile(r"[.!?…。」』؟।][\"'”“’»)\]]*$")
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0e7f]")
_WHOLE = 160
"""Characters up to which a block's wording is looked at whole; of a longer one its beginning and its end."""
_HEAD = 90
_TAIL = 60
_JUNK = 300
"""Characters up to which a block is held against the rules for junk."""
_DIGITS = re.compile(r"\d")
_HALF = 0.5
_RUN = 3
_REACH = 20.0
"""Blocks beyond which a distance counts no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sights:
    """What the page as a whole offers to hold its blocks against."""

    engine: Witness
    data: Witness | None
    """The story as the page's data give it."""
    title: str
    description: str
    authors: tuple[str, ...] = ()


def measure(blocks: Sequence[Block], root: html.HtmlElement, sights: Sights) -> Figures:
    """One row a block, one column a figure. The columns and their order are part of the trained model."""
    found = [block.said for block in blocks]
    size = np.array([max(len(block.text), 1) for block in blocks], np.float32)
    count = np.array([_count(block.text, said) for block, said in zip(blocks, found, strict=True)], np.float32)
    linked = np.array([block.link_characters for block in blocks], np.float32) / size
    engine = np.array([sights.engine.share_of(said) for said in found], np.float32)
    data = np.array([sights.data.share_of(said) if sights.data else -1.0 for said in found], np.float32)
    text = _text_figures(blocks, found, size, count, linked)
    titled = _title_figures(found, sights, _picture_texts(root))
    running = np.where((count >= LONG) & (linked < _HALF), count, np.float32(0))
    markup = _markup_figures(blocks)
    groups = _group_figures(blocks, root, running, size, linked)
    position = _position_figures(blocks, running, engine, count, titled)
    about = np.stack(
        [engine, data, np.log1p(count), linked, markup[:, 0], groups[:, 1], text[:, 2], titled[:, 0]], axis=1
    )
    around = [_shifted(about, by) for by in (-2, -1, 1, 2)]
    windows = np.stack(
        [
            _mean_around(engine, 2),
            _mean_around(engine, 5),
            _mean_around(linked, 3),
            _mean_around(count, 2),
            _mean_around(data, 2),
            _mean_around((running > 0).astype(np.float32), 4),
        ],
        axis=1,
    )
    page = np.array(
        [
            np.log1p(len(blocks)),
            np.log1p(running.sum()),
            np.log1p((engine * count).sum()),
            running[engine > _HALF].sum() / max(running.sum(), 1.0),
            float(sights.data is not None),
            groups[:, 1].max(initial=0),
        ],
        np.float32,
    )
    parts = [text, titled, markup, groups, position, engine[:, None], data[:, None], *around, windows]
    return np.concatenate([*parts, np.tile(page, (len(blocks), 1))], axis=1).astype(np.float32)


def _count(text: str, said: Sequence[str]) -> float:
    """Words; two wide characters count as one."""
    return len(said) + len(_WIDE.findall(text)) / 2 if not text.isascii() else float(len(said))


@lru_cache(maxsize=1)
def _wordings() -> Sequence[re.Pattern[str]]:
    return read_kinds("wordings")


def _text_figures(
    blocks: Sequence[Block], found: Sequence[Sequence[str]], size: Figures, count: Figures, linked: Figures
) -> Figures:
    keys = [" ".join(said) for said in found]
    repeats = Counter(keys)
    seen: set[str] = set()
    rows = []
    for block, said, key in zip(blocks, found, keys, strict=True):
        text = block.text
        n = len(text)
        ends = text if n <= _WHOLE else f"{text[:_HEAD]} {text[-_TAIL:]}"
        rows.append(
            (
                bool(_END.search(text)),
                text[-1] == ":",
                text[:1].isupper(),
                text.count(",") / n * 100,
                len(_DIGITS.findall(ends)) / len(ends),
                sum(map(str.isupper, ends)) / len(ends),
                block.strong_characters / n,
                block.breaks_before,
                "?" in text,
                text[:1] in "\"“„«'‘—–-",
                n / max(len(said), 1),
                repeats[key],
                key in seen,
                len(set(said)) / max(len(said), 1),
                n <= _JUNK and is_junk(text),
                *_wordings_of(ends.lower()),
            )
        )
        seen.add(key)
    return np.concatenate(
        [np.log1p(count)[:, None], np.log1p(size)[:, None], np.array(rows, np.float32), linked[:, None]], axis=1
    )


@lru_cache(maxsize=4096)
def _wordings_of(ends: str) -> tuple[bool, ...]:
    """Which kinds of wording stand in a line, or in the ends of a long one."""
    return tuple(rule.search(ends) is not None for rule in _wordings())


def _title_figures(found: Sequence[Sequence[str]], sights: Sights, pictures: Witness) -> Figures:
    """How near each block is to the title, the page's own description, its authors and what it says of pictures."""
    title = set(words(sights.title))
    description = words(sights.description)
    said_there = Witness([sights.description])
    authors = [set(words(author)) for author in sights.authors]
    rows = []
    for said in found:
        different = set(said)
        common = len(title & different)
        described = said_there.share_of(said) if description else -1.0
        rows.append(
            (
                common / max(len(different), 1),
                common / max(len(title), 1),
                described,
                _contained(description, said) if described > 0 else 0.0,
                any(author <= different for author in authors),
                pictures.share_of(said),
            )
        )
    return np.array(rows, np.float32)


def _picture_texts(root: html.HtmlElement) -> Witness:
    """What stands in place of the page's pictures: captions often repeat it."""
    return Witness([text for picture in root.iter("img", "amp-img") if (text := picture.get("alt"))])


def _contained(part: Sequence[str], whole: Sequence[str]) -> float:
    """How much of `part` stands in `whole`, by runs of three words."""
    if min(len(part), len(whole)) <= _RUN:
        return 0.0
    have = set(zip(whole, whole[1:], whole[2:], strict=False))
    runs = list(zip(part, part[1:], part[2:], strict=False))
    return sum(run in have for run in runs) / len(runs)


def _markup_figures(blocks: Sequence[Block]) -> Figures:
    places = Places()
    looks = [places.look(block.element) for block in blocks]
    kinds = np.zeros((len(blocks), _OTHER_KIND + 1), np.float32)
    kinds[np.arange(len(blocks)), [_KINDS.get(block.tag, _OTHER_KIND) for block in blocks]] = 1
    hints = len(hint_rules())
    return np.concatenate(
        [
            kinds,
            _bits([look.own for look in looks], hints),
            _bits([look.near for look in looks], hints),
            _bits([look.far for look in looks], hints),
            _bits([look.ancestors for look in looks], ANCESTOR_BITS),
            np.array([[look.depth] for look in looks], np.float32),
        ],
        axis=1,
    )


def _group_figures(
    blocks: Sequence[Block], root: html.HtmlElement, running: Figures, size: Figures, linked: Figures
) -> Figures:
    """What the blocks have in common that stand in one container, or look alike."""
    own = [block.element for block in blocks]
    held = [container(element) for element in own]
    above = [parent_of(element) for element in held]
    over = [parent_of(element) for element in above]
    looks = [f"{element.tag}.{element.get('class')}" for element in own]
    pairs = [f"{look}<{element.get('class')}" for look, element in zip(looks, held, strict=True)]
    pictured = with_pictures(root, 2)
    total = max(float(running.sum()), 1.0)
    inside = [_summed(group, running) / total for group in (own, held, above, over, looks, pairs)]
    links = linked * size
    densities = [_summed(group, links) / np.maximum(_summed(group, size), 1.0) for group in (held, above, over, pairs)]
    ones = np.ones(len(blocks), np.float32)
    counts = [np.log1p(_summed(group, ones)) for group in (own, held, above, pairs)]
    lengths = [np.log1p(_summed(group, size) / np.maximum(_summed(group, ones), 1.0)) for group in (held, above, pairs)]
    pictures = [np.array([element in pictured for element in group], np.float32) for group in (own, held)]
    strongest = inside[1] >= inside[1].max(initial=0)
    return np.stack([*inside, *densities, *counts, *lengths, *pictures, strongest.astype(np.float32)], axis=1)


def _position_figures(
    blocks: Sequence[Block], running: Figures, engine: Figures, count: Figures, titled: Figures
) -> Figures:
    size = len(blocks)
    order = np.arange(size, dtype=np.float32)
    by_container = _summed([container(block.element) for block in blocks], running)
    heading = next((at for at, block in enumerate(blocks) if block.tag == "h1"), -1)
    titles = titled[:, 0] * titled[:, 1]
    best = int(titles.argmax()) if size and titles.max() > 0 else -1
    read = engine * count
    return np.stack(
        [
            order / max(size, 1),
            _side(order, (running > 0) & (by_container >= by_container.max(initial=0) / 2)),
            _side(order, (running > 0) & (engine > _HALF)),
            (order - heading).clip(-_REACH, 2 * _REACH),
            (order - best).clip(-_REACH, 2 * _REACH),
            np.cumsum(running) / max(float(running.sum()), 1.0),
            np.cumsum(read) / max(float(read.sum()), 1.0),
        ],
        axis=1,
    )


def _bits(values: Sequence[int], count: int) -> Figures:
    return ((np.array(values, np.int64)[:, None] >> np.arange(count)) & 1).astype(np.float32)


def _summed(groups: Sequence[Hashable], weights: Figures) -> Figures:
    sums: dict[Hashable, float] = {}
    for group, weight in zip(groups, weights.tolist(), strict=True):
        sums[group] = sums.get(group, 0.0) + weight
    return np.array([sums[group] for group in groups], np.float32)


def _side(order: Figures, inside: NDArray[np.bool_]) -> Figures:
    """Blocks before the first of those inside are negative, between the first and the last 0, after it positive."""
    at = np.flatnonzero(inside)
    if not len(at):
        return np.full_like(order, -2 * _REACH)
    before, after = (order - at[0]).clip(-_REACH, 0), (order - at[-1]).clip(0, _REACH)
    return np.asarray(before + after, np.float32)


def _shifted(values: Figures, by: int) -> Figures:
    moved = np.full_like(values, -2)
    if abs(by) < len(values):
        if by < 0:
            moved[-by:] = values[:by]
        else:
            moved[:-by] = values[by:]
    return moved


def _mean_around(values: Figures, radius: int) -> Figures:
    width = 2 * radius + 1
    return np.asarray(np.convolve(np.pad(values, radius), np.ones(width, np.float32), "valid") / width, np.float32)
