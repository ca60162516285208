"""Western text by its letters: which single-byte charset makes words of it that some language has? Pure."""
# ruff: noqa: RUF001 - letters of many languages are what is compared

import re
from collections import Counter
from collections.abc import Iterable

_SAMPLE = 8 * 1024
_ENOUGH = 0.9
"""The share of letters that a language must have for the text to be in it."""
_CLEARLY = 0.02
"""By so much more letters must another charset make sense than the one that is declared, or most used."""

_LANGUAGES = (
    ("cp1252", "àâæçèéêëîïôœùûüÿ"),  # French
    ("cp1252", "áéíóúüñ"),  # Spanish
    ("cp1252", "àáâãçéêíóôõúü"),  # Portuguese
    ("cp1252", "äöüßé"),  # German
    ("cp1252", "àèéìíîòóùú"),  # Italian
    ("cp1252", "åäöæøéü"),  # Swedish, Danish, Norwegian, Finnish
    ("cp1252", "àçèéíïòóúü·"),  # Catalan
    ("cp1252", "áèéêëïíóöúü"),  # Dutch, Afrikaans
    ("cp1252", "äöõüšž"),  # Estonian
    ("cp1252", "çë"),  # Albanian
    ("cp1254", "çğıöşüâîûi̇"),  # Turkish
    ("cp1250", "ąćęłńóśźż"),  # Polish
    ("cp1250", "áčďéěíňóřšťúůýž"),  # Czech
    ("cp1250", "áäčďéíĺľňóôŕšťúýž"),  # Slovak
    ("cp1250", "áéíóöőúüű"),  # Hungarian
    ("cp1250", "ăâîşţ"),  # Romanian
    ("cp1250", "čćđšž"),  # Croatian, Slovene, Bosnian
    ("iso8859-2", "ąćęłńóśźż"),
    ("iso8859-2", "áčďéěíňóřšťúůýž"),
    ("iso8859-2", "áäčďéíĺľňóôŕšťúýž"),
    ("iso8859-2", "ăâîşţ"),
    ("iso8859-2", "čćđšž"),
    ("cp1257", "ąčęėįšųūž"),  # Lithuanian
    ("cp1257", "āčēģīķļņšūž"),  # Latvian
    ("iso8859-15", "àâæçèéêëîïôœùûüÿ"),
    ("iso8859-15", "äöüßé"),
    ("iso8859-15", "äöšžå"),
    ("iso8859-15", "áéíóúüñ"),
    ("cp1252", "áéíóúýþæöð"),  # Icelandic
)
"""Charsets with the letters of a language beyond a to z; where two explain a text alike, the first counts."""
_MARKS = frozenset("‘’‚“”„‹›«»–—…•·†‡‰€£¥§©®™°¡¿ªº±²³µ¶¹¼½¾´×÷¢\xa0\xad")
"""What stands beside words in any language."""
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_MISPLACED = re.compile(
    r"[^\w\x00-\x7f’‘·\xad](?<=[^\W\d_].)(?=[^\W\d_])|[²³](?<=[^\W\d_mM].)"
    r"|[¶±¼½¾¹¿¡£¥](?<=[^\W\d_].)|[¶±¼½¾£¥](?=[^\W\d_])"
)
"""Marks within words, or joined to words that they never belong to: there they are letters, misread."""


def latin(sample: bytes, declared: Iterable[str]) -> str | None:
    """The charset in which the text is made of some language's letters; a declared one in doubt; None: in none."""
    sample = sample[:_SAMPLE]
    scores: dict[str, float] = {}
    counted = {codec: _counted(sample, codec) for codec in dict.fromkeys(codec for codec, _ in _LANGUAGES)}
    for codec, alphabet in _LANGUAGES:
        scores[codec] = max(scores.get(codec, 0.0), _share(counted[codec], frozenset(alphabet)))
    best = max(scores.values())
    if best < _ENOUGH:
        return None
    preferred = (*declared, *scores)
    return next(codec for codec in preferred if scores.get(codec, 0.0) >= best - _CLEARLY)


def _counted(sample: bytes, codec: str) -> tuple[Counter[str], int]:
    """How often each character beyond ASCII occurs, and how many marks stand where none belongs."""
    text = sample.decode(codec, "replace")
    return Counter(_NON_ASCII.findall(text.lower())), len(_MISPLACED.findall(text))


def _share(counted: tuple[Counter[str], int], alphabet: frozenset[str]) -> float:
    counts, misplaced = counted
    total = counts.total()
    good = sum(count for character, count in counts.items() if character in alphabet or character in _MARKS)
    return (good - misplaced) / total if total else 1.0
