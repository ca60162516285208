"""Which language a page is in: what it says of itself, checked against the words of its text.

The check counts function words, as Dunning's and Grefenstette's early comparisons of language identifiers did; for
scripts that one or few languages use, the script itself answers. It needs some twenty words and takes microseconds.
"""

import re
from collections import Counter

from scraper.extraction.listed import rule_lines

_WORDS = {language: frozenset(words) for language, *words in map(str.split, rule_lines("function_words"))}
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_SCRIPTS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("\u3040", "\u30ff", ("ja",)),
    ("\uac00", "\ud7af", ("ko",)),
    ("\u4e00", "\u9fff", ("zh", "ja")),
    ("\u0e00", "\u0e7f", ("th",)),
    ("\u0900", "\u097f", ("hi", "mr", "ne", "sa")),
    ("\u0980", "\u09ff", ("bn", "as")),
    ("\u0b80", "\u0bff", ("ta",)),
    ("\u0c00", "\u0c7f", ("te",)),
    ("\u0d00", "\u0d7f", ("ml",)),
    ("\u0590", "\u05ff", ("he", "yi")),
    ("\u0600", "\u06ff", ("ar", "fa", "ur", "ps", "ku")),
    ("\u0370", "\u03ff", ("el",)),
    ("\u0400", "\u04ff", ("ru", "uk", "bg", "sr", "be", "mk", "kk", "ky", "mn", "tg")),
    ("\u10a0", "\u10ff", ("ka",)),
    ("\u0530", "\u058f", ("hy",)),
    ("\u1000", "\u109f", ("my",)),
    ("\u1780", "\u17ff", ("km",)),
)
_SAME = {"no": "nb", "nn": "nb", "in": "id", "iw": "he", "nb": "nb"}
_SAMPLE = 4_000
_LEAST_WORDS = 20


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
    near = {language for language, share in shown if share >= 0.75 * best}
    return next((claim for claim in claims if _SAME.get(claim, claim) in near), _claimed(claims, shown)), True


def _claimed(claims: list[str], shown: list[tuple[str, float]]) -> str:
    """A claim for a language that the word lists do not know stands, unless the text clearly speaks another."""
    unknown = next((claim for claim in claims if _SAME.get(claim, claim) not in _WORDS), None)
    return unknown if unknown and shown[0][1] < 0.2 else shown[0][0]


def _by_script(text: str) -> tuple[str, ...] | None:
    counts: Counter[tuple[str, ...]] = Counter()
    letters = 0
    for character in text[:1500]:
        if not character.isalpha():
            continue
        letters += 1
        for first, last, languages in _SCRIPTS:
            if character > "\u036f" and first <= character <= last:
                counts[languages] += 1
                break
    if not counts or letters < 20:
        return None
    if counts["ja",] > letters * 0.05:
        return ("ja",)
    languages, count = counts.most_common(1)[0]
    return languages if count > letters * 0.4 else None


def _by_words(text: str) -> list[tuple[str, float]]:
    words = [word.casefold() for word in _WORD.findall(text)]
    if len(words) < _LEAST_WORDS:
        return []
    shares = [(language, sum(word in known for word in words) / len(words)) for language, known in _WORDS.items()]
    shown = sorted(shares, key=lambda item: item[1], reverse=True)
    return shown if shown[0][1] > 0.08 else []
