"""Normal text: what of a story's text is the story, line by line, whatever the outlet put around it. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import xxhash

from scraper.charsets.latin import to_latin

_OTHER_BREAKS = ("\u2028", "\u2029")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_JUNK = re.compile(
    r"""
    (?:[>*•»▶\[(-]\s*)?(?:baca|simak|lihat|tonton|saksikan)\s+(?:juga|selengkapnya|video|artikel|berita)\b.*
    | baca\s*:.*
    | (?:also\s+read|read\s+(?:also|more|next)|related(?:\s+(?:stories|articles|news))?|see\s+also)\s*(?::.*)?
    | (?:advertisements?|iklan|sponsored(?:\s+content)?|loading\W*)
    | story\s+continues\s+(?:below|after\b.*)
    | scroll\s+(?:to|down|ke|untuk)\b.{0,60}
    | \[?\s*gambas\s*:.*
    | pilihan\s+(?:editor|redaksi)\b.*
    | (?:ikuti|dapatkan|follow|gabung|join|cek)\b.{0,160}\b(?:google\s+news|whatsapp|telegram|wa\s+channel|saluran)\b.*
    | (?:sign\s+up|subscribe|berlangganan)\b.{0,120}\b(?:newsletter|inbox|e-?mail|buletin)\b.*
    | (?:©|\(c\)|copyright)\W.{0,120}
    | (?:pewarta|penerjemah|translator|editor|reporter|penulis|uploader|sumber|source)\s*:.{0,80}
    | dilarang\s+keras\s+mengambil\b.*
    | (?:halaman|page)\s+(?:selanjutnya|berikutnya|\d[\d\s]*)
    | (?:share|bagikan|tags?|topik|copy\s+link|salin\s+tautan|selanjutnya|next)\s*:?
    | \(\s*[a-z]{2,4}(?:\s*/\s*[a-z]{2,4})+\s*\)
    | [\W_]+
    """,
    re.IGNORECASE | re.VERBOSE,
)
_CREDIT_BEGINS = frozenset("aAbBtT")
_JUNK_LENGTH = 400
"""A longer line is prose, whatever it begins with."""
_CREDIT = re.compile(
    r"""
    (?:artikel|berita)\s+ini\s+(?:telah|sudah|pernah)\s+(?:tayang|naik|terbit|dimuat|dipublikasikan)\b
      (?:\s+sebelumnya)?(?:\s+(?:di|pada))?\s*(?P<id>.{0,120}).*
    | this\s+(?:article|story)\s+(?:was\s+)?(?:originally|first)?\s*(?:appeared|published|ran)\b
      (?:\s+(?:on|in|by|at))?\s*(?P<en>.{0,120}).*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_DATELINE = re.compile(
    r"""
    (?P<head>[^\W_][^\n:–—!?"“”]{0,58}?|\([^()\n]{2,40}\))
    (?:\s*[–—]+\s*|\s+--?\s+|--\s*|:\s+)
    (?=\S)
    """,
    re.VERBOSE,
)
_DATELINE_LENGTH = 120
"""Characters of a line in which its dateline is looked for."""
_HEAD_WORD = re.compile(r"[^\W_][\w.&'’-]*")
_WORD = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_]+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_MAX_HEAD_WORDS = 7
_MARK = (1 << 24) - 1
_LONGEST_REMEMBERED = 40
_MOST_REMEMBERED = 10_000
_MARKS = "“”„‘’–—…•"
"""The marks besides ASCII that most texts have."""
_LATIN = bytes(
    code if code < 0x80 else ord(chr(code).lower()) if re.match(r"\w", chr(code)) else ord(" ")  # noqa: PLR2004 - ASCII
    for code in range(256)
)
"""What becomes of each byte of Latin-1 beyond ASCII: a small letter, or a space for what is none."""
_OTHER_MARK = re.compile(r"[^\w\x00-\x7f]")
_OTHER_DIGIT = re.compile(r"[^\D0-9]")
_FIGURES = re.compile(rb"[0-9][0-9.,:/]*")
ZEROS = bytes(ord("0") if code in b"0123456789" else code for code in range(256))
"""For each figure a zero: to look for one byte is quicker than for ten."""
_FIGURE = re.compile(rb"[0-9]+(?:[.,:/][0-9]+)*")
_JOINED = bytes.maketrans(b".,:/", b"\xf8\xf9\xfa\xfb")
_LOWER_OR_SPACE = (
    bytes(code if code >= 0x80 or chr(code).isalnum() else ord(" ") for code in range(256))  # noqa: PLR2004 - ASCII
    .lower()
    .translate(bytes.maketrans(b"\xf8\xf9\xfa\xfb", b".,:/"))
)
"""What becomes of each byte of UTF-8."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text says: the lines that may be story, and whom it says it has the story from."""

    lines: tuple[str, ...]
    marks: tuple[int, ...]
    """By which each line is known again in its outlet: 24 bits."""
    credit: str = ""
    """What follows `Artikel ini telah tayang di`, lower case."""


def read_text(text: str, dateline: str | None = None) -> Reading:
    """Read a text: cleaned of invisible characters, without junk lines, attribution line and dateline."""
    kept: list[str] = []
    credit = ""
    lines, is_plain = _lines(text)
    for line in lines:
        if len(line) <= _JUNK_LENGTH:
            if _JUNK.fullmatch(line):
                continue
            found = _CREDIT.fullmatch(line) if line[0] in _CREDIT_BEGINS else None
            if found:
                credit = (found["id"] or found["en"] or "").lower()
                continue
        kept.append(line)
    if kept:
        kept[0] = _without_dateline(kept[0], dateline)
    return Reading(lines=tuple(kept), marks=_marks(kept, is_plain=is_plain), credit=credit)


def _lines(text: str) -> tuple[list[str], bool]:
    """The lines that are not blank, cleaned of invisible characters; and whether there is nothing to clean."""
    ascii_only = text.isascii()
    text = text.replace("\r", "\n")
    if not ascii_only:
        for other in _OTHER_BREAKS:
            text = text.replace(other, "\n")
    lines = [line.strip() for line in text.split("\n")]
    if not ascii_only:
        lines = [line if line.isascii() else unicodedata.normalize("NFKC", line).strip() for line in lines]
    is_plain = "".join(lines).isprintable()
    if not is_plain:
        lines = [line if line.isascii() else _visible(line) for line in lines]
    return [line for line in lines if line], is_plain


def _visible(line: str) -> str:
    """The line without invisible characters, of which none is printable."""
    return line.strip() if line.isprintable() else _INVISIBLE.sub("", line).strip()


def _without_dateline(line: str, known: str | None) -> str:
    if known and line.startswith(known):
        return line[len(known) :].lstrip(" -–—:,") or line
    return strip_dateline(line)


def strip_dateline(line: str) -> str:
    """The line without the place and outlet that open it: `KOTA, outlet - `, `CITY (AP) — `, `(AP) - `, `CITY: `."""
    found = _DATELINE.match(line, 0, _DATELINE_LENGTH)
    if found is None:
        return line
    head = found["head"]
    return line[found.end() :] if _is_dateline(head, colon=":" in found[0][len(head) :]) else line


def _is_dateline(head: str, *, colon: bool) -> bool:
    words = _HEAD_WORD.findall(head)
    if not words or len(words) > _MAX_HEAD_WORDS:
        return False
    if colon:
        return head.isupper()
    small = sum(word[0].islower() and "." not in word for word in words)
    return small <= 1 and (small < len(words) or head.startswith("("))


def _marks(lines: Sequence[str], *, is_plain: bool) -> tuple[int, ...]:
    """The marks of lines, worked out together where all of them are plain and spaced evenly."""
    if not is_plain or any("  " in line for line in lines):
        return tuple(map(_mark, lines))
    same = [line.lower() if line.isascii() else line.casefold() for line in lines]
    return tuple([xxhash.xxh3_64_intdigest(line.encode("utf-8", "surrogatepass")) & _MARK for line in same])


def _mark(line: str) -> int:
    same = line.lower() if line.isascii() else line.casefold()
    # No white space but the blank is printable.
    if "  " in same or not line.isprintable():
        same = " ".join(same.split())
    return xxhash.xxh3_64_intdigest(same.encode("utf-8", "surrogatepass")) & _MARK


def words(text: str) -> list[bytes]:
    """Words and figures in order, lower case, in UTF-8; characters one by one where the language puts no spaces.

    Bytes are split and hashed far faster than strings, so all that is neither word nor figure is made a space in them.
    """
    plain = text
    if not text.isascii():
        for mark in _MARKS:
            plain = plain.replace(mark, " ")
        if not plain.isascii() and (latin := _small_latin(plain)) is not None:
            plain = latin
        elif not plain.isascii():
            plain = _UNSPACED.sub(lambda found: f" {found[0]} ", text).lower()
            if _OTHER_DIGIT.search(plain):
                return [word.encode() for word in _WORD.findall(plain)]
            plain = _OTHER_MARK.sub(" ", plain)
    return _figures_apart(plain.encode()).translate(_LOWER_OR_SPACE).split()


def _small_latin(text: str) -> str | None:
    """The text with spaces for all marks beyond ASCII, its letters beyond ASCII small; None where one is not Latin-1.

    It does what the expressions do for every script, in a quarter of the time.
    """
    latin = to_latin(text)
    return None if latin is None else latin.translate(_LATIN).decode("latin-1")


def _figures_apart(text: bytes) -> bytes:
    """The text with each run of figures as `_FiguresIn` has it."""
    zeros = text.translate(ZEROS)
    parts: list[bytes] = []
    done, at = 0, zeros.find(b"0")
    while at >= 0 and (found := _FIGURES.match(text, at)) is not None:
        parts += text[done:at], _figures_in(found[0])
        done = found.end()
        at = zeros.find(b"0", done)
    return b"".join((*parts, text[done:])) if parts else text


class _FiguresIn(dict[bytes, bytes]):
    """The figures in a run of digits, points and the like, with spaces around; remembered because they are few.

    What joins their digits is written as bytes that UTF-8 never has, so that it outlives all other points.
    """

    def __missing__(self, run: bytes) -> bytes:
        found = self[run] = b" %b " % b" ".join(_FIGURE.findall(run)).translate(_JOINED)
        if len(self) > _MOST_REMEMBERED or len(run) > _LONGEST_REMEMBERED:
            self.clear()
        return found


_figures_in = _FiguresIn().__getitem__
