"""The headline, without the site's name around it.

A page states its headline up to five times. They mostly agree; where they do not, `og:title` is what editors keep up
to date, and it is overruled only when the others stand together against it or the address speaks for another.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import unquote, urlsplit

import lxml.html

from scraper.extraction.evidence import Evidence
from scraper.extraction.jsonld import stated_text
from scraper.extraction.oneline import fold, plain
from scraper.extraction.sections import SECTION_META

MAX_HEADINGS = 12
"""First-level headings that are looked at."""

_LEAST = 8
"""Letters and digits that a headline has at least when a longer statement is cut back to it."""
_SITE_WORDS = 4
"""Most words of a title's end that can be a site's name with its section: `Tempo Gaya`, `Berita Viva Hari Ini`."""
_SITE_LABEL = 5
"""Letters that a host's own name has at least before a title's end that only opens with it is taken off."""
_WELL_COVERED = 0.8
"""Share of the address's words that a headline holds when the address was made from it."""
_HARDLY_COVERED = 0.5
_SLUG_WORDS = 4
"""Words that an address needs before it can speak for a headline."""
_LABEL_WORDS = 2
"""Most words of a section that stands before a headline: `Musik - …`."""
_STEM = 5
"""Letters that two words must open with in common to be forms of one."""

_HEADLINE_META = ("headline", "parsely-title", "sailthru.title", "dc.title", "content_title")
_SEPARATOR = re.compile(r"\s{1,3}[|\u2013\u2014\-:·•*»\u203a/~<]{1,3}\s{1,3}|\s?[|\uff5c\uff1a\u3163\u2502»]\s?|--|:\s")
_STRONG_SEPARATOR = re.compile(
    r"\s{1,3}[|\u2013\u2014\-·•*»\u203a/~<]{1,3}\s{1,3}|\s?[|\uff5c\uff1a\u3163\u2502»]\s?|--"
)
_SEPARATOR_AT_END = re.compile(f"(?:{_SEPARATOR.pattern})$")
_CUT_SHORT = re.compile(r"\s?(?:\.\.\.|…)$")
_ADDRESS_ALONE = re.compile(
    r"(?:[a-z0-9-]+\.){1,3}(?:com|net|org|info|news|tv|co|id|my|sg|ph|vn|th|in|pk|jp|kr|cn|de|at|ch|fr|it|es|pt|nl|be|uk|ie"
    r"|no|se|dk|fi|pl|cz|hu|ro|gr|tr|ru|ua|br|ar|mx|cl|au|nz|za|ng|ke|eu|us|ca)",
    re.IGNORECASE,
)
"""The end of a title that is nothing but a host's name."""
_PAGE_NUMBER = re.compile(r"(?:\s[-\u2013|]|,)?\s(?:halaman|hal\.?|page|seite)\s(?:\d{1,2}|all|semua)$", re.IGNORECASE)
"""Which page of a story it heads, as paged stories add it."""
_SLUG_WORD = re.compile(r"[^\W\d_]{2,}")
_LETTERS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "o", "æ": "ae", "å": "a", "\u0131": "i", "ł": "l"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Titled:
    """A headline and where it came from."""

    text: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statements:
    """What each witness calls the story, site names taken off; empty where it says nothing."""

    og: str
    json_ld: str
    h1: str
    title: str
    twitter: str
    feed: str


def read_title(
    evidence: Evidence, selected: Iterable[lxml.html.HtmlElement] = (), listed: str | None = None
) -> Titled | None:
    """The story's headline. `selected` is what the outlet's selectors point at, `listed` the feed's title."""
    ends = _Ends(evidence.sites, _sections(evidence))
    said = _statements(evidence, ends, listed)
    for node in selected:
        text = ends.taken_off(plain(node.text_content()))
        if fold(text) and not _is_stray(text, said):
            return Titled(text=text, origin="selectors.title")
    for text, origin in ((_overruling(said, evidence.url), ""), *_ranked(said)):
        if fold(text):
            return Titled(text=_whole(text, said), origin=origin or _origin(text, said))
    return None


def _is_stray(text: str, said: _Statements) -> bool:
    """Whether what a selector points at is a section's or the site's heading: a word or two that nothing bears out."""
    stated = [folded for other in (said.og, said.json_ld, said.title, said.feed) if (folded := fold(other))]
    return len(text.split()) <= _LABEL_WORDS and bool(stated) and not any(fold(text) in other for other in stated)


def _ranked(said: _Statements) -> tuple[tuple[str, str], ...]:
    return (
        (said.og, "meta og:title"),
        (said.json_ld, "json-ld"),
        (said.h1, "h1"),
        (said.twitter, "meta twitter:title"),
        (said.feed, "feed"),
        (said.title, "title"),
    )


def _origin(text: str, said: _Statements) -> str:
    return next(origin for other, origin in _ranked(said)[1:] if fold(other) == fold(text))


def _overruling(said: _Statements, url: str) -> str:
    """The JSON-LD headline where it is to be believed against `og:title`, else empty."""
    og, rival = fold(said.og), fold(said.json_ld)
    if not og or not rival or og == rival:
        return ""
    slug = _slug_words(url)
    for_og, for_rival = _covered(slug, said.og), _covered(slug, said.json_ld)
    together = rival == fold(said.h1) == fold(said.title)
    if rival == fold(said.h1) and rival in og:
        return said.json_ld
    if together and not fold(said.twitter).startswith(og) and for_og <= for_rival:
        return said.json_ld
    if len(slug) >= _SLUG_WORDS and for_rival >= _WELL_COVERED and for_og < _HARDLY_COVERED:
        return said.json_ld
    return ""


def _slug_words(url: str) -> frozenset[str]:
    """The words of the address's longest path segment, without accents and figures."""
    path = unquote(urlsplit(url[:2000]).path, errors="replace")
    slug = max(path.split("/"), key=lambda segment: segment.count("-") + segment.count("_"), default="")
    return _plain_words(slug)


def _plain_words(text: str) -> frozenset[str]:
    spelled = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    bare = "".join(character for character in spelled if not unicodedata.combining(character))
    return frozenset(_SLUG_WORD.findall(bare))


def _covered(slug: frozenset[str], title: str) -> float:
    """The share of the address's words that the title has, in whatever inflection."""
    if not slug:
        return 0.0
    has = _plain_words(title)
    stems = {word[:_STEM] for word in has if len(word) >= _STEM}
    return sum(word in has or (len(word) >= _STEM and word[:_STEM] in stems) for word in slug) / len(slug)


def _whole(text: str, said: _Statements) -> str:
    """The text, or the statement that completes it where it was cut short with an ellipsis."""
    short = _CUT_SHORT.sub("", text)
    if short == text:
        return text
    opening = fold(short)
    longer = (other for other, _ in _ranked(said) if fold(other).startswith(opening) and not _CUT_SHORT.search(other))
    return max(longer, key=len, default=text)


def _sections(evidence: Evidence) -> list[str]:
    stated = evidence.article.get("articleSection")
    return [stated_text(value) for value in (stated[:5] if isinstance(stated, list) else [stated])] + evidence.head.all(
        SECTION_META
    )


def _statements(evidence: Evidence, ends: "_Ends", listed: str | None) -> _Statements:
    head = evidence.head
    json_ld = ends.headline(_in_data(evidence))
    og, title = ends.headline(head.first("og:title")), ends.headline(head.title)
    h1 = ends.headline(_heading(evidence, (og, json_ld, title)))
    feed = ends.headline(plain(listed))
    witnesses = (h1, json_ld, feed)
    return _Statements(
        og=_cut_back(og, witnesses),
        json_ld=json_ld,
        h1=h1,
        title=_cut_back(title, (*witnesses, og)) if any((*witnesses, og)) else _longest_piece(title),
        twitter=_cut_back(ends.headline(head.first("twitter:title")), witnesses),
        feed=feed,
    )


def _in_data(evidence: Evidence) -> str:
    """The headline in JSON-LD, else in meta elements made for machines, else in microdata."""
    article = evidence.article
    stated = stated_text(article.get("headline")) or stated_text(article.get("name"))
    marked = (
        plain(node.get("content") or node.text_content()) for node in evidence.head.properties.get("headline", ())
    )
    return stated or evidence.head.first(*_HEADLINE_META) or next(filter(None, marked), "")


def _heading(evidence: Evidence, others: Sequence[str]) -> str:
    """The first-level heading that is the story's: the one that the other statements hold, else the longest."""
    headings = [plain(node.text_content()) for node in islice(evidence.tree.iter("h1"), MAX_HEADINGS)]
    folded = [fold(other) for other in others if other]
    for heading in headings:
        own = fold(heading)
        if len(own) >= _LEAST and any(own in other or other in own for other in folded if other):
            return heading
    if any(others):
        words = _plain_words(" ".join(others))
        headings = [heading for heading in headings if not words.isdisjoint(_plain_words(heading))]
    return next(
        (heading for heading in headings if len(heading.split()) > _LABEL_WORDS), max(headings, key=len, default="")
    )


def _cut_back(text: str, witnesses: Iterable[str]) -> str:
    """The text without an end that a separator sets off and that another statement of the same headline lacks."""
    for other in witnesses:
        if len(fold(other)) < _LEAST or len(other) >= len(text):
            continue
        if text.startswith(other) and _STRONG_SEPARATOR.match(text, len(other)):
            return other
        if text.endswith(other) and _is_label(text[: -len(other)]):
            return other
        if same := _same_opening(text, other):
            return same
    return text


def _longest_piece(title: str) -> str:
    """The part of a page's title between bars that is the longest: all that is left where nothing else is stated."""
    return max(re.split(r"\s?(?:[|\uff5c\u2502]|::)\s?", title), key=len)


def _is_label(opening: str) -> bool:
    """Whether what stands before a headline is a section or a tag, not the headline's own first words."""
    separator = _SEPARATOR_AT_END.search(opening[-20:])
    if separator is None or ":" in separator[0]:
        return False
    return "|" in separator[0] or len(opening.split()) <= _LABEL_WORDS + 1


def _same_opening(text: str, other: str) -> str:
    """The part of the text before a separator, where it is the other statement in other signs (quotes, dashes)."""
    wanted = fold(other)
    for separator in islice(_STRONG_SEPARATOR.finditer(text), MAX_HEADINGS):
        opening = text[: separator.start()]
        if fold(opening) == wanted:
            return opening
    glued = text.rfind("-")
    return text[:glued] if glued > 0 and fold(text[:glued]) == wanted else ""


def _ends_a_word(text: str, count: int) -> bool:
    """Whether no small letter follows the first so many letters and figures: `VIVA Bola`, `detikFinance`."""
    seen = 0
    for character in text:
        if seen == count:
            return not character.islower()
        seen += character.isalnum()
    return True


class _Ends:
    """The names of a site as they stand before or after its headlines."""

    def __init__(self, sites: Iterable[str], sections: Iterable[str]) -> None:
        self._names = frozenset(fold(name) for name in sites) - {""}
        self._sections = frozenset(fold(name) for name in sections) - {""}
        self._labels = tuple(name for name in self._names if len(name) >= _SITE_LABEL)

    def headline(self, text: str) -> str:
        """The text without site names at its ends; empty where it is nothing but a name of the site."""
        return "" if fold(text) in self._names else _PAGE_NUMBER.sub("", self.taken_off(text))

    def taken_off(self, text: str) -> str:
        """The text without site names at its ends, however many stand there."""
        for _ in range(4):
            shorter = self._without_one(text)
            if shorter == text:
                break
            text = shorter
        return text.strip()

    def _without_one(self, text: str) -> str:
        separators = list(_SEPARATOR.finditer(text[:1000]))
        glued = text.rpartition("-")
        if glued[2] and fold(glued[2]) in self._sections and fold(glued[0]):
            return glued[0]
        if not separators:
            return text
        first, last = separators[0], separators[-1]
        if self._is_site(text[last.end() :]) and fold(text[: last.start()]):
            return text[: last.start()]
        if fold(text[: first.start()]) in self._names and fold(text[first.end() :]):
            return text[first.end() :]
        return text

    def _is_site(self, end: str) -> bool:
        folded = fold(end)
        if folded in self._names or folded in self._sections or _ADDRESS_ALONE.fullmatch(end.strip()):
            return True
        words = end.split()
        return len(words) <= _SITE_WORDS and any(
            folded.startswith(label) and (len(words) == 1 or _ends_a_word(end, len(label))) for label in self._labels
        )
