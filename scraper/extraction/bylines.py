"""Names that a page prints: under labels, in the byline by the headline, beside the date, below the story."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

import lxml.html

from scraper.extraction.masthead import Line, elements_at
from scraper.extraction.oneline import fold, plain
from scraper.extraction.people import MAX_PEOPLE, looks_printed, people

_REPORTING = (
    r"penulis|reporter|pewarta|wartawan|jurnalis|oleh|laporan|kontributor|penerjemah|by|author|autor(?:in)?|texte?|von"
    r"|par|por|door|rep"
)
_EDITING = r"editor|redaktur(?: pelaksana)?|penyunting|edited by|redigeret af|red"
_LABELLED = re.compile(
    rf"^\W{{0,3}}(?:(?P<editing>{_EDITING})|(?P<reporting>{_REPORTING}))\s{{0,3}}[:\uff1a]\s{{0,3}}(?P<name>[^\n]{{2,120}})",
    re.IGNORECASE,
)
_ROLE = re.compile(rf"\b(?:(?P<editing>{_EDITING})|(?:{_REPORTING}))\s{{0,3}}[:\uff1a]", re.IGNORECASE)
_BY = re.compile(
    r"^(?:by|von|oleh|par|por|door|av|af|written by|story by|text(?:e|o)?|reported by)\s(?=\w)", re.IGNORECASE
)
_BYLINE = re.compile(
    r"author|byline|by-line|penulis|reporter|writer|autor|\bperson|redactor|journalist|contributor|signature|firma",
    re.IGNORECASE,
)
_PROFILE = re.compile(
    r"/(?:authors?|autor(?:en|es|i|in)?|auteurs?|penulis|people|profile|redaktion|reporters?|journalists?|journaliste?s?"
    r"|contributors?|writers?|staff|by|person|forfatter|skribent|jpage|autore|firmas|profil|team|staff-profile|columnists?)"
    r"/[^/?#]{3,}",
    re.IGNORECASE,
)
_NEAR = 6
"""Lines after the first name of a byline in which its other names stand."""
_LABEL_ALONE = re.compile(
    r"^\W{0,3}(?:editor|penulis|reporter|pewarta|redaktur|penyunting|wartawan|kontributor|oleh)\s?$", re.IGNORECASE
)
_REPORT_OF = re.compile(
    r"^\W{0,3}laporan (?:wartawan|reporter|kontributor|jurnalis|koresponden)\s(?:[\w.]{2,40}\s){0,2}?"
    r"[\w.]{2,40}\s?[,:]\s?(?P<name>[^\n]{2,60})$",
    re.IGNORECASE,
)
"""`Laporan wartawan Kabar.com, Rina Sari`: the outlet stands between the label and the name."""
_LABEL_AND_NAME = re.compile(
    r"^(?P<label>penulis|reporter|pewarta|wartawan|editor|redaktur|penyunting)\s(?P<name>\S.{1,60})$", re.IGNORECASE
)
_LABELLING = frozenset({"id", "ms", None})
"""Languages whose press names reporters and editors by labels under the story; None: unknown."""
_EMPHASISED = elements_at("//p/*[self::strong or self::b or self::em]")
_DATED = re.compile(r"\b(?:19|20)\d{2}\b|\d{1,2}[./]\d{1,2}[./]\d{2}")
_BEFORE_SITE = re.compile(r"^(?P<names>[^-–—|,/:]{4,60}?)\s{0,2}(?:\s[-–—|]|[,/|])\s{0,2}(?P<rest>\S.{3,100})$")
_SITE = 4
"""Letters of a site's name at least."""
_LONGEST_NAME = 40
_OPENS_LABEL = re.compile(rf"\s{{0,200}}\W{{0,3}}(?:{_EDITING}|{_REPORTING})\b", re.IGNORECASE)
MAX_TEXTS = 20_000
"""Pieces of text that are looked at for labels."""
_MAX_LABELS = 30
_LONGEST_CREDIT = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """The people behind labels such as `Penulis:` and `Editor:`."""

    reporting: list[str] = field(default_factory=list)
    editing: list[str] = field(default_factory=list)


def read_labels(tree: lxml.html.HtmlElement, language: str | None, sites: frozenset[str]) -> Labelled:
    """The people whom labels anywhere on the page name, for languages whose press has such labels."""
    labelled = Labelled()
    found = _labelled_texts(tree) if language in _LABELLING else ()
    for text in islice((text for text in found if _LABELLED.match(text)), _MAX_LABELS):
        roles = list(_ROLE.finditer(text))
        for role, end in zip(roles, [*(role.start() for role in roles[1:]), len(text)], strict=True):
            names = people(text[role.end() : end].strip(" |/,;-\u2013"), sites)
            (labelled.editing if role["editing"] else labelled.reporting).extend(names)
    return labelled


def _labelled_texts(tree: lxml.html.HtmlElement) -> Iterator[str]:
    """Short texts that open with the word for a role; a name in the element after it is joined to it.

    Without a colon the name must look like one: `Editor` may be a link of the menu.
    """
    label = ""
    sure = False
    for piece in islice(tree.itertext(), MAX_TEXTS):
        if len(piece) > _LONGEST_CREDIT or piece.isspace():
            continue
        if label:
            name = plain(piece)
            if sure or name.startswith(":") or looks_printed(name):
                yield f"{label}: {name.lstrip(' :')}"
            label = ""
        elif _OPENS_LABEL.match(piece):
            text = _with_colon(plain(piece))
            bare = text.rstrip(" :\uff1a")
            label, sure = (bare if _LABEL_ALONE.match(bare) else ""), bare != text
            if not label:
                yield text


def _with_colon(text: str) -> str:
    """`Penulis Rina Sari` and `Laporan wartawan Kabar.com, Rina Sari` as if a colon stood before the name."""
    if (report := _REPORT_OF.match(text)) and looks_printed(report["name"]):
        return f"laporan: {report['name']}"
    if (labelled := _LABEL_AND_NAME.match(text)) and looks_printed(labelled["name"]):
        return f"{labelled['label']}: {labelled['name']}"
    return text


def read_byline(masthead: tuple[Line, ...], sites: frozenset[str]) -> list[str]:
    """The people in the lines around the headline that are marked as a byline or open like one."""
    found: dict[str, str] = {}
    last = 0
    for at, line in enumerate(masthead):
        if found and at - last > _NEAR:
            break
        if len(line.text) > _LONGEST_CREDIT or not _is_byline(line):
            continue
        for name in people(_BY.sub("", line.text), sites):
            if looks_printed(name):
                found.setdefault(fold(name), name)
                last = at
    return list(found.values())[:MAX_PEOPLE]


def names_beside_date(masthead: tuple[Line, ...], sites: frozenset[str]) -> list[str]:
    """A line that is nothing but people's names, next to the line with the date, and leads to no other page."""
    lines = [line for line in masthead if not line.before]
    for at, line in enumerate(lines):
        if not _DATED.search(line.text) or len(line.text) > _LONGEST_CREDIT:
            continue
        for near in (*lines[max(0, at - 1) : at], *lines[at + 1 : at + 2]):
            names = people(near.text, sites)
            printed = all(" " in name and looks_printed(name) for name in names)
            if names and printed and fold("".join(names)) == fold(near.text) and not _link(near.node):
                return names
    return []


def names_before_site(masthead: tuple[Line, ...], sites: frozenset[str]) -> list[str]:
    """A line near the headline that opens with a name and, behind a sign, the site's own: `Rina Sari - Kabar.com`."""
    for line in masthead:
        match = _BEFORE_SITE.match(line.text) if len(line.text) <= _LONGEST_CREDIT and not line.before else None
        if match is None or not any(len(site) >= _SITE and fold(match["rest"]).startswith(site) for site in sites):
            continue
        names = people(match["names"], sites)
        if names and all(" " in name and looks_printed(name) for name in names):
            return names
    return []


def read_signature(tree: lxml.html.HtmlElement) -> list[str]:
    """The name under a story: its last paragraph, set in bold or italics and nothing but a name."""
    for strong in _EMPHASISED(tree)[-_MAX_LABELS:]:
        paragraph = strong.getparent()
        text = plain(strong.text_content())
        if paragraph is None or len(text) > _LONGEST_NAME or text != plain(paragraph.text_content()):
            continue
        before = paragraph.getprevious()
        after = [plain(node.text_content()) for node in islice(paragraph.itersiblings("p"), 5)]
        prose = before is not None and before.tag == "p" and len(before.text_content()) > _LONGEST_CREDIT
        if prose and max(map(len, after), default=0) <= _LONGEST_NAME and looks_printed(text):
            return [text]
    return []


def _is_byline(line: Line) -> bool:
    if _BY.match(line.text):
        return True
    match = _LABELLED.match(line.text)
    if match is not None:
        return not match["editing"]
    return bool(_PROFILE.search(_link(line.node))) or line.named(_BYLINE)


def _link(node: lxml.html.HtmlElement) -> str:
    """Where the element leads, if it or its container is a link."""
    holder = node if node.tag == "a" else node.getparent()
    return (holder.get("href") or "")[:300] if holder is not None and holder.tag == "a" else ""
