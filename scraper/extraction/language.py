"""Which language a page is in: what it says of itself, checked against the words of its text.

The check counts function words, as Dunning's and Grefenstette's early comparisons of language identifiers did; for
scripts that one or few languages use, the script itself answers. It needs some twenty words and takes microseconds.
"""

import re
from collections import Counter

_FUNCTION_WORDS = {
    "id": "yang dan di dari untuk dengan ini itu tidak akan pada adalah juga dalam telah oleh saat para ke tersebut"
    " bahwa karena sudah bisa kami mereka atau lebih ada setelah",
    "en": "the and of to in that is was for with on as it by at from his her they which this are have has but not were",
    "de": "der die und das den von mit ist im zu auf für nicht sich des dem eine ein auch es an als bei nach wird aus",
    "fr": "le la les des et une dans est pour que qui sur par pas plus avec son ce du au sont aux cette ont ses",
    "es": "el la los las una que del por con para su como más se al pero este ha sus sobre entre también fue ya",
    "pt": "o os as um uma que do da dos das em para com não por mais ao foi no na são se como também pela pelo",
    "it": "il che di la per una non sono con del della nel alla dei gli le più anche come dal ha si ma questo nella",
    "nl": "de het een van en dat die niet zijn op te voor met aan er ook maar bij wordt naar heeft uit om deze",
    "da": "og det at en den til er som på med de af der ikke har et ham jeg han blev også efter fra ved bliver",
    "nb": "og det at en den til er som på med de av ikke har et jeg han ble også etter fra ved blir mener opp",
    "sv": "och att det som en på är av för med den till inte har de ett om jag han var men från sig efter vid",
    "fi": "ja on ei että se oli hän mutta ovat myös kun tai kuin mukaan sekä jo joka ole sen noin vain vielä",
    "pl": "i w na z że się nie do to jest jak o po od za przez są dla ale już tym oraz może jego był przed",
    "cs": "a v na se že je to s z do o i jako pro ve by za si od jsou jeho při ale po byl která podle",
    "tr": "ve bir bu da de için ile olarak olan en daha çok sonra gibi ise kadar göre dedi yeni her ancak türkiye",
    "ro": "și în de la a cu pe că din este pentru nu care au mai fi o sunt prin după această fost",
    "hu": "a az és hogy nem is egy meg volt azt de ha már csak mint vagy még ez szerint el lehet",
    "vi": "và của là có được cho không một những trong đã với các người này khi đến về từ ra tại",
    "ms": "yang dan di untuk dengan ini itu tidak akan pada adalah dalam telah oleh beliau ialah kerana mereka berkata"
    " kepada daripada",
    "tl": "ang ng sa na at mga ay si ni para ito kay hindi ko may siya nang",
    "sw": "ya na wa kwa ni katika la za cha kuwa hiyo huo wake yake alisema hii",
    "af": "die en van is in het nie dat wat om te vir op met sy was aan hy ook as ’n",
    "zu": "ukuthi futhi kodwa uthe ngoba noma lokhu kanye abantu uma kuyo ngesikhathi",
    "xh": "ukuba kwaye uthi kunye abantu xa kodwa okanye emva ngokutsho lo eli le",
}
_WORDS = {language: frozenset(words.split()) for language, words in _FUNCTION_WORDS.items()}
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
