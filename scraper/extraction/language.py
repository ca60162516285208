"""Which language a page is in: what it says of itself, checked against the words of its text.

The check counts function words, as Dunning's and Grefenstette's early comparisons of language identifiers did; for
scripts that one or few languages use, the script itself answers. It needs some twenty words and takes microseconds.
"""

import re
from collections import Counter

from scraper.extraction.listed import rule_lines

_WORDS = {language: frozenset(words) for language, *words in map(str.split, rule_lines("function_words"))}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SCRIPTS = tuple(
    (re.compile(f"[{first}-{last}]"), languages)
    for first, last, languages in (
        ("\u3040", "\u30ff", ("ja",)),
        ("\uac00", "\ud7af", ("ko",)),
        ("\u4e00", "\u9fff", ("zh", "ja")),
        ("\u0e00", "\u0e7f", ("th",)),
        ("\u0900", "\u097f", ("hi", "mr", "ne", "sa")),
        ("\u0980", "\u09ff", ("bn", "as")),
        ("\u0a80", "\u0aff", ("gu",)),
        ("\u0a00", "\u0a7f", ("pa",)),
        ("\u0b80", "\u0bff", ("ta",)),
        ("\u0c00", "\u0c7f", ("te",)),
        ("\u0c80", "\u0cff", ("kn",)),
        ("\u0d00", "\u0d7f", ("ml",)),
        ("\u0d80", "\u0dff", ("si",)),
        ("\u0590", "\u05ff", ("he", "yi")),
        ("\u0600", "\u06ff", ("ar", "fa", "ur", "ps", "ku")),
        ("\u0370", "\u03ff", ("el",)),
        ("\u0400", "\u04ff", ("ru", "uk", "bg", "sr", "be", "mk", "kk", "ky", "mn", "tg")),
        ("\u10a0", "\u10ff", ("ka",)),
        ("\u0530", "\u058f", ("hy",)),
        ("\u1000", "\u109f", ("my",)),
        ("\u1780", "\u17ff", ("km",)),
        ("\u0e80", "\u0eff", ("lo",)),
        ("\u1200", "\u137f", ("am", "ti")),
    )
)
"""The letters of scripts that one or few languages use, the likeliest language first."""
_BEYOND_LATIN = re.compile("[\u0370-\u1dff\u2c00-\ua71f\uaa00-\uffdc]")
_SAME = {"no": "nb", "nn": "nb", "in": "id", "iw": "he", "nb": "nb"}
_SAMPLE = 4_000
_LEAST_WORDS = 20
_LEAST_LETTERS = 20
_LEAST_SHARE = 0.08
"""Of all words, that of a language's function words when a text is in it: 0.2 to 0.4 in prose."""
_JOINING = frozenset({"zu", "xh"})
_LEAST_JOINED = 0.03
"""The same for languages that join their function words to the others."""
_KANA = 0.05
"""Share of the letters that tells Japanese from Chinese."""
_MAIN_SCRIPT = 0.4
_CLEAR = 0.2
_NEAR = 0.75
"""A claimed language may have this much less of the words than the best: neighbours share many."""


def stated_language(code: str) -> str | None:
    """The ISO 639-1 code in a language tag (`id-ID`, `in_ID`, `EN`), or None."""
    match = re.match(r"\s*([A-Za-z]{2})(?:[-_.,;\s]|$)", code)
    found = match[1].lower() if match else None
    return {"in": "id", "iw": "he", "no": "nb"}.get(found, found) if found else None


def language_of(text: str, stated: tuple[str | None, ...] = ()) -> tuple[str | None, bool]:
    """The language, and whether the text itself showed it.

    `stated` are claims, the most trusted first; the first that the text does not contradict is believed.
    """
    claims = [claim for claim in stated if claim]
    sample = text[:_SAMPLE]
    if (written := _by_script(sample)) is not None:
        return next((claim for claim in claims if claim in written), written[0]), True
    shown = _by_words(sample)
    if not shown:
        return (claims[0] if claims else None), False
    best = shown[0][1]
    near = {language for language, share in shown if share >= _NEAR * best}
    return next((claim for claim in claims if _SAME.get(claim, claim) in near), _claimed(claims, shown)), True


def _claimed(claims: list[str], shown: list[tuple[str, float]]) -> str:
    """A claim for a language that the word lists do not know stands, unless the text clearly speaks another."""
    unknown = next((claim for claim in claims if _SAME.get(claim, claim) not in _WORDS), None)
    return unknown if unknown and shown[0][1] < _CLEAR else shown[0][0]


def _by_script(text: str) -> tuple[str, ...] | None:
    """The languages of the script that the text is written in; None for Latin, or when there is too little."""
    foreign = len(_BEYOND_LATIN.findall(text))
    if foreign < _LEAST_LETTERS:
        return None
    letters = sum(map(str.isalpha, text))
    counts = {languages: len(script.findall(text)) for script, languages in _SCRIPTS}
    if counts["ja",] > letters * _KANA:
        return ("ja",)
    languages = max(counts, key=lambda one: counts[one])
    return languages if counts[languages] > letters * _MAIN_SCRIPT else None


def _by_words(text: str) -> list[tuple[str, float]]:
    """The languages by the share of their function words in the text, the greatest first; empty when none shows."""
    counts = Counter(_WORD.findall(text.casefold()))
    total = counts.total()
    if total < _LEAST_WORDS:
        return []
    shares = [(language, sum(map(counts.__getitem__, known)) / total) for language, known in _WORDS.items()]
    shown = sorted(shares, key=lambda item: item[1], reverse=True)
    best, share = shown[0]
    return shown if share > (_LEAST_JOINED if best in _JOINING else _LEAST_SHARE) else []
