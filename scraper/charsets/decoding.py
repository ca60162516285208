"""From bytes to characters, for pages and feeds alike: declarations are evidence, the bytes decide. Pure.

In the order of their weight: a byte order mark, text that is valid UTF-8, the HTTP header, the XML declaration, the
meta element, detection. Where declarations disagree with each other or with what the bytes look like, the reading that
looks most like writing wins, so that a wrong declaration loses no letter.
"""

import codecs
import re
from collections.abc import Iterable

from charset_normalizer import from_bytes

from scraper.charsets.alphabets import latin
from scraper.charsets.labels import codec_of
from scraper.charsets.pairs import east_asian, is_scattered

_HEADER = re.compile(r"""charset\s*=\s*["']?\s*([\w.:+-]{1,40})""", re.IGNORECASE)
_XML = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']\s*([\w.:+-]{1,40})""", re.IGNORECASE)
_META = re.compile(rb"""<meta\s[^>]{0,400}?charset\s*=\s*["']?\s*([\w.:+-]{1,40})""", re.IGNORECASE)
_HEAD = 16 * 1024
"""Bytes in which a meta element is looked for; the standard asks authors for 1,024, but not all listen."""

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_DETECTABLE = (
    *("cp1252", "cp1251", "gb18030", "cp932", "euc-jp", "cp949", "big5hkscs", "cp1250", "cp1254", "cp1256", "cp1253"),
    *("cp1255", "cp874", "koi8-r", "koi8-u", "iso8859-2", "iso8859-5", "iso8859-7", "cp1257", "cp1258", "cp866"),
)
"""What is looked for where nothing helpful is declared, the most used first."""
_LANGUAGES = {
    **dict.fromkeys(("pl", "cs", "sk", "hu", "ro", "hr", "sl", "bs", "sq"), "cp1250"),
    **dict.fromkeys(("ru", "uk", "be", "bg", "sr", "mk"), "cp1251"),
    **dict.fromkeys(("tr", "az"), "cp1254"),
    **dict.fromkeys(("lt", "lv", "et"), "cp1257"),
    **dict.fromkeys(("ar", "fa", "ur"), "cp1256"),
    "el": "cp1253",
    "he": "cp1255",
    "th": "cp874",
    "vi": "cp1258",
}
_LANG = re.compile(
    rb"""<html[^>]{0,400}?\slang\s*=\s*["']?([a-z]{2})\b|<language>\s*([a-z]{2})\b|\sxml:lang\s*=\s*["']([a-z]{2})\b""",
    re.IGNORECASE,
)
_C1 = re.compile(rb"[\x80-\x9f]")
_ASCII_LETTER = re.compile(rb"[A-Za-z]")
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]")
_EQUAL = 0.02
_AS_COHERENT = 0.05
_WIDE = frozenset({"utf-16-le", "utf-16-be"})
_LATIN = frozenset({"cp1252", "iso8859-15", "mac-roman"})
_MULTIBYTE = frozenset({"gb18030", "big5hkscs", "cp932", "euc-jp", "cp949"})
_CYRILLIC = ("cp1251", "koi8-r", "koi8-u", "iso8859-5", "cp866", "mac-cyrillic")
_OTHER_SCRIPTS = frozenset({*_CYRILLIC, "cp1253", "cp1255", "cp1256", "cp874", "iso8859-6", "iso8859-7", "iso8859-8"})
_FEW = 4
"""So few multi-byte characters may be valid UTF-8 by accident."""
_SUSPICIOUS = 0.3
"""Western European text has fewer non-ASCII letters than this; more of them are another script, misread."""
_ENOUGH = 12
"""Non-ASCII bytes below which nothing can be suspected."""
_SAMPLE = 16 * 1024
_NON_ASCII = re.compile(rb"[\x80-\xff]+")
_SPANS = re.compile(rb"[^<>\r\n]++")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_SMALL_CYRILLIC = re.compile(r"[\u0430-\u045f\u0491]")
_LETTER_BEYOND = re.compile(r"[^\W\d_a-zA-Z\u00c0-\u024f]+")
_MIXED = re.compile(
    r"[a-zA-Z\u00c0-\u024f](?=[^\W\d_a-zA-Z\u00c0-\u024f])|[^\W\d_a-zA-Z\u00c0-\u024f](?=[a-zA-Z\u00c0-\u024f])"
)
"""Letters of another script within a word of Latin ones."""
_MOST_MIXED = 0.3
_CLEARLY = 0.05
_MOSTLY_SMALL = 0.6
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_WIDE_NULS = 0.2


def decode_text(body: bytes, content_type: str | None = None) -> str:
    """The characters of a page or feed, without byte order mark. Never fails and never drops a byte.

    `content_type` is the value of the HTTP header as it came.
    """
    for mark, marked in _BOMS:
        if body.startswith(mark):
            return _lenient(body[len(mark) :], marked)
    declared = _declared(body, content_type)
    codec = _without_high_bytes(body, declared)
    if codec is None and (text := _strict(body, "utf-8")) is not None:
        codec = _not_utf8_after_all(body, declared)
        if codec is None:
            return text
    return _lenient(body, codec or _decide(body, declared))


def _declared(body: bytes, content_type: str | None) -> tuple[str, ...]:
    """Codecs that are declared, the weightiest first, without repetition."""
    names: list[str] = []
    if content_type and (found := _HEADER.search(content_type)):
        names.append(found[1])
    head = body[:_HEAD]
    names += (inside[1].decode("ascii") for inside in (_XML.search(head), _META.search(head)) if inside)
    known = (codec_of(name) for name in names)
    return tuple(dict.fromkeys(codec for codec in known if codec))


def _without_high_bytes(body: bytes, declared: tuple[str, ...]) -> str | None:
    """The codec of a body that writes all letters with bytes of ASCII, or with zeros between them."""
    wide = _wide(body, declared)
    escapes = wide is None and _ISO_2022_JP.search(body) and not _UTF8_SEQUENCE.search(body)
    return "iso2022-jp" if escapes else wide


def _not_utf8_after_all(body: bytes, declared: tuple[str, ...]) -> str | None:
    """The codec of a body whose bytes are valid UTF-8 only by accident."""
    for codec in declared:
        if codec in _MULTIBYTE and 0 < len(_NON_ASCII.findall(body)) < _FEW and _strict(body, codec) is not None:
            return codec
    return None


def _wide(body: bytes, declared: tuple[str, ...]) -> str | None:
    """UTF-16 without a byte order mark: markup begins with `<` beside a zero, and Western text is half zeros."""
    if b"\0" not in body[:64]:
        return None
    sample = body[:1024]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    starts = sample.startswith((b"<\0", b"\0<"))
    if not starts and not any(codec in _WIDE for codec in declared) and max(even, odd) < _WIDE_NULS * len(sample):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _decide(body: bytes, declared: tuple[str, ...]) -> str:
    """The codec of a body that is not valid UTF-8."""
    if _mostly_utf8(body):
        return "utf-8"
    sample = _sample(body)
    return east_asian(sample, declared) or _single(body, sample, declared)


def _single(body: bytes, sample: bytes, declared: tuple[str, ...]) -> str:
    """The codec of a body in single bytes, or in so few double ones that only a declaration can tell."""
    possible = [codec for codec in declared if codec not in {"utf-8", *_WIDE} and _is_possible(sample, codec)]
    if len(possible) > 1 and "cp1252" in possible:
        possible.remove("cp1252")  # what servers say by default; the document that names another knows better
    if possible == ["cp1252"] or not possible:
        possible = _of_language(body) or possible
    if len(possible) > 1:
        return _detected(sample, possible) or possible[0]
    named = possible[0] if possible else None
    if named is not None and named not in _LATIN:
        return _cyrillic(sample, named)
    if _looks_misread(sample):
        return _detected(sample, _DETECTABLE) or named or "cp1252"
    return latin(sample, possible) or named or _detected(sample, _DETECTABLE) or "cp1252"


def _is_possible(sample: bytes, codec: str) -> bool:
    """Whether a text that is declared to be in the codec can be: not when other letters stand among Latin ones."""
    if codec in _MULTIBYTE:
        return not is_scattered(sample, codec)
    if codec not in _OTHER_SCRIPTS:
        return True
    text = sample.decode(codec, "replace")
    return len(_MIXED.findall(text)) <= _MOST_MIXED * len(_LETTER_BEYOND.findall(text))


def _cyrillic(sample: bytes, codec: str) -> str:
    """The codec, or another Cyrillic one in which the text is written in small letters as texts are."""
    if codec not in _CYRILLIC:
        return codec
    small = {other: _small_letters(sample, other) for other in _CYRILLIC}
    best = max(small, key=small.__getitem__)
    if small[best] < _MOSTLY_SMALL:
        return _detected(sample, _DETECTABLE) or codec
    return best if small[best] > small[codec] + _CLEARLY else codec


def _small_letters(sample: bytes, codec: str) -> float:
    """The share of small Cyrillic letters in all that is not ASCII."""
    text = sample.decode(codec, "replace")
    return len(_SMALL_CYRILLIC.findall(text)) / max(1, len(_BEYOND_ASCII.findall(text)))


def _of_language(body: bytes) -> list[str]:
    """The one codec of the language that the markup names, where that language cannot be written in Windows-1252."""
    found = _LANG.search(body[:_HEAD])
    codec = _LANGUAGES.get((found[1] or found[2] or found[3]).decode("ascii").lower()) if found else None
    if codec == "cp1250" and not _C1.search(body) and body.count(b"\xb1") > body.count(b"\xb9"):
        return ["iso8859-2"]  # where the two differ most often: the Polish a with ogonek
    return [codec] if codec else []


def _mostly_utf8(body: bytes) -> bool:
    """Whether stray bytes stand in a text that otherwise is UTF-8: pasted from elsewhere, or cut."""
    rest, good = _UTF8_SEQUENCE.subn(b"", body)
    stray = sum(len(run) for run in _NON_ASCII.findall(rest))
    return good >= _FEW * stray


def _looks_misread(sample: bytes) -> bool:
    """Whether a text is too full of non-ASCII bytes to be Western."""
    high = sum(map(len, _NON_ASCII.findall(sample)))
    return high >= _ENOUGH and high > _SUSPICIOUS * (high + len(_ASCII_LETTER.findall(sample)))


def _sample(body: bytes) -> bytes:
    """The parts of the body that tell: runs of text with non-ASCII bytes in them, whole, up to a bound."""
    pieces: list[bytes] = []
    size = 0
    for found in _SPANS.finditer(body):
        if found[0].isascii():
            continue
        pieces.append(found[0])
        size += len(found[0])
        if size > _SAMPLE:
            break
    return b"\n".join(pieces)[: 2 * _SAMPLE]


def _detected(sample: bytes, among: Iterable[str]) -> str | None:
    """The codec whose reading of the sample looks most like writing; of equal ones the most used on the web."""
    among = list(among)
    if not among:
        return None
    found = from_bytes(sample, cp_isolation=among, enable_fallback=False, preemptive_behaviour=False)
    least = min((match.chaos for match in found), default=0.0)
    calm = [match for match in found if match.chaos <= least + _EQUAL]
    most = max((match.coherence for match in calm), default=0.0)
    likely = [match for match in calm if match.coherence >= most - _AS_COHERENT]
    names = {name.replace("_", "-") for match in likely for name in match.could_be_from_charset}
    codecs_found = {codec_of(name) or name for name in names}
    return next((codec for codec in _DETECTABLE if codec in codecs_found and codec in among), None)


def _strict(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except (UnicodeDecodeError, LookupError):
        return None


def _lenient(body: bytes, codec: str) -> str:
    return body.decode(codec, "scraper.stray")


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Bytes that the codec has no character for are read as Windows-1252, from where nearly all of them are pasted."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    pair = error.object[error.start : error.start + 2]
    if error.encoding == "euc_jp" and (character := _of_makers(pair)):
        return character, error.start + 2
    piece = error.object[error.start : error.end]
    return "".join(_WESTERN[byte] for byte in piece), error.end


def _of_makers(pair: bytes) -> str:
    """The character of a pair that makers of computers added to EUC-JP, which Python has in Shift_JIS alone."""
    if len(pair) < 2 or min(pair) < _EUC_FIRST or max(pair) > _EUC_LAST:  # noqa: PLR2004 - a pair
        return ""
    row, cell = pair[0] - _EUC_FIRST, pair[1] - _EUC_FIRST
    lead = row // 2 + (0x81 if row < 62 else 0xC1)  # noqa: PLR2004 - JIS X 0208, appendix 1
    trail = cell + 0x9F if row % 2 else cell + 0x40 + (cell > 62)  # noqa: PLR2004
    return bytes([lead, trail]).decode("cp932", "ignore")


_EUC_FIRST, _EUC_LAST = 0xA1, 0xFE
_WESTERN = tuple(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(256))
codecs.register_error("scraper.stray", _stray)
